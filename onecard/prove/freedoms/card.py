"""Freedoms of a user card."""

from collections.abc import Sequence
from dataclasses import replace

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import FileImage
from emulator.card.state import SecurityState
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.planning.declaration import Ixit
from onecard.prove.freedoms.model import Declares, Freedom
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.text import Text

SHORT_CHALLENGE = 8


class _TwoEntriesARecord(CardBehaviour):
    """A record of the directory may hold several entries."""

    def records_of(self, file: FileSpec, content: FileImage | None) -> Sequence[bytes] | None:
        found = super().records_of(file, content)
        if found is None or not file.id.endswith("/DIR"):
            return found
        return [b"".join(found[at : at + 2]) for at in range(0, len(found), 2)]


class _AppendsByNumber(CardBehaviour):
    """One of the two ways of the sources."""

    def appends_cyclic(self, way: str, ways: Sequence[str]) -> bool:
        return way == "0104"


class _AppendsInModeThree(CardBehaviour):
    """The other one; P1 01 in mode 4 then writes the newest record in place."""

    def appends_cyclic(self, way: str, ways: Sequence[str]) -> bool:
        return way == "0003"


class _WriteBeyondIsOffset(CardBehaviour):
    """No source says which word refuses data beyond the end."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6B00 if (command, condition) == ("UPDATE-BINARY", "beyond") else right


class _BlockedCardIsBlockedApplication(CardBehaviour):
    """A program's interface reads 9303 as card locked too."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x9303 if (command, condition) == ("CARD-BLOCK", "blocked") else right


class _BalanceBeforeInTac(CardBehaviour):
    """The draft does not say whether the TAC's balance is that before or after the load."""

    def purse_inputs(self, transaction: str, gives: str, right: tuple[str, ...]) -> tuple[str, ...]:
        return tuple("balance" if name == "balance-after" else name for name in right)


class _WrongMacOfText(CardBehaviour):
    """The running text has 63CF where the table has 9302."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x63CF if (command, condition) == ("CREDIT-FOR-LOAD", "mac") else right


class _LogNamesNextSerial(CardBehaviour):
    """No source says whether the log holds the counter before or after the transaction."""

    def purse_log_record(self, right: bytes) -> bytes:
        return ((int.from_bytes(right[:2], "big") + 1) & 0xFFFF).to_bytes(2, "big") + right[2:]


class _LastsThroughChange(CardBehaviour):
    """No source says that a PIN verified before a change must be verified again."""

    def security_after_new_pin(self, state: SecurityState) -> SecurityState:
        return state


class _MacFailuresUncounted(CardBehaviour):
    """No source says whether wrong MACs count against the unblock key, or failing authentications only."""

    def key_tries_after_bad_mac(self, key: str, tries: int) -> int:
        return tries


class _OtherWordForBadPin(CardBehaviour):
    """No source says which word refuses a new PIN that is none."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6985 if condition == "data" and command in ("CHANGE-PIN", "PIN-CHANGE-UNBLOCK") else right


def _no_pin(_spec: Spec, _data: TargetSpec, ixit: Ixit) -> Ixit:
    return replace(ixit, pin=None)


OPTIONAL = (
    "card.df05",
    "card.df06",
    "card.df07",
    "card.fingerprint_file",
    "card.photo_file",
    "card.reserved_files",
    "card.secure_update",
    "card.medical_offline",
    "card.financial",
    "card.certificate",
    "card.transport",
    "card.contactless",
    "card.db34t4047",
)
BARE = dict.fromkeys(OPTIONAL, False)
POOR = {
    "card.ssse_is_mf": False,
    "card.pin": False,
    "card.select_ef_by_p1_00": False,
    "card.algorithm_identifier": False,
    "card.directory_sfi": 0,
    "card.key_versions": 1,
}


def _of_what_is_there(_spec: Spec, data: TargetSpec, ixit: Ixit) -> Ixit:
    """Keys of the applications that the card has, and its PIN where one is set."""
    assert isinstance(data, CardSpec)
    keys = {name: given for name, given in ixit.key_source["keys"].items() if name in data.keys}
    pin = ixit.pin if data.ics["card.pin"] else None
    return replace(ixit, pin=pin, key_source={**ixit.key_source, "keys": keys})


class _ShortChallenges(CardBehaviour):
    """PINs of the certificate application are proved by a challenge of 8 bytes only."""

    def certificate_challenge(self, lengths: tuple[int, ...], challenge: bytes) -> bytes | None:
        return challenge if len(challenge) == SHORT_CHALLENGE else None


def _short_challenges(_spec: Spec, _data: TargetSpec, ixit: Ixit) -> Ixit:
    own = {**ixit.parameters["certificate"], "challenge": SHORT_CHALLENGE}
    return replace(ixit, parameters={**ixit.parameters, "certificate": own})


def of_holder(holder: int) -> Declares:
    """The IXIT of a synthetic person's card: keys of that person's region."""

    def ixit(_spec: Spec, _data: TargetSpec, ixit: Ixit) -> Ixit:
        return replace(ixit, key_source={**ixit.key_source, "region": person(DEFAULT_SEED, holder).region})

    return ixit


