"""Proving a PIN or a master key, and changing them."""

from emulator.card.certificate import coding
from emulator.card.certificate.command import Attempt, CertificateCommand
from emulator.card.certificate.memory import CertificatePinValue, MasterKey, content
from emulator.card.chip import Chip
from emulator.codec import bcd_digits
from onecard.spec.card import Command
from onecard.spec.card_certificate import CertificatePin, word

MASTER_KEY_BYTES = 16


class CertificateVerify(CertificateCommand):
    """``00 20 01 81/00 10``: a challenge enciphered under the key of the user or administrator PIN."""

    __slots__ = ("_p1", "_pins")

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command)
        self._p1 = command.number("p1")
        self._pins = {pin.p2: pin for pin in self._data.pins.values()}

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        pin = self._pins.get(p2)
        if not behaviour.accepts_parameters(command.id, p1, p2, p1 == self._p1 and pin is not None) or pin is None:
            return chip.refuse(command, "parameters")
        attempt = Attempt.at_pin(chip, pin)
        if attempt.blocked:
            return chip.refuse(command, "blocked")
        challenge = self._challenge()
        if challenge is None:
            return chip.refuse(command, "no-challenge")
        stored = content(chip.image).pins[pin.id]
        key = behaviour.certificate_pin_key(coding.pin_digest(stored), self._coding.proof_key)
        right = behaviour.certificate_right(pin.id)
        if attempt.judge(coding.proof(key, challenge), data):
            chip.security = behaviour.security_after_authentication(chip.security, right)
            return chip.ok()
        chip.security = behaviour.security_after_failed_authentication(chip.security, right)
        return chip.refuse(command, "failed", attempt.reported)


class CertificateAuthenticate(CertificateCommand):
    """``00 82 00 00 10``: a challenge enciphered under the master key of the current application."""

    __slots__ = ("_p1",)

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command)
        self._p1 = command.number("p1")

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if not behaviour.accepts_parameters(command.id, p1, p2, p1 == self._p1):
            return chip.refuse(command, "parameters")
        key = self._master_key()
        if key is None or key.key_id != p2:
            return chip.refuse(command, "key")
        attempt = Attempt.at_key(chip, key)
        if attempt.blocked:
            return chip.refuse(command, "blocked")
        challenge = self._challenge()
        if challenge is None:
            return chip.refuse(command, "no-challenge")
        material = chip.image.keys[key.id][chip.spec.default_key_version]
        if attempt.judge(coding.proof(material, challenge), data):
            chip.security = behaviour.security_after_authentication(chip.security, key.id)
            return chip.ok()
        chip.security = behaviour.security_after_failed_authentication(chip.security, key.id)
        return chip.refuse(command, "failed", attempt.reported)


class CertificateChange(CertificateCommand):
    """What both changes share: enciphered data and a MAC from the challenge on, under the old secret."""

    __slots__ = ()

    def _authentic(self, key: bytes, challenge: bytes, p1: int, p2: int, data: bytes) -> bool:
        command = self._command
        header = bytes((command.cla, command.ins, p1, p2, len(data)))
        computed = coding.mac(key, challenge, header + data[: -coding.MAC])
        return self._chip.behaviour.certificate_mac_agrees(computed, data[-coding.MAC :])

    def _new(self, key: bytes, data: bytes) -> bytes | None:
        return coding.unpadded(coding.decrypt(key, data[: -coding.MAC]))


class CertificateChangePin(CertificateChange):
    """``84 5E 01 00 14``: the new administrator PIN under the key of the old one."""

    __slots__ = ("_p1", "_pin")

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command)
        self._p1 = command.number("p1")
        self._pin: CertificatePin = self._data.pins[word(command, "pin")]

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour, pin = self._chip, self._command, self._chip.behaviour, self._pin
        if not behaviour.accepts_parameters(command.id, p1, p2, (p1, p2) == (self._p1, pin.p2)):
            return chip.refuse(command, "parameters")
        attempt = Attempt.at_pin(chip, pin)
        if attempt.blocked:
            return chip.refuse(command, "blocked")
        challenge = self._challenge()
        if challenge is None:
            return chip.refuse(command, "no-challenge")
        old = content(chip.image).pins[pin.id]
        key = behaviour.certificate_pin_key(coding.pin_digest(old), self._coding.proof_key)
        # The MAC tells whether the old PIN was known: it costs a try like any other proof (profile).
        attempt.count(behaviour.tries_before_comparison(pin.id, attempt.left))
        authentic = self._authentic(key, challenge, p1, p2, data)
        attempt.settle(right=authentic)
        if not authentic:
            return chip.refuse(command, "mac")
        plain = self._new(key, data)
        if plain is None or not plain or plain[0] != len(plain) - 1 or not bcd_digits(plain[1:]).isdigit():
            return chip.refuse(command, "data")
        changed = behaviour.certificate_changed(pin.id, old, plain[1:])
        chip.memory.put((CertificatePinValue(pin.id), changed))
        chip.security = chip.security.without_key(pin.id)
        return chip.ok()


class CertificateChangeKey(CertificateChange):
    """``84 D4 01 00 24``: a new master key of the current application under the old one, which is authenticated."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        refused = self._refusal(p1, p2)
        if refused is not None:
            return refused
        key = self._master_key()
        if key is None or not behaviour.certificate_allowed(command.id, key.id, chip.security):
            return chip.refuse(command, "security")
        challenge = self._challenge()
        if challenge is None:
            return chip.refuse(command, "no-challenge")
        cell = MasterKey(key.id, chip.spec.default_key_version)
        old = cell.get(chip.image)
        if not self._authentic(old, challenge, p1, p2, data):
            return chip.refuse(command, "mac")
        plain, lead = self._new(old, data), self._coding.new_key
        if plain is None or not plain.startswith(lead) or len(plain) != len(lead) + MASTER_KEY_BYTES:
            return chip.refuse(command, "data")
        chip.memory.put((cell, behaviour.certificate_changed(key.id, old, plain[len(lead) :])))
        chip.security = chip.security.without_key(key.id)
        return chip.ok()
