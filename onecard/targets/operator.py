"""An operator at a terminal: instructions to him, his answers, and his ways out."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TextIO

from onecard.spec.text import Language, Text
from onecard.targets.base import OperatorLeft, TargetAbsent, TargetRefused

SMALLEST, LARGEST = -(2**31), 2**31 - 1
"""A return code is the C type `long` of Windows: 32 bits."""
MOST_DIGITS = 10
# What a Chinese input method types for them, and the minus sign of Unicode.
_PLAIN = str.maketrans("０１２３４５６７８９＋－\u2212", "0123456789+--")

CODE = Text(zh="返回码：", en="return code: ")
OUT = Text(
    zh="pOutInfo（粘贴为一行；没有则直接回车）：", en="pOutInfo (paste as one line; Enter where there is none): "
)
RECORD = Text(zh="记录？回车 = 是，again = 重新填写：", en="record this? Enter = yes, again = type it anew: ")
NO_NUMBER = Text(
    zh="这不是 32 位整数，请重新输入（或 skip、quit）",
    en="that is no whole number of 32 bits: once more (or skip, quit)",
)
NO_TEXT = Text(zh="这一行不是 UTF-8 文本，请重新输入", en="that line is no UTF-8 text: once more")
NO_CHOICE = Text(zh="请直接回车，或输入 again、skip、quit", en="press Enter, or type again, skip or quit")
NO_RETRY = Text(
    zh="不能重做：卡片可能已被使用，再次操作就是另一次试验。请填写看到的结果，或 skip",
    en="it cannot be done again: the card may have been used, and a second try is another test. Give what was shown, "
    "or skip",
)
SKIPPED = Text(
    zh="操作员跳过了本用例；不能据此判断终端", en="the operator skipped this case; this says nothing about the terminal"
)
QUIT = Text(zh="操作员结束了运行（quit）", en="the operator ended the run (quit)")
HUNG_UP = Text(zh="操作员的终端已关闭", en="the operator's terminal was closed")
BROKEN_OFF = Text(zh="用户中断（Ctrl-C）", en="interrupted (Ctrl-C)")
NOBODY = Text(
    zh="manual: 需要操作员：请在终端窗口中运行（没有控制终端）",
    en="manual: needs an operator: run it in a terminal window (there is no controlling terminal)",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What an operator reported of a call: return code, pOutInfo, and every line as he gave it."""

    code: int
    out: str
    words: tuple[str, ...]


def number_of(words: str) -> int | None:
    """A return code in decimal, None where the words are none; full-width characters and the minus sign are taken."""
    plain = words.translate(_PLAIN).strip()
    digits = plain[1:] if plain[:1] in ("+", "-") else plain
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
        return None
    value = int(plain)
    return value if SMALLEST <= value <= LARGEST else None


class Operator:
    """Speaks with the operator over a pair of streams."""

    def __init__(self, source: TextIO, sink: TextIO, language: Language) -> None:
        self._source = source
        self._sink = sink
        self._language = language

    def instructed(self, lines: tuple[Text, ...]) -> Told:
        """Show one instruction and hear what came of it, without time limit.

        Raises TargetRefused where the operator skips the case, OperatorLeft where he ends the run (``quit``, Ctrl-C,
        end of input).
        """
        words: list[str] = []
        with _broken_off():
            self._say("")
            for line in lines:
                self._say(line.in_(self._language))
            while True:
                code = self._code(words)
                out = self._line(OUT, words)
                if self._recorded(words):
                    return Told(code, out, tuple(words))

    def close(self) -> None:
        """Close both streams."""
        self._source.close()
        self._sink.close()

    def _code(self, words: list[str]) -> int:
        while True:
            given = self._command(CODE, words)
            code = number_of(given)
            if code is not None:
                return code
            self._say(NO_NUMBER.in_(self._language))

    def _recorded(self, words: list[str]) -> bool:
        while True:
            given = self._command(RECORD, words).lower()
            if given in ("", "again"):
                return given == ""
            self._say(NO_CHOICE.in_(self._language))

    def _command(self, prompt: Text, words: list[str]) -> str:
        """A line that may be one of the ways out; they are not known where pOutInfo is given, which may hold any."""
        while True:
            given = self._line(prompt, words).strip()
            if given.lower() == "skip":
                raise TargetRefused(zh=SKIPPED.zh, en=SKIPPED.en)
            if given.lower() == "quit":
                raise OperatorLeft(zh=QUIT.zh, en=QUIT.en)
            if given.lower() != "retry":
                return given
            self._say(NO_RETRY.in_(self._language))

    def _line(self, prompt: Text, words: list[str]) -> str:
        while True:
            self._sink.write(prompt.in_(self._language))
            self._sink.flush()
            try:
                given = self._source.readline()
            except OSError:
                given = ""
            if not given:
                raise OperatorLeft(zh=HUNG_UP.zh, en=HUNG_UP.en)
            line = given.rstrip("\r\n")
            if not any("\ud800" <= character <= "\udfff" for character in line):
                words.append(line)
                return line
            self._say(NO_TEXT.in_(self._language))

    def _say(self, line: str) -> None:
        try:
            self._sink.write(line + "\n")
            self._sink.flush()
        except OSError:
            raise OperatorLeft(zh=HUNG_UP.zh, en=HUNG_UP.en) from None


def operator_at_terminal(language: Language) -> Operator:
    """The operator at the controlling terminal of this process; raises TargetAbsent where there is none.

    Standard input and output stay the command's own: results may be piped.
    """
    into, out_of = ("CONIN$", "CONOUT$") if sys.platform == "win32" else ("/dev/tty", "/dev/tty")
    try:
        read = os.open(into, os.O_RDONLY)
    except OSError:
        raise TargetAbsent(zh=NOBODY.zh, en=NOBODY.en) from None
    try:
        written = os.open(out_of, os.O_WRONLY)
    except OSError:
        os.close(read)
        raise TargetAbsent(zh=NOBODY.zh, en=NOBODY.en) from None
    return operator_at(read, written, language)


def operator_at(read: int, written: int, language: Language) -> Operator:
    """The operator behind two open descriptors, which belong to him from here on."""
    source = os.fdopen(read, encoding="utf-8", errors="surrogateescape")
    return Operator(source, os.fdopen(written, "w", encoding="utf-8"), language)


@contextmanager
def _broken_off() -> Iterator[None]:
    """Within, Ctrl-C ends the waiting: the run's own handler only sets a flag, and reading would go on for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handler(number: int, frame: FrameType | None) -> None:
        before = previous[signal.Signals(number)]
        if callable(before) and before is not signal.default_int_handler:
            before(number, frame)
        raise OperatorLeft(zh=BROKEN_OFF.zh, en=BROKEN_OFF.en)

    watched = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.getsignal(number) for number in watched}
    for number in watched:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)
