"""CHANGE PIN and PIN CHANGE/UNBLOCK."""

from emulator.card.behaviour import PIN
from emulator.card.chip import Chip
from emulator.card.memory import KeyTries, Pin, PinTries
from emulator.card.messaging import SECURITY, WRONG_MAC, Right, Seal
from emulator.card.pin_coding import pin_digits
from onecard.spec.card import Command, PinSpec

BLOCKED, DATA, FAILED, PARAMETERS = "blocked", "data", "failed", "parameters"


def well_formed(pin: bytes, rule: PinSpec) -> bool:
    """Whether a new PIN may be set: BCD digits, enough of them, or none at all (the PIN is removed)."""
    if not pin:
        return True
    digits = pin_digits(pin, rule)
    return len(pin) <= rule.max_bytes and digits.isdecimal() and len(digits) >= rule.min_digits


class ChangePin:
    """``80 5E 01 00``: old PIN, FF, new PIN. An empty old one where none is set; an empty new one removes the PIN."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        right = (p1, p2) == (command.number("p1"), command.number("p2"))
        if not behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, PARAMETERS)
        old, found, new = data.partition(bytes((command.number("separator") & 0xFF,)))
        parts = behaviour.parts_of_change(data, (old, new) if found else None)
        if parts is None:
            return chip.refuse(command, DATA)
        if chip.image.pin is not None and behaviour.blocked(PIN, chip.image.pin_tries):
            return self._refuse(BLOCKED, parts[1])
        return self._compare(*parts)

    def _compare(self, old: bytes, new: bytes) -> bytes:
        chip, command, behaviour, image = self._chip, self._command, self._chip.behaviour, self._chip.image
        counted = behaviour.counted(PIN, True) and image.pin is not None
        before = image.pin_tries
        if counted:
            chip.memory.put((PinTries(), behaviour.tries_before_comparison(PIN, before)))
        if not behaviour.old_pin_matches(image.pin, old):
            if counted:
                chip.memory.put((PinTries(), behaviour.tries_after_failure(PIN, image.pin_tries)))
            chip.security = behaviour.security_after_failed_pin(chip.security)
            return self._refuse(FAILED, new)
        if not behaviour.accepts_new_pin(command.id, new, well_formed(new, chip.spec.pin)):
            chip.memory.put((PinTries(), before))
            return self._refuse(DATA, new)
        stored = behaviour.pin_stored(command.id, image.pin, new or None)
        tries = behaviour.tries_after_maintenance(command.id, before, image.pin_limit)
        chip.memory.put((Pin(), stored), (PinTries(), tries))
        chip.security = behaviour.security_after_new_pin(chip.security)
        return chip.ok()

    def _refuse(self, condition: str, new: bytes) -> bytes:
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        left = behaviour.pin_after_refusal(command.id, condition, chip.image.pin, new or None)
        chip.memory.put((Pin(), left))
        return chip.refuse(command, condition, behaviour.tries_reported(PIN, chip.image.pin_tries))


class PinChangeUnblock:
    """``84 24 00 00 04`` MAC resets the PIN's counter; ``84 24 00 01`` enciphered PIN and MAC sets another PIN."""

    __slots__ = ("_chip", "_command", "_reload", "_right", "_seal", "_unblock")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._right = Right(chip, command)
        self._seal = Seal(chip, command)
        self._unblock = command.number("unblock")
        self._reload = command.number("reload")

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        right = p1 == 0 and p2 in (self._unblock, self._reload)
        if not behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, PARAMETERS)
        reload = p2 == self._reload
        # What is enciphered is one block (2011 draft, part 5).
        size = self._seal.length + (chip.spec.algorithm.block if reload else 0)
        if not behaviour.accepts_length(command.id, length, length == size):
            return chip.refuse(command, "length")
        condition, plain = self._opened(p1, p2, data, reload)
        if condition is not None:
            return self._refuse(condition, plain)
        return self._carry_out(plain if reload else None)

    def _opened(self, p1: int, p2: int, data: bytes, reload: bool) -> tuple[str | None, bytes | None]:
        """The condition that refuses, or None, and the plain PIN of a reload."""
        chip = self._chip
        if not self._right.shown():
            return SECURITY, None
        if self._locked():
            return BLOCKED, None
        session = self._seal.session()
        if isinstance(session, str):
            return session, None
        plain = self._seal.plain(session, data) if reload else None
        if self._seal.broken(session, p1, p2, data):
            self._count()
            return WRONG_MAC, plain
        if not reload:
            return None, None
        right = plain is not None and well_formed(plain, chip.spec.pin)
        return None if chip.behaviour.accepts_new_pin(self._command.id, plain or b"", right) else DATA, plain

    def _locked(self) -> bool:
        chip = self._chip
        proved = self._right.keys & chip.security.keys
        return bool(proved) and all(chip.behaviour.blocked(key, chip.image.key_tries[key]) for key in proved)

    def _count(self) -> None:
        # Repeated failing unblocking locks the unblock key (2011 draft, part 7).
        chip, behaviour = self._chip, self._chip.behaviour
        for key in sorted(self._right.keys & chip.security.keys):
            if behaviour.counted(key, chip.spec.keys[key].counted):
                left = behaviour.key_tries_after_bad_mac(key, chip.image.key_tries[key])
                chip.memory.put((KeyTries(key), left))

    def _carry_out(self, new: bytes | None) -> bytes:
        chip, command, behaviour, image = self._chip, self._command, self._chip.behaviour, self._chip.image
        if new is None:
            stored = behaviour.pin_after_unblock(image.pin)
        else:
            stored = behaviour.pin_stored(command.id, image.pin, new or None)
            chip.security = behaviour.security_after_new_pin(chip.security)
        tries = behaviour.tries_after_maintenance(command.id, image.pin_tries, image.pin_limit)
        chip.memory.put((Pin(), stored), (PinTries(), tries))
        return chip.ok()

    def _refuse(self, condition: str, new: bytes | None) -> bytes:
        chip, command = self._chip, self._command
        left = chip.behaviour.pin_after_refusal(command.id, condition, chip.image.pin, new)
        chip.memory.put((Pin(), left))
        return chip.refuse(command, condition)
