"""Mistakes of a PSAM's transport application: its selection, keys, MACs, and the initialisation of purchases."""

from collections.abc import Mapping, Sequence

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.state import Position
from onecard.spec.text import Text

_CIPHER, _INIT, _CREDIT = "PSAM/TRANSPORT-CIPHER", "PSAM/TRANSPORT-INIT", "PSAM/TRANSPORT-CREDIT"
_BLOCK = 8
_TYPE, _TERMINAL, _TIME = 4, 5, 11
"""Where these stand in the input of MAC1."""


@mutant(
    "psam/transport-absent",
    breaks="PSAM-TRANSPORT-SELECT",
    because=Text("个人化时未建立声明的交通应用", "the declared application was not created at personalisation"),
)
class TransportAbsent(PsamBehaviour):
    """The transport application is not found."""

    def finds_transport(self, position: Position) -> bool:
        return False


@mutant(
    "psam/transport-factors-as-they-stand",
    breaks="PSAM-TRANSPORT-MAC",
    because=Text("按出现次序使用了分散因子", "the factors are applied in the order in which they stand"),
)
class FactorsAsTheyStand(PsamBehaviour):
    """Serial first, then issuer."""

    def transport_order(self, factors: Sequence[bytes], right: Sequence[bytes]) -> Sequence[bytes]:
        return factors


@mutant(
    "psam/transport-mac-from-zero",
    breaks="PSAM-TRANSPORT-MAC",
    because=Text("初始值固定为零，首块作为数据丢弃", "the initial value is zero, and the first block is dropped"),
)
class MacFromZero(PsamBehaviour):
    """The initial value is a block of 00."""

    def mac_data(self, right: bytes) -> bytes:
        return bytes(_BLOCK) + right[_BLOCK:]


@mutant(
    "psam/transport-mac-initial-as-data",
    breaks="PSAM-TRANSPORT-MAC",
    because=Text("初始值也作为数据参与计算", "the initial value is taken for the first block of the data, from zero"),
)
class InitialAsData(PsamBehaviour):
    """A block of 00 stands before the initial value."""

    def mac_data(self, right: bytes) -> bytes:
        return bytes(_BLOCK) + right


@mutant(
    "psam/transport-mac-reversed",
    breaks="PSAM-TRANSPORT-MAC",
    because=Text("鉴别码的字节次序颠倒", "the bytes of the MAC stand the other way round"),
)
class MacReversed(PsamBehaviour):
    """The MAC from its last byte to its first."""

    def transport_mac(self, right: bytes) -> bytes:
        return right[::-1]


@mutant(
    "psam/transport-mac-single-des",
    breaks="PSAM-TRANSPORT-MAC-RULE",
    because=Text("末块也用单 DES", "the last block is enciphered in single DES too"),
)
class MacSingleDes(PsamBehaviour):
    """The right half of the key is not used."""

    def final_cipher(self, right: str) -> str:
        return "des"


@mutant(
    "psam/transport-mac-limit",
    breaks="PSAM-TRANSPORT-MAC-LENGTHS",
    because=Text("沿用社保应用的 64 字节限制", "the limit of 64 bytes of the social security application was kept"),
)
class MacLimit(PsamBehaviour):
    """No more than 64 bytes."""

    def accepts_mac_data(self, length: int, right: bool) -> bool:
        return right and length <= 64


@mutant(
    "psam/transport-mac-padded",
    breaks="PSAM-TRANSPORT-MAC-WHOLE",
    because=Text("不足一组时自行填充", "a part of a block is filled"),
)
class MacPadded(PsamBehaviour):
    """Any data longer than an initial value are taken."""

    def accepts_mac_data(self, length: int, right: bool) -> bool:
        return right or length > _BLOCK


@mutant(
    "psam/transport-mac-of-nothing",
    breaks="PSAM-TRANSPORT-MAC-WHOLE",
    because=Text("只有初始值时也作计算", "an initial value alone is worked on as well"),
)
class MacOfNothing(PsamBehaviour):
    """An initial value alone is taken."""

    def accepts_mac_data(self, length: int, right: bool) -> bool:
        return right or length == _BLOCK


