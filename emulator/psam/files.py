"""SELECT, READ BINARY, GET RESPONSE and GET CHALLENGE of the PSAM."""

from dataclasses import replace

from emulator.codec import ber_tlv
from emulator.psam.chip import Chip
from emulator.psam.state import Position
from onecard.spec.psam import APPLICATION, PsamFile
from onecard.spec.psam_command import PsamCommand


class Select:
    """``00 A4 P1 00``: a DF answers its FCI (61xx), a file the status alone; what is not found changes nothing."""

    __slots__ = ("_chip", "_command", "_methods")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command
        self._methods = {method.p1: method for method in command.methods}

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        method = self._methods.get(p1)
        if method is None or not behaviour.accepts_parameters(command.id, p1, p2, p2 == 0):
            return chip.refuse(command, "parameters")
        if length not in method.lengths:
            return chip.refuse(command, "length")
        found = self._by_name(data) if method.by == "name" else self._by_fid(data)
        if found is None:
            found = behaviour.position_after_failed_select(chip.position)
            if found == chip.position or found is None:
                return chip.ok() if found is None else chip.refuse(command, "not-found")
        return self._go(found)

    def _go(self, found: Position) -> bytes:
        chip, before = self._chip, self._chip.position
        chip.position = found
        if found.file is not None:
            return chip.ok()
        same = replace(found, file=None) == replace(before, file=None)
        chip.mac_key = chip.behaviour.mac_key_after_select(chip.mac_key)
        chip.session = chip.behaviour.session_after_select(chip.session, same)
        chip.rights = chip.behaviour.rights_after_select(chip.rights, same)
        return chip.announce(self._command, self._fci())

    def _by_fid(self, data: bytes) -> Position | None:
        chip, here = self._chip, self._chip.position
        fid = int.from_bytes(data, "big")
        if not data or fid == chip.spec.master.fid:
            return chip.initial()
        if self._is_transport(data):
            return Position(here.environment, transport=True)
        if fid == chip.spec.application.fid and chip.behaviour.finds_application(here.environment, "fid"):
            return Position(here.environment, application=True)
        for file in chip.spec.files.values():
            if file.fid == fid and chip.behaviour.file_found(file.id, self._is_here(file)):
                return Position(here.environment, here.application, file.id)
        for keys in chip.spec.loading.files:
            if keys.fid == fid and chip.behaviour.file_found(keys.id, here.application):
                return Position(here.environment, here.application, keys.id)
        return None

    def _is_here(self, file: PsamFile) -> bool:
        here = self._chip.position
        if file.place == APPLICATION:
            return here.application
        return not here.application and not here.transport and here.environment == self._chip.spec.master.id

    def _by_name(self, data: bytes) -> Position | None:
        chip, behaviour, here = self._chip, self._chip.behaviour, self._chip.position
        for environment in chip.spec.environments:
            if behaviour.name_matches(data, environment.aid):
                return Position(environment.id)
        if self._is_transport(data):
            return Position(chip.spec.master.id, transport=True)
        if behaviour.name_matches(data, chip.spec.application.aid) and behaviour.finds_application(
            here.environment, "name"
        ):
            return Position(here.environment, application=True)
        return None

    def _is_transport(self, asked: bytes) -> bool:
        chip, data, here = self._chip, self._chip.spec.transport, self._chip.position
        below = here.environment == chip.spec.master.id
        return data is not None and asked == data.reference and below and chip.behaviour.finds_transport(here)

    def _fci(self) -> bytes:
        chip, tags = self._chip, self._chip.spec.fci
        if chip.position.transport:
            # It has no name.
            return ber_tlv(tags.template, b"")
        here = chip.spec.application if chip.position.application else chip.environment
        return chip.behaviour.fci(here.id, ber_tlv(tags.template, ber_tlv(tags.name_tag, here.aid)))


class ReadBinary:
    """``00 B0``: bytes of the current file from the offset in P1 P2; a wrong Le is answered 6Cxx."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Le."""
        chip, behaviour = self._chip, self._chip.behaviour
        file = chip.position.file
        if file is None:
            return chip.refuse(self._command, "no-current-ef")
        held = chip.image.files[file] if file in chip.image.files else behaviour.closed_content(file)
        if held is None:
            return chip.refuse(self._command, "closed")
        content = behaviour.content(file, held)
        offset = behaviour.offset(p1, p2, p1 << 8 | p2)
        if not behaviour.accepts_offset(offset, len(content)):
            return chip.refuse(self._command, "offset")
        rest = content[offset:]
        if not 0 < length <= len(rest):
            return chip.wrong_length(self._command, len(rest))
        return chip.ok(rest[:length])


class GetResponse:
    """``00 C0 00 00 Le``: what the last case-4 command left waiting."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Le."""
        chip, waiting = self._chip, self._chip.waiting
        if not chip.behaviour.accepts_parameters(self._command.id, p1, p2, p1 == 0 and p2 == 0):
            return chip.refuse(self._command, "parameters")
        if not waiting:
            return chip.refuse(self._command, "nothing")
        if not 0 < length <= len(waiting):
            return chip.wrong_length(self._command, len(waiting))
        chip.waiting = waiting[length:]
        if chip.waiting:
            return waiting[:length] + bytes((chip.spec.t0.more_data, len(chip.waiting)))
        return chip.ok(waiting)


class GetChallenge:
    """``00 84 00 00 Le``: random bytes, of a length that the environment's algorithm has."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Le."""
        chip, behaviour = self._chip, self._chip.behaviour
        if not behaviour.accepts_parameters(self._command.id, p1, p2, p1 == 0 and p2 == 0):
            return chip.refuse(self._command, "parameters")
        if not behaviour.accepts_challenge_length(length, length in chip.algorithm.challenge_lengths):
            return chip.refuse(self._command, "length")
        chip.challenge = behaviour.challenge(length, chip.random)
        return chip.ok(chip.challenge)
