"""The holder at a keypad that the tester cannot reach: what is to be entered stands in a file, which the keypad reads.

A line is a prompt (``enter``, ``new``, ``again``) and keys, ``cancelled`` or ``timeout``; lines that begin with ``#``
say nothing. The entries of a prompt are entered in turn, the last one as often as it is asked for.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from onecard.targets.base import Message, TargetAbsent, TargetError

PROMPTS = ("enter", "new", "again")
GIVEN_UP = "cancelled"
"""What follows the entries of a case: a terminal that asks more often than the holder enters gets no PIN."""
_HEAD = "# 测试仪输入 / what the tester's holder enters\n"
_LINE = re.compile(r"\s*(#.*|(enter|new|again)\s.*)?\s*")


class KeypadFile:
    """The file that a terminal's keypad reads. ``declared``: the field of the IXIT that names it."""

    def __init__(self, path: Path, declared: str) -> None:
        self._path = path
        self._declared = declared

    def connect(self) -> None:
        """Make the file ready, without entries; raises TargetAbsent where it is another file, or cannot be written."""
        try:
            known = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
            own = all(_LINE.fullmatch(line) for line in known.splitlines())
        except OSError as error:
            raise self._absent(error.strerror or str(error), error.strerror or str(error)) from None
        except UnicodeDecodeError:
            own = False
        if not own:
            raise self._absent(
                "已有内容不是键盘输入（enter、new、again 各行），不会被覆盖",
                "what stands there is not what a keypad reads (lines of enter, new, again) and is not written over",
            )
        try:
            self._write("")
        except OSError as error:
            raise self._absent(error.strerror or str(error), error.strerror or str(error)) from None

    def enter(self, settings: Message) -> None:
        """What the holder enters with these settings of the tester's side; raises TargetError."""
        keypad: Mapping[str, Sequence[str]] = settings.get("keypad") or {}
        lines = (f"{prompt} {entry}\n" for prompt in PROMPTS for entry in (*keypad.get(prompt, ()), GIVEN_UP))
        try:
            self._write("".join(lines))
        except OSError as error:
            told = self._absent(error.strerror or str(error), error.strerror or str(error)).text
            raise TargetError(zh=told.zh, en=told.en) from None

    def clear(self) -> None:
        """Leave no PIN behind; never raises."""
        with suppress(OSError):
            if self._path.exists():
                self._write("")

    def _write(self, lines: str) -> None:
        # Another file in its place: a keypad that reads meanwhile has the old entries or the new ones, whole.
        folder = self._path.parent
        number, name = tempfile.mkstemp(prefix=".keypad-", dir=folder)
        try:
            with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
                file.write(_HEAD + lines)
            if self._path.exists():
                shutil.copymode(self._path, name)
            os.replace(name, self._path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _absent(self, zh: str, en: str) -> TargetAbsent:
        return TargetAbsent(
            zh=f"键盘输入文件 {self._path}（IXIT 的 {self._declared}）：{zh}",
            en=f"the keypad's file {self._path} ({self._declared} of the IXIT): {en}",
        )
