"""Mistakes about the reader when a function has ended."""

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text


@mutant(
    "terminal/reader-kept-after-error",
    breaks="TERMINAL-RELEASE",
    because=Text("出错返回前未断开读卡器", "paths that return an error leave the reader connected"),
)
class ReaderKeptAfterError(TerminalBehaviour):
    """An error leaves the reader held."""

    def releases_reader(self, code: int) -> bool:
        return code >= 0


@mutant(
    "terminal/reader-never-released",
    breaks="TERMINAL-RELEASE",
    because=Text("只在程序退出时断开读卡器", "the reader is disconnected when the program ends only"),
)
class ReaderNeverReleased(TerminalBehaviour):
    """The reader is opened once and kept."""

    def releases_reader(self, code: int) -> bool:
        return False
