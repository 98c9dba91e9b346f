"""The proof as a whole: what decides, its JSON, workers, the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.card.behaviour import CardBehaviour
from emulator.card.variant import VariantSpec
from emulator.mutants.model import Mutant
from onecard.cli.main import main
from onecard.prove import specification
from onecard.prove.changes import changes
from onecard.prove.matrix import Proof
from onecard.prove.run import Order, prove
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION, BehaviourSubject
from onecard.prove.trial import Fate
from onecard.prove.variants import VARIANTS
from onecard.prove.work import Workers
from onecard.spec.card import CardSpec
from onecard.spec.load import Spec
from onecard.spec.model import Leaf
from onecard.spec.text import Text

ROOT = Path(__file__).resolve().parents[2]
KILLED, REQUIREMENT, PROFILE = "psam/challenge-constant", "PSAM-CHALLENGE", "psam-sm4"
KEYS = {"suite", "specification", "behaviour", "variants", "seconds", "survivors"}
COUNTS = {"generated", "killed", "equivalent", "survived"}


class Raises(CardBehaviour):
    def answer(self, command: bytes, right: bytes) -> bytes | None:
        raise RuntimeError("the emulator's own mistake")


def own_mutant(behaviour: type[CardBehaviour]) -> Mutant:
    def variant(_true: CardSpec) -> VariantSpec:
        return VariantSpec(behaviour=behaviour())

    return Mutant(f"card/{behaviour.__name__}", "CARD-CHALLENGE-ONCE", Text("试", "tried"), variant)


def of_own(spec: Spec, *behaviours: type[CardBehaviour]) -> Proof:
    subjects = tuple(BehaviourSubject(own_mutant(behaviour)) for behaviour in behaviours)
    return prove(Order(spec, "card", profiles=("card-3.0",), subjects=subjects))


def test_survivor_decides(spec: Spec) -> None:
    proof = of_own(spec, CardBehaviour)
    assert [found.id for found in proof.survivors] == ["card/CardBehaviour"]
    assert proof.exit_code == 1


def test_raising_emulator_is_listed_and_undecided(spec: Spec) -> None:
    proof = of_own(spec, Raises)
    assert [found.id for found in proof.cannot_run] == ["card/Raises"]
    assert proof.body()["behaviour"] == {"generated": 0, "killed": 0, "equivalent": 0, "survived": 0}
    assert proof.exit_code == 3
    assert proof.unproven == ("CARD-CHALLENGE-ONCE",)


def test_survivor_outweighs_what_cannot_run(spec: Spec) -> None:
    assert of_own(spec, Raises, CardBehaviour).exit_code == 1


def test_workers_and_this_process_agree(spec: Spec) -> None:
    mutants = tuple(
        f"psam/{name}"
        for name in ("challenge-constant", "atr-offers-t1", "offset-ignored", "no-limit", "session-key-stays")
    )
    proofs = []
    for jobs in (1, 2):
        with Workers(jobs) as workers:
            order = Order(spec, "psam", mutants=mutants, workers=workers)
            proofs.append(prove(order))
    assert proofs[0].mutants == proofs[1].mutants
    assert {found.fate for found in proofs[0].mutants} == {Fate.KILLED}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["prove", *arguments])
    told = capsys.readouterr()
    code = ended.value.code
    assert isinstance(code, int)
    return code, told.out, told.err


def test_json_has_the_shape_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "psam", "--json", "--mutant", KILLED, "--profile", PROFILE, "--jobs", "1")
    body = json.loads(out)
    assert code == 0
    assert body.keys() >= KEYS
    assert body["specification"].keys() == {"leaves", "covered", *COUNTS}
    assert body["behaviour"] == {"generated": 1, "killed": 1, "equivalent": 0, "survived": 0}
    assert body["variants"].keys() == {"passed", "failed"}
    assert body["survivors"] == []
    assert body["requirements"] == {REQUIREMENT: [KILLED]}
    assert body["unproven"] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_table_names_requirement_mutant_and_killer(capsys: pytest.CaptureFixture[str], language: str) -> None:
    code, out, _ = run(capsys, "--lang", language, "--mutant", KILLED, "--profile", PROFILE, "--full")
    assert code == 0
    assert KILLED in out
    assert "test_challenge" in out
    assert ("已杀死" if language == "zh" else "killed") in out


def test_surviving_specification_mutants_fail_the_proof(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # An equivalent mutant for which nobody wrote a reason: the order of these lengths says nothing.
    leaf, survivor = "PSAM/3DES.challenge-lengths", "spec/PSAM/3DES.challenge-lengths/turned"

    def turned(found: Leaf) -> Iterator[tuple[str, object]]:
        lengths = found.value
        return iter([("turned", lengths[::-1])]) if found.path == leaf and isinstance(lengths, list) else changes(found)

    monkeypatch.setattr(specification, "changes", turned)
    arguments = ("--json", "--mutant", KILLED, "--mutant", survivor, "--profile", PROFILE)
    code, out, _ = run(capsys, *arguments)
    assert (code, json.loads(out)["survivors"]) == (1, [survivor])


@pytest.mark.parametrize(
    "arguments", [("no-such",), ("--mutant", "card/no-such"), ("--profile", "card-9.0"), ("--jobs", "0")]
)
def test_wrong_arguments(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err
    assert "Traceback" not in err


# A test run in the background of a shell has SIGINT ignored, and a process inherits that.
HEEDING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals to a child process are POSIX")
def test_interrupt_ends_cleanly() -> None:
    child = _proving()
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (3, "")
    assert "Traceback" not in err
    assert _gone_within(child.pid, seconds=20)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals to a child process are POSIX")
def test_no_worker_outlives_a_killed_proof() -> None:
    child = _proving()
    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=60)
    assert _gone_within(child.pid, seconds=20)


def _proving() -> "subprocess.Popen[str]":
    """A proof by a command of its own, whose workers have begun."""
    child = subprocess.Popen(
        [sys.executable, "-c", HEEDING, "-m", "onecard", "prove", "card", "--json", "--lang", "en"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(8)
    return child


def _gone_within(group: int, seconds: float) -> bool:
    """Whether every process of a group ends in time: workers and the pool's helpers follow the command's own end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_nothing_survives(spec: Spec) -> None:
    """Of the e-card service; CI asks the same of every kind (`onecard prove --json`)."""
    with Workers(2) as workers:
        proof = prove(Order(spec, "ecard", workers=workers))
    assert [(found.id, found.escaped) for found in proof.of_kind(BEHAVIOUR, Fate.SURVIVED)] == []
    assert [found.id for found in proof.cannot_run if found.kind == BEHAVIOUR] == []
    assert [(found.variant, found.profile, found.alarms) for found in proof.false_alarms] == []
    assert {found.variant for found in proof.variants} == {
        freedom.id for freedom in VARIANTS if freedom.id.startswith("ecard/")
    }
    assert proof.unproven == ()
    assert proof.exit_code == 0
    assert proof.of_kind(SPECIFICATION, Fate.KILLED)
