"""The user at the keypad of a running reference terminal, from a file: nobody has to stand there."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from emulator.terminal.access import NoPin
from onecard.errors import UserError
from onecard.spec.text import Text

PROMPTS = ("enter", "new", "again")
_LINE = re.compile(rf"({'|'.join(PROMPTS)})\s+(cancelled|timeout|[0-9*#]{{1,32}})")


class ScriptedKeypad:
    """What is entered at each prompt, one after the other; the last entry stays. No entry: there is no keypad."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self._left = {prompt: list(keys) for prompt, keys in entries.items()}

    def pin(self, prompt: str) -> str:
        """The next entry; raises NoPin."""
        left = self._left.get(prompt)
        if not left:
            raise NoPin("absent")
        entry = left.pop(0) if len(left) > 1 else left[0]
        if not entry[0].isdigit() and entry[0] not in "*#":
            raise NoPin(entry)
        return entry


class FileKeypad:
    """The keypad of a file, read again whenever another one stands in its place: then its entries begin anew.

    Raises UserError as ``keypad_of``. A file that cannot be read later is a keypad that is not there; ``tell`` hears
    why.
    """

    def __init__(self, path: Path, tell: Callable[[Text], None]) -> None:
        self._path = path
        self._tell = tell
        self._seen = self._stamp()
        self._keypad = keypad_of(path)

    def pin(self, prompt: str) -> str:
        """The next entry; raises NoPin."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._keypad = keypad_of(self._path)
            except UserError as error:
                self._tell(error.text)
                self._keypad = ScriptedKeypad({})
        return self._keypad.pin(prompt)

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def keypad_of(path: Path) -> ScriptedKeypad:
    """The keypad of a file: lines of a prompt (enter, new, again) and keys, ``cancelled`` or ``timeout``; lines that
    begin with # say nothing.

    Raises UserError, which names the line and never tells what stands there.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise UserError(zh=f"无法读取 {path}：{reason}", en=f"{path} cannot be read: {reason}") from None
    entries: dict[str, list[str]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise UserError(
                zh=f"{path} 第 {number} 行应为 enter、new 或 again 与按键（或 cancelled、timeout）",
                en=f"{path}, line {number}: a line is enter, new or again, and keys (or cancelled, timeout)",
            )
        entries.setdefault(found[1], []).append(found[2])
    return ScriptedKeypad(entries)