@mutant(
    "psam/transport-mac-without-key",
    breaks="PSAM-TRANSPORT-MAC-REQUIRED",
    because=Text("密钥区初始为零", "the place of the key holds zeros at first"),
)
class MacWithoutKey(PsamBehaviour):
    """Without a key, zeros are used."""

    def mac_key_to_use(self, key: bytes | None) -> bytes | None:
        return key or bytes(16)


@mutant(
    "psam/transport-key-version-unchecked",
    breaks="PSAM-TRANSPORT-KEY-UNKNOWN",
    because=Text("只按用途查找密钥", "keys are looked up by usage alone"),
)
class KeyVersionUnchecked(PsamBehaviour):
    """Any version means the key of that usage."""

    def mac_key_found(self, usage: int, version: int, roots: Mapping[tuple[int, int], bytes]) -> bytes | None:
        return next((root for (found, _), root in roots.items() if found == usage), None)


@mutant(
    "psam/transport-key-type-unchecked",
    breaks="PSAM-TRANSPORT-KEY-UNKNOWN",
    because=Text("只按级数与版本查找密钥", "keys are looked up by levels and version alone"),
)
class KeyTypeUnchecked(PsamBehaviour):
    """Any usage of as many levels means the key."""

    def mac_key_found(self, usage: int, version: int, roots: Mapping[tuple[int, int], bytes]) -> bytes | None:
        alike = (root for (found, held), root in roots.items() if (found >> 5, held) == (usage >> 5, version))
        return next(alike, None)


@mutant(
    "psam/transport-root-itself",
    breaks="PSAM-TRANSPORT-FACTORS",
    because=Text("没有因子时直接使用根密钥", "without factors the root key itself is used"),
)
class RootItself(PsamBehaviour):
    """No factor is taken as well."""

    def accepts_mac_factors(self, length: int, levels: int, factor: int) -> bool:
        return length in (0, levels * factor)


@mutant(
    "psam/transport-factors-uncounted",
    breaks="PSAM-TRANSPORT-FACTORS",
    because=Text("未核对因子个数", "the factors are not counted"),
)
class FactorsUncounted(PsamBehaviour):
    """Any number of whole factors is taken."""

    def accepts_mac_factors(self, length: int, levels: int, factor: int) -> bool:
        return length > 0 and length % factor == 0


@mutant(
    "psam/transport-key-outlives-reset",
    breaks="PSAM-TRANSPORT-KEY-ENDS",
    because=Text("热复位未清除内存", "a warm reset does not clear the memory"),
)
class KeyOutlivesReset(PsamBehaviour):
    """The key is there after a warm reset, and selecting the application leaves it."""

    def mac_key_after_reset(self, before: bytes | None) -> bytes | None:
        return before

    def mac_key_after_select(self, before: bytes | None) -> bytes | None:
        return before


@mutant(
    "psam/transport-key-outlives-selection",
    breaks="PSAM-TRANSPORT-KEY-ENDS",
    because=Text("选择 DF 未清除密钥", "selecting a DF does not clear the key"),
)
class KeyOutlivesSelection(PsamBehaviour):
    """The key is there after another DF was selected and this one again."""

    def mac_key_after_select(self, before: bytes | None) -> bytes | None:
        return before


@mutant(
    "psam/transport-key-outlives-refusal",
    breaks="PSAM-TRANSPORT-KEY-ENDS",
    because=Text("被拒绝的交付保留前一密钥", "a refused delivery leaves the key before it"),
)
class KeyOutlivesRefusal(PsamBehaviour):
    """A refused 80 1A changes nothing."""

    def mac_key_after_refusal(self, before: bytes | None) -> bytes | None:
        return before


@mutant(
    "psam/transport-mac1-without-terminal",
    breaks="PSAM-TRANSPORT-PURCHASE",
    because=Text("MAC1 漏了终端机编号", "the terminal number was left out of MAC1"),
)
class Mac1WithoutTerminal(PsamBehaviour):
    """MAC1 does not cover the terminal number."""

    def transport_inputs(self, gives: str, right: bytes) -> bytes:
        return right[:_TERMINAL] + right[_TIME:] if gives == "mac1" else right


