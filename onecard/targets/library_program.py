"""A vendor's library in its runner process: loaded, called within a time limit, and what may go wrong with it."""

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onecard.spec.terminal_library import NUMBER, LibrarySpec
from onecard.spec.text import Text
from onecard.targets import library_runner
from onecard.targets.base import TargetAbsent
from onecard.targets.library_file import LibraryFile
from onecard.targets.line_program import LineProgram, LineTooLong, ProgramEnded, ProgramSilent

START_LIMIT = 30.0
"""Seconds in which the interpreter must start and the library load; nothing of a card is involved."""
ORPHAN_EXTRA = 10.0


@dataclass(frozen=True, slots=True)
class Setup:
    """How a library is reached. ``python``: interpreter that loads it; ``limit``: seconds of one call."""

    file: LibraryFile
    convention: str
    python: str
    limit: float
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a function returned, and the text that it wrote."""

    code: int
    out: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A call without result; ``kind``: ended, silent, missing, unterminated, beyond or coding; ``text`` says more.

    ``words``: the last that the library wrote to standard error, which may tell of somebody.
    """

    kind: str
    text: Text
    words: str = ""

    @property
    def whole(self) -> Text:
        """The text with the library's last words."""
        words = f"; stderr: {self.words}" if self.words else ""
        return Text(zh=self.text.zh + words, en=self.text.en + words)


class LibraryProgram:
    """A running process with the library in it; raises TargetAbsent where it cannot be loaded."""

    def __init__(self, setup: Setup, data: LibrarySpec) -> None:
        self._setup = setup
        self._data = data
        script = str(Path(library_runner.__file__).resolve())
        try:
            self._program = LineProgram([setup.python, "-I", script], {**os.environ, **setup.environment})
        except OSError as error:
            raise TargetAbsent(
                zh=f"解释器“{setup.python}”无法启动：{error.strerror or error}",
                en=f"the interpreter {setup.python!r} cannot be started: {error.strerror or error}",
            ) from None
        try:
            self._load()
        except BaseException:
            self._program.kill()
            raise

    def call(self, name: str, arguments: Mapping[str, Any]) -> Returned | Fault:
        """Call a function with its arguments by name; after a Fault the process is ended.

        Raises ValueError for a function or an argument that the interface does not have (a mistake of the case).
        """
        signature = self._data.signatures.get(name)
        if signature is None or {one.name for one in signature.inputs} != set(arguments):
            raise ValueError(f"the interface has no {name}({', '.join(arguments)})")
        given = [
            int(arguments[one.name]) if one.type == NUMBER else str(arguments[one.name]).encode(self._data.coding).hex()
            for one in signature.inputs
        ]
        limit, room = self._setup.limit, self._data.output_length
        found = self._asked({"call": name, "args": given, "room": room, "limit": limit + ORPHAN_EXTRA}, limit)
        result = found if isinstance(found, Fault) else self._judged(name, found)
        if isinstance(result, Fault) and result.kind != "missing":
            self.kill()
        return result

    def kill(self) -> None:
        """End the process; whatever reader the library kept is free then."""
        self._program.kill()

    # --- its answers ---

    def _load(self) -> None:
        file = self._setup.file
        bits = self._heard(START_LIMIT)
        width = bits.get("bits") if isinstance(bits, Mapping) else None
        if width is None:
            raise _not_loaded(file, bits.whole if isinstance(bits, Fault) else Text(str(bits), str(bits)))
        if file.bits is not None and file.bits != width:
            raise TargetAbsent(
                zh=f"{file.path} 是 {file.bits} 位的动态库，而解释器 {self._setup.python} 是 {width} 位："
                f"请在 IXIT 的 parameters.library.python 中给出 {file.bits} 位 Python 的路径",
                en=f"{file.path} is a {file.bits}-bit library and the interpreter {self._setup.python} has {width} "
                f"bits: name a {file.bits}-bit Python in the IXIT, parameters.library.python",
            )
        loaded = self._asked({"load": str(file.path), "convention": self._setup.convention}, START_LIMIT)
        if isinstance(loaded, Fault):
            raise _not_loaded(file, loaded.whole)
        if "error" in loaded:
            said = str(loaded["error"])
            raise _not_loaded(file, Text(said, said))

    def _asked(self, request: Mapping[str, Any], limit: float) -> Mapping[str, Any] | Fault:
        try:
            self._program.tell(json.dumps(request).encode("ascii"))
        except ProgramEnded:
            return self._ended()
        return self._heard(limit)

    def _heard(self, limit: float) -> Mapping[str, Any] | Fault:
        try:
            answer: Mapping[str, Any] = json.loads(self._program.hear(limit))
        except ProgramSilent:
            self._program.kill()
            return Fault(
                "silent",
                Text(
                    zh=f"动态库在 {limit:g} 秒内没有返回，进程已终止",
                    en=f"the library did not return within {limit:g} s and its process was ended",
                ),
                self._program.last_words(),
            )
        except ProgramEnded:
            return self._ended()
        except (ValueError, LineTooLong):
            return Fault(
                "ended", Text(zh="动态库进程的应答无法读取", en="the library's process gave no readable answer")
            )
        return answer

    def _ended(self) -> Fault:
        code = self._program.kill()
        zh, en = f"退出码 {code}", f"with exit code {code}"
        if code < 0:
            zh = en = f"by signal {-code} ({_signal_name(-code)})"
        told = Text(zh=f"动态库使其进程结束（{zh}）", en=f"the library ended its process {en}")
        return Fault("ended", told, self._program.last_words())

    def _judged(self, name: str, found: Mapping[str, Any]) -> Returned | Fault:
        room = self._data.output_length
        if "missing" in found:
            return Fault("missing", Text(zh=f"动态库没有导出 {name}", en=f"the library does not export {name}"))
        if "error" in found:
            said = str(found["error"])
            return Fault("ended", Text(zh=f"调用中出错：{said}", en=f"the call failed: {said}"))
        if found["beyond"]:
            return Fault(
                "beyond",
                Text(
                    zh=f"pOutInfo 写出了 {room} 字节的缓冲区",
                    en=f"pOutInfo was written beyond its buffer of {room} bytes",
                ),
            )
        if found["state"] == "unterminated":
            return Fault(
                "unterminated",
                Text(zh=f"pOutInfo 在 {room} 字节内没有结尾 0", en=f"pOutInfo has no ending zero within {room} bytes"),
            )
        try:
            return Returned(int(found["return"]), bytes.fromhex(found["out"]).decode(self._data.coding))
        except UnicodeDecodeError as error:
            return Fault(
                "coding",
                Text(
                    zh=f"pOutInfo 第 {error.start} 字节起不是 GBK 文本",
                    en=f"pOutInfo is no GBK text from byte {error.start} on",
                ),
            )


def default_python() -> str:
    """The interpreter that runs the tester."""
    return sys.executable


def _signal_name(number: int) -> str:
    known: Sequence[signal.Signals] = [one for one in signal.Signals if one == number]
    return known[0].name if known else "?"


def _not_loaded(file: LibraryFile, said: Text) -> TargetAbsent:
    return TargetAbsent(
        zh=f"动态库 {file.path} 加载失败：{said.zh}", en=f"the library {file.path} does not load: {said.en}"
    )
