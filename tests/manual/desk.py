"""A scripted operator at a pseudo-terminal: reads what he is told, and types what his script says."""

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from onecard.targets.operator import Operator, operator_at

CODE, OUT, RECORD = "return code: ", "where there is none): ", "type it anew: "
_CALL = re.compile(r"instruction (\d+): carry out once on the terminal: (?:.*, )?(\w+)\s*$", re.MULTILINE)
_ARGUMENT = re.compile(r"^  (\w+) = (.*?)\r?$", re.MULTILINE)
_KEYPAD = re.compile(r"^  keypad \d+ \((.*)\): (.*?)\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the operator was told."""

    number: int
    call: str
    arguments: dict[str, str]
    keypad: list[tuple[str, str]]


Script = Callable[[Instruction], list[str]]
"""Lines that the operator types for an instruction: return code, pOutInfo, confirmation."""


class ScriptedOperator:
    """Types at the master side ``descriptor`` of a pseudo-terminal until it is closed."""

    def __init__(self, descriptor: int, script: Script) -> None:
        self._descriptor = descriptor
        self._script = script
        self.screen = ""
        self.heard: list[Instruction] = []
        self.broke: BaseException | None = None

    def run(self) -> None:
        """Read and type; what the script itself does wrong is kept in ``broke``, and ends the dialogue."""
        pending, lines = b"", list[str]()
        try:
            while data := self._read():
                pending += data
                text = pending.decode("utf-8", "ignore")
                if not text.endswith((CODE, OUT, RECORD)):
                    continue
                pending = b""
                self.screen += text
                told = _told(text)
                if told is not None:
                    self.heard.append(told)
                    lines = self._script(told)
                os.write(self._descriptor, (lines.pop(0) if lines else "quit").encode() + b"\n")
        except Exception as error:  # noqa: BLE001 - told to the test, which is in another thread
            self.broke = error
            os.write(self._descriptor, b"\x04")
        self.screen += pending.decode("utf-8", "ignore")

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, 65536)
        except OSError:
            return b""


def _told(text: str) -> Instruction | None:
    found = _CALL.search(text)
    if found is None:
        return None
    return Instruction(int(found[1]), found[2], dict(_ARGUMENT.findall(text)), _KEYPAD.findall(text))


class Desk:
    """A pseudo-terminal with a scripted operator, for a target in this process."""

    def __init__(self, script: Script) -> None:
        self._master, self._slave = os.openpty()
        self.operator = ScriptedOperator(self._master, script)
        self._thread = threading.Thread(target=self.operator.run)

    def find(self, language: object) -> Operator:
        """The operator as the target finds him."""
        self._thread.start()
        return operator_at(os.dup(self._slave), os.dup(self._slave), "zh" if language == "zh" else "en")

    def close(self) -> None:
        """Hang up."""
        os.close(self._slave)
        if self._thread.ident is not None:
            self._thread.join(10)
            assert not self._thread.is_alive()
        os.close(self._master)
