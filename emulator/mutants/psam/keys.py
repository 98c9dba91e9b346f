"""Mistakes of DELIVERY SESSION KEY."""

from collections.abc import Sequence

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from onecard.spec.text import Text


@mutant(
    "psam/session-key-left-half",
    breaks="PSAM-DELIVERY-IRK",
    because=Text("直接以分散密钥作过程密钥", "the diversified key itself serves as session key"),
)
class SessionKeyIsDiversifiedKey(PsamBehaviour):
    """No session key is made."""

    def session_key(self, key: bytes, factor: bytes, right: bytes) -> bytes:
        return key[: len(right)]


@mutant(
    "psam/root-halves-exchanged",
    breaks="PSAM-DELIVERY-UKSSSE",
    because=Text("装载时密钥两半颠倒", "the halves of the key were exchanged when it was loaded"),
)
class RootHalvesExchanged(PsamBehaviour):
    """The root of UKSSSE has its halves exchanged."""

    def root(self, key: str, right: bytes) -> bytes:
        return right[8:] + right[:8] if key == "PSAM/UKSSSE" else right


@mutant(
    "psam/read-key-not-loaded",
    breaks="PSAM-DELIVERY-RKSSSE",
    because=Text("PSAM 未装载 RKSSSE", "RKSSSE was never loaded"),
)
class ReadKeyNotLoaded(PsamBehaviour):
    """RKSSSE is not found."""

    def key_found(self, usage: int, number: int, in_application: bool, right: str | None) -> str | None:
        found = super().key_found(usage, number, in_application, right)
        return None if found == "PSAM/RKSSSE" else found


@mutant(
    "psam/factors-as-they-stand",
    breaks="PSAM-DELIVERY-FACTORS",
    because=Text("按出现次序使用分散因子", "the factors are applied in the order in which they stand"),
)
class FactorsAsTheyStand(PsamBehaviour):
    """The card's factor is applied first."""

    def order(self, factors: Sequence[bytes], right: Sequence[bytes]) -> Sequence[bytes]:
        return factors


@mutant(
    "psam/levels-unchecked",
    breaks="PSAM-DELIVERY-LEVELS",
    because=Text("未核对因子个数", "the factors are not counted"),
)
class LevelsUnchecked(PsamBehaviour):
    """Any number of factors is applied."""

    def accepts_levels(self, given: int, expected: int) -> bool:
        return True


@mutant(
    "psam/fewer-levels",
    breaks="PSAM-DELIVERY-LEVELS",
    because=Text("只检查因子是否过多", "only too many factors are refused"),
)
class FewerLevels(PsamBehaviour):
    """Fewer factors than levels are applied."""

    def accepts_levels(self, given: int, expected: int) -> bool:
        return given <= expected


@mutant(
    "psam/default-key",
    breaks="PSAM-DELIVERY-KEY",
    because=Text("未找到密钥时取第一个", "the first key is taken for one that is not found"),
)
class DefaultKey(PsamBehaviour):
    """Unknown keys are taken for IRK."""

    def key_found(self, usage: int, number: int, in_application: bool, right: str | None) -> str | None:
        return super().key_found(usage, number, in_application, right or "PSAM/IRK")


@mutant(
    "psam/key-unknown-not-found",
    breaks="PSAM-DELIVERY-KEY",
    because=Text("以文件未找到应答", "answered as a file that is not found"),
)
class KeyUnknownNotFound(PsamBehaviour):
    """6A82 for an unknown key."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6A82 if condition == "key" else right


@mutant(
    "psam/delivery-length-unchecked",
    breaks="PSAM-DELIVERY-LENGTH",
    because=Text("多余的字节被忽略", "bytes too many are ignored"),
)
class DeliveryLengthUnchecked(PsamBehaviour):
    """Data that are no whole factors are taken."""

    def accepts_delivery_length(self, length: int, right: bool) -> bool:
        return True


@mutant(
    "psam/keys-everywhere",
    breaks="PSAM-DELIVERY-APPLICATION",
    because=Text("密钥在全卡可用", "the keys serve in the whole PSAM"),
)
class KeysEverywhere(PsamBehaviour):
    """Session keys are delivered outside the application."""

    def key_found(self, usage: int, number: int, in_application: bool, right: str | None) -> str | None:
        return right
