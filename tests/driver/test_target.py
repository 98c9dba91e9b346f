"""``library:``: the right library passes; each wrong one fails where it is wrong, and the bench stays usable."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import yaml

from emulator.keys import DEFAULT_SEED
from emulator.mutants.terminal.pin import PinTriedAgain
from emulator.terminal.access import Keypad
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.emulate.driver import DriverService
from onecard.emulate.keypad import FileKeypad
from onecard.emulate.slots import NO_KEYPAD, PcscSlots, system_date
from onecard.errors import UserError
from onecard.evidence.bundle import read
from onecard.harness.verdict import Outcome, Verdict
from onecard.reference.terminal import DEVICE_NUMBER, instrument
from onecard.targets.base import ExchangeTarget, SilentTarget, TargetAbsent, TargetOptions, TargetRefused
from onecard.targets.library import open_target
from onecard.targets.reader_watch import ReaderWatch
from tests.driver.support import faulty, library_in, serving
from tests.support.command import LIMIT, WHOLE, onecard, started
from tests.support.pcscd import VirtualReader
from tests.terminal.bench import outcomes

pytestmark = [pytest.mark.pcsc, pytest.mark.compiler]

_Process = AbstractContextManager[DriverService]
READERS = {"card": "Virtual PCD 00 00", "psam": "Virtual PCD 00 01"}
TIMEOUT = 3.0
KEYPAD = "keypad"
FEW = ("terminal.encryptor",)
"""What a terminal offers that only reads basic data, by encryptor."""
CALLED = "terminal/reading_by_psam/test_basic_data[card-2.0-holder-0]"
AFTER_ERROR = "terminal/release/test_released_after_an_error[no-psam]"
WRONG_PIN = "terminal/pin/test_no_second_try[card-3.0-VERIFY-PIN]"
RIGHT_PIN = "terminal/pin/test_right_pin[card-3.0-digits-6]"
BY_STEPS = "terminal/reading_by_encryptor/test_read[card-2.0]"


def _process(keypad: Keypad = NO_KEYPAD, behaviour: TerminalBehaviour | None = None) -> _Process:
    return serving(PcscSlots(READERS, 2.0, system_date, keypad), device=DEVICE_NUMBER, behaviour=behaviour)


@pytest.fixture(scope="module")
def driver(reader: VirtualReader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The right library with its terminal process, on the virtual reader."""
    library = library_in(tmp_path_factory.mktemp("right"))
    keypad = library.with_name(KEYPAD)
    keypad.touch(0o600)
    with _process(FileKeypad(keypad, print)) as service:
        library.with_name("SSCardDriver.link").write_text(service.link, encoding="ascii")
        yield library


def _target(library: Path, driver: Path | None = None, timeout: float = TIMEOUT) -> ExchangeTarget:
    environment = {} if driver is None else {"ONECARD_TEST_DRIVER": str(driver)}
    keypad = (library if driver is None else driver).with_name(KEYPAD)
    parameters = {"library": {"environment": environment, "keypad": str(keypad)}, "seed": DEFAULT_SEED}
    options = TargetOptions(timeout=timeout, instrument=instrument(parameters), parameters=parameters)
    return open_target(str(library), options)


def _ended(library: Path, driver: Path | None, *wanted: str, timeout: float = TIMEOUT) -> dict[str, Outcome]:
    ended = outcomes(lambda: _target(library, driver, timeout), lambda case: case.startswith(wanted))
    assert ended, "no such case"
    return ended


def _one(library: Path, driver: Path | None, case: str = CALLED) -> Outcome:
    return _ended(library, driver, case)[case]


def _why(outcome: Outcome) -> str:
    return outcome.why.en if outcome.why is not None else ""


WRONG = {
    "CRASHES": "the library ended its process by signal 11 (SIGSEGV)",
    "HANGS": "the library did not return within 3 s and its process was ended",
    "UNTERMINATED": "pOutInfo has no ending zero within 2048 bytes",
    "OVERRUNS": "pOutInfo was written beyond its buffer of 2048 bytes",
    "GARBAGE": "pOutInfo is no GBK text from byte 0 on",
}


