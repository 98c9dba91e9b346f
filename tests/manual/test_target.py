"""``manual:`` over the virtual reader: a scripted operator who carries the calls out on the reference terminal."""

import os
import pty
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.keys import DEFAULT_SEED
from emulator.terminal.installation import card_data, interface_data
from emulator.terminal.instrument import DEFAULT_CARD
from emulator.terminal.terminal import ReferenceTerminal
from onecard.emulate.slots import PcscSlots, system_date
from onecard.errors import UserError
from onecard.evidence.bundle import read
from onecard.harness.verdict import Outcome, Verdict
from onecard.planning.declaration import ics_of_profile, ics_text, ixit_text, reference_ixit
from onecard.planning.plan import TARGETS_HAVE
from onecard.reference.terminal import DEVICE_NUMBER, instrument
from onecard.spec.load import load_spec
from onecard.spec.terminal import terminal_spec
from onecard.spec.terminal_library import NUMBER, library_spec
from onecard.targets.base import OperatorLeft, TargetOptions, TargetRefused
from onecard.targets.manual import ManualTarget, open_target, setup_of
from onecard.targets.slot_bench import SlotBench
from tests.manual.desk import Desk, Instruction, Script, ScriptedOperator
from tests.support.command import arguments, environment, onecard
from tests.support.pcscd import VirtualReader
from tests.terminal.bench import outcomes

READERS = {"card": "Virtual PCD 00 00", "psam": "Virtual PCD 00 01"}
PROFILE = "terminal-default"
BASIC = "terminal/reading_by_psam/test_basic_data[card-2.0-holder-0]"
TWO_CALLS = "terminal/reading_by_encryptor/test_read[card-2.0]"
NO_CARD, NO_READER = "terminal/refusals/test_no_card", "terminal/refusals/test_no_reader"
CALL = {"do": "call", "call": "iReadCardBas", "args": {"iType": 1}}


class _Keypad:
    def __init__(self) -> None:
        self.entries: list[str] = []

    def pin(self, prompt: str) -> str:
        return self.entries.pop(0)


class Counter:
    """The reference terminal, as the device on the operator's desk."""

    def __init__(self) -> None:
        data = interface_data(PROFILE)
        self._keypad = _Keypad()
        self._slots = PcscSlots(READERS, 2.0, system_date, self._keypad)
        self._signatures = library_spec(data).signatures
        self._terminal = ReferenceTerminal(
            terminal_spec(data), card_data(DEFAULT_CARD), self._slots, device_number=DEVICE_NUMBER
        )

    def right(self, told: Instruction) -> list[str]:
        """Do as told, and report what came of it."""
        self._keypad.entries = [entry for _, entry in told.keypad]
        types = {one.name: one.type for one in self._signatures[told.call].inputs}
        given = {name: int(words) if types[name] == NUMBER else words for name, words in told.arguments.items()}
        code, out = self._terminal.call(told.call, given)
        return [str(code), out, ""]

    def close(self) -> None:
        self._slots.close()


@pytest.fixture
def counter(reader: VirtualReader) -> Iterator[Counter]:
    """The virtual reader, and the terminal at it."""
    made = Counter()
    try:
        yield made
    finally:
        made.close()


def _target(desk: Desk, **given: object) -> ManualTarget:
    parameters = {"seed": DEFAULT_SEED, "manual": given}
    data = interface_data(PROFILE)
    return ManualTarget("counter 3", library_spec(data), setup_of(given), instrument(parameters), desk.find)


def _ended(script: Script, *wanted: str, **given: object) -> tuple[dict[str, Outcome], list[Instruction]]:
    desk = Desk(script)
    try:
        ended = outcomes(lambda: _target(desk, **given), lambda case: case.startswith(wanted))
    finally:
        desk.close()
    assert desk.operator.broke is None, desk.operator.broke
    return ended, desk.operator.heard


def _why(outcome: Outcome) -> str:
    return outcome.why.en if outcome.why is not None else ""


