"""The envelope itself: one party's side of the conversation with one peer."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emulator.envelope import cipher, normal, reading
from emulator.envelope.sm2 import DEFAULT_ID, PrivateKey, PublicKey
from onecard.spec.partner import PartnerSpec


@dataclass(frozen=True, slots=True)
class Party:
    """Who speaks: application id and secret that both sides know, own private key, the peer's public key."""

    app_id: str
    secret: str
    private: PrivateKey
    peer: PublicKey


class EnvelopeBehaviour:
    """The decisions of an envelope's implementation that real ones get wrong. As they stand they are right."""

    def drops(self, value: object, right: bool) -> bool:
        """Whether a value counts as empty and stays out of the string to sign."""
        return right

    def refuses_twice(self, key: str) -> bool:
        """Whether a key that stands twice makes a text unreadable."""
        return True

    def signs(self, field: str, right: bool) -> bool:
        """Whether a protocol field (last part of its id) enters the string to sign."""
        return right

    def user_id(self, right: bytes) -> bytes:
        """The user id of signatures."""
        return right

    def message_key(self, right: bytes) -> bytes:
        """The key of the business data."""
        return right

    def deciphered(self, text: str, right: bytes) -> bytes:
        """The business data in clear, as bytes."""
        return right

    def text_to_verify(self, received: str, right: str) -> str:
        """The string that a received message's signature is verified over; ``received``: its data as they came."""
        return right


@dataclass(frozen=True)
class Envelope:
    """Seals and opens messages between ``party`` and its peer, by the data."""

    spec: PartnerSpec
    party: Party
    behaviour: EnvelopeBehaviour

    def sealed(self, fields: Mapping[str, str], data: Mapping[str, Any] | None) -> dict[str, Any]:
        """A message of protocol fields (by key) and business data: data enciphered, all of it signed."""
        message: dict[str, Any] = dict(fields)
        if data is not None:
            plain = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
            message[self._enc_data] = cipher.encipher(self.spec.encipherment, self._key, plain)
        signature = self.party.private.sign(self._string(fields, data).encode("utf-8"), self._identity)
        return {**message, self.spec.field("SIGN-DATA").key: self._coded(signature)}

    def opened(self, message: Mapping[str, Any]) -> "Opened":
        """The business data of a message; raises CannotDecipher or NotAMessage."""
        text = message.get(self._enc_data)
        if not isinstance(text, str):
            raise cipher.CannotDecipher("no business data")
        plain = self.behaviour.deciphered(text, cipher.decipher(self.spec.encipherment, self._key, text))
        try:
            read = plain.decode("utf-8")
        except UnicodeDecodeError as error:
            raise cipher.CannotDecipher(str(error)) from None
        return Opened(read, reading.read_object(read, self.behaviour.refuses_twice))

    def holds(self, message: Mapping[str, Any], opened: "Opened | None") -> bool:
        """Whether the message's signature is the peer's over its fields and its business data."""
        data = None if opened is None else opened.data
        text = self.behaviour.text_to_verify("" if opened is None else opened.text, self._string(message, data))
        try:
            signature = self._uncoded(str(message.get(self.spec.field("SIGN-DATA").key, "")))
        except ValueError:
            return False
        return self.party.peer.verify(text.encode("utf-8"), signature, self._identity)

    def _string(self, message: Mapping[str, Any], data: Mapping[str, Any] | None) -> str:
        names = {field.key: field.id.rpartition("/")[2] for field in self.spec.fields}
        unsigned = {field.key for field in self.spec.fields if not self.behaviour.signs(names[field.key], field.signed)}
        clear = self.spec.field("DATA").key
        signed = {key: value for key, value in message.items() if key not in unsigned}
        if data is not None and clear not in unsigned:
            signed[clear] = data
        return normal.string_to_sign(self.spec.normal_form, signed, self.party.secret, self.behaviour.drops)

    @cached_property
    def _key(self) -> bytes:
        right = cipher.message_key(self.spec.key, self.party.app_id, self.party.secret)
        return self.behaviour.message_key(right)

    @cached_property
    def _identity(self) -> bytes:
        right = self.party.secret.encode("utf-8") if self.spec.signature.user_id == "app-secret" else DEFAULT_ID
        return self.behaviour.user_id(right)

    @property
    def _enc_data(self) -> str:
        return self.spec.field("ENC-DATA").key

    def _coded(self, signature: bytes) -> str:
        return (
            base64.b64encode(signature).decode("ascii") if self.spec.signature.coding == "base64" else signature.hex()
        )

    def _uncoded(self, text: str) -> bytes:
        if self.spec.signature.coding != "base64":
            return bytes.fromhex(text)
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Opened:
    """Business data: the text that was enciphered, and its values."""

    text: str
    data: dict[str, Any]