def test_the_right_library_passes(driver: Path) -> None:
    wanted = (
        "terminal/literals",
        "terminal/reading_by_psam/test_basic_data",
        "terminal/reading_by_encryptor/test_read",
        "terminal/refusals/test_no_reader",
        "terminal/refusals/test_no_card",
        "terminal/refusals/test_pulled_card[card-3.0",
        "terminal/release",
        "terminal/pin/test_changed_pin[card-3.0",
        "terminal/pin/test_wrong_pin[card-1.0-VERIFY-PIN",
        "terminal/debit/test_literal",
        "terminal/debit/test_records[card-2.0",
        "terminal/debit_steps/test_literal",
        "terminal/pin_messages/test_unblocked_pin[card-3.0",
        "terminal/auth_type/test_reading_by_pin[card-2.0:issuer",
        "terminal/items_steps/test_reading[both]",
        "terminal/items_steps/test_writing[card-3.0-person]",
        "terminal/items_steps_refused/test_wrong_order[WRITE-CARD:other",
        "terminal/auth_type/test_other_values[0",
        "terminal/script/test_data_in_pieces[card-2.0-4",
        "terminal/script/test_answer_to_reset[00",
        "terminal/script/test_exchanged_card[card-2.0",
    )
    ended = _ended(driver, None, *wanted)
    assert {case: _why(one) for case, one in ended.items() if one.verdict is not Verdict.PASS} == {}
    assert len(ended) > 25


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_library_fails_and_the_bench_goes_on(driver: Path, tmp_path: Path, kind: str) -> None:
    library = faulty(kind, tmp_path)
    outcome = _one(library, driver)
    assert outcome.verdict is Verdict.FAIL
    assert WRONG[kind] in _why(outcome)
    assert outcome.failed is not None
    assert outcome.failed.requirement == "TERMINAL-READ-BASIC"
    assert _one(driver, None).verdict is Verdict.PASS


def test_a_library_that_keeps_the_reader(driver: Path, tmp_path: Path) -> None:
    library = faulty("LEAKS", tmp_path)
    ended = _ended(library, driver, CALLED, "terminal/release/test_released_after_an_error[no-", BY_STEPS)
    kept = ended[AFTER_ERROR]
    assert kept.verdict is Verdict.FAIL
    assert "slots held after the call: expected none, received card" in _why(kept)
    assert ended[CALLED].verdict is Verdict.PASS, "what the function returns is judged by its own requirement"
    assert ended[BY_STEPS].verdict is Verdict.PASS, "the next case finds the reader free"
    watch = ReaderWatch()
    try:
        assert not any(watch.state(reader)[1] for reader in READERS.values())
    finally:
        watch.close()


def test_a_library_that_lacks_functions(driver: Path, tmp_path: Path) -> None:
    ended = _ended(faulty("LACKS_STEPS", tmp_path), driver, CALLED, BY_STEPS)
    assert ended[CALLED].verdict is Verdict.PASS
    assert ended[BY_STEPS].verdict is Verdict.FAIL
    assert "the library does not export iReadCardBas_HSM_Step1" in _why(ended[BY_STEPS])


def test_a_library_that_tries_a_pin_again(driver: Path, tmp_path: Path) -> None:
    library = library_in(tmp_path)
    keypad = library.with_name(KEYPAD)
    keypad.touch(0o600)
    with _process(FileKeypad(keypad, print), PinTriedAgain()) as service:
        library.with_name("SSCardDriver.link").write_text(service.link, encoding="ascii")
        ended = _ended(library, None, WRONG_PIN, RIGHT_PIN)
    failed = ended[WRONG_PIN].failed
    assert failed is not None
    assert failed.requirement == "TERMINAL-PIN-ONCE"
    assert "commands with a PIN: expected 1, received 2" in _why(ended[WRONG_PIN])
    assert ended[RIGHT_PIN].verdict is Verdict.PASS
    assert not re.search("enter|new|again", keypad.read_text(encoding="utf-8").partition("\n")[2]), "no PIN stays there"
    assert _one(driver, None, WRONG_PIN).verdict is Verdict.PASS, "and the bench goes on"


def test_what_a_library_prints_is_no_answer(driver: Path, tmp_path: Path) -> None:
    assert _one(faulty("TALKS", tmp_path), driver).verdict is Verdict.PASS


def test_hanging_again_and_again_ends_the_run(driver: Path, tmp_path: Path) -> None:
    target = _target(faulty("HANGS", tmp_path), driver, timeout=0.5)
    call = {"do": "call", "call": "iReadCardBas", "args": {"iType": 1}}
    try:
        for _ in range(3):
            assert target.exchange(call)["fault"]["kind"] == "silent"
        with pytest.raises(SilentTarget):
            target.exchange(call)
    finally:
        target.close()


