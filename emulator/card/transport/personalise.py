"""The transport application of a synthetic card: contents of its files, its purse and its keys."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from emulator.card.image import BinaryFile, CyclicFile, FileImage, RecordFile
from emulator.card.transport.crypto import diversified
from emulator.card.transport.image import TransportImage
from emulator.codec import item_value
from emulator.keys import root_key
from emulator.persons import Person
from onecard.spec.card import CardSpec, FileSpec, Item, Structure
from onecard.spec.card_transport import Transport, TransportFactor, transport_of

START_BALANCE = 10_000
START_OVERDRAFT = 800
START_ONLINE, START_OFFLINE = 3, 7
FACTOR = 8
ISSUER = "0999999000000000"
"""A test issuer: no city has this number."""
COMPOUND_IDS = ("2701", "2702")

Content = Callable[[Person, int], str]


def _constant(text: str) -> Content:
    return lambda person, record: text


# By the id of the field in the data: text, or digits for cn and b fields. What is not named is zero.
CONTENTS: Mapping[str, Content] = MappingProxyType(
    {
        "TRANSPORT/EF15/ISSUER": _constant(ISSUER),
        "TRANSPORT/EF15/TYPE": _constant("02"),
        "TRANSPORT/EF15/VERSION": _constant("01"),
        "TRANSPORT/EF15/SERIAL": lambda person, record: f"03104899{person.index + 1:012d}",
        "TRANSPORT/EF15/START": lambda person, record: f"{person.issued:%Y%m%d}",
        "TRANSPORT/EF15/END": lambda person, record: f"{person.valid_until:%Y%m%d}",
        "TRANSPORT/EF15/CARD-TYPE": _constant("01"),
        "TRANSPORT/EF16/HOLDER-TYPE": _constant("00"),
        "TRANSPORT/EF16/NAME": lambda person, record: person.name[:4],
        "TRANSPORT/EF17/COUNTRY": _constant("00000156"),
        "TRANSPORT/EF17/PROVINCE": lambda person, record: f"00{person.region[:2]}",
        "TRANSPORT/EF17/CITY": lambda person, record: person.region[:4],
        "TRANSPORT/EF17/INTEROPERABLE": _constant("0001"),
        "TRANSPORT/EF17/CARD-TYPE": _constant("01"),
        "TRANSPORT/EF18/SEQUENCE": _constant("0002"),
        "TRANSPORT/EF18/OVERDRAFT": _constant(f"{START_OVERDRAFT:06X}"),
        "TRANSPORT/EF18/AMOUNT": _constant(f"{START_BALANCE:08X}"),
        "TRANSPORT/EF18/TYPE": _constant("02"),
        "TRANSPORT/EF18/TERMINAL": _constant("990000000001"),
        "TRANSPORT/EF18/DATE": lambda person, record: f"{person.issued:%Y%m%d}",
        "TRANSPORT/EF18/TIME": _constant("093000"),
        "TRANSPORT/EF1A/ID": lambda person, record: COMPOUND_IDS[record % len(COMPOUND_IDS)],
        "TRANSPORT/EF1A/LENGTH": _constant("0080"),
        "TRANSPORT/EF1A/VALID": _constant("01"),
        "TRANSPORT/EF1E/TYPE": _constant("06"),
        "TRANSPORT/EF1E/MODE": _constant("02"),
        "TRANSPORT/EF1E/TIME": lambda person, record: f"{person.issued:%Y%m%d}093000",
    }
)


def _record(file: FileSpec, person: Person, spec: CardSpec, number: int = 0) -> bytes:
    return b"".join([_value(item, person, spec, number) for item in file.layout])


def _value(item: Item, person: Person, spec: CardSpec, number: int) -> bytes:
    content = CONTENTS.get(item.id)
    if content is None:
        return bytes(item.length)
    return item_value(item, content(person, number), spec.padding)


def _file(file: FileSpec, person: Person, spec: CardSpec) -> FileImage:
    if file.structure == Structure.TRANSPARENT:
        return BinaryFile(bytearray(_record(file, person, spec)))
    if file.structure == Structure.CYCLIC:
        return CyclicFile([_record(file, person, spec)], file.record_length, file.record_count)
    return RecordFile.full([_record(file, person, spec, number) for number in range(file.record_count)])


def transport_files(spec: CardSpec, person: Person) -> dict[str, FileImage]:
    """The files of the application by id; the logs hold one record each."""
    data = transport_of(spec)
    mine = data.purse.application if data is not None else None
    return {name: _file(file, person, spec) for name, file in spec.files.items() if file.application == mine}


def transport_image(spec: CardSpec, seed: str, files: Mapping[str, FileImage]) -> TransportImage | None:
    """The purse of a new card with test keys of ``seed``, diversified by what its ``files`` say; None without one."""
    data = transport_of(spec)
    if data is None:
        return None
    return TransportImage(
        balance=START_BALANCE,
        overdraft=START_OVERDRAFT,
        online=START_ONLINE,
        offline=START_OFFLINE,
        keys=transport_keys(spec, data, partial(root_key, seed), files),
    )


def transport_keys(
    spec: CardSpec, data: Transport, root: Callable[[str, int], bytes], files: Mapping[str, FileImage]
) -> dict[str, bytes]:
    """The purse's keys by name, below those that ``root`` gives (by name and version), by what ``files`` say."""
    factors = [_factor(rule, files) for rule in data.factors]
    names = {each for kind in data.transactions for each in (kind.key, kind.tac_key)} | {data.messaging.key}
    version = data.purse.key_version
    found: dict[str, bytes] = {}
    for name in sorted(names & spec.keys.keys()):
        levels = spec.keys[name].levels
        # A level that no factor is given for has one of zeros.
        used = [bytes(FACTOR)] * (levels - len(factors)) + factors[max(0, len(factors) - levels) :]
        found[name] = diversified(data.purse.algorithm, root(name, version), used)
    return found


def _factor(rule: TransportFactor, files: Mapping[str, FileImage]) -> bytes:
    content = files.get(rule.file)
    octets = bytes(content.data) if isinstance(content, BinaryFile) else b""
    return (octets[rule.offset : rule.offset + rule.length] + rule.suffix).ljust(FACTOR, b"\x00")
