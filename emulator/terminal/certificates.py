"""The certificate functions whose names are known: a signature by the card's key, and its verification without a card.

Commands are those of the card's certificate application; forms of the strings: specs/terminal/certificates.yaml
(profile).
"""

from collections.abc import Mapping

from asn1crypto.x509 import Certificate

from emulator.card.certificate import coding
from emulator.codec import bcd
from emulator.envelope.sm2 import DEFAULT_ID, BadKey, PublicKey
from emulator.terminal.failure import Failure
from emulator.terminal.pin_at_card import TRIES
from emulator.terminal.reading import Card
from emulator.terminal.steps import Arguments, Function, Steps
from emulator.terminal.strings import written
from onecard.spec.card_certificate import APPLICATION, ENVIRONMENT, certificate_of

USER = "CERT-USER"
SIGNATURE = "signature"
TEXT = "gb18030"
PIECE = 0xF0
FEWEST, MOST = 4, 16
UNCOMPRESSED = 0x04


class CertificateFunctions:
    """PKI_SignData and PKI_VerifySign."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._data = certificate_of(steps.card_spec)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {"SIGN-DATA": self._sign, "VERIFY-SIGN": self._verify}

    def _sign(self, arguments: Arguments) -> str:
        steps, pair = self._steps, self._data.pair(SIGNATURE)
        steps.session = None
        pin = self._pin(str(arguments.get("pUserPin", "")))
        search = arguments.get("iType")
        card = steps.reader.find(search if isinstance(search, int) else 0)
        self._select(card)
        point = self._read(card, pair.public, len(self._data.coding.header) + 64)[len(self._data.coding.header) :]
        certificate = _first_object(self._read(card, pair.certificate, steps.card_spec.file(pair.certificate).size))
        try:
            digest = PublicKey(point).digest(_octets(arguments, "pInData"), DEFAULT_ID)
        except BadKey:
            raise steps.reader.failure("RECORD") from None
        self._prove(card, pin)
        signature = self._signed(card, pair.private, digest)
        values = {"signature": signature.hex().upper(), "certificate": certificate.hex().upper()}
        return written(steps.spec.signed, {}, values, steps.behaviour)

    def _verify(self, arguments: Arguments) -> str:
        steps = self._steps
        try:
            certificate = Certificate.load(bytes.fromhex(str(arguments.get("pCert", ""))), strict=True)
            point = bytes(certificate.public_key["public_key"].native)
            signature = bytes.fromhex(str(arguments.get("pSignature", "")))
            if point[:1] != bytes((UNCOMPRESSED,)):
                raise ValueError("a point in another form")
            holds = PublicKey(point[1:]).verify(_octets(arguments, "pClearText"), signature)
        except (ValueError, TypeError, KeyError):
            # What is no certificate raises many things; BadKey is a ValueError too.
            raise steps.reader.failure("SIGN-INPUT") from None
        if not holds:
            raise steps.reader.failure("SIGNATURE")
        return ""

    # --- the card ---

    def _pin(self, text: str) -> bytes:
        if not (text.isascii() and text.isdecimal()):
            raise self._steps.reader.failure("PIN-CHARACTERS")
        if not FEWEST <= len(text) <= MOST:
            raise self._steps.reader.failure("PIN-LENGTH")
        return bcd(text)

    def _select(self, card: Card) -> None:
        for application in (ENVIRONMENT, APPLICATION):
            _, sw = card.channel.select_name(self._steps.card_spec.applications[application].aid)
            if not card.channel.is_ok(sw):
                raise self._steps.reader.failure("NO-CERTIFICATE")

    def _read(self, card: Card, file: str, size: int) -> bytes:
        """``size`` bytes of a transparent file; raises Failure."""
        card.channel.select_file(self._steps.card_spec.file(file).fid)
        command = self._steps.card_spec.command("READ-BINARY")
        found = b""
        while len(found) < size:
            offset = len(found).to_bytes(2, "big")
            piece = min(PIECE, size - len(found))
            found += card.channel.must(bytes((command.cla, command.ins)) + offset + bytes((piece,)))
        return found

    def _prove(self, card: Card, pin: bytes) -> None:
        """Prove the user PIN, once; raises Failure."""
        reader, command = self._steps.reader, self._steps.card_spec.command("CERT-VERIFY")
        key = coding.pin_digest(pin)[: self._data.coding.proof_key]
        challenge = card.channel.challenge(self._data.coding.challenge_lengths[0])
        proof = coding.proof(key, challenge)
        _, sw = card.channel.command(command.id, command.number("p1"), self._data.pins[USER].p2, proof)
        if card.channel.is_ok(sw):
            return
        outcomes = {"failed": "PIN-WRONG", "blocked": "PIN-LOCKED"}
        found = next((outcome for name, outcome in outcomes.items() if command.statuses[name].matches(sw)), None)
        if found is None:
            raise Failure(reader.code_of_status(sw))
        text = f"，剩余 {sw & TRIES} 次" if found == "PIN-WRONG" else ""
        raise Failure(reader.failure(found).code, text)

    def _signed(self, card: Card, private: str, digest: bytes) -> bytes:
        command, tags = self._steps.card_spec.command("CERT-SIGN"), self._data.coding
        fid = self._steps.card_spec.file(private).fid.to_bytes(2, "big")
        data = bytes((tags.private_file, len(fid))) + fid + bytes((tags.data, len(digest))) + digest
        found, sw = card.channel.command(command.id, command.number("p1"), command.number("p2"), data)
        if not card.channel.is_ok(sw):
            raise Failure(self._steps.reader.code_of_status(sw))
        return found


def _octets(arguments: Arguments, name: str) -> bytes:
    return str(arguments.get(name, "")).encode(TEXT, errors="replace")


def _first_object(octets: bytes) -> bytes:
    """The DER object at the beginning, without what fills the file."""
    if len(octets) < 4 or octets[0] != 0x30:
        return b""
    size = octets[1] & 0x7F if octets[1] & 0x80 else 0
    length = int.from_bytes(octets[2 : 2 + size], "big") if size else octets[1]
    return octets[: 2 + size + length]
