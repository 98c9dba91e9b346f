"""Mistakes of INITIALIZE ENVIRONMENT, of the PSAM's own keys, of updates, and of key loading."""

from collections.abc import Set
from dataclasses import replace

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.state import LoadedKey, Session
from onecard.spec.text import Text


@mutant(
    "psam/initialise-any-length",
    breaks="PSAM-INITIALISE",
    because=Text("未检查数据长度", "the length of the data is not checked"),
)
class InitialiseAnyLength(PsamBehaviour):
    """INITIALIZE ENVIRONMENT takes data of any length."""

    def accepts_length_of_one(self, command: str, length: int, right: bool) -> bool:
        return right or command == "PSAM/INITIALIZE-ENVIRONMENT"


@mutant(
    "psam/initialise-keeps-session",
    breaks="PSAM-INITIALISE-FRESH",
    because=Text("初始化未清除过程密钥", "the initialisation does not clear the session key"),
)
class InitialiseKeepsSession(PsamBehaviour):
    """The session key outlives INITIALIZE ENVIRONMENT."""

    def session_after_initialising(self, session: Session | None) -> Session | None:
        return session


@mutant(
    "psam/own-keys-missing",
    breaks="PSAM-OWN-AUTHENTICATION",
    because=Text("未装载市级更新密钥", "the update key of a city was never loaded"),
)
class OwnKeyMissing(PsamBehaviour):
    """KID-03 is not found."""

    def own_key_found(self, number: int, right: str | None) -> str | None:
        return None if right == "KID-03" else right


@mutant(
    "psam/own-proof-uncompared",
    breaks="PSAM-OWN-REFUSED",
    because=Text("只比较鉴别数据的后四字节", "the last four bytes of the authentication data alone are compared"),
)
class OwnProofHalf(PsamBehaviour):
    """Half a proof is enough."""

    def accepts_proof(self, given: bytes, right: bytes) -> bool:
        return given[4:] == right[4:]


@mutant(
    "psam/own-tries-not-restored",
    breaks="PSAM-OWN-REFUSED",
    because=Text("成功后未恢复次数", "a success gives no try back"),
)
class OwnTriesNotRestored(PsamBehaviour):
    """The counter only falls."""

    def own_tries_after_success(self, tries: int, limit: int) -> int:
        return tries


@mutant(
    "psam/own-key-never-blocked",
    breaks="PSAM-OWN-BLOCKED",
    because=Text("计数到零而密钥未锁定", "the counter reaches zero and nothing follows"),
)
class OwnKeyNeverBlocked(PsamBehaviour):
    """A key with no try left is used on."""

    def own_key_blocked(self, tries: int) -> bool:
        return False


@mutant(
    "psam/own-tries-not-counted",
    breaks="PSAM-OWN-BLOCKED",
    because=Text("失败未减少次数", "a failure takes no try away"),
)
class OwnTriesNotCounted(PsamBehaviour):
    """The counter stands at two."""

    def own_tries_after_failure(self, tries: int) -> int:
        return 2


@mutant(
    "psam/challenge-survives-proof",
    breaks="PSAM-OWN-CHALLENGE",
    because=Text("鉴别后未清除随机数", "the challenge is not cleared after a proof"),
)
class ChallengeSurvives(PsamBehaviour):
    """A challenge serves again."""

    def challenge_after_use(self, challenge: bytes) -> bytes:
        return challenge


@mutant(
    "psam/challenge-of-zeros",
    breaks="PSAM-OWN-CHALLENGE",
    because=Text("未取随机数时以零代替", "zeros stand for a challenge that nobody asked for"),
)
class ChallengeOfZeros(PsamBehaviour):
    """Without a challenge zeros are taken."""

    def challenge_to_use(self, challenge: bytes) -> bytes:
        return challenge or bytes(8)


@mutant(
    "psam/own-default-key",
    breaks="PSAM-OWN-FORM",
    because=Text("未找到密钥时取主控密钥", "the master key is taken for a key that is not found"),
)
class OwnDefaultKey(PsamBehaviour):
    """Unknown ids mean the master key."""

    def own_key_found(self, number: int, right: str | None) -> str | None:
        return right or "DDF-MK"


@mutant(
    "psam/update-not-written",
    breaks="PSAM-UPDATE",
    because=Text("应答成功而未写入", "success is answered and nothing is written"),
)
class UpdateNotWritten(PsamBehaviour):
    """Files stay as they were."""

    def content_after_update(self, file: str, before: bytes, right: bytes) -> bytes:
        return before


@mutant(
    "psam/update-free",
    breaks="PSAM-UPDATE-CLOSED",
    because=Text("未检查修改权限", "the right of update is not checked"),
)
class UpdateFree(PsamBehaviour):
    """Files that a key opens are open."""

    def may_update(self, file: str, right: bool) -> bool:
        return right or file != "PSAM/EF0019"


