"""Personalisation: a synthetic person and the test keys become the image of a card."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType

from emulator.card.atr import historical_bytes
from emulator.card.image import CardImage, RecordFile
from emulator.codec import bcd, item_value, simple_tlv, split_gbk
from emulator.identity import code_meaning, code_ordinal, structured, with_check
from emulator.keys import card_keys
from emulator.persons import Person
from onecard.spec.card import CardSpec, Check, FileSpec, Item

DEFAULT_PIN = "123456"
"""The customary initial PIN of such cards, here of synthetic ones only."""

NAME = "SSSE/EF06/09"

Content = Callable[[Person, Item, CardSpec], str]


def _check(item: Item, spec: CardSpec) -> Check | None:
    return spec.checks.get(item.check or "")


def _number(body: Callable[[Person], str]) -> Content:
    return lambda person, item, spec: with_check(_check(item, spec), body(person))


def _of_kind(kind: str, text: Callable[[Person], str]) -> Content:
    # An item that the data bind to another kind of rule stays empty: what it should hold is not known.
    def content(person: Person, item: Item, spec: CardSpec) -> str:
        rule = _check(item, spec)
        return text(person) if rule is not None and rule.kind == kind else ""

    return content


def _day(day: Callable[[Person], date]) -> Content:
    return _of_kind("date", lambda person: f"{day(person):%Y%m%d}")


def _coded(meaning: Callable[[Person], str]) -> Content:
    return lambda person, item, spec: code_meaning(spec.codes.get(item.codes or ""), meaning(person))


def _structured(person: Person, item: Item, spec: CardSpec) -> str:
    rule = _check(item, spec)
    fields = {
        "REGION": person.region,
        "BODY-REGION": person.region,
        "SERIAL": person.serial,
        "AUTHCODE": "FFFFFFFF",  # unused on many third-generation cards; how it is computed is not public
        "SEQUENCE": person.sequence,
    }
    return structured(rule, fields) if rule is not None and rule.kind == "structure" else ""


def _version(person: Person, item: Item, spec: CardSpec) -> str:
    rule = _check(item, spec)
    return rule.value if rule is not None and rule.kind == "version" else ""


def _name_parts(person: Person, spec: CardSpec) -> tuple[str, str]:
    lengths = [item.length for file in spec.files.values() for item in file.items if item.id == NAME]
    return split_gbk(person.name, lengths[0])


CONTENTS: Mapping[str, Content] = MappingProxyType(
    {
        "SSSE/EF05/01": _structured,
        "SSSE/EF05/02": _coded(lambda person: person.age_class),
        "SSSE/EF05/03": _version,
        "SSSE/EF05/04": _structured,
        "SSSE/EF05/05": _day(lambda person: person.issued),
        "SSSE/EF05/06": _day(lambda person: person.valid_until),
        "SSSE/EF05/07": _number(lambda person: person.card_number_body),
        "SSSE/EF06/08": _number(lambda person: person.number_body),
        NAME: lambda person, item, spec: _name_parts(person, spec)[0],
        "SSSE/EF06/4E": lambda person, item, spec: _name_parts(person, spec)[1],
        "SSSE/EF06/0A": _coded(lambda person: person.sex),
        "SSSE/EF06/0B": lambda person, item, spec: code_ordinal(spec.codes.get(item.codes or ""), person.ethnic_group),
        "SSSE/EF06/0C": _of_kind("region", lambda person: person.birthplace),
        "SSSE/EF06/0D": _day(lambda person: person.birth),
    }
)
"""Content of every data item, by its id in the data: text, or digits for cn and b items."""


def _ordered(file: FileSpec) -> Iterable[Item]:
    # Each place of the record order holds the item with its tag; a place without one takes an item that has none.
    by_tag = {item.tag: item for item in file.items}
    homeless = iter([item for item in file.items if item.tag not in file.record_order])
    for tag in file.record_order:
        item = by_tag.get(tag) or next(homeless, None)
        if item is not None:
            yield item


def records_of(file: FileSpec, person: Person, spec: CardSpec) -> list[bytes]:
    """The records of ``file`` for ``person``, each a whole TLV, in record order."""
    return [
        simple_tlv(item.tag, item_value(item, CONTENTS[item.id](person, item, spec), spec.padding))
        for item in _ordered(file)
    ]


def historical_of(spec: CardSpec, person: Person) -> bytes:
    """The historical bytes of the person's card: test makers, region and serial."""
    contents = {
        "CHIP-MAKER": bytes.fromhex("0081"),
        "COS-MAKER": bytes.fromhex("4A4446"),
        "CARD-MAKER": bytes.fromhex("8660"),
        "REGION": bcd(person.region[:4]),
        "SERIAL": bytes.fromhex(person.serial),
    }
    return historical_bytes(spec.atr, contents)


def card_image(spec: CardSpec, person: Person, seed: str, *, pin: str = DEFAULT_PIN) -> CardImage:
    """A new card for ``person``, with test keys of ``seed``; counters full, a PIN only where the card declares one."""
    historical = historical_of(spec, person)
    key_limit = _limit(spec, "card.key_try_limit")
    pin_limit = _limit(spec, "card.pin_try_limit")
    return CardImage(
        historical=historical,
        files={name: RecordFile.full(records_of(file, person, spec)) for name, file in spec.files.items()},
        keys=card_keys(spec, seed, person.region, historical),
        key_limit=key_limit,
        key_tries=dict.fromkeys(spec.keys, key_limit),
        pin=bcd(pin, spec.pin.pad_nibble) if spec.ics["card.pin"] else None,
        pin_limit=pin_limit,
        pin_tries=pin_limit,
    )


def _limit(spec: CardSpec, declared: str) -> int:
    value = spec.ics[declared]
    if not isinstance(value, int):
        raise TypeError(f"{declared} must be a number, not {value!r}")
    return value
