"""What the operator is asked, what he may answer, and his ways out."""

import io
import os
import signal
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.spec.terminal_library import library_spec
from onecard.spec.text import Text
from onecard.targets.base import OperatorLeft, TargetRefused
from onecard.targets.manual_words import entries_of, instruction
from onecard.targets.operator import LARGEST, SMALLEST, Operator, Told, number_of

LINES = (Text(zh="做一次", en="do it once"),)


def _heard(typed: str) -> tuple[Told, str]:
    sink = io.StringIO()
    return Operator(io.StringIO(typed), sink, "en").instructed(LINES), sink.getvalue()


@given(st.integers(SMALLEST, LARGEST))
def test_every_code_is_read_in_every_writing(code: int) -> None:
    wide = str(code).translate(str.maketrans("0123456789-", "０１２３４５６７８９\u2212"))
    assert [number_of(words) for words in (str(code), f" {code} ", wide)] == [code] * 3


@given(st.text())
def test_what_is_read_as_a_code_fits_it(words: str) -> None:
    code = number_of(words)
    assert code is None or SMALLEST <= code <= LARGEST


@pytest.mark.parametrize("words", ["", "-", "+-1", "1.0", "0x10", "1_000", "2147483648", "-2147483649", "²", "one"])
def test_what_is_no_code(words: str) -> None:
    assert number_of(words) is None


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
def test_the_text_is_kept_as_given(out: str) -> None:
    told, _ = _heard(f"0\n{out}\n\n")
    assert told == Told(0, out, ("0", out, ""))


def test_no_number_is_asked_for_again_and_a_slip_can_be_mended() -> None:
    told, shown = _heard("ok\n-1\nskip\nperhaps\nagain\nretry\n-22\n\n\n")
    assert told == Told(-22, "", ("ok", "-1", "skip", "perhaps", "again", "retry", "-22", "", ""))
    assert "that is no whole number" in shown
    assert "it cannot be done again" in shown
    assert "press Enter, or type again" in shown


def test_ways_out() -> None:
    with pytest.raises(TargetRefused, match="skipped this case"):
        _heard("skip\n")
    with pytest.raises(TargetRefused, match="skipped this case"):
        _heard("0\nout\nSKIP\n")
    with pytest.raises(OperatorLeft, match="ended the run"):
        _heard("Quit\n")
    for typed in ("", "0\n", "0\nout\n"):
        with pytest.raises(OperatorLeft, match="was closed"):
            _heard(typed)


def test_a_line_that_is_no_text_is_asked_for_again() -> None:
    source = io.TextIOWrapper(io.BytesIO(b"0\n\xd6\xd0\nout\n\n"), encoding="utf-8", errors="surrogateescape")
    sink = io.StringIO()
    assert Operator(source, sink, "zh").instructed(LINES).out == "out"
    assert "不是 UTF-8 文本" in sink.getvalue()


def test_ctrl_c_ends_the_waiting_and_is_told_to_the_run() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: seen.append(number))
    reading, writing = os.pipe()
    press = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    try:
        with open(reading, encoding="utf-8") as source, open(writing, "wb"):
            press.start()
            with pytest.raises(OperatorLeft, match="Ctrl-C"):
                Operator(source, io.StringIO(), "en").instructed(LINES)
        os.kill(os.getpid(), signal.SIGINT)
        assert seen == [signal.SIGINT] * 2, "the run's own handler heard it, and is in place again"
    finally:
        press.join()
        signal.signal(signal.SIGINT, before)


def test_the_instruction_says_all_that_is_to_be_done() -> None:
    data = load_spec().resolve_profile("terminal-default")
    assert isinstance(data, InterfaceSpec)
    entries = entries_of({"keypad": {"again": ["246813"], "enter": ["123456", "cancelled"], "new": ["246813"]}})
    assert [prompt for prompt, _ in entries] == ["enter", "enter", "new", "again"]
    lines = instruction(7, "iChangePIN", {"iType": 1}, entries, library_spec(data))
    english, chinese = ("\n".join(line.in_(language) for line in lines) for language in ("en", "zh"))
    assert "instruction 7: carry out once on the terminal: change the PIN, iChangePIN" in english
    for words in ("iType = 1", "1 (PIN): 123456", "2 (PIN): press the cancel key", "4 (new PIN once more): 246813"):
        assert words in english
    assert "修改密码 iChangePIN" in chinese
    assert "键盘 2（密码）：按取消键" in chinese
    assert entries_of({"random": "00"}) == ()
    assert "adaptReadGate" in instruction(1, "adaptReadGate", {}, (), library_spec(data))[0].en
