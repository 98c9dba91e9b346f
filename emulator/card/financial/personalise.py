"""The bank application of a synthetic card: an account that no bank has."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.card.image import BinaryFile, FileImage, RecordFile
from emulator.codec import ber_tlv, item_value
from emulator.persons import Person
from onecard.spec.card import CardSpec, Item, Structure

TEST_ISSUER = "999999"
"""No bank issues cards whose numbers begin so."""
SERVICE = "220"
DEBIT = "PBOC"
DIRECTORY = "PSE"


def with_luhn(body: str) -> str:
    """Digits and their check digit (ISO/IEC 7812, modulus 10)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled // 10 + doubled % 10
    return f"{body}{-total % 10}"


def account(person: Person) -> str:
    """The 19-digit account number."""
    return with_luhn(f"{TEST_ISSUER}{person.index + 1:012d}")


def _track(person: Person) -> str:
    return f"{account(person)}D{person.valid_until:%y%m}{SERVICE}000000000"


Content = Callable[[Person, CardSpec], str]

CONTENTS: Mapping[str, Content] = MappingProxyType(
    {
        "4F": lambda person, spec: spec.applications[DEBIT].aid.hex(),
        "50": lambda person, spec: spec.applications[DEBIT].label,
        "57": lambda person, spec: _track(person),
        "5A": lambda person, spec: account(person),
        "5F20": lambda person, spec: "TEST/CARDHOLDER",
        "5F24": lambda person, spec: f"{person.valid_until:%y%m%d}",
        "5F25": lambda person, spec: f"{person.issued:%y%m%d}",
        "5F28": lambda person, spec: "0156",
        "5F34": lambda person, spec: "01",
        "5F36": lambda person, spec: "02",
        "87": lambda person, spec: "01",
    }
)
"""Contents by the last part of an item's id: text, or digits for cn and b items."""


def _nothing(person: Person, spec: CardSpec) -> str:
    return ""


def _value(item: Item, person: Person, spec: CardSpec) -> bytes:
    if item.inner:
        whole = b"".join([ber_tlv(inner.tag, _value(inner, person, spec)) for inner in item.inner])
        return whole[: item.length].ljust(item.length, b"\x00")
    return item_value(item, CONTENTS.get(item.id.rpartition("/")[2], _nothing)(person, spec), spec.padding)


def _content(structure: str, records: list[bytes]) -> FileImage:
    return BinaryFile(bytearray().join(records)) if structure == Structure.TRANSPARENT else RecordFile.full(records)


def financial_files(spec: CardSpec, person: Person) -> dict[str, FileImage]:
    """The records of the bank application and its directory, by file id; empty on a card without it."""
    return {
        name: _content(file.structure, [ber_tlv(item.tag, _value(item, person, spec)) for item in file.items])
        for name, file in spec.files.items()
        if file.application in (DEBIT, DIRECTORY)
    }