def _held_by(holder: int, identifier: str, freedom: Text) -> Freedom:
    return Freedom(identifier, freedom, ixit=of_holder(holder), holder=holder)


FREEDOMS = (
    Freedom(
        "card/directory-sfi-10", Text("目录文件 SFI 为 10", "the directory file has SFI 10"), {"card.directory_sfi": 10}
    ),
    Freedom(
        "card/directory-two-entries",
        Text("目录文件每条记录含两个入口", "a record of the directory holds two entries"),
        behaviour=_TwoEntriesARecord,
    ),
    Freedom(
        "card/cyclic-append-by-number",
        Text("循环文件以记录号 01 追加", "a cyclic file is appended to by record number 01"),
        behaviour=_AppendsByNumber,
    ),
    Freedom(
        "card/cyclic-append-previous",
        Text("循环文件仅以“上一条”方式追加", 'a cyclic file is appended to in the mode "previous" only'),
        behaviour=_AppendsInModeThree,
    ),
    Freedom(
        "card/update-beyond-6b00",
        Text("超出文件末尾的写入以 6B00 应答", "a write beyond the end of a file is answered 6B00"),
        behaviour=_WriteBeyondIsOffset,
    ),
    Freedom(
        "card/blocked-card-9303",
        Text("锁定的卡片以 9303 应答", "a blocked card answers 9303"),
        behaviour=_BlockedCardIsBlockedApplication,
    ),
    Freedom(
        "card/purse-tac-over-balance-before",
        Text("划入 TAC 取划入前余额", "the TAC of a load is over the balance before it"),
        behaviour=_BalanceBeforeInTac,
    ),
    Freedom(
        "card/purse-wrong-mac-63CF",
        Text("划入 MAC 错误以 63CF 应答", "a wrong MAC of a load is answered 63CF"),
        behaviour=_WrongMacOfText,
    ),
    Freedom(
        "card/purse-log-next-serial",
        Text("交易明细取加一后的序号", "the log holds the serial after its increment"),
        behaviour=_LogNamesNextSerial,
    ),
    Freedom(
        "card/verified-through-change",
        Text("修改密码后仍为已校验", "a changed PIN is still verified"),
        behaviour=_LastsThroughChange,
    ),
    Freedom(
        "card/wrong-macs-uncounted",
        Text("MAC 错误不计入解锁密钥次数", "wrong MACs do not count against the unblock key"),
        behaviour=_MacFailuresUncounted,
    ),
    Freedom(
        "card/bad-new-pin-6985",
        Text("不合规定的新密码以 6985 应答", "a new PIN against the rules is answered 6985"),
        behaviour=_OtherWordForBadPin,
    ),
    Freedom("card/no-directory", Text("没有目录文件", "there is no directory file"), {"card.directory_sfi": 0}),
    Freedom(
        "card/no-algorithm-identifier",
        Text("FCI 不含算法标识", "the FCI has no algorithm identifier"),
        {"card.algorithm_identifier": False},
    ),
    Freedom(
        "card/partial-names", Text("支持部分 DF 名", "partial DF names select"), {"card.partial_name_selection": True}
    ),
    Freedom(
        "card/select-ef-p1-02-only",
        Text("SELECT EF 仅支持 P1=02", "SELECT finds an EF with P1 = 02 only"),
        {"card.select_ef_by_p1_00": False},
    ),
    Freedom("card/ssse-under-mf", Text("SSSE 在 MF 之下", "SSSE lies under the MF"), {"card.ssse_is_mf": False}),
    Freedom("card/no-pin", Text("未设个人密码", "no PIN is set"), {"card.pin": False}, ixit=_no_pin),
    Freedom("card/bare", Text("没有任何可选内容", "nothing that is optional"), BARE, ixit=_of_what_is_there),
    Freedom(
        "card/bare-and-poor",
        Text(
            "没有可选内容、密码、目录与算法标识，SSSE 在 MF 之下", "bare, without PIN and directory, SSSE under the MF"
        ),
        {**BARE, **POOR},
        ixit=_of_what_is_there,
    ),
    Freedom("card/pin-tries-6", Text("密码可试六次", "the PIN has six tries"), {"card.pin_try_limit": 6}),
    Freedom("card/key-tries-15", Text("密钥可试十五次", "the keys have fifteen tries"), {"card.key_try_limit": 15}),
    Freedom("card/one-key-version", Text("一组密钥", "one group of keys"), {"card.key_versions": 1}),
    Freedom(
        "card/not-a-citizen", Text("持卡人号码不作校验", "the holder's number is not checked"), {"card.citizen": False}
    ),
    Freedom(
        "card/certificate-challenge-8",
        Text("证书应用密码以 8 字节随机数校验", "PINs of the certificate application take a challenge of 8 bytes"),
        behaviour=_ShortChallenges,
        ixit=_short_challenges,
        profiles=("card-3.0", "card-3.0-anhui"),
    ),
    _held_by(3, "card/another-holder", Text("另一位持卡人", "another person holds the card")),
    _held_by(11, "card/long-name", Text("持卡人姓名较长", "a person with a long name holds the card")),
)