@pytest.mark.pcsc
def test_what_the_operator_carries_out_is_judged(counter: Counter) -> None:
    keypad = "terminal/pin/test_right_pin"
    ended, heard = _ended(counter.right, BASIC, NO_CARD, NO_READER, TWO_CALLS, keypad, "terminal/pin/test_wrong_pin")
    verdicts = {case: (one.verdict, _why(one)) for case, one in ended.items()}
    assert verdicts[BASIC][0] is Verdict.PASS, verdicts
    assert all(one[0] is Verdict.PASS for case, one in verdicts.items() if case.startswith((NO_CARD, keypad))), verdicts
    second, unplugged = verdicts[TWO_CALLS], next(one for case, one in verdicts.items() if case.startswith(NO_READER))
    assert second[0] is Verdict.INCONCLUSIVE
    assert "one instruction a case" in second[1]
    assert unplugged[0] is Verdict.INCONCLUSIVE
    assert "parameters.manual" in unplugged[1]
    assert [told.number for told in heard] == list(range(1, len(heard) + 1))
    assert len(heard) < len(ended) + 1, "at most one instruction a case"


@pytest.mark.pcsc
def test_wrong_answers_fail_and_a_skipped_case_is_inconclusive(counter: Counter) -> None:
    def wrong_text(told: Instruction) -> list[str]:
        code, out, done = counter.right(told)
        return [code, out.replace("|", "/", 1), done]

    def wrong_code(told: Instruction) -> list[str]:
        counter.right(told)
        return ["-1", "", ""]

    scripts: dict[str, tuple[Callable[[Instruction], list[str]], Verdict]] = {
        "text": (wrong_text, Verdict.FAIL),
        "code": (wrong_code, Verdict.FAIL),
        "nothing done": (lambda _: ["0", "", ""], Verdict.FAIL),
        "skipped": (lambda _: ["skip"], Verdict.INCONCLUSIVE),
        "quit": (lambda _: ["quit"], Verdict.NOT_RUN),
        "hung up": (lambda _: ["\x04"], Verdict.NOT_RUN),
        "right": (counter.right, Verdict.PASS),
    }
    found = {name: _ended(script, BASIC)[0][BASIC].verdict for name, (script, _) in scripts.items()}
    assert found == {name: verdict for name, (_, verdict) in scripts.items()}


@pytest.mark.pcsc
def test_the_answer_holds_the_words_and_the_trace(counter: Counter) -> None:
    desk = Desk(lambda told: ["twelve", "0", "first", "again", *counter.right(told)])
    target = _target(desk)
    try:
        target.connect()
        target.exchange({"do": "instrument", "settings": {"random": "00"}})
        target.exchange({"do": "instrument", "settings": {"random": "00", "card": "card-2.0"}})
        answer = target.exchange(CALL)
        assert answer["operator"]["words"][:4] == ["twelve", "0", "first", "again"]
        assert answer["operator"]["words"][4:] == ["0", answer["out"], ""]
        assert answer["operator"]["at"].endswith("Z")
        assert answer["return"] == 0
        assert {one["ask"]["transmit"]["slot"] for one in answer["trace"] if "transmit" in one["ask"]} == set(READERS)
        assert answer["held"] == []
        target.exchange({"do": "instrument", "settings": {"random": "00", "card": "card-3.0"}})
        with pytest.raises(TargetRefused, match="one instruction a case"):
            target.exchange(CALL)
        target.exchange({"do": "instrument", "settings": {"random": "01"}})
        assert target.exchange(CALL)["return"] == 0
    finally:
        target.close()
        desk.close()
    assert "counter 3" in target.reader_name()


