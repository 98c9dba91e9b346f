"""Decisions of the certificate application."""

from collections.abc import Callable

from emulator.card.state import SecurityState


class CertificateBehaviour:
    """PIN proofs, rights, digests, signatures, decryption, key pairs and changes.

    Counters, challenges and comparison are those of every authentication: tries_before_comparison, challenge_to_use,
    accept_authentication and their like are asked with the id of the PIN (CERT-USER, CERT-ADMIN).
    """

    def certificate_pin_key(self, digest: bytes, length: int) -> bytes:
        """The key that a PIN proves: the first bytes of its SM3."""
        return digest[:length]

    def certificate_challenge(self, lengths: tuple[int, ...], challenge: bytes) -> bytes | None:
        """The challenge that a proof is made of; None where one of this length does not serve."""
        return challenge if len(challenge) in lengths else None

    def certificate_right(self, pin: str) -> str:
        """The right that a verified PIN grants: its own."""
        return pin

    def certificate_allowed(self, command: str, right: str, state: SecurityState) -> bool:
        """Whether a command may be carried out."""
        return right in state.keys

    def certificate_digest(self, data: bytes, right: bytes) -> bytes:
        """The digest of ``data``."""
        return right

    def certificate_nonce(self, random: Callable[[int], bytes]) -> bytes:
        """The random number of a signature, fresh every time."""
        return random(32)

    def certificate_signature(self, digest: bytes, right: bytes) -> bytes:
        """The signature of ``digest``: r, s."""
        return right

    def certificate_cipher(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        """Point, hash and cipher of what is to be decrypted: C1, C3, C2."""
        return data[:64], data[64:96], data[96:]

    def certificate_decrypted(self, parts: tuple[bytes, bytes, bytes], plain: bytes | None) -> bytes | None:
        """What a decryption gives; None (the hash does not agree, or the point is none) refuses."""
        return plain

    def certificate_private_key(self, random: Callable[[int], bytes], old: bytes | None) -> bytes:
        """Random bytes of a new private key."""
        return random(32)

    def certificate_public_key(self, old: bytes, right: bytes) -> bytes:
        """What is written into the file of a public key."""
        return right

    def certificate_exported(self, right: bytes) -> bytes:
        """The public key exported."""
        return right

    def certificate_import_key(self, deciphered: bytes, given: bytes) -> bytes:
        """The private key imported: the one deciphered with the session key."""
        return deciphered

    def certificate_mac_agrees(self, computed: bytes, given: bytes) -> bool:
        """Whether a change is authentic."""
        return computed == given

    def certificate_changed(self, name: str, old: bytes, new: bytes) -> bytes:
        """The PIN or master key that counts after a change."""
        return new
