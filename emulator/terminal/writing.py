"""iWriteCard: items of SSSE by file address, with the PSAM."""

from collections.abc import Container, Iterator, Mapping

from emulator.terminal.behaviour import Addressed
from emulator.terminal.files import addressed, file_id, values_of
from emulator.terminal.steps import Arguments, Function, Steps
from emulator.terminal.writing_behaviour import Values
from onecard.spec.card import Access, FileSpec

Write = tuple[FileSpec, int, bytes]
"""File, tag and value of one item."""


class WritingBySam:
    """iWriteCard."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._items = ItemsToWrite(steps)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {"WRITE-CARD": self._write_card}

    def _write_card(self, arguments: Arguments) -> str:
        steps, behaviour = self._steps, self._steps.behaviour
        asked, given = (str(arguments.get(name, "")) for name in ("pFileAddr", "pWriteData"))
        wanted = behaviour.address(asked, addressed(steps.spec.address, asked))
        if wanted is None:
            raise steps.reader.failure("ADDRESS")
        values = behaviour.write_data(given, values_of(steps.spec.address, given, wanted))
        if values is None:
            raise steps.reader.failure("WRITE-DATA")
        card, sam, algorithm, _ = steps.proved_by_sam(arguments, trusted=not behaviour.authenticates_before_writing())
        if not behaviour.write_info_fits(steps.fits(card, str(arguments.get("pCardInfo", "")))):
            raise steps.reader.failure("DIFFERS")
        coded = self._items.coded(wanted, values, steps.spec.sam_keys)
        # Nothing is written before it is sure that all of it can be.
        writes = list(coded) if behaviour.codes_all_before_writing() else coded
        opened: set[str | None] = {None}
        for file, tag, value in writes:
            key = behaviour.opens_for_writing(str(file.update.key))
            if key not in opened:
                steps.open_by_sam(card, sam, algorithm, key)
                opened.add(key)
            steps.reader.write_item(card, file, tag, value)
        return ""


class ItemsToWrite:
    """Values of pWriteData as the records that the card is to hold."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def coded(self, wanted: Addressed, values: Values, keys: Container[str]) -> Iterator[Write]:
        """File, tag and value of each item; ``keys``: those that can be proved. Raises Failure on the way."""
        steps = self._steps
        for (name, tags), texts in zip(wanted, values, strict=False):
            file = steps.reader.file_of(file_id(steps.spec.address, name))
            if file is None or file.update.access is not Access.KEY or file.update.key not in keys:
                raise steps.reader.failure("ADDRESS")
            for tag, text in zip(tags, texts, strict=False):
                yield file, tag, self._value(file, tag, text)

    def _value(self, file: FileSpec, tag: int, text: str) -> bytes:
        steps = self._steps
        item = next((item for item in file.items if item.tag == tag), None)
        if item is None:
            raise steps.reader.failure("ADDRESS")
        value = steps.behaviour.value_to_write(tag, text, steps.reader.coded_value(item, text), item.length)
        if value is None:
            raise steps.reader.failure("WRITE-DATA")
        return value
