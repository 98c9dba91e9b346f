"""Mistakes of terminals that read the one-card for one use."""

from collections.abc import Mapping, Sequence

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.card_transport import BalanceQuery
from onecard.spec.text import Text

HUNDRED = 100
BLOCKED = 0x9303


@mutant(
    "terminal/gate-reads-contact-cards",
    breaks="TERMINAL-KIND-SLOTS",
    because=Text("沿用读写终端的自动寻卡", "the search of a read-write terminal is taken over"),
)
class ReadsContactCards(TerminalBehaviour):
    """A contactless kind falls back to the contact slot."""

    def kind_slots(self, right: tuple[str, ...]) -> tuple[str, ...]:
        return ("contactless", "card") if right == ("contactless",) else right


@mutant(
    "terminal/kind-contactless-first",
    breaks="TERMINAL-KIND-SLOTS",
    because=Text("先寻非接触卡", "the contactless interface is searched first"),
)
class ContactlessFirst(TerminalBehaviour):
    """Kinds with two interfaces begin with the contactless one."""

    def kind_slots(self, right: tuple[str, ...]) -> tuple[str, ...]:
        return right[::-1]


@mutant(
    "terminal/kind-contact-only",
    breaks="TERMINAL-KIND-POS",
    because=Text("只实现了接触界面", "the contact interface alone was made"),
)
class ContactOnly(TerminalBehaviour):
    """Kinds with two interfaces read over the contacts alone."""

    def kind_slots(self, right: tuple[str, ...]) -> tuple[str, ...]:
        return right[:1]


@mutant(
    "terminal/gate-enters-social-security",
    breaks="TERMINAL-KIND-SCOPE",
    because=Text("先选择社会保障环境以识别卡片", "SSSE is selected first to find out what card it is"),
)
class EntersSocialSecurity(TerminalBehaviour):
    """Gate and POS select SSSE before their own application."""

    def environments_before(self, environment: str) -> Sequence[str]:
        return ("SSSE",)


@mutant(
    "terminal/pos-enters-transport",
    breaks="TERMINAL-KIND-SCOPE",
    because=Text("POS 顺带探测交通应用", "the POS looks for the transport application as well"),
)
class EntersTransport(TerminalBehaviour):
    """A POS selects the transport application before its own."""

    def environments_before(self, environment: str) -> Sequence[str]:
        return ("TRANSPORT",) if environment == "PBOC" else ()


@mutant(
    "terminal/gate-reads-holder",
    breaks="TERMINAL-KIND-SCOPE",
    because=Text("闸机读取持卡人信息文件", "the gate reads the file with the holder's data"),
)
class GateReadsHolder(TerminalBehaviour):
    """A gate reads file 16 too."""

    def files_of_use(self, environment: str, right: tuple[str, ...]) -> tuple[str, ...]:
        return (*right, "TRANSPORT/EF16") if environment == "TRANSPORT" else right


@mutant(
    "terminal/pos-uses-contact-directory",
    breaks="TERMINAL-KIND-SCOPE",
    because=Text("接触界面也使用 PPSE", "the PPSE is used over the contacts as well"),
)
class ProximityDirectory(TerminalBehaviour):
    """A POS asks the PPSE over both interfaces, the directory of the PSE is never read."""

    def directory(self, slot: str, right: str | None) -> str | None:
        return "PPSE" if right is not None else None


@mutant(
    "terminal/phone-reads-holder",
    breaks="TERMINAL-KIND-PHONE",
    because=Text("手机试读 EF06", "the phone tries EF06"),
)
class PhoneReadsHolder(TerminalBehaviour):
    """A phone reads the holder's file, which the card refuses."""

    def files_of_use(self, environment: str, right: tuple[str, ...]) -> tuple[str, ...]:
        return (*right, "SSSE/EF06") if right == ("SSSE/EF05",) else right


@mutant(
    "terminal/identity-believes-any-card",
    breaks="TERMINAL-KIND-GENUINE",
    because=Text("内部认证结果未比较", "what the card proved is not compared"),
)
class BelievesAnyCard(TerminalBehaviour):
    """An identity-card reader takes a forged card for genuine."""

    def card_is_genuine(self, expected: bytes, given: bytes) -> bool:
        return True


@mutant(
    "terminal/identity-without-authentication",
    breaks="TERMINAL-KIND-IDENTITY",
    because=Text("按二代卡流程直接读取", "the procedure of the second generation, without authentication"),
)
class IdentityWithoutAuthentication(TerminalBehaviour):
    """An identity-card reader reads without authentication, which a third-generation card refuses."""

    def proves_card(self, right: bool) -> bool:
        return False


@mutant(
    "terminal/kind-asks-for-psam",
    breaks="TERMINAL-KIND-WITHOUT-PSAM",
    because=Text("公共读卡流程先检查 PSAM", "the common procedure looks for the PSAM first"),
)
class AsksForPsam(TerminalBehaviour):
    """Every kind refuses to work without a PSAM."""

    def asks_for_sam(self) -> bool:
        return True