@mutant(
    "psam/transport-mac1-single-only",
    breaks="PSAM-TRANSPORT-PURCHASE",
    because=Text("MAC1 的类型固定为 06", "the type in MAC1 is 06 always"),
)
class SingleOnly(PsamBehaviour):
    """A compound purchase has the MAC1 of a single one."""

    def transport_inputs(self, gives: str, right: bytes) -> bytes:
        return right[:_TYPE] + b"\x06" + right[_TERMINAL:] if gives == "mac1" else right


@mutant(
    "psam/transport-session-first-bytes",
    breaks="PSAM-TRANSPORT-PURCHASE",
    because=Text("过程密钥取了终端交易序号的前两字节", "the session key takes the first two bytes of the sequence"),
)
class SessionFirstBytes(PsamBehaviour):
    """The first two bytes of the sequence, which are constant for long, in the session key."""

    def transport_inputs(self, gives: str, right: bytes) -> bytes:
        return right[:-2] + b"\x01\x01" if gives == "session" else right


@mutant(
    "psam/transport-default-version",
    breaks="PSAM-TRANSPORT-VERSION-UNKNOWN",
    because=Text("未知版本取缺省版本", "a version that is not known means the default one"),
)
class DefaultVersion(PsamBehaviour):
    """An unknown version is taken for 01."""

    def transport_root(self, version: int, roots: Mapping[int, bytes]) -> bytes | None:
        return roots.get(version, roots.get(1))


@mutant(
    "psam/transport-length-unchecked",
    breaks="PSAM-TRANSPORT-LENGTH",
    because=Text("多余的字节被忽略", "bytes too many are ignored"),
)
class LengthUnchecked(PsamBehaviour):
    """80 70 takes more data than 24."""

    def accepts_transport_length(self, command: str, length: int, right: bool) -> bool:
        return right or (command == _INIT and length > 0x24)


@mutant(
    "psam/transport-mac2-cut",
    breaks="PSAM-TRANSPORT-LENGTH",
    because=Text("MAC2 之后的字节被忽略", "bytes behind MAC2 are ignored"),
)
class Mac2Cut(PsamBehaviour):
    """80 72 takes more data than 04 and looks at the first four bytes."""

    def accepts_transport_length(self, command: str, length: int, right: bool) -> bool:
        return right or (command == _CREDIT and length > 4)

    def accepts_transport_mac2(self, given: bytes, right: bytes) -> bool:
        return given[:4] == right


@mutant(
    "psam/transport-parameters-unchecked",
    breaks="PSAM-TRANSPORT-PARAMETERS",
    because=Text("未检查 P1、P2", "P1 and P2 are not checked"),
)
class ParametersUnchecked(PsamBehaviour):
    """The commands of purchases take any P1 and P2."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command in (_INIT, _CREDIT)


@mutant(
    "psam/transport-cipher-parameters-unchecked",
    breaks="PSAM-TRANSPORT-PARAMETERS",
    because=Text("80 FA 未检查 P1、P2", "P1 and P2 of 80 FA are not checked"),
)
class CipherParametersUnchecked(PsamBehaviour):
    """80 FA makes a MAC whatever P1 and P2 are."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == _CIPHER


@mutant(
    "psam/transport-everywhere",
    breaks="PSAM-TRANSPORT-APPLICATION",
    because=Text("交通应用的命令在全卡可用", "the commands of the application serve in the whole PSAM"),
)
class TransportEverywhere(PsamBehaviour):
    """The commands are taken wherever the social security application is not selected."""

    def transport_here(self, position: Position) -> bool:
        return not position.application


@mutant(
    "psam/transport-from-the-other-application",
    breaks="PSAM-TRANSPORT-APPLICATION",
    because=Text("两个应用共用命令表", "both applications share one table of commands"),
)
class FromTheOtherApplication(PsamBehaviour):
    """The commands are taken in the social security application too."""

    def transport_here(self, position: Position) -> bool:
        return position.transport or position.application
