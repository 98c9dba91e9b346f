"""Mistakes of dispatch, status words and T=0."""

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from onecard.spec.text import Text


@mutant(
    "psam/any-parameters",
    breaks="PSAM-PARAMETERS",
    because=Text("未检查 P1 P2", "P1 and P2 are not checked"),
)
class AnyParameters(PsamBehaviour):
    """Undefined parameters are taken."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return True


@mutant(
    "psam/any-class",
    breaks="PSAM-UNKNOWN-COMMAND",
    because=Text("未检查 CLA", "the class byte is not checked"),
)
class AnyClass(PsamBehaviour):
    """A known instruction is done in any class."""

    def accepts_class(self, cla: int) -> bool:
        return True


@mutant(
    "psam/class-as-instruction",
    breaks="PSAM-UNKNOWN-COMMAND",
    because=Text("未知 CLA 也以 6D00 应答", "an unknown class is answered 6D00 too"),
)
class ClassAsInstruction(PsamBehaviour):
    """6D00 where 6E00 is right."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6D00 if condition == "class" else right


@mutant(
    "psam/announces-status-too",
    breaks="PSAM-T0",
    because=Text("61xx 的长度含状态字", "the length in 61xx counts the status word"),
)
class AnnouncesStatusToo(PsamBehaviour):
    """Two bytes too many are announced."""

    def announced_length(self, command: str, actual: int) -> int:
        return actual + 2


@mutant(
    "psam/reports-asked-length",
    breaks="PSAM-T0",
    because=Text("6Cxx 未给出实际长度", "6Cxx does not tell the true length"),
)
class ReportsNothing(PsamBehaviour):
    """6C00 for every wrong Le."""

    def reported_length(self, command: str, actual: int) -> int:
        return 0


@mutant(
    "psam/keeps-waiting-data",
    breaks="PSAM-T0",
    because=Text("其它命令未清除待取数据", "another command does not drop what waits"),
)
class KeepsWaitingData(PsamBehaviour):
    """Old data are given to GET RESPONSE."""

    def drops_waiting(self, command: str) -> bool:
        return False
