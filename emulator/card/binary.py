"""READ BINARY and UPDATE BINARY."""

from emulator.card.chip import Chip
from emulator.card.memory import Octets
from emulator.card.state import Position
from onecard.spec.card import Command, FileSpec

# What one T=0 answer can carry.
LONGEST_ANSWER = 256


class BinaryCommand:
    """What both commands share: P1 names a file by its SFI and P2 is the offset, or both are an offset of 15 bits."""

    __slots__ = ("_chip", "_command", "_form", "_mask")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._form = command.number("sfi-form")
        self._mask = command.number("sfi-mask")

    def _addressed(self, p1: int, p2: int) -> tuple[FileSpec, int] | str:
        """The file meant, which becomes current, and the offset; or the condition that refuses."""
        chip, behaviour = self._chip, self._chip.behaviour
        if not p1 & self._form:
            if chip.position.file is None:
                return "no-current-ef"
            offset = behaviour.binary_offset(p1, p2, p1 << 8 | p2)
            return chip.files.files[chip.position.file], offset
        if not behaviour.binary_parameters(p1, p1 & ~self._mask == self._form):
            return "parameters"
        sfi = p1 & self._mask
        low, high = self._command.sfi_range
        application = chip.position.application
        file = chip.files.file_by_sfi(application, sfi)
        if file is None or not behaviour.accepts_sfi(sfi, low <= sfi <= high):
            return "file-not-found"
        if file.id != chip.position.file:
            chip.position = behaviour.position_after_sfi(chip.position, Position(application, file.id))
        return file, behaviour.binary_offset(p1, p2, p2)


class ReadBinary(BinaryCommand):
    """``00 B0 P1 P2 Le``. Le 00 reads up to 256 bytes or to the end; more than the rest is answered 6Cxx."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Le."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        addressed = self._addressed(p1, p2)
        if isinstance(addressed, str):
            return chip.refuse(command, addressed)
        file, offset = addressed
        content = behaviour.octets_of(chip.image.files.get(file.id))
        if content is None:
            return chip.refuse(command, "structure")
        if not behaviour.may_read(file, chip.security):
            return chip.refuse(command, "security")
        if not behaviour.offset_inside(offset, len(content)):
            return chip.refuse(command, "offset")
        rest = min(len(content) - offset, LONGEST_ANSWER)
        if not behaviour.accepts_expected_length(command.id, length, rest, length <= rest):
            return chip.wrong_length(command.id, length, rest)
        read = bytes(content[offset : offset + (length or rest)])
        return chip.ok(behaviour.binary_read(command.id, bytes(content), offset, read))


class UpdateBinary(BinaryCommand):
    """``00 D6 P1 P2 Lc`` and the bytes to write. They all fit into the file, or none is written."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if not behaviour.accepts_length(command.id, length, length > 0):
            return chip.refuse(command, "length")
        addressed = self._addressed(p1, p2)
        if isinstance(addressed, str):
            return chip.refuse(command, addressed)
        file, offset = addressed
        content = behaviour.octets_of(chip.image.files.get(file.id))
        if content is None:
            return chip.refuse(command, "structure")
        old = bytes(content[offset : offset + len(data)])
        if not behaviour.may_update(file, chip.security):
            return self._refuse("security", file, offset, old, data)
        if not behaviour.offset_inside(offset, len(content)):
            return chip.refuse(command, "offset")
        if not behaviour.binary_fits(offset, len(data), len(content)):
            return self._refuse("beyond", file, offset, old, data)
        self._write(file, offset, behaviour.octets_stored(old, data))
        return chip.ok()

    def _write(self, file: FileSpec, offset: int, octets: bytes) -> None:
        self._chip.memory.put((Octets(file.id, offset, len(octets)), octets))

    def _refuse(self, condition: str, file: FileSpec, offset: int, old: bytes, data: bytes) -> bytes:
        chip, command = self._chip, self._command
        left = chip.behaviour.octets_after_refusal(condition, old, data[: len(old)])
        if left != old:
            self._write(file, offset, left)
        # No source names the word for data beyond the end: the one for a wrong Lc (profile).
        status = command.statuses["length" if condition == "beyond" else condition]
        return chip.refuse_with(command.id, condition, status)