@mutant(
    "terminal/gate-overdrawn-amount",
    breaks="TERMINAL-KIND-GATE",
    because=Text("读余额的 P1 取 01", "the balance is asked for with P1=01"),
)
class OverdrawnAmount(TerminalBehaviour):
    """The gate tells the overdrawn amount for the balance."""

    def balance_query(self, known: Sequence[BalanceQuery], right: BalanceQuery) -> BalanceQuery:
        return next(query for query in known if "overdrawn" in query.readings)


@mutant(
    "terminal/gate-balance-in-yuan",
    breaks="TERMINAL-KIND-GATE",
    because=Text("余额换算成元", "the balance is turned into yuan"),
)
class BalanceInYuan(TerminalBehaviour):
    """The gate tells whole yuan."""

    def shown(self, shows: str, right: str) -> str:
        return str(int(right) // HUNDRED) if shows == "balance" else right


@mutant(
    "terminal/pos-account-with-filler",
    breaks="TERMINAL-KIND-POS",
    because=Text("主账号未去除填充", "the account number keeps its filler"),
)
class AccountWithFiller(TerminalBehaviour):
    """The account number is told as the record holds it."""

    def shown(self, shows: str, right: str) -> str:
        return right + "F" * (len(right) % 2) if shows == "object" else right


@mutant(
    "terminal/kind-empty-success",
    breaks="TERMINAL-KIND-ABSENT",
    because=Text("未检查选择的应答", "the answer to the selection is not looked at"),
)
class EmptySuccess(TerminalBehaviour):
    """A card without SSSE, or without the application, is read all the same."""

    def goes_on_without_application(self) -> bool:
        return True

    def continues_without_environment(self) -> bool:
        return True


@mutant(
    "terminal/kind-pulled-is-success",
    breaks="TERMINAL-KIND-REMOVED",
    because=Text("通信中断后以已读部分成功返回", "what was read before the card was taken away counts as a result"),
)
class PulledIsSuccess(TerminalBehaviour):
    """A card that is taken away leaves a success."""

    def result_after_removal(self, known: Mapping[int, bytes]) -> bool:
        return True


@mutant(
    "terminal/gate-blocked-is-empty",
    breaks="TERMINAL-KIND-BLOCKED",
    because=Text("读余额失败按余额 0 处理", "a refused balance counts as nothing"),
)
class BlockedIsEmpty(TerminalBehaviour):
    """A blocked purse has a balance of 0."""

    def balance_of_refusal(self, sw: int) -> int | None:
        return 0 if sw == BLOCKED else None


@mutant(
    "terminal/gate-looks-at-end-only",
    breaks="TERMINAL-KIND-EXPIRED",
    because=Text("只比较有效日期", "the end date alone is compared"),
)
class LooksAtEndOnly(TerminalBehaviour):
    """A transport application that is not yet in use is taken."""

    def within_dates(self, today: str, start: str, end: str) -> bool:
        return today <= end


@mutant(
    "terminal/gate-takes-expired",
    breaks="TERMINAL-KIND-EXPIRED",
    because=Text("不比较日期", "no date is compared"),
)
class TakesExpired(TerminalBehaviour):
    """A transport application that is over is taken."""

    def within_dates(self, today: str, start: str, end: str) -> bool:
        return start <= today


@mutant(
    "terminal/gate-compares-years",
    breaks="TERMINAL-KIND-EXPIRED",
    because=Text("日期只比较年份", "of the dates the years are compared"),
)
class ComparesYears(TerminalBehaviour):
    """A transport application is taken in the whole year in which it starts or ends."""

    def within_dates(self, today: str, start: str, end: str) -> bool:
        return start[:4] <= today[:4] <= end[:4]


@mutant(
    "terminal/gate-ends-early",
    breaks="TERMINAL-KIND-GATE",
    because=Text("有效日期所在年份视为已过期", "the year of the end date counts as over"),
)
class EndsEarly(TerminalBehaviour):
    """A transport application is refused in the year in which it ends."""

    def within_dates(self, today: str, start: str, end: str) -> bool:
        return start <= today and today[:4] < end[:4]


@mutant(
    "terminal/gate-starts-purchase",
    breaks="TERMINAL-KIND-UNCHANGED",
    because=Text("以消费初始化读取余额", "a purchase is initialised in order to learn the balance"),
)
class StartsPurchase(TerminalBehaviour):
    """The gate sends INITIALIZE FOR PURCHASE while it reads."""

    def sent_before(self, environment: str) -> Sequence[bytes]:
        return (bytes.fromhex("805001020B0100000001990000000001"),) if environment == "TRANSPORT" else ()


@mutant(
    "terminal/pos-verifies-pin",
    breaks="TERMINAL-KIND-UNCHANGED",
    because=Text("读卡号时校验卡片密码", "a PIN is verified with the card while its number is read"),
)
class VerifiesPin(TerminalBehaviour):
    """The POS sends VERIFY while it reads."""

    def sent_before(self, environment: str) -> Sequence[bytes]:
        return (bytes.fromhex("0020000003123456"),) if environment == "PBOC" else ()