@mutant(
    "psam/rights-survive-select",
    breaks="PSAM-UPDATE-CLOSED",
    because=Text("选择其它 DF 未清除鉴别状态", "selecting another DF does not clear what was proved"),
)
class RightsSurviveSelect(PsamBehaviour):
    """What was proved stays proved."""

    def rights_after_select(self, rights: Set[str], same: bool) -> Set[str]:
        return rights


@mutant(
    "psam/rights-survive-reset",
    breaks="PSAM-UPDATE-CLOSED",
    because=Text("热复位未清除鉴别状态", "a warm reset does not clear what was proved"),
)
class RightsSurviveReset(PsamBehaviour):
    """What was proved outlives a warm reset."""

    def rights_after_reset(self, rights: Set[str]) -> Set[str]:
        return rights


@mutant(
    "psam/rights-survive-failure",
    breaks="PSAM-UPDATE-CLOSED",
    because=Text("鉴别失败未清除已有状态", "a failed proof does not clear the right given before"),
)
class RightsSurviveFailure(PsamBehaviour):
    """What was proved outlives a wrong proof."""

    def rights_after_failure(self, rights: Set[str], key: str) -> Set[str]:
        return rights


@mutant(
    "psam/sequence-written",
    breaks="PSAM-UPDATE-NEVER",
    because=Text("交易序号文件按其它文件处理", "the sequence file is treated as the other files"),
)
class SequenceWritten(PsamBehaviour):
    """File 0019 is updated."""

    def may_update(self, file: str, right: bool) -> bool:
        return right or file == "PSAM/EF0019"


@mutant(
    "psam/update-cut-off",
    breaks="PSAM-UPDATE-FORM",
    because=Text("超出文件末尾的数据被忽略", "bytes beyond the end are ignored"),
)
class UpdateCutOff(PsamBehaviour):
    """Bytes beyond the end of a file are dropped without a word."""

    def accepts_update(self, offset: int, length: int, size: int) -> bool:
        return offset <= size


@mutant(
    "psam/des-keys-refused",
    breaks="PSAM-KEY-CREATE",
    because=Text("只支持 16 字节密钥", "keys of 16 bytes alone are supported"),
)
class LongKeysOnly(PsamBehaviour):
    """The shorter form is refused."""

    def accepts_loading_length(self, length: int, right: bool) -> bool:
        return right and length > 0x1C


@mutant(
    "psam/loading-initial-zero",
    breaks="PSAM-KEY-CREATE",
    because=Text("鉴别码的初始值取零", "the MAC begins with zeros in place of the challenge"),
)
class ZeroInitialValue(PsamBehaviour):
    """The initial value of the MAC is zero."""

    def initial_value(self, challenge: bytes, right: bytes) -> bytes:
        return bytes(len(right))


@mutant(
    "psam/loading-sm4-mac-leftmost",
    breaks="PSAM-KEY-SM4",
    because=Text("SM4 的鉴别码取左四字节", "the MAC under SM4 is the leftmost four bytes"),
    profiles=("psam-sm4",),
)
class Sm4MacLeftmost(PsamBehaviour):
    """The last block is cut, its words are not folded."""

    def loading_block(self, last: bytes, right: bytes) -> bytes:
        return last[: len(right)]


@mutant(
    "psam/change-not-written",
    breaks="PSAM-KEY-CHANGE",
    because=Text("应答成功而仍用旧值", "success is answered and the old value used on"),
)
class ChangeNotWritten(PsamBehaviour):
    """A changed key keeps its value."""

    def stored_key(self, before: LoadedKey | None, right: LoadedKey) -> LoadedKey:
        return right if before is None else before


@mutant(
    "psam/change-left-half",
    breaks="PSAM-KEY-CHANGE",
    because=Text("修改时只写入左半部", "a change writes the left half only"),
)
class ChangeLeftHalf(PsamBehaviour):
    """The right half of a changed key stays the old one."""

    def stored_key(self, before: LoadedKey | None, right: LoadedKey) -> LoadedKey:
        half = len(right.value) // 2
        return right if before is None else replace(right, value=right.value[:half] + before.value[half:])


@mutant(
    "psam/keys-in-volatile-memory",
    breaks="PSAM-KEY-PERSISTS",
    because=Text("密钥只写入易失存储", "keys are written into volatile memory"),
)
class KeysVolatile(PsamBehaviour):
    """Loaded keys are gone after a reset."""

    def keeps_keys(self) -> bool:
        return False


@mutant(
    "psam/loading-mac-unchecked",
    breaks="PSAM-KEY-MAC",
    because=Text("未检查鉴别码", "the MAC is not checked"),
)
class LoadingMacUnchecked(PsamBehaviour):
    """Any MAC is right."""

    def accepts_loading_mac(self, given: bytes, right: bytes) -> bool:
        return True


