"""The kill matrix of the repository, and the heat map: what is written, and what counts as stale."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from onecard.cli.main import main
from onecard.errors import UserError
from onecard.prove import equivalence
from onecard.prove.classes import BEHAVIOUR_CLASS
from onecard.prove.committed import Committed, differences, file_of, matrix_of, read, write
from onecard.prove.matrix import MutantResult, Proof
from onecard.prove.page import render_page
from onecard.prove.run import Order
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION
from onecard.prove.summary import PAGE, write_summary
from onecard.prove.trial import Fate, Trial
from onecard.prove.variants import VariantResult
from onecard.spec.load import Spec
from onecard.spec.text import Language, Text
from tests.views.test_html import Page

CHALLENGE, ATR = "PSAM-CHALLENGE", "PSAM-ATR"
CASE, OTHER = "psam/cipher/test_challenge", "psam/selection/test_answer_to_reset"
CONSTANT, CHANGED, ALIKE = "psam/challenge-constant", "spec/PSAM/ATR.format/bit-4", "spec/PSAM/USAGE.type-mask/bit-4"


@pytest.fixture(autouse=True)
def reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = Text("用途字节读来相同", "a usage byte reads the same")
    monkeypatch.setattr(equivalence, "equivalents", lambda: (equivalence.Equivalent((ALIKE,), reason),))


def mutant(identifier: str, breaks: str, *trials: Trial, datum: str = BEHAVIOUR_CLASS) -> MutantResult:
    kind = SPECIFICATION if identifier.startswith("spec/") else BEHAVIOUR
    because = Text("</script>因为", "because <b>")
    return MutantResult(identifier, kind, datum, frozenset((breaks,)), because, trials)


def trial(identifier: str, profile: str, *killers: str, fate: Fate = Fate.KILLED) -> Trial:
    return Trial(identifier, profile, fate, killers)


PROOF = Proof(
    kind="psam",
    mutants=(
        mutant(CONSTANT, CHALLENGE, trial(CONSTANT, "psam-3des", CASE), trial(CONSTANT, "psam-sm4", CASE)),
        mutant(CHANGED, ATR, trial(CHANGED, "psam-sm4", OTHER, CASE), datum="answer-to-reset"),
        mutant(ALIKE, ATR, trial(ALIKE, "psam-sm4", fate=Fate.EQUIVALENT), datum="computation"),
    ),
    variants=(VariantResult("psam/no-read-key", "psam-sm4", ()),),
    requirements=(CHALLENGE, ATR),
    cases={CASE: (CHALLENGE,), OTHER: (ATR,)},
    leaves=9,
    tried=3,
    known=0,
    seconds=1.5,
)


def with_trial(number: int, *trials: Trial) -> Proof:
    mutants = list(PROOF.mutants)
    mutants[number] = replace(mutants[number], trials=trials)
    return replace(PROOF, mutants=tuple(mutants))


def committed(folder: Path, proof: Proof = PROOF) -> Committed:
    write(folder, matrix_of(proof))
    return read(folder, "psam")


def told(stated: Committed, proof: Proof) -> str:
    return "\n".join(found.en for found in differences(stated, proof))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    found = committed(tmp_path)
    assert found == matrix_of(PROOF)
    assert found.hints == {
        (CONSTANT, "psam-3des"): CASE,
        (CONSTANT, "psam-sm4"): CASE,
        (CHANGED, "psam-sm4"): OTHER,
    }
    assert differences(found, PROOF) == ()
    lines = file_of(tmp_path, "psam").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith(('"psam/', '"PSAM')) for line in lines) == 6


def test_the_order_of_finishing_does_not_show(tmp_path: Path) -> None:
    committed(tmp_path / "one")
    committed(tmp_path / "two", replace(PROOF, mutants=PROOF.mutants[::-1], seconds=9.9, tried=0, known=3))
    one, two = (file_of(tmp_path / name, "psam").read_bytes() for name in ("one", "two"))
    assert one == two


def test_another_killer_is_not_stale_while_the_recorded_one_kills(tmp_path: Path) -> None:
    stated = committed(tmp_path)
    assert told(stated, with_trial(1, trial(CHANGED, "psam-sm4", CASE, OTHER))) == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda: with_trial(1, trial(CHANGED, "psam-sm4", CASE)), f"{OTHER} does not kill it any more"),
        (lambda: replace(with_trial(1, trial(CHANGED, "psam-sm4", CASE)), cases={}), f"there is no case {OTHER}"),
        (lambda: with_trial(1, trial(CHANGED, "psam-sm4", fate=Fate.SURVIVED)), f"was {OTHER}, is (survived) now"),
        (lambda: with_trial(2, trial(ALIKE, "psam-sm4", CASE)), f"was (equivalent), is {CASE} now"),
        (lambda: with_trial(0, trial(CONSTANT, "psam-sm4", CASE)), f"{CONSTANT} [psam-3des] no longer exists"),
        (lambda: replace(PROOF, mutants=PROOF.mutants[1:]), f"mutant {CONSTANT} [psam-sm4] no longer exists"),
        (lambda: replace(PROOF, requirements=(ATR,)), f"requirement {CHALLENGE} no longer exists"),
        (lambda: replace(PROOF, requirements=(CHALLENGE, ATR, "PSAM-NEW")), "PSAM-NEW is not in the matrix"),
        (lambda: replace(PROOF, requirements=(ATR, "PSAM-NEW")), "PSAM-NEW has no killed mutant of its own"),
        (lambda: replace(PROOF, variants=()), "conforming variant psam/no-read-key no longer exists"),
    ],
)
def test_what_is_stale_is_named(tmp_path: Path, change: Callable[[], Proof], says: str) -> None:
    assert says in told(committed(tmp_path), change())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":1,"suite":"psam"}', "\x00"])
def test_a_matrix_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    file_of(tmp_path, "psam").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=re.escape("--write")):
        read(tmp_path, "psam")


def test_the_page_beside_it_counts_by_group(tmp_path: Path, spec: Spec) -> None:
    committed(tmp_path)
    write_summary(tmp_path, spec)
    text = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "| [psam](psam.json) | 1 / 0 / 0 | 1 / 1 / 0 | 1 |" in text
    assert "| psam: psam | 1 / 0 / 0 | 1 / 1 / 0 | 2 |" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_heat_map_is_well_formed_and_stands_alone(spec: Spec, language: Language) -> None:
    text = render_page([PROOF], spec, language)
    page = Page(text)
    assert not page.open
    assert not page.references, "nothing is fetched from elsewhere"
    assert "url(" not in text
    assert not page.scopeless
    assert page.tags["script"] == 2
    data = json.loads(text.partition('id="d0">')[2].partition("</script>")[0])
    assert [found["fate"] for found in data["mutants"]] == ["killed", "killed", "equivalent"]
    assert data["mutants"][0]["because"] == ["</script>因为", "because <b>"]
    assert data["mutants"][2]["reason"]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_browser_opens_a_cell(tmp_path: Path, spec: Spec, language: Language) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    probe = "<script>document.querySelector('[data-c=\"computation\"]').click(); document.title = 'seen '"
    probe += " + document.querySelector('dialog[open]').innerText</script></body>"
    page = tmp_path / "proof.html"
    page.write_text(render_page([PROOF], spec, language).replace("</body>", probe), encoding="utf-8")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=5000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None
    assert title[1].startswith(f"seen {ATR}")
    assert ALIKE in title[1]
    assert CHANGED not in title[1]
    assert ("用途字节" if language == "zh" else "usage byte") in title[1]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["prove", "--lang", "en", *arguments])
    told = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, told.out, told.err


def test_command_line_writes_and_checks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Order] = []

    def proved(order: Order) -> Proof:
        asked.append(order)
        return PROOF

    monkeypatch.setattr("onecard.cli.prove.run_proof", proved)
    folder, page = tmp_path / "proof", tmp_path / "map" / "proof.html"
    code, out, _ = run(capsys, "psam", "--write", str(folder), "--html", str(page))
    assert (code, page.exists(), (folder / PAGE).exists()) == (0, True, True)
    assert f"{ATR}  0/0  1/2, 1 equivalent" in out
    assert "answer to reset  1/1" in out
    assert f"equivalent  {ALIKE}" in out
    assert CHANGED not in out
    assert "2.0 mutants a second" in out
    code, out, err = run(capsys, "psam", "--check", str(folder), "--json", "--verbose")
    body = json.loads(out)
    assert (code, err, body["stale"]) == (0, "", [])
    assert asked[-1].hints[CONSTANT, "psam-sm4"] == CASE
    assert (body["mutants_per_second"], [found["id"] for found in body["equivalents"]]) == (2.0, [ALIKE])
    assert body["classes"]["computation"] == {"generated": 1, "killed": 0, "equivalent": 1, "survived": 0}
    write(folder, matrix_of(replace(PROOF, mutants=PROOF.mutants[1:])))
    code, _, err = run(capsys, "psam", "--check", str(folder))
    assert (code, f"mutant {CONSTANT} [psam-sm4] is not in the matrix" in err) == (1, True)
    assert f"onecard prove psam --write {folder}" in err


def test_command_line_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (
        ("--check", str(tmp_path / "none")),
        ("--write", str(tmp_path / "file")),
        ("--html", str(tmp_path / "file" / "proof.html")),
        ("--write", str(tmp_path), "--full"),
        ("--check", str(tmp_path), "--mutant", CONSTANT),
    ):
        code, out, err = run(capsys, "psam", *arguments)
        assert (code, out) == (2, ""), arguments
        assert err
        assert "Traceback" not in err
