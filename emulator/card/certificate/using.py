"""Using a key pair: signature and decryption; and the digest."""

from emulator.card.certificate import coding
from emulator.card.certificate.command import CertificateCommand
from emulator.card.certificate.memory import PrivateKeyValue
from emulator.card.certificate.pairs import scalar
from emulator.crypto import sm3
from emulator.envelope.sm2 import PrivateKey

DIGEST_BYTES = 32
CIPHER_OVERHEAD = 96


class CertificateDigest(CertificateCommand):
    """``80 C4 01 03``: SM3 of the data in object C1."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        refused = self._refusal(p1, p2)
        if refused is not None:
            return refused
        found = coding.values(data, (self._coding.data,))
        if found is None:
            return chip.refuse(command, "data")
        return chip.announce(command.id, chip.behaviour.certificate_digest(found[0], sm3(found[0])))


class KeyUse(CertificateCommand):
    """A use of a private key: C2 names its file, C1 holds what it is used on."""

    __slots__ = ()

    def _operands(self, data: bytes) -> tuple[str, bytes] | None:
        found = coding.values(data, (self._coding.private_file, self._coding.data))
        file = None if found is None else self._file(found[0])
        if found is None or file not in {pair.private for pair in self._data.pairs.values()} or file is None:
            return None
        return file, found[1]

    def _key(self, file: str) -> PrivateKey | None:
        octets = PrivateKeyValue(file).get(self._chip.image)
        return None if octets is None else PrivateKey(octets)


class CertificateUnwrap(KeyUse):
    """``80 4E 00 01``: SM2 decryption of a session key, C1 then C3 then C2."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        refused = self._refusal(p1, p2)
        if refused is not None:
            return refused
        operands = self._operands(data)
        if operands is None or len(operands[1]) <= CIPHER_OVERHEAD:
            return chip.refuse(command, "data")
        key = self._key(operands[0])
        if key is None:
            return chip.refuse(command, "data")
        parts = behaviour.certificate_cipher(operands[1])
        plain = behaviour.certificate_decrypted(parts, key.decrypt(*parts))
        return chip.refuse(command, "data") if plain is None else chip.announce(command.id, plain)


class CertificateSign(KeyUse):
    """``80 C8 01 03``: SM2 signature of a digest under the signature key (profile)."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        refused = self._refusal(p1, p2)
        if refused is not None:
            return refused
        operands = self._operands(data)
        if operands is None or operands[0] != self._data.pair("signature").private or len(operands[1]) != DIGEST_BYTES:
            return chip.refuse(command, "data")
        key = self._key(operands[0])
        if key is None:
            return chip.refuse(command, "data")
        signature = key.sign_digest(operands[1], scalar(behaviour.certificate_nonce(chip.random)))
        return chip.announce(command.id, behaviour.certificate_signature(operands[1], signature))
