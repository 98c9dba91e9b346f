"""Freedoms of the terminals of the scenario layer."""

from collections.abc import Sequence

from emulator.terminal.behaviour import TerminalBehaviour
from onecard.prove.freedoms.model import Freedom
from onecard.spec.card_transport import BalanceQuery
from onecard.spec.text import Text

PROFILES = ("terminal-scene",)
ITEMS = ("identity_reader", "transit_gate", "pos", "nfc_phone")


class _ByOptions(TerminalBehaviour):
    """The POS selects the debit application by its name, asks for its options and reads every record."""

    def selects_directly(self) -> bool:
        return True

    def sent_before(self, environment: str) -> Sequence[bytes]:
        return (bytes.fromhex("80A800000B8309000000000000010156"),) if environment == "PBOC" else ()

    def files_of_use(self, environment: str, right: tuple[str, ...]) -> tuple[str, ...]:
        every = ("PBOC/EF01", "PBOC/EF02", "PBOC/EF03", "PBOC/EF10")
        return every if environment == "PBOC" else right


class _OtherFile(TerminalBehaviour):
    """The POS reads the account number from short file 3."""

    def files_of_use(self, environment: str, right: tuple[str, ...]) -> tuple[str, ...]:
        return ("PBOC/EF03",) if environment == "PBOC" else right


class _WithoutOverdraft(TerminalBehaviour):
    """The gate asks for the balance by P1=03."""

    def balance_query(self, known: Sequence[BalanceQuery], right: BalanceQuery) -> BalanceQuery:
        return [query for query in known if "without-overdraft" in query.readings][-1]


class _MasterFileFirst(TerminalBehaviour):
    """Every card is first brought to its master file, as some cards ask for."""

    def sent_before(self, environment: str) -> Sequence[bytes]:
        return (bytes.fromhex("00A40000023F00"),) if environment == "SSSE" else ()


def _alone(item: str) -> dict[str, bool]:
    return {f"terminal.{other}": other == item for other in ITEMS}


ALONE = (
    Freedom(
        "terminal/identity-reader-alone",
        Text("仅为身份证阅读器", "an identity-card reader only"),
        _alone("identity_reader"),
        profiles=PROFILES,
    ),
    Freedom(
        "terminal/gate-alone", Text("仅为交通闸机", "a transit gate only"), _alone("transit_gate"), profiles=PROFILES
    ),
    Freedom("terminal/pos-alone", Text("仅为 POS", "a POS only"), _alone("pos"), profiles=PROFILES),
    Freedom(
        "terminal/phone-alone", Text("仅为 NFC 手机", "a phone with NFC only"), _alone("nfc_phone"), profiles=PROFILES
    ),
)
FREEDOMS = (
    *ALONE,
    Freedom(
        "terminal/pos-by-options",
        Text("POS 直接选择借记应用并读取 GPO 所列全部记录", "the POS selects directly and reads all that GPO names"),
        behaviour=_ByOptions,
        profiles=PROFILES,
    ),
    Freedom(
        "terminal/pos-other-file",
        Text("POS 从短文件 3 读主账号", "the POS reads the number from short file 3"),
        behaviour=_OtherFile,
        profiles=PROFILES,
    ),
    Freedom(
        "terminal/gate-without-overdraft",
        Text("余额以 P1=03 读取", "the balance is asked for by P1=03"),
        behaviour=_WithoutOverdraft,
        profiles=PROFILES,
    ),
    Freedom(
        "terminal/master-file-first",
        Text("先选择主文件", "the master file is selected as well"),
        behaviour=_MasterFileFirst,
        profiles=PROFILES,
    ),
)
