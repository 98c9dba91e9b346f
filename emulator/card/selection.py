"""SELECT: by file identifier or by name."""

from collections.abc import Callable

from emulator.card.blocking import Gate
from emulator.card.chip import Chip
from emulator.card.fci import file_control_information, repeats_file
from emulator.card.image import BinaryFile
from emulator.card.state import Position
from onecard.spec.card import Command, SelectMethod

Finder = Callable[[SelectMethod, bytes, str], Position | None]

MASTER, APPLICATION, FILE = "mf", "df", "ef"
FIRST, NEXT = "first", "next"


class Select:
    """``00 A4 P1 P2``: a DF answers its FCI (61xx), an EF the status alone; what is not found changes nothing."""

    __slots__ = ("_chip", "_command", "_fci", "_finders", "_gate", "_live", "_methods", "_occurrences")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._gate = Gate(chip)
        self._methods = {method.p1: method for method in command.methods}
        self._occurrences = {number: name for name, number in (command.occurrences or {}).items()}
        self._finders: dict[str, Finder] = {"fid": self._by_fid, "name": self._by_name}
        self._fci = {
            application.id: file_control_information(application, chip.spec, chip.behaviour)
            for application in chip.spec.applications.values()
        }
        self._live = {name: found for name, found in chip.spec.applications.items() if repeats_file(found)}

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        method = self._methods.get(p1)
        if method is None:
            return chip.refuse(command, "parameters")
        if not behaviour.accepts_length(command.id, length, length in method.lengths):
            return chip.refuse(command, "length")
        occurrence = self._occurrences.get(p2)
        # "Next" means another application of the same name; file identifiers have none.
        right = occurrence == FIRST or (occurrence == NEXT and method.by == "name")
        if not behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, "parameters")
        found = self._finders[method.by](method, data, occurrence or FIRST)
        if found is None:
            chip.position = behaviour.position_after_failed_select(chip.position)
            chip.security = behaviour.security_after_failed_select(chip.security)
            return chip.refuse(command, "not-found")
        stopped = self._gate.stopped_in(found.application, command.id)
        if stopped is not None:
            return stopped
        before = chip.position
        chip.position = behaviour.position_after_select(before, found)
        if found.file is not None:
            chip.security = behaviour.security_after_file(chip.security)
            return chip.ok()
        chip.security = behaviour.security_after_select(chip.security, before.application, found.application)
        for follower in chip.followers:
            follower.selected(before.application, found.application)
        # A master file that is no environment of these rules has no FCI here: it answers the status alone (profile).
        fci = self._information(found.application)
        return chip.announce(command.id, fci) if fci else chip.ok()

    def _information(self, application: str) -> bytes | None:
        live = self._live.get(application)
        if live is None:
            return self._fci.get(application)
        return file_control_information(live, self._chip.spec, self._chip.behaviour, self._content)

    def _content(self, file: str) -> bytes:
        found = self._chip.image.files.get(file)
        return bytes(found.data) if isinstance(found, BinaryFile) else b""

    def _by_fid(self, method: SelectMethod, data: bytes, occurrence: str) -> Position | None:
        files, here = self._chip.files, self._chip.position.application
        fid = int.from_bytes(data, "big") if data else files.root_fid
        if MASTER in method.finds and fid == files.root_fid:
            return files.initial()
        if APPLICATION in method.finds and data:
            application = files.application_by_fid(here, fid)
            if application is not None:
                return Position(application)
        if self._finds_files(method):
            file = self._chip.behaviour.file_in_reach(files.file_by_fid(here, fid), files.file_anywhere(fid))
            if file is not None:
                return Position(here, file.id)
        return None

    def _finds_files(self, method: SelectMethod) -> bool:
        if FILE not in method.finds:
            return False
        if APPLICATION not in method.finds:
            return True
        declared = bool(self._chip.spec.ics["card.select_ef_by_p1_00"])
        return self._chip.behaviour.finds_file_generally(declared)

    def _by_name(self, method: SelectMethod, data: bytes, occurrence: str) -> Position | None:
        if APPLICATION not in method.finds:
            return None
        chip = self._chip
        partial = bool(chip.spec.ics["card.partial_name_selection"])
        matches = [
            application.id
            for application in chip.spec.applications.values()
            if chip.behaviour.name_matches(data, application.df_name, partial)
        ]
        if occurrence == NEXT:
            matches = list(chip.behaviour.occurrences_left(matches, chip.position.application))
        return Position(matches[0]) if matches else None
