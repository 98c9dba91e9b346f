"""Personalisation: a synthetic person and the test keys become the image of a card."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from emulator.card.atr import historical_bytes
from emulator.card.certificate.personalise import certificate_content
from emulator.card.contents import ABSENT, some_content
from emulator.card.directory import directory_entries
from emulator.card.financial.personalise import financial_files
from emulator.card.image import BinaryFile, CardImage, CyclicFile, FileImage, RecordFile
from emulator.card.pin_coding import pin_octets
from emulator.card.purse.personalise import purse_images
from emulator.card.transport.personalise import transport_files, transport_image
from emulator.codec import bcd, item_value, simple_tlv, split_gbk
from emulator.identity import code_meaning, code_ordinal, structured, with_check
from emulator.keys import card_keys
from emulator.persons import Person
from emulator.records_data import fingerprint, photo
from onecard.spec.card import CardSpec, Check, FileSpec, Item, Structure
from onecard.spec.card_directory import directory_of

DEFAULT_PIN = "123456"
"""The customary initial PIN of such cards, here of synthetic ones only."""

NAME = "SSSE/EF06/09"

ENVIRONMENT = "SSSE"

# T1 to T7 of the historical bytes: chip provider, COS provider, card manufacturer; none of them exists.
_MAKERS = bytes.fromhex("0081 4A4446 8660")
_REGION_BYTES = 2
BCD = "bcd"

SPARE = 64
"""Bytes for further items in each file that may be extended."""

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
    return structured(rule, fields, spec.padding.cn * 0x11) if rule is not None and rule.kind == "structure" else ""


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
"""Content of the items about the card and its holder, by their ids in the data: text, or digits for cn and b items."""

FILLED_COPIES = 2
"""Of an item that stands more often in a file, the last one stays empty behind so many."""
LOG_RECORDS = 2
"""Records that a log holds on a new card."""


def value_of(item: Item, person: Person, spec: CardSpec, number: int = 0) -> bytes:
    """The value of a data item for ``person``; ``number`` of the record, or of the item among those of its tag."""
    if item.inner:
        parts = [simple_tlv(inner.tag, value_of(inner, person, spec, number)) for inner in item.inner]
        return b"".join(parts)[: item.length].ljust(item.length, b"\x00")
    content = CONTENTS.get(item.id)
    text = content(person, item, spec) if content is not None else some_content(person, item, spec, number)
    return item_value(item, text, spec.padding)


Value = Callable[[Item, Person, CardSpec, int], bytes]
"""As ``value_of``."""


def _ordered(file: FileSpec) -> Iterable[Item]:
    # Each place of the record order holds the item with its tag; a place without one takes an item that has none.
    by_tag = {item.tag: item for item in file.items}
    placed = [by_tag[tag] for tag in file.record_order if tag in by_tag]
    homeless = iter([item for item in file.items if item not in placed])
    for tag in file.record_order:
        item = by_tag.get(tag) or next(homeless, None)
        if item is not None:
            yield item


def records_of(file: FileSpec, person: Person, spec: CardSpec, value: Value = value_of) -> list[bytes]:
    """The records of ``file`` for ``person``, each a whole TLV, in record order; ``value`` makes an item's value."""
    records: list[bytes] = []
    written: Counter[int] = Counter()
    for item in _ordered(file):
        if item.id in ABSENT:
            continue
        number, copies = written[item.tag], file.record_order.count(item.tag)
        spare = bool(item.inner) and copies > FILLED_COPIES and number == copies - 1
        octets = bytes(item.length) if spare else value(item, person, spec, number)
        records.append(simple_tlv(item.tag, octets))
        written[item.tag] += 1
    return records


def log_of(file: FileSpec, person: Person, spec: CardSpec) -> CyclicFile:
    """A cyclic file with its first records, newest first."""
    newest_first = range(min(LOG_RECORDS, file.record_count) - 1, -1, -1)
    records = [b"".join([value_of(field, person, spec, number) for field in file.layout]) for number in newest_first]
    return CyclicFile(records, file.record_length, file.record_count)


_OCTETS: Mapping[str, Callable[[int, int], bytes]] = MappingProxyType(
    {"SSSE/EF07": fingerprint, "SSSE/EF08": lambda size, number: photo(number * 40)}
)


@lru_cache(maxsize=64)
def _octets(file: str, size: int, number: int) -> bytes:
    content = _OCTETS.get(file)
    return content(size, number)[:size].ljust(size, b"\x00") if content is not None else bytes(size)


def historical_of(spec: CardSpec, person: Person) -> bytes:
    """The historical bytes of the person's card: test makers, region and serial."""
    own = _MAKERS + bytes(_REGION_BYTES) + bytes.fromhex(person.serial)
    digits = person.region[: 2 * _REGION_BYTES]
    packed = {BCD: bcd(digits)}
    codings = {field.id.rpartition("/")[2]: field.coding for field in spec.atr.historical}
    region = packed.get(codings.get("REGION", BCD), int(digits).to_bytes(_REGION_BYTES, "big"))
    return historical_bytes(spec.atr, own, {"REGION": region})


def content_of(file: FileSpec, person: Person, spec: CardSpec) -> FileImage:
    """The content of a file for a synthetic person."""
    if file.structure == Structure.TRANSPARENT:
        return BinaryFile(bytearray(_octets(file.id, file.size, person.index)))
    if file.structure == Structure.CYCLIC:
        return log_of(file, person, spec)
    # The V2.0 notice lets the files of the applications have further items, those of SSSE not: the former have room.
    extensible = file.structure == Structure.LINEAR_VARIABLE and file.application != ENVIRONMENT
    return RecordFile.full(records_of(file, person, spec), SPARE if extensible else 0)


FileContent = Callable[[FileSpec, Person, CardSpec], FileImage]
"""As ``content_of``."""


def _listing(spec: CardSpec) -> dict[str, FileImage]:
    directory = directory_of(spec)
    return {} if directory is None else {directory.file.id: RecordFile.full(directory_entries(spec))}


def card_image(
    spec: CardSpec, person: Person, seed: str, *, pin: str = DEFAULT_PIN, content: FileContent = content_of
) -> CardImage:
    """A new card for ``person``, with test keys of ``seed``; counters full, a PIN only where the card declares one.

    ``content`` makes the files of the social security application.
    """
    historical = historical_of(spec, person)
    key_limit = _limit(spec, "card.key_try_limit")
    pin_limit = _limit(spec, "card.pin_try_limit")
    certificate, certified = certificate_content(spec, seed, person.number_body)
    own = {**certified, **transport_files(spec, person), **financial_files(spec, person)}
    return CardImage(
        historical=historical,
        files={
            **_listing(spec),
            **{name: content(file, person, spec) for name, file in spec.files.items() if name not in own},
            **own,
        },
        keys=card_keys(spec, seed, person.region, historical),
        key_limit=key_limit,
        key_tries={name: key.tries or key_limit for name, key in spec.keys.items()},
        pin=pin_octets(pin, spec.pin) if spec.ics["card.pin"] else None,
        pin_limit=pin_limit,
        pin_tries=pin_limit,
        certificate=certificate,
        transport=transport_image(spec, seed, own),
        purses=purse_images(spec, person),
    )


def _limit(spec: CardSpec, declared: str) -> int:
    value = spec.ics[declared]
    if not isinstance(value, int):
        raise TypeError(f"{declared} must be a number, not {value!r}")
    return value
