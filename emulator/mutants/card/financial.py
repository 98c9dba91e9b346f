"""Mistakes of the bank application."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage
from emulator.card.state import SecurityState
from emulator.mutants.model import image_mutant, mutant
from onecard.spec.card import FileSpec
from onecard.spec.text import Text

ACCOUNT, TRACK, OTHER, LAST, DIRECTORY = "PBOC/EF02", "PBOC/EF01", "PBOC/EF03", "PBOC/EF10", "PSE/DIR"
DEBIT = bytes.fromhex("A000000333010101")
CREDIT = bytes.fromhex("A000000333010102")


def _change(image: CardImage, file: str, old: bytes, new: bytes) -> None:
    records = image.linear(file).records
    records[:] = [record.replace(old, new) for record in records]


@image_mutant(
    "card/pse-lists-credit",
    breaks="CARD-FINANCIAL-PSE",
    because=Text("目录照搬信用卡模板", "the directory was copied from a credit card"),
)
def pse_lists_credit(image: CardImage) -> None:
    """The directory lists an application that the card does not have."""
    _change(image, DIRECTORY, DEBIT, CREDIT)


@mutant(
    "card/ppse-without-application",
    breaks="CARD-FINANCIAL-PPSE",
    because=Text("PPSE 沿用接触式格式", "the PPSE has the form of the contact directory"),
)
class PpseWithoutApplication(CardBehaviour):
    """BF0C of the PPSE is missing."""

    def fci(self, application: str, right: bytes) -> bytes:
        return right.replace(b"\xbf\x0c", b"\x9f\x11") if application == "PPSE" else right


@mutant(
    "card/debit-without-label",
    breaks="CARD-FINANCIAL-SELECT",
    because=Text("FCI 遗漏应用标签", "the FCI leaves the label out"),
)
class DebitWithoutLabel(CardBehaviour):
    """The FCI of the debit application has no label."""

    def fci_objects(self, application: str, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return right[:1] if application == "PBOC" else right


@mutant(
    "card/afl-names-missing-record",
    breaks="CARD-FINANCIAL-OPTIONS",
    because=Text("AFL 与个人化数据不同步", "the AFL was not kept in step with the records"),
)
class LocatorTooLong(CardBehaviour):
    """The AFL names a second record that does not exist."""

    def file_locator(self, right: bytes) -> bytes:
        return right[:2] + bytes((right[2] + 1,)) + right[3:]


@mutant(
    "card/afl-cut",
    breaks="CARD-FINANCIAL-OPTIONS",
    because=Text("AFL 末项不完整", "the last entry of the AFL is not whole"),
)
class LocatorCut(CardBehaviour):
    """The AFL lacks its last byte."""

    def file_locator(self, right: bytes) -> bytes:
        return right[:-1]


@mutant(
    "card/options-unchecked",
    breaks="CARD-FINANCIAL-OPTIONS-REFUSED",
    because=Text("未按 PDOL 检查数据长度", "the data are not compared with the PDOL"),
)
class OptionsUnchecked(CardBehaviour):
    """GPO takes any data."""

    def accepts_options(self, data: bytes, right: bool) -> bool:
        return True


@image_mutant(
    "card/account-number-mistyped",
    breaks="CARD-FINANCIAL-PAN",
    because=Text("主账号录入错误", "a digit of the account number was mistyped"),
)
def account_mistyped(image: CardImage) -> None:
    """The check digit does not hold."""
    for file in (ACCOUNT, OTHER, LAST):
        _change(image, file, bytes.fromhex("999999"), bytes.fromhex("999989"))


@image_mutant(
    "card/track2-of-another-account",
    breaks="CARD-FINANCIAL-PAN",
    because=Text("二磁道数据取自另一账户", "track 2 was taken from another account"),
)
def other_track(image: CardImage) -> None:
    """57 does not hold the number of 5A."""
    _change(image, TRACK, bytes.fromhex("999999"), bytes.fromhex("999989"))


@image_mutant(
    "card/track2-under-another-tag",
    breaks="CARD-FINANCIAL-OBJECTS",
    because=Text("模板中标签录入错误", "a tag of the record template was mistyped"),
)
def track_mistagged(image: CardImage) -> None:
    """Track 2 equivalent data stand under 58."""
    _change(image, TRACK, b"\x57\x12", b"\x58\x12")


@image_mutant(
    "card/country-code-in-ascii",
    breaks="CARD-FINANCIAL-OBJECTS",
    because=Text("国家代码按字符写入", "the country code was written as characters"),
)
def country_in_ascii(image: CardImage) -> None:
    """5F28 holds two characters in place of digits in BCD."""
    _change(image, LAST, b"\x5f\x28\x02\x01\x56", b"\x5f\x28\x02\x43\x4e")


@image_mutant(
    "card/pse-label-of-template",
    breaks="CARD-FINANCIAL-ALIKE",
    because=Text("目录记录为通用模板，未随应用个人化", "the directory is a template that was not personalised"),
)
def label_of_template(image: CardImage) -> None:
    """The directory calls the application otherwise than its FCI."""
    _change(image, DIRECTORY, b"PBOC DEBIT", b"DEBIT CARD")


@image_mutant(
    "card/account-elsewhere",
    breaks="CARD-FINANCIAL-PATTERNS",
    because=Text("主账号只写入二磁道记录", "the account number stands in track 2 only"),
)
def account_elsewhere(image: CardImage) -> None:
    """None of the records that programs read holds 5A."""
    for file in (ACCOUNT, OTHER, LAST):
        _change(image, file, b"\x5a\x0a", b"\x5c\x0a")


@mutant(
    "card/bank-records-writable",
    breaks="CARD-FINANCIAL-UPDATE-REFUSED",
    because=Text("个人化状态未结束", "the personalisation phase was not ended"),
)
class BankRecordsWritable(CardBehaviour):
    """Records of the bank application are updated freely."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return file.application == "PBOC" or super().may_update(file, state)