def test_what_the_card_saw_is_the_trace(driver: Path) -> None:
    target = _target(driver)
    try:
        target.exchange({"do": "instrument", "settings": {"card": "card-2.0"}})
        answer = target.exchange({"do": "call", "call": "iReadCardBas", "args": {"iType": 1}})
        first = answer["trace"][0]
        assert first["ask"] == {"ask": "power-on", "slot": "card"}
        assert "814A4446866034010000000" in first["answer"]["atr"]
        sent = [one["ask"]["transmit"] for one in answer["trace"] if "transmit" in one["ask"]]
        assert {one["slot"] for one in sent} == {"card", "psam"}
        assert sent[0]["apdu"].startswith("00A40400")
        target.exchange({"do": "instrument", "settings": {"slots": ["contactless"]}})
        with pytest.raises(TargetRefused, match="contactless"):
            target.exchange({"do": "call", "call": "iReadCardBas", "args": {"iType": 2}})
        target.exchange({"do": "instrument", "settings": {}})
        with pytest.raises(ValueError, match="iReadCardBas"):
            target.exchange({"do": "call", "call": "iReadCardBas", "args": {}})
    finally:
        target.close()


def test_a_card_that_never_answers(driver: Path) -> None:
    """The tester's own card keeps silent: the library returns in time, and the next card is read."""
    target = _target(driver, timeout=20)
    call = {"do": "call", "call": "iReadCardBas", "args": {"iType": 1}}
    try:
        target.exchange({"do": "instrument", "settings": {"card": "card-2.0", "hostile": "silent"}})
        begun = time.monotonic()
        assert target.exchange(call)["return"] < 0
        assert time.monotonic() - begun < 15
        target.exchange({"do": "instrument", "settings": {"card": "card-2.0"}})
        assert target.exchange(call)["return"] == 0
    finally:
        target.close()


def test_files_that_are_no_libraries(driver: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs the path"):
        open_target("", TargetOptions())
    absent, text, narrow, torn = (tmp_path / name for name in ("absent.so", "text.so", "narrow.so", "torn.so"))
    whole = driver.read_bytes()
    text.write_text("no library")
    narrow.write_bytes(whole[:4] + b"\x01" + whole[5:])
    torn.write_bytes(whole[:400])
    told = {absent: "cannot be read", text: "is no library", narrow: "is a 32-bit library and", torn: "does not load"}
    for path, words in told.items():
        target = _target(path)
        with pytest.raises(TargetAbsent, match=words):
            target.connect()
        target.close()


@pytest.mark.slow
def test_certified_as_a_user_does_it(driver: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """``certify --target library:`` with the declaration that ``emulate terminal`` writes, over PC/SC.

    With ``--every-function`` every case; else those of a terminal that offers iReadCardBas by encryptor alone.
    """
    every = bool(pytestconfig.getoption("--every-function"))
    process = started(
        "emulate", "terminal", "--driver", "--keypad", str(driver.with_name(KEYPAD)), "--declare", "declared",
        cwd=tmp_path, log=tmp_path / "log",
    )  # fmt: skip
    try:
        while process.poll() is None and "127.0.0.1" not in (tmp_path / "log").read_text(encoding="utf-8"):
            time.sleep(0.05)
    finally:
        process.terminate()
        process.wait(20)
    # The virtual reader has two slots: a card on contacts, and the PSAM.
    ics = tmp_path / "declared" / "ics.yaml"
    assert "terminal.contactless: false" in ics.read_text(encoding="utf-8")
    if not every:
        declared = yaml.safe_load(ics.read_text(encoding="utf-8"))
        declared["items"] |= {name: name in FEW for name in declared["items"]}
        ics.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    run = onecard(
        "certify", "terminal", "--ics", "declared/ics.yaml", "--ixit", "declared/ixit.yaml", "--target",
        f"library:{driver}", "--json", "--out", "out", cwd=tmp_path,
        limit=WHOLE if every else LIMIT,
    )  # fmt: skip
    assert run.stdout, run.stderr
    summary = json.loads(run.stdout)
    told = run.stdout + run.stderr
    assert (run.returncode, summary["verdict"], summary["scope"]) == (0, "pass", "full"), told
    assert summary["cases"]["pass"] > (200 if every else 40)
    opened = next(event for event in read(tmp_path / "out" / "run.bundle").events if event.kind == "run")
    assert "SHA-256" in opened.body["reader"]
    again = onecard("replay", "out/run.bundle", "--json", cwd=tmp_path)
    assert (again.returncode, json.loads(again.stdout)["verdict"]) == (0, "pass")