@mutant(
    "psam/loading-mac-two-bytes",
    breaks="PSAM-KEY-MAC",
    because=Text("只比较鉴别码前两字节", "the first two bytes of the MAC alone are compared"),
)
class LoadingMacTwoBytes(PsamBehaviour):
    """Half a MAC is enough."""

    def accepts_loading_mac(self, given: bytes, right: bytes) -> bool:
        return given[:2] == right[:2]


@mutant(
    "psam/loading-replayed",
    breaks="PSAM-KEY-CHALLENGE",
    because=Text("装载后未清除随机数", "the challenge is not cleared after a loading"),
)
class LoadingReplayed(PsamBehaviour):
    """A recorded loading can be sent again."""

    def challenge_after_use(self, challenge: bytes) -> bytes:
        return challenge


@mutant(
    "psam/loading-filling-unchecked",
    breaks="PSAM-KEY-DATA",
    because=Text("未检查 LD 与填充", "LD and filling are not looked at"),
)
class FillingUnchecked(PsamBehaviour):
    """What was deciphered is taken as it comes."""

    def loaded_plain(self, deciphered: bytes, right: bytes | None) -> bytes | None:
        return right or deciphered[1:25]


@mutant(
    "psam/any-key-in-any-file",
    breaks="PSAM-KEY-DATA",
    because=Text("未按文件核对密钥标识", "ids are not held against the file"),
)
class AnyKeyAnywhere(PsamBehaviour):
    """Type, id and algorithm of a new key are not looked at."""

    def accepts_key(self, usage: int, number: int, right: bool) -> bool:
        return True


@mutant(
    "psam/ranges-without-ends",
    breaks="PSAM-KEY-RANGES",
    because=Text("标识范围的比较差一", "the comparison with the range of ids is off by one"),
)
class RangeOffByOne(PsamBehaviour):
    """The last id of the first range is refused."""

    def accepts_key(self, usage: int, number: int, right: bool) -> bool:
        return right and number != 0x0F


@mutant(
    "psam/no-keys-of-tac",
    breaks="PSAM-KEY-TYPES",
    because=Text("不接受 TAC 密钥", "keys of TAC are not taken"),
)
class NoKeysOfTac(PsamBehaviour):
    """Type 12 is refused."""

    def accepts_key(self, usage: int, number: int, right: bool) -> bool:
        return right and usage & 0x1F != 12


@mutant(
    "psam/types-unlimited",
    breaks="PSAM-KEY-TYPES",
    because=Text("任何类型的密钥都可加密", "keys of any type encipher"),
)
class TypesUnlimited(PsamBehaviour):
    """Any key enciphers."""

    def allows(self, usage: int, does: str, right: bool) -> bool:
        return right or does == "encipher"


@mutant(
    "psam/change-creates",
    breaks="PSAM-KEY-UNKNOWN",
    because=Text("修改不存在的密钥等于新建", "changing a key that is not there creates it"),
)
class ChangeCreates(PsamBehaviour):
    """CHANGE KEY never misses a key."""

    def key_to_change(self, usage: int, number: int, right: LoadedKey | None) -> LoadedKey | None:
        return right or LoadedKey(usage, number, 0, bytes(16))


@mutant(
    "psam/create-replaces",
    breaks="PSAM-KEY-EXISTS",
    because=Text("新建覆盖了原密钥", "creating replaces a key that is there"),
)
class CreateReplaces(PsamBehaviour):
    """CREATE KEY replaces."""

    def creates_over(self) -> bool:
        return True


@mutant(
    "psam/full-file-silent",
    breaks="PSAM-KEY-ROOM",
    because=Text("文件已满时应答成功而未写入", "a full file answers success and writes nothing"),
)
class FullFileSilent(PsamBehaviour):
    """What does not fit is dropped without a word: the record is written without a usage."""

    def __init__(self) -> None:
        self._full = False

    def has_room(self, keys: int, capacity: int) -> bool:
        self._full = keys >= capacity
        return True

    def stored_key(self, before: LoadedKey | None, right: LoadedKey) -> LoadedKey:
        return replace(right, usage=0) if self._full and before is None else right


@mutant(
    "psam/loading-anywhere",
    breaks="PSAM-KEY-FORM",
    because=Text("未要求先选择应用", "the application need not be selected"),
)
class LoadsAnywhere(PsamBehaviour):
    """Keys are loaded wherever the PSAM stands."""

    def loads_here(self, in_application: bool) -> bool:
        return True


@mutant(
    "psam/loading-any-length",
    breaks="PSAM-KEY-FORM",
    because=Text("未检查 Lc", "Lc is not looked at"),
)
class LoadsAnyLength(PsamBehaviour):
    """Any number of blocks is deciphered."""

    def accepts_loading_length(self, length: int, right: bool) -> bool:
        return right or length % 8 == 4
