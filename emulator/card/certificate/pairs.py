"""Key pairs: generation, export, import."""

from emulator.card.certificate import coding
from emulator.card.certificate.command import CertificateCommand, session_of
from emulator.card.certificate.memory import PrivateKeyValue
from emulator.card.chip import Chip
from emulator.card.memory import Octets, Write
from emulator.envelope.sm2 import ORDER, BadKey, PrivateKey, PublicKey
from onecard.spec.card import Command
from onecard.spec.card_certificate import word

SESSION_KEY_BYTES = 16
PRIVATE_BYTES = 32


def scalar(random: bytes) -> bytes:
    """A private key, or the number of a signature, from 32 random bytes: 1 to n - 2."""
    return (int.from_bytes(random, "big") % (ORDER - 2) + 1).to_bytes(PRIVATE_BYTES, "big")


class PairCommand(CertificateCommand):
    """What commands on key pairs share: the session, and the writing of a public key."""

    __slots__ = ("_session",)

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command)
        self._session = session_of(chip)

    def _public(self, file: str, point: bytes) -> Write:
        right = self._coding.header + point
        cell = Octets(file, 0, len(right))
        return cell, self._chip.behaviour.certificate_public_key(cell.get(self._chip.image), right)


class CertificateGenerate(PairCommand):
    """``80 40 00 00 08``: a new signature key pair into the two files named."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, rule = self._chip, self._command, self._coding
        refused = self._refusal(p1, p2)
        if refused is not None:
            return refused
        named = coding.values(data, (rule.public_file, rule.private_file))
        pair = self._data.pair("signature")
        if named is None or tuple(map(self._file, named)) != (pair.public, pair.private):
            return chip.refuse(command, "data")
        cell = PrivateKeyValue(pair.private)
        random = chip.behaviour.certificate_private_key(chip.random, cell.get(chip.image))
        key = PrivateKey(scalar(random))
        chip.memory.put((cell, key.octets), self._public(pair.public, key.public.octets))
        return chip.ok()


class CertificateExport(PairCommand):
    """``80 C9 82 00`` names the files, ``80 C9 82 80`` fetches the public key."""

    __slots__ = ("_choose", "_fetch", "_p1")

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command)
        self._p1, self._choose, self._fetch = (command.number(name) for name in ("p1", "choose", "fetch"))

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc of the first form, Le of the second."""
        chip, command = self._chip, self._command
        right = p1 == self._p1 and p2 in (self._choose, self._fetch)
        if not chip.behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, "parameters")
        return self._given(length) if p2 == self._fetch else self._chosen(data)

    def _chosen(self, data: bytes) -> bytes:
        named = coding.values(data, (self._coding.public_file, self._coding.private_file))
        files = None if named is None else tuple(map(self._file, named))
        pairs = {(pair.public, pair.private): pair.public for pair in self._data.pairs.values()}
        if files is None or len(files) != 2 or files not in pairs:
            return self._chip.refuse(self._command, "data")
        self._session.chosen = pairs[files]
        return self._chip.ok()

    def _given(self, length: int) -> bytes:
        chip, command = self._chip, self._command
        if self._session.chosen is None:
            return chip.refuse(command, "not-chosen")
        exported = chip.behaviour.certificate_exported(bytes(chip.image.binary(self._session.chosen).data))
        actual = len(exported)
        if not chip.behaviour.accepts_expected_length(command.id, length, actual, length == actual):
            return chip.wrong_length(command.id, length, actual)
        return chip.ok(exported)


class CertificateImportSession(PairCommand):
    """``80 4A 02 10 12``: the SM4 key under which a private key is imported; it ends with the application."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        refused = self._refusal(p1, p2)
        if refused is not None:
            return refused
        found = coding.values(data, (self._coding.data,))
        if found is None or len(found[0]) != SESSION_KEY_BYTES:
            return self._chip.refuse(self._command, "data")
        self._session.key = found[0]
        return self._chip.ok()


class CertificateImportKey(PairCommand):
    """``80 C2``: public (P1 P2 40 00) or private (C0 01) key of the encryption key pair."""

    __slots__ = ("_forms",)

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command)
        self._forms = {
            bytes.fromhex(word(command, "public")): self._import_public,
            bytes.fromhex(word(command, "private")): self._import_private,
        }

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        form = self._forms.get(bytes((p1, p2)))
        if not chip.behaviour.accepts_parameters(command.id, p1, p2, form is not None) or form is None:
            return chip.refuse(command, "parameters")
        return self._refusal(p1, p2) or form(data)

    def _import_public(self, data: bytes) -> bytes:
        chip, pair = self._chip, self._data.pair("encryption")
        found = coding.values(data, (self._coding.public_file, self._coding.public_value))
        if found is None or self._file(found[0]) != pair.public or not _is_point(found[1]):
            return chip.refuse(self._command, "data")
        chip.memory.put(self._public(pair.public, found[1]))
        return chip.ok()

    def _import_private(self, data: bytes) -> bytes:
        chip, pair = self._chip, self._data.pair("encryption")
        found = coding.values(data, (self._coding.private_file, self._coding.private_value))
        if found is None or self._file(found[0]) != pair.private or len(found[1]) != PRIVATE_BYTES:
            return chip.refuse(self._command, "data")
        if self._session.key is None:
            return chip.refuse(self._command, "no-session")
        deciphered = coding.decrypt(self._session.key, found[1])
        private = chip.behaviour.certificate_import_key(deciphered, found[1])
        if not 0 < int.from_bytes(private, "big") < ORDER - 1:
            return chip.refuse(self._command, "data")
        chip.memory.put((PrivateKeyValue(pair.private), private))
        return chip.ok()


def _is_point(octets: bytes) -> bool:
    try:
        PublicKey(octets)
    except BadKey:
        return False
    return True
