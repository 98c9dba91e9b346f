"""Mistakes of the certificate application: selection, files, PINs, rights."""

from dataclasses import replace

from emulator.card.behaviour import CardBehaviour
from emulator.card.certificate.memory import content
from emulator.card.image import CardImage, FileImage, RecordFile
from emulator.card.state import Position, SecurityState
from emulator.codec import ber_tlv
from emulator.mutants.model import image_mutant, mutant
from onecard.spec.card import FileSpec
from onecard.spec.text import Text

USER, ADMIN = "CERT-USER", "CERT-ADMIN"
PINS = frozenset((USER, ADMIN))


@mutant(
    "card/cert-fci-names-environment",
    breaks="CARD-CERT-SELECT",
    because=Text("ADF 的 FCI 沿用环境名", "the FCI of the ADF was copied from the environment"),
)
class FciNamesEnvironment(CardBehaviour):
    """The application gives the name of its environment."""

    def fci(self, application: str, right: bytes) -> bytes:
        return ber_tlv(0x6F, ber_tlv(0x84, b"PKI.")) if application == "CERT" else right


@mutant(
    "card/cert-df01-of-ssse",
    breaks="CARD-CERT-SELECT-FID",
    because=Text("DF01 在全卡范围内查找", "DF01 is looked for in the whole card"),
)
class Df01OfSsse(CardBehaviour):
    """DF01 leads out of the environment, where no name was given."""

    def __init__(self) -> None:
        self._named = False

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        self._named = True
        return super().name_matches(asked, name, partial)

    def position_after_select(self, before: Position, selected: Position) -> Position:
        outside = not self._named and selected.application == "CERT"
        self._named = False
        return Position("DF01") if outside else selected


@image_mutant(
    "card/cert-public-key-little-endian",
    breaks="CARD-CERT-PUBLIC-KEY",
    because=Text("坐标按小端存放", "the coordinates are stored with the low byte first"),
)
def public_key_little_endian(image: CardImage) -> None:
    """X and Y stand reversed."""
    data = image.binary("CERT/0012").data
    data[2:] = data[2:34][::-1] + data[34:][::-1]


@image_mutant(
    "card/cert-one-key-for-both",
    breaks="CARD-CERT-PUBLIC-KEY",
    because=Text("签名与加密使用同一密钥对", "one key pair serves signature and encryption"),
)
def one_key_for_both(image: CardImage) -> None:
    """The encryption key is the signature key."""
    image.binary("CERT/0014").data[:] = image.binary("CERT/0012").data
    keys = content(image).private
    keys["CERT/0015"] = keys["CERT/0013"]


@image_mutant(
    "card/cert-certificates-exchanged",
    breaks="CARD-CERT-CERTIFICATE",
    because=Text("两张证书写反", "the two certificates were written into each other's file"),
)
def certificates_exchanged(image: CardImage) -> None:
    """Each file holds the other certificate."""
    first, second = image.binary("CERT/0018").data, image.binary("CERT/0019").data
    first[:], second[:] = bytes(second), bytes(first)


@image_mutant(
    "card/cert-certificate-cut",
    breaks="CARD-CERT-CERTIFICATE",
    because=Text("最后一段未写入", "the last piece was not written"),
)
def certificate_cut(image: CardImage) -> None:
    """The certificate ends after 256 bytes."""
    data = image.binary("CERT/0018").data
    data[0x100:] = bytes(len(data) - 0x100)


@image_mutant(
    "card/cert-certificate-altered",
    breaks="CARD-CERT-ISSUED",
    because=Text("证书内容被改动而未重新签发", "the certificate was edited and not signed again"),
)
def certificate_altered(image: CardImage) -> None:
    """A digit of the end of validity differs from what was signed."""
    data = image.binary("CERT/0018").data
    place = data.index(b"450101")
    data[place : place + 2] = b"46"


class _PrivateReadable(CardBehaviour):
    """The file of a private key is an ordinary transparent file."""

    def octets_of(self, file: FileImage | None) -> bytearray | None:
        if isinstance(file, RecordFile) and not file.capacity:
            return bytearray(bytes.fromhex("CB20") + b"\x5a" * 32)
        return super().octets_of(file)


