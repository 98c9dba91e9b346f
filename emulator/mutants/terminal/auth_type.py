"""Mistakes with iAuthType."""

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text


@mutant(
    "terminal/auth-type-ignored",
    breaks="TERMINAL-READ-CARD-PIN",
    because=Text("忽略 iAuthType，总是以密钥读取", "iAuthType is ignored: every reading is by key"),
)
class AuthTypeIgnored(TerminalBehaviour):
    """No PIN is asked for."""

    def auth_type(self, number: object, right: str | None) -> str | None:
        return None if right is None else "key"


@mutant(
    "terminal/pin-in-place-of-proof",
    breaks="TERMINAL-READ-CARD-PIN",
    because=Text("以密码读取时不认证卡片", "a card that is read by PIN is not authenticated"),
)
class PinInPlaceOfProof(TerminalBehaviour):
    """A forged card learns the PIN."""

    def pin_serves_for_proof(self) -> bool:
        return True


@mutant(
    "terminal/read-after-refused-pin",
    breaks="TERMINAL-READ-CARD-PIN-REFUSED",
    because=Text("密码被拒绝后仍给出数据", "data are given though the PIN was refused"),
)
class ReadAfterRefusedPin(TerminalBehaviour):
    """The entry is a formality."""

    def reads_after_refused_pin(self) -> bool:
        return True


@mutant(
    "terminal/pin-always-asked",
    breaks="TERMINAL-READ-CARD-KEY",
    because=Text("两种取值都要求输入密码", "a PIN is asked for whatever the value"),
)
class PinAlwaysAsked(TerminalBehaviour):
    """A reading by key waits for a user."""

    def auth_type(self, number: object, right: str | None) -> str | None:
        return None if right is None else "pin"


@mutant(
    "terminal/auth-type-unchecked",
    breaks="TERMINAL-AUTH-TYPE",
    because=Text("1 以外的取值都按密钥处理", "everything but 1 is taken for the key"),
)
class AuthTypeUnchecked(TerminalBehaviour):
    """What has no meaning is served."""

    def auth_type(self, number: object, right: str | None) -> str | None:
        return right or "key"
