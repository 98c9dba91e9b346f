"""Mistakes of the transport application: its files, and commands with MAC."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage
from emulator.card.state import SecurityState
from emulator.mutants.model import image_mutant, mutant
from onecard.spec.card import FileSpec
from onecard.spec.text import Text

PUBLIC, HOLDER, COMPOUND = "TRANSPORT/EF15", "TRANSPORT/EF16", "TRANSPORT/EF1A"
APPLICATION = "TRANSPORT"


@mutant(
    "card/transport-fci-without-template",
    breaks="CARD-TRANSPORT-SELECT",
    because=Text("FCI 只含应用名", "the FCI holds the name only"),
)
class FciWithoutTemplate(CardBehaviour):
    """SELECT of the transport application answers 84 alone."""

    def fci_objects(self, application: str, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return right[:1] if application == APPLICATION else right


@mutant(
    "card/transport-fci-of-another-card",
    breaks="CARD-TRANSPORT-FCI",
    because=Text("FCI 写入了模板卡的数据", "the FCI was copied from the master sample"),
)
class FciOfAnotherCard(CardBehaviour):
    """9F0C does not hold the serial of file 15."""

    def fci(self, application: str, right: bytes) -> bytes:
        at = right.find(b"\x9f\x0c\x1e")
        if application != APPLICATION or at < 0:
            return right
        return right[: at + 22] + bytes((right[at + 22] ^ 0x01,)) + right[at + 23 :]


@image_mutant(
    "card/transport-serial-not-bcd",
    breaks="CARD-TRANSPORT-FILES",
    because=Text("卡号以 ASCII 写入并截断", "the card number was written in ASCII and cut"),
)
def serial_not_bcd(image: CardImage) -> None:
    """File 15 holds letters in the number."""
    image.binary(PUBLIC).data[10:20] = b"0310489900"[:5] + b"\xab" * 5


@image_mutant(
    "card/transport-dates-exchanged",
    breaks="CARD-TRANSPORT-FILES",
    because=Text("启用与有效日期写反", "start and end date were exchanged"),
)
def dates_exchanged(image: CardImage) -> None:
    """File 15: the start is after the end."""
    data = image.binary(PUBLIC).data
    data[20:28] = data[24:28] + data[20:24]


@mutant(
    "card/transport-file-needs-pin",
    breaks="CARD-TRANSPORT-FILES",
    because=Text("文件 16 误设为密码保护", "file 16 was put behind the PIN by mistake"),
)
class FileNeedsPin(CardBehaviour):
    """File 16 does not read freely."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return state.pin if file.id == HOLDER else super().may_read(file, state)


@image_mutant(
    "card/transport-record-cut",
    breaks="CARD-TRANSPORT-RECORDS",
    because=Text("记录按 126 字节建立", "the records were created with 126 bytes"),
)
def record_cut(image: CardImage) -> None:
    """Records of file 1A are two bytes short."""
    image.linear(COMPOUND).records[:] = [record[:126] for record in image.linear(COMPOUND).records]


@image_mutant(
    "card/transport-record-length-wrong",
    breaks="CARD-TRANSPORT-RECORDS",
    because=Text("记录内长度未含头部", "the length within the record leaves out its head"),
)
def record_length_wrong(image: CardImage) -> None:
    """Records of file 1A tell 7C as their length."""
    image.linear(COMPOUND).records[:] = [
        record[:2] + b"\x00\x7c" + record[4:] for record in image.linear(COMPOUND).records
    ]