@mutant(
    "card/cert-private-key-readable",
    breaks="CARD-CERT-PRIVATE",
    because=Text(
        "私钥文件按透明文件建立且读权限为自由",
        "the private key stands in a transparent file that reads freely",
    ),
)
class PrivateKeyReadable(_PrivateReadable):
    """The private key reads."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return file.id in ("CERT/0013", "CERT/0015") or super().may_read(file, state)


@mutant(
    "card/cert-private-key-readable-by-administrator",
    breaks="CARD-CERT-PRIVATE",
    because=Text("私钥文件的读权限设为管理员密码", "the file of the private key reads after the administrator PIN"),
)
class PrivateKeyReadableByAdministrator(_PrivateReadable):
    """The private key reads after the administrator PIN."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        opened = file.id in ("CERT/0013", "CERT/0015") and ADMIN in state.keys
        return opened or super().may_read(file, state)


@mutant(
    "card/cert-fci-without-template",
    breaks="CARD-CERT-FCI",
    because=Text("证书环境按 ADF 建立", "the environment was created as an ADF"),
)
class FciWithoutTemplate(CardBehaviour):
    """The FCI of the environment holds its name alone."""

    def fci_objects(self, application: str, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return right[:1] if application == "PKI" else right


@mutant(
    "card/cert-public-key-writable",
    breaks="CARD-CERT-KEY-FILES",
    because=Text("公钥文件的写权限沿用证书文件", "the public keys were given the access rule of the certificates"),
)
class PublicKeyWritable(CardBehaviour):
    """The administrator PIN opens the public keys to UPDATE BINARY."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        opened = file.id in ("CERT/0012", "CERT/0014") and ADMIN in state.keys
        return opened or super().may_update(file, state)


@mutant(
    "card/cert-pin-key-of-last-half",
    breaks="CARD-CERT-PIN",
    because=Text("取摘要的后 16 字节为密钥", "the key is the second half of the digest"),
)
class PinKeyOfLastHalf(CardBehaviour):
    """The other half of the digest proves the PIN."""

    def certificate_pin_key(self, digest: bytes, length: int) -> bytes:
        return digest[-length:]


@mutant(
    "card/cert-challenge-cut",
    breaks="CARD-CERT-PIN",
    because=Text("只保留随机数的前 8 字节", "only eight bytes of the challenge are kept"),
)
class ChallengeCut(CardBehaviour):
    """A challenge of 16 bytes counts as its first eight."""

    def certificate_challenge(self, lengths: tuple[int, ...], challenge: bytes) -> bytes | None:
        return challenge[:8]


@image_mutant(
    "card/cert-pin-limit-other",
    breaks="CARD-CERT-PIN-WRONG",
    because=Text("次数上限沿用芯片默认值", "the limit was left as the chip's default"),
)
def pin_limit_other(image: CardImage) -> None:
    """The PINs have fifteen tries."""
    own = content(image)
    own.limits, own.tries = dict.fromkeys(own.limits, 15), dict.fromkeys(own.tries, 15)


@mutant(
    "card/cert-pin-unchecked",
    breaks="CARD-CERT-PIN-WRONG",
    because=Text("比较结果未被使用", "the result of the comparison is not used"),
)
class PinUnchecked(CardBehaviour):
    """Any proof is right."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return True


@mutant(
    "card/cert-pin-uncounted",
    breaks="CARD-CERT-PIN-WRONG",
    because=Text("密码错误不计数", "wrong PINs are not counted"),
)
class PinUncounted(CardBehaviour):
    """The PINs can be tried for ever."""

    def counted(self, name: str, right: bool) -> bool:
        return right and name not in PINS


@mutant(
    "card/cert-pin-compared-in-part",
    breaks="CARD-CERT-PIN-WRONG",
    because=Text("只比较前 8 字节", "only the first eight bytes are compared"),
)
class PinComparedInPart(CardBehaviour):
    """Half a proof is enough."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return computed[:8] == given[:8]


@mutant(
    "card/cert-pin-tries-not-restored",
    breaks="CARD-CERT-PIN-WRONG",
    because=Text("正确密码后未恢复计数器", "the right PIN does not restore the counter"),
)
class PinTriesNotRestored(CardBehaviour):
    """After a wrong and a right proof one try stays lost."""

    def tries_after_success(self, name: str, tries: int, limit: int) -> int:
        return min(tries + 1, limit) if name in PINS else limit


@mutant(
    "card/cert-challenge-survives",
    breaks="CARD-CERT-PIN-CHALLENGE",
    because=Text("随机数缓冲区用后未清除", "the buffer of the challenge is not cleared after use"),
)
class ChallengeSurvives(CardBehaviour):
    """A proof may be sent again."""

    def consume_challenge(self, state: SecurityState) -> SecurityState:
        return state


@mutant(
    "card/cert-challenge-not-needed",
    breaks="CARD-CERT-PIN-CHALLENGE",
    because=Text("没有随机数时按全 0 计算", "without a challenge zeros are taken"),
)
class ChallengeNotNeeded(CardBehaviour):
    """Without a challenge a proof over zeros is judged."""

    def challenge_to_use(self, state: SecurityState) -> bytes | None:
        return state.challenge or bytes(16)


@mutant(
    "card/cert-blocked-pin-accepts",
    breaks="CARD-CERT-PIN-BLOCKED",
    because=Text("计数器为 0 时仍比较并恢复", "with no tries left the PIN is still compared and the counter restored"),
)
class BlockedPinAccepts(CardBehaviour):
    """The right PIN unblocks itself."""

    def blocked(self, name: str, tries: int) -> bool:
        return tries <= 0 and name not in PINS


@mutant(
    "card/cert-right-not-asked",
    breaks="CARD-CERT-GUARDED",
    because=Text("命令未检查密码状态", "the commands do not look at the state of the PIN"),
)
class RightNotAsked(CardBehaviour):
    """Everything is allowed."""

    def certificate_allowed(self, command: str, right: str, state: SecurityState) -> bool:
        return True


@mutant(
    "card/cert-import-not-guarded",
    breaks="CARD-CERT-GUARDED",
    because=Text("导入命令按个人化阶段处理，未设权限", "imports are left as in personalisation, without a right"),
)
class ImportNotGuarded(CardBehaviour):
    """Keys are imported without a PIN."""

    def certificate_allowed(self, command: str, right: str, state: SecurityState) -> bool:
        return "IMPORT" in command or super().certificate_allowed(command, right, state)


@mutant(
    "card/cert-user-is-administrator",
    breaks="CARD-CERT-PIN-SEPARATE",
    because=Text("两个密码共用一个安全状态位", "both PINs set one bit of the security state"),
)
class UserIsAdministrator(CardBehaviour):
    """The user PIN opens what the administrator PIN opens."""

    def certificate_right(self, pin: str) -> str:
        return ADMIN

    def certificate_allowed(self, command: str, right: str, state: SecurityState) -> bool:
        return ADMIN in state.keys


@mutant(
    "card/cert-social-security-pin-serves",
    breaks="CARD-CERT-PIN-SEPARATE",
    because=Text("全卡共用一个密码状态", "the whole card has one PIN state"),
)
class SocialSecurityPinServes(CardBehaviour):
    """The PIN of SSSE opens the keys."""

    def certificate_allowed(self, command: str, right: str, state: SecurityState) -> bool:
        return state.pin or super().certificate_allowed(command, right, state)


@mutant(
    "card/cert-state-survives-selection",
    breaks="CARD-CERT-STATE",
    because=Text("离开应用时未清除密码状态", "leaving the application does not clear the state of the PIN"),
)
class StateSurvivesSelection(CardBehaviour):
    """The PIN stays verified when another application is selected."""

    def rights_after_select(self, state: SecurityState) -> SecurityState:
        return replace(state, keys=state.keys & PINS)


@mutant(
    "card/cert-state-ends-with-file",
    breaks="CARD-CERT-STATE",
    because=Text("选择 EF 时也清除密码状态", "selecting an EF clears the state of the PIN too"),
)
class StateEndsWithFile(CardBehaviour):
    """Selecting a file ends what the PIN opened."""

    def security_after_file(self, state: SecurityState) -> SecurityState:
        return replace(state, keys=state.keys - PINS)


@mutant(
    "card/cert-update-by-user",
    breaks="CARD-CERT-UPDATE",
    because=Text("证书文件的写权限设为用户密码", "the certificates are written after the user PIN"),
)
class UpdateByUser(CardBehaviour):
    """The user PIN opens the certificates."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        opened = file.id in ("CERT/0018", "CERT/0019") and USER in state.keys
        return opened or super().may_update(file, state)


@mutant(
    "card/cert-update-closed",
    breaks="CARD-CERT-UPDATE",
    because=Text("证书文件在个人化后不可更新", "the certificates were closed at the end of personalisation"),
)
class UpdateClosed(CardBehaviour):
    """No PIN opens the certificates."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return not file.id.startswith("CERT/") and super().may_update(file, state)
