"""The dynamic code: layout, encoding and signature by the data."""

import base64
import binascii
from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.crypto import sm3
from emulator.ecard.behaviour import EcardBehaviour
from emulator.envelope.sm2 import PrivateKey
from onecard.spec.ecard import CodeFormat, EcardSpec

SIGNATURE, KEY_ID, ESSC_NO, ISSUED, NONCE = "SIGNATURE", "KEY-ID", "ESSC-NO", "ISSUED", "NONCE"
UNCOMPRESSED = b"\x04"


def _base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


_ENCODERS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "base64url": lambda body: base64.urlsafe_b64encode(body).decode("ascii").rstrip("="),
        "hex": lambda body: body.hex().upper(),
    }
)
_DECODERS: Mapping[str, Callable[[str], bytes]] = MappingProxyType({"base64url": _base64url, "hex": bytes.fromhex})


def split(format_: CodeFormat, body: bytes) -> dict[str, bytes]:
    """The fields of a code's bytes, by name."""
    fields, at = {}, 0
    for field in format_.layout:
        fields[field.id] = body[at : at + field.length]
        at += field.length
    return fields


class Codes:
    """Makes, reads and checks codes with one signing key."""

    def __init__(self, spec: EcardSpec, behaviour: EcardBehaviour, key: PrivateKey) -> None:
        self._spec = spec
        self._format = spec.code
        self._behaviour = behaviour
        self._key = key
        self._identity = spec.signature.user_id.encode("ascii")

    @property
    def key_id(self) -> bytes:
        """The id of the signing key: the beginning of the SM3 digest of the public key, as long as the field."""
        length = next(field.length for field in self._format.layout if field.id == KEY_ID)
        return sm3(self._key.public.octets)[:length]

    def make(self, contents: Mapping[str, bytes]) -> str:
        """The signed text of a code. A field too long loses its first bytes, one too short gets 00 in front."""
        behaviour, prefix = self._behaviour, self._format.prefix.encode("ascii")
        body = b""
        for field in self._format.layout:
            if field.id == SIGNATURE:
                signed = behaviour.signed(prefix, body, prefix + body)
                octets = behaviour.signature_form(self._key.sign(signed, self._identity))
            else:
                octets = contents[field.id] if field.value is None else field.value.to_bytes(8, "big")
            fitted = octets[-field.length :].rjust(field.length, b"\x00")
            body += behaviour.field_bytes(field, fitted)
        right = self._format.prefix + _ENCODERS[self._format.encoding](body)
        return behaviour.text(self._format, body, right)

    def read(self, text: str) -> dict[str, bytes] | None:
        """The fields of a code; None for one that is malformed. A code has one spelling only."""
        body = self._behaviour.decoded(self._format, text, self._decoded(text))
        return None if body is None else split(self._format, body)

    def _decoded(self, text: str) -> bytes | None:
        prefix, encoded = self._format.prefix, text[len(self._format.prefix) :]
        try:
            body = _DECODERS[self._format.encoding](encoded)
        except (binascii.Error, ValueError):
            return None
        canonical = text == prefix + _ENCODERS[self._format.encoding](body)
        whole = len(body) == sum(field.length for field in self._format.layout)
        fields = split(self._format, body)
        fixed = (field for field in self._format.layout if field.value is not None)
        right = all(int.from_bytes(fields[field.id], "big") == field.value for field in fixed)
        return body if canonical and whole and right else None

    def holds(self, fields: Mapping[str, bytes]) -> bool:
        """Whether the signature is right, by a key of the service."""
        names = [field.id for field in self._format.layout]
        body = b"".join(fields[name] for name in names[: names.index(SIGNATURE)])
        known = self._behaviour.key_known(fields[KEY_ID] == self.key_id)

        def verify(signed: bytes) -> bool:
            return self._key.public.verify(signed, fields[SIGNATURE], self._identity)

        signed = self._format.prefix.encode("ascii") + body
        return self._behaviour.signature_holds(body, verify, known and verify(signed))

    def published(self) -> list[dict[str, str]]:
        """The public keys: id and uncompressed point in hexadecimal, and the user id."""
        values = {
            "keyId": self.key_id.hex().upper(),
            "publicKey": (UNCOMPRESSED + self._key.public.octets).hex().upper(),
            "userId": self._spec.signature.user_id,
        }
        return self._behaviour.published([{name: values[name] for name in self._spec.signature.published}])
