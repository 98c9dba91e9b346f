"""The card image of a holder whose data come from a file."""

from datetime import date

from emulator.card.image import BinaryFile, CardImage, CyclicFile, FileImage, RecordFile
from emulator.card.personalise import SPARE, card_image, records_of
from emulator.codec import item_value, simple_tlv
from emulator.keys import DEFAULT_SEED
from emulator.persons import Person
from onecard.personalise.columns import numbered
from onecard.personalise.rules import CARD_NUMBER, NUMBER, Holder
from onecard.spec.card import CardSpec, FileSpec, Item, Structure

BIRTH, ISSUED, VALID = "SSSE/EF06/0D", "SSSE/EF05/05", "SSSE/EF05/06"
ENVIRONMENT = "SSSE"


def image_of(spec: CardSpec, holder: Holder, seed: str = DEFAULT_SEED) -> CardImage:
    """The card of a holder, with test keys of ``seed``. Items that the data do not give hold filler, logs are empty.

    What other environments on the card hold is the reference's own test content.
    """

    def value(item: Item, person: Person, data: CardSpec, number: int) -> bytes:
        if item.inner:
            parts = [simple_tlv(inner.tag, value(inner, person, data, number)) for inner in item.inner]
            return b"".join(parts)[: item.length].ljust(item.length, b"\x00")
        return item_value(item, holder.texts.get(numbered(item.id, number), ""), data.padding)

    def content(file: FileSpec, person: Person, data: CardSpec) -> FileImage:
        if file.structure == Structure.TRANSPARENT:
            return BinaryFile(bytearray(file.size))
        if file.structure == Structure.CYCLIC:
            return CyclicFile([], file.record_length, file.record_count)
        extensible = file.structure == Structure.LINEAR_VARIABLE and file.application != ENVIRONMENT
        return RecordFile.full(records_of(file, person, data, value), SPARE if extensible else 0)

    return card_image(spec, _person(holder), seed, pin=holder.pin, content=content)


def _person(holder: Holder) -> Person:
    """The holder as the reference's own personalisation knows one."""
    texts = holder.texts
    return Person(
        index=0,
        name="",
        sex="",
        ethnic_group=1,
        birth=_day(texts.get(BIRTH)),
        birthplace=holder.region,
        number_body=texts[NUMBER][:-1],
        region=holder.region,
        card_number_body=texts[CARD_NUMBER][:-1],
        issued=_day(texts.get(ISSUED)),
        valid_until=_day(texts.get(VALID)),
        serial=holder.serial,
        sequence="01",
    )


def _day(digits: str | None) -> date:
    return date.fromisoformat(digits) if digits else date(2000, 1, 1)