@mutant(
    "card/transport-plain-update",
    breaks="CARD-TRANSPORT-UPDATE-REFUSED",
    because=Text("个人化后未关闭明文修改", "plain updates stayed open after personalisation"),
)
class PlainUpdate(CardBehaviour):
    """Files of the transport application are written without a MAC."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return file.application == APPLICATION or super().may_update(file, state)


@mutant(
    "card/transport-update-without-iv",
    breaks="CARD-TRANSPORT-SECURE-UPDATE",
    because=Text("MAC 初始值取全零", "the initial value of the MAC is zero"),
)
class UpdateWithoutInitial(CardBehaviour):
    """The challenge does not enter the MAC: a right one is refused."""

    def maintenance_initial(self, right: bytes) -> bytes:
        return bytes(len(right))


@mutant(
    "card/transport-update-not-stored",
    breaks="CARD-TRANSPORT-SECURE-UPDATE",
    because=Text("校验 MAC 后未写入", "the MAC is judged and the bytes are dropped"),
)
class UpdateNotStored(CardBehaviour):
    """9000 is answered and the file is the old one."""

    def secured_octets(self, old: bytes, new: bytes) -> bytes:
        return old


@mutant(
    "card/transport-update-mac-unchecked",
    breaks="CARD-TRANSPORT-SECURE-UPDATE-REFUSED",
    because=Text("只检查 MAC 是否存在", "only the presence of a MAC is checked"),
)
class UpdateMacUnchecked(CardBehaviour):
    """Any MAC opens the files."""

    def accepts_maintenance_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        return command == "TRANSPORT-SECURE-UPDATE" or computed == given


@mutant(
    "card/transport-update-written-though-refused",
    breaks="CARD-TRANSPORT-SECURE-UPDATE-REFUSED",
    because=Text("先写入后校验 MAC", "the bytes are written before the MAC is judged"),
)
class UpdateWrittenThoughRefused(CardBehaviour):
    """6988 is answered and the file has changed."""

    def octets_after_bad_mac(self, old: bytes, new: bytes) -> bytes:
        return new


@mutant(
    "card/transport-challenge-reusable",
    breaks="CARD-TRANSPORT-SECURE-UPDATE-REFUSED",
    because=Text("MAC 校验后未清除随机数", "the challenge is not cleared after the MAC was judged"),
)
class ChallengeReusable(CardBehaviour):
    """A recorded secured update works again."""

    def challenge_after_maintenance(self, state: SecurityState) -> SecurityState:
        return state


@mutant(
    "card/transport-challenge-optional",
    breaks="CARD-TRANSPORT-SECURE-UPDATE-REFUSED",
    because=Text("无随机数时以全零代替", "without a challenge zeros stand in"),
)
class ChallengeOptional(CardBehaviour):
    """A secured update works without a challenge."""

    def maintenance_challenge(self, state: SecurityState) -> bytes | None:
        return state.challenge or bytes(4)


@mutant(
    "card/transport-block-without-mac",
    breaks="CARD-TRANSPORT-BLOCK-REFUSED",
    because=Text("锁定命令不校验 MAC", "the MAC of APPLICATION BLOCK is not judged"),
)
class BlockWithoutMac(CardBehaviour):
    """Anybody blocks the application."""

    def accepts_maintenance_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        return command == "TRANSPORT-BLOCK" or computed == given


@mutant(
    "card/transport-block-forgotten",
    breaks="CARD-TRANSPORT-BLOCK",
    because=Text("锁定标志未写入非易失存储", "the flag of the block is not kept"),
)
class BlockForgotten(CardBehaviour):
    """APPLICATION BLOCK answers 9000 and nothing is blocked."""

    def blocked_after(self, right: bool) -> bool:
        return False


@mutant(
    "card/transport-block-stops-purchases-only",
    breaks="CARD-TRANSPORT-BLOCK",
    because=Text("只有消费命令检查锁定标志", "only the purchase looks at the flag"),
)
class BlockStopsDebitOnly(CardBehaviour):
    """A blocked application still initialises transactions."""

    def application_blocked(self, command: str, blocked: bool) -> bool:
        return blocked and command == "TRANSPORT-DEBIT"


@mutant(
    "card/transport-status-of-its-own",
    breaks="CARD-TRANSPORT-STATUS",
    because=Text("统一以 6985 拒绝", "every refusal answers 6985"),
)
class StatusOfItsOwn(CardBehaviour):
    """Refusals of the transport commands answer 6985."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6985 if command.startswith("TRANSPORT-") else right


@mutant(
    "card/transport-keys-undiversified",
    breaks="CARD-TRANSPORT-KEYS",
    because=Text("个人化装入了根密钥", "the root keys were loaded at personalisation"),
)
class KeysUndiversified(CardBehaviour):
    """The card works with the root keys themselves."""

    def transport_key(self, root: bytes, own: bytes) -> bytes:
        return root
