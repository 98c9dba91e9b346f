"""A suite or specification with a fault, run for real from a copy of the product."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.running import ROOT, Ran, process

Edit = Callable[[str, str, str], None]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the whole product."""
    root = tmp_path_factory.mktemp("product")
    for tree in ("onecard", "emulator", "specs", "suites", "vectors", "reports"):
        shutil.copytree(ROOT / tree, root / tree, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture
def edit(product: Path) -> Iterator[Edit]:
    """Writes or changes a file of the copy for one test."""
    kept: dict[Path, bytes | None] = {}

    def change(name: str, old: str, new: str) -> None:
        path = product / name
        kept[path] = path.read_bytes() if path.exists() else None
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert not old or text.count(old) >= 1
        path.write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")

    yield change
    for path, content in kept.items():
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)


def run(product: Path, folder: Path, *arguments: str) -> Ran:
    # The copy keeps its compiled modules: compiling them again for each test would take most of the time.
    return process(folder, *arguments, "--lang", "en", root=product, PYTHONDONTWRITEBYTECODE="")


HEAD = "from onecard.testing import CardUnderTest, expect, verifies\n\n\n"
CASE = '@verifies("{name}")\ndef test_made(card: CardUnderTest) -> None:\n    """A case of this test."""\n    {body}\n'


def test_the_copy_itself_plans(product: Path, tmp_path: Path) -> None:
    ran = run(product, tmp_path, "plan", "card", "--profile", "card-3.0")
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.out.splitlines()) > 50


def test_unknown_id_in_a_case(product: Path, edit: Edit, tmp_path: Path) -> None:
    edit("suites/card/test_made.py", "", HEAD + CASE.format(name="CARD-NOPE", body="card.power_on()"))
    run(product, tmp_path, "certify", "card", "--profile", "card-3.0").refused(
        "the case card/made/test_made names the unknown requirement CARD-NOPE"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("def test_made(card:\n", "test_made.py"),
        ("import nothing_of_this_name\n", "nothing_of_this_name"),
        ("raise RuntimeError('on import')\n", "on import"),
        (HEAD + 'def test_made(card: CardUnderTest) -> None:\n    """None."""\n', "a case must name what it verifies"),
        (
            HEAD + "@verifies()\ndef test_made(card: CardUnderTest) -> None:\n    '''None.'''\n",
            "a case must name what it verifies",
        ),
    ],
)
def test_module_that_does_not_load_is_never_left_out(
    product: Path, edit: Edit, tmp_path: Path, content: str, said: str
) -> None:
    edit("suites/card/test_made.py", "", content)
    ran = run(product, tmp_path, "certify", "card", "--profile", "card-3.0")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("onecard: the suite does not load:")
    assert said in ran.err
    assert "test_made" in ran.err
    assert "Traceback" not in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_case_that_asserts_nothing_never_passes(product: Path, edit: Edit, tmp_path: Path) -> None:
    for path in (product / "suites" / "card").glob("test_*.py"):
        edit(f"suites/card/{path.name}", "", "")
    edit("suites/card/test_made.py", "", HEAD + CASE.format(name="CARD-INS", body="card.power_on()"))
    ran = run(product, tmp_path, "certify", "card", "--profile", "card-3.0", "--out", "out")
    assert ran.code == 3, ran
    assert "asserted nothing about CARD-INS" in ran.out
    assert "Traceback" not in ran.err


@pytest.mark.slow
def test_empty_suite_is_an_error(product: Path, edit: Edit, tmp_path: Path) -> None:
    for path in (product / "suites" / "card").glob("test_*.py"):
        edit(f"suites/card/{path.name}", "", "")
    run(product, tmp_path, "certify", "card", "--profile", "card-3.0").refused("the plan is empty")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("specs/ldt32/part6-data.yaml", "files:\n", "files: [\n", ("specs/ldt32/part6-data.yaml:", "broken YAML")),
        ("specs/ldt32/part5-commands.yaml", "ins: 0xB2", "ins: B2", ("part5-commands.yaml:", "commands[1].ins")),
        ("specs/ldt32/part5-commands.yaml", "id: CARD-CLA\n", "id: CARD-INS\n", ("CARD-INS stands twice",)),
    ],
)
def test_broken_specification(
    product: Path, edit: Edit, tmp_path: Path, file: str, old: str, new: str, said: tuple[str, ...]
) -> None:
    edit(file, old, new)
    run(product, tmp_path, "certify", "card").refused(*said)
    assert list(tmp_path.iterdir()) == []


def test_lint_finds_a_requirement_without_its_datum(product: Path, edit: Edit, tmp_path: Path) -> None:
    edit("specs/ldt32/part2-transmission.yaml", "about: [ATR.initial-character]", "about: [ATR.initial]")
    ran = run(product, tmp_path, "spec", "lint")
    assert (ran.code, ran.err) == (1, "")
    assert "CARD-ATR-CONVENTION: `about` names ATR.initial, which does not exist" in ran.out
    assert "no requirement's `about` names the datum ATR.initial-character" in ran.out


def test_coverage_finds_a_requirement_without_a_case(product: Path, edit: Edit, tmp_path: Path) -> None:
    edit(
        "specs/ldt32/part5-commands.yaml",
        "  - id: CARD-CLA\n",
        "  - id: CARD-LONELY\n    statement: {zh: 无, en: none}\n    keyword: shall\n"
        '    applies: "true"\n    about: [GENERAL.class]\n'
        "  - id: CARD-CLA\n",
    )
    ran = run(product, tmp_path, "spec", "coverage")
    assert ran.code == 1
    assert "1 without a case" in ran.out
