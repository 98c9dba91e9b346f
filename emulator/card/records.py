"""READ RECORD and UPDATE RECORD."""

from collections.abc import Sequence
from dataclasses import replace

from emulator.card import addressing, cyclic
from emulator.card.chip import Chip
from emulator.card.image import CyclicFile, FileImage, RecordFile
from emulator.card.memory import CyclicRecords, Record
from emulator.card.state import Position
from onecard.spec.card import Command, FileSpec, Mode, Structure

# What one T=0 answer can carry.
LONGEST_ANSWER = 256
# Addressing that names a record which may be new: an update of it appends (2011 draft, part 5).
_APPENDING = frozenset(("first", "last", "one"))
# Identifier of a record without TLV: no P1 is this number.
_NONE = -1


def identifiers_of(file: FileSpec, content: FileImage | None, records: Sequence[bytes]) -> Sequence[int]:
    """The identifier of each record: its tag, or one that nothing names where the records have no TLV."""
    if file.layout or not isinstance(content, RecordFile):
        return (_NONE,) * len(records)
    return [record[0] if record else _NONE for record in records]


class RecordCommand:
    """What both commands share: the mode in the low three bits of P2, the SFI above them."""

    __slots__ = ("_chip", "_command", "_modes")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._modes = {mode.number: mode for mode in command.modes}

    def _mode(self, p2: int) -> Mode | None:
        mode = self._modes.get(p2 & 0x07)
        return mode or self._chip.behaviour.undefined_mode(p2 & 0x07, self._command.modes)

    def _addressed(self, p2: int) -> FileSpec | str:
        """The file meant, which becomes current; or the condition that refuses."""
        chip = self._chip
        sfi = p2 >> 3
        if not sfi:
            return "no-current-ef" if chip.position.file is None else chip.files.files[chip.position.file]
        low, high = self._command.sfi_range
        application = chip.position.application
        file = chip.files.file_by_sfi(application, sfi)
        if file is None or not chip.behaviour.accepts_sfi(sfi, low <= sfi <= high):
            return "file-not-found"
        if file.id != chip.position.file:
            chip.position = chip.behaviour.position_after_sfi(chip.position, Position(application, file.id))
        return file

    def _locate(self, identifiers: Sequence[int], mode: Mode, p1: int) -> int | None:
        if self._chip.behaviour.reserved(p1):
            return None
        found = self._chip.behaviour.locate_record(identifiers, mode, p1, self._chip.position.record)
        return found if found is not None and 0 <= found < len(identifiers) else None

    def _point(self, mode: Mode, found: int) -> None:
        chip = self._chip
        record = chip.behaviour.pointer_after_record(mode, chip.position.record, found)
        if record != chip.position.record:
            chip.position = replace(chip.position, record=record)


class ReadRecord(RecordCommand):
    """``00 B2 P1 P2 Le``. Le must be the exact length, else 6Cxx names it and nothing has changed."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Le."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        mode = self._mode(p2)
        if mode is None:
            return chip.refuse(command, "parameters")
        file = self._addressed(p2)
        if isinstance(file, str):
            return chip.refuse(command, file)
        content = chip.image.files.get(file.id)
        records = behaviour.records_of(file, content)
        if records is None:
            return chip.refuse(command, "structure")
        if not behaviour.may_read(file, chip.security):
            return chip.refuse(command, "security")
        found = self._locate(identifiers_of(file, content, records), mode, p1)
        if found is None:
            return chip.refuse(command, "record-not-found")
        if addressing.is_range(mode):
            indices = addressing.span(mode, found, len(records))
            read = b"".join([records[index] for index in behaviour.range_order(mode, indices)])
        else:
            read = records[found]
        read = behaviour.record_read(file, read)[:LONGEST_ANSWER]
        actual = len(read)
        right = (length or LONGEST_ANSWER) == actual or self._tolerated(length)
        if not behaviour.accepts_expected_length(command.id, length, actual, right):
            return chip.wrong_length(command.id, length, actual)
        self._point(mode, found)
        return chip.ok(read[: length or LONGEST_ANSWER])

    def _tolerated(self, length: int) -> bool:
        return self._command.length_rule != "exact" and length == 0


class UpdateRecord(RecordCommand):
    """``00 DC P1 P2 Lc`` and a whole record. In a linear file a record that does not exist is appended where there is
    room; in a cyclic file the way of appending makes a new newest record.
    """

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if not behaviour.accepts_length(command.id, length, length > 0):
            return chip.refuse(command, "length")
        mode = self._mode(p2)
        if mode is None:
            return chip.refuse(command, "parameters")
        file = self._addressed(p2)
        if isinstance(file, str):
            return chip.refuse(command, file)
        content = chip.image.files.get(file.id)
        if isinstance(content, CyclicFile):
            return self._cyclic(file, content, mode, p1, data)
        if isinstance(content, RecordFile):
            return self._linear(file, content, mode, p1, data)
        return chip.refuse(command, "structure")

    def _linear(self, file: FileSpec, content: RecordFile, mode: Mode, p1: int, data: bytes) -> bytes:
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        found = self._locate(identifiers_of(file, content, content.records), mode, p1)
        if not behaviour.may_update(file, chip.security):
            return self._refuse("security", file, content, found, data)
        if not self._well_formed(file, mode, p1, data):
            return self._refuse("tlv", file, content, found, data)
        fixed = file.structure == Structure.LINEAR_FIXED
        if fixed and not behaviour.record_length_agrees(len(data), file.record_length):
            return self._refuse("length", file, content, found, data)
        if found is None and (mode.takes not in _APPENDING or behaviour.reserved(p1)):
            return chip.refuse(command, "record-not-found")
        old = None if found is None else content.records[found]
        new = behaviour.record_stored(old, data)
        if not behaviour.has_room(content.used() - len(old or b"") + len(new), content.capacity):
            return chip.refuse(command, "no-room")
        index = behaviour.appended_at(len(content.records)) if found is None else found
        chip.memory.put((Record(file.id, index), new))
        self._point(mode, index)
        return chip.ok()

    def _well_formed(self, file: FileSpec, mode: Mode, p1: int, data: bytes) -> bool:
        if file.layout:
            return True
        behaviour = self._chip.behaviour
        return behaviour.tlv_agrees(data) and (mode.by != "identifier" or behaviour.identifier_agrees(p1, data))

    def _cyclic(self, file: FileSpec, content: CyclicFile, mode: Mode, p1: int, data: bytes) -> bytes:
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        after = cyclic.updated(behaviour, command, content, mode, p1, data)
        condition = None if behaviour.may_update(file, chip.security) else "security"
        if condition is None and isinstance(after, str):
            condition = after
        if condition is None:
            chip.memory.put((CyclicRecords(file.id), tuple(after)))
            return chip.ok()
        if not isinstance(after, str):
            chip.memory.put((CyclicRecords(file.id), behaviour.cyclic_after_refusal(content.records, after)))
        return chip.refuse(command, condition)

    def _refuse(self, condition: str, file: FileSpec, content: RecordFile, found: int | None, data: bytes) -> bytes:
        if found is not None:
            left = self._chip.behaviour.record_after_refusal(condition, content.records[found], data)
            self._chip.memory.put((Record(file.id, found), left))
        return self._chip.refuse(self._command, condition)