@pytest.mark.pcsc
def test_a_terminal_that_does_not_wait_for_the_instruction(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent before is in no trace, so that nothing is said of the case."""
    desk = Desk(counter.right)
    target = _target(desk)
    laid_out = SlotBench.lay_out
    eager = Instruction(0, "iReadCardBas", {"iType": "1"}, [])

    def and_used(bench: SlotBench, let_go: Callable[[], None]) -> bool:
        changed = laid_out(bench, let_go)
        counter.right(eager)
        return changed

    try:
        target.connect()
        target.exchange({"do": "instrument", "settings": {"random": "00"}})
        with monkeypatch.context() as patched:
            patched.setattr(SlotBench, "lay_out", and_used)
            with pytest.raises(TargetRefused, match="outside the call"):
                target.exchange(CALL)
        target.exchange({"do": "instrument", "settings": {"random": "00"}})
        assert target.exchange(CALL)["return"] == 0
    finally:
        target.close()
        desk.close()


def _declared(folder: Path) -> None:
    declared = ics_of_profile(load_spec(), PROFILE)
    offered = {name: name in ("terminal.sam", "terminal.validity") for name in declared.items}
    (folder / "ics.yaml").write_text(ics_text(replace(declared, items=offered)), encoding="utf-8")
    (folder / "ixit.yaml").write_text(ixit_text(reference_ixit("terminal", PROFILE), "manual:"), encoding="utf-8")


_CERTIFY = ("certify", "terminal", "--ics", "ics.yaml", "--ixit", "ixit.yaml", "--out", "out", "--lang", "en")


def _at_terminal(folder: Path, script: Script, *more: str) -> tuple[int, str]:
    """Certify in a session whose controlling terminal is a pseudo-terminal; exit code, and all that was shown."""
    words = arguments(*_CERTIFY, *more)
    child, master = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(words[0], words, environment())
    operator = ScriptedOperator(master, script)
    operator.run()
    os.close(master)
    _, status = os.waitpid(child, 0)
    assert operator.broke is None, operator.broke
    return os.waitstatus_to_exitcode(status), operator.screen


@pytest.mark.pcsc
@pytest.mark.slow
def test_certified_in_parts_by_an_operator(counter: Counter, tmp_path: Path) -> None:
    """``quit`` and Ctrl-C end a run cleanly, ``--resume`` goes on, and what was recorded is replayed."""
    _declared(tmp_path)

    def then(last: str, after: int) -> Script:
        left = iter(range(after))
        return lambda told: counter.right(told) if next(left, None) is not None else [last]

    code, screen = _at_terminal(tmp_path, then("quit", 2))
    assert "at most" in screen
    assert "the operator ended the run (quit)" in screen
    assert "Traceback" not in screen
    code_again, screen = _at_terminal(tmp_path, then("\x03", 1), "--resume")
    assert "interrupted (Ctrl-C)" in screen
    assert "Traceback" not in screen
    assert (code, code_again) == (3, 3)
    ends = [event.body for event in read(tmp_path / "out" / "run.bundle").events if event.kind == "end"]
    passed = [body["case"] for body in ends if body["verdict"] == "pass" and body["case"] != "setup"]
    assert len(passed) == len(set(passed)) == 3
    replayed = onecard("replay", "out/run.bundle", "--json", cwd=tmp_path)
    assert "Traceback" not in replayed.stderr
    assert replayed.returncode == 3, replayed.stdout + replayed.stderr


def test_without_operator(tmp_path: Path) -> None:
    _declared(tmp_path)
    run = onecard(*_CERTIFY, cwd=tmp_path, before=os.setsid)
    assert run.returncode == 2
    assert "manual: needs an operator" in run.stderr
    assert not (tmp_path / "out").exists()


def test_for_terminals_only() -> None:
    with pytest.raises(UserError, match="is for terminals"):
        open_target("", TargetOptions(profile="card-3.0"))
    made = open_target("desk", TargetOptions(instrument=instrument({}), parameters={}))
    assert made.description == "manual:desk"
    made.close()
    assert TARGETS_HAVE["manual"] == {"reader-state", "keypad"}
    assert issubclass(OperatorLeft, UserError)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
