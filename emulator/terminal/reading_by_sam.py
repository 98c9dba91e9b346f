"""The functions that read by PSAM: basic data, and items by file address."""

from collections.abc import Mapping

from emulator.terminal.failure import Failure
from emulator.terminal.files import addressed, file_id, written_file
from emulator.terminal.pin import PinBySam
from emulator.terminal.reading import Card
from emulator.terminal.steps import Arguments, Function, Steps


class ReadingBySam:
    """iReadCardBas and iReadCard."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._pin = PinBySam(steps)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {"READ-BASIC": self._read_basic, "READ-CARD": self._read_card}

    def _read_basic(self, arguments: Arguments) -> str:
        steps = self._steps
        card, sam, algorithm, number = steps.proved_by_sam(arguments)
        steps.open_by_sam(card, sam, algorithm, steps.key_of(card))
        steps.reader.read_holder_data(card)
        return steps.finished(card, number)

    def _read_card(self, arguments: Arguments) -> str:
        steps = self._steps
        asked = str(arguments.get("pFileAddr", ""))
        wanted = steps.behaviour.address(asked, addressed(steps.spec.address, asked))
        if wanted is None:
            raise steps.reader.failure("ADDRESS")
        by_pin = self._by_pin(arguments)
        trusted = not steps.behaviour.authenticates_before_files() or (
            by_pin and steps.behaviour.pin_serves_for_proof()
        )
        card, sam, algorithm, _ = steps.proved_by_sam(arguments, trusted=trusted)
        if not steps.fits(card, str(arguments.get("pCardInfo", ""))):
            raise steps.reader.failure("DIFFERS")
        if by_pin:
            self._verify_pin(card)
        out = ""
        for name, tags in wanted:
            file = steps.reader.file_of(file_id(steps.spec.address, name))
            if file is None:
                raise steps.reader.failure("ADDRESS")
            steps.open_by_sam(card, sam, algorithm, steps.behaviour.opens_file(steps.read_key_of(card, file)))
            values = steps.behaviour.file_items(steps.reader.read_items(card, file.id, tags))
            out += written_file(steps.spec.address, name, [text for _, text in values])
        if steps.behaviour.marks_reading():
            steps.reader.mark(card)
        return steps.behaviour.file_text(out)

    def _by_pin(self, arguments: Arguments) -> bool:
        """Whether iAuthType means the PIN; raises Failure for a value without meaning."""
        steps, number = self._steps, arguments.get("iAuthType")
        known = steps.spec.auth_types.get(number) if isinstance(number, int) else None
        proves = steps.behaviour.auth_type(number, known)
        if proves is None:
            raise steps.reader.failure("AUTH-TYPE")
        return proves == "pin"

    def _verify_pin(self, card: Card) -> None:
        try:
            self._pin.verified(card)
        except Failure:
            if not self._steps.behaviour.reads_after_refused_pin():
                raise
