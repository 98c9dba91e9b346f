"""The e-card service as the suite computes it: a card's proof, dynamic codes and their signature, masks."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from onecard.oracle import session, sm2
from onecard.oracle.errors import DecodeError
from onecard.spec.card import CardSpec
from onecard.spec.ecard import CodeFormat, EcardSpec, Mask

SIGNATURE: Final = "SIGNATURE"
POINT_BYTES: Final = 65


class MalformedCode(DecodeError):
    """A text that is no dynamic code: prefix, encoding, length or a fixed field is wrong."""


class WrongPublishedKey(DecodeError):
    """A published key that is no uncompressed point of the SM2 curve in hexadecimal."""


class NoTime(DecodeError):
    """A value that is no whole number of seconds."""


def seconds(value: object) -> int:
    """A time of the service: whole seconds since 1970-01-01 UTC, as a JSON number. Raises NoTime."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NoTime(offset=0, zh=f"时间应为整秒数，实为 {value!r}", en=f"a time is a number of seconds, not {value!r}")
    return value


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _to_base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def _to_hex(octets: bytes) -> str:
    return octets.hex().upper()


_CODINGS: Final[Mapping[str, tuple[Callable[[str], bytes], Callable[[bytes], str]]]] = MappingProxyType(
    {"base64url": (_base64url, _to_base64url), "hex": (bytes.fromhex, _to_hex)}
)


@dataclass(frozen=True, slots=True)
class Code:
    """A dynamic code: its fields in the order of the layout, big-endian."""

    format_: CodeFormat
    fields: Mapping[str, bytes]

    @property
    def octets(self) -> bytes:
        """All fields."""
        return b"".join(self.fields.values())

    @property
    def signed(self) -> bytes:
        """What the signature covers: the prefix and every field before the signature."""
        names = list(self.fields)
        before = names[: names.index(SIGNATURE)]
        return self.format_.prefix.encode("ascii") + b"".join(self.fields[name] for name in before)

    @property
    def text(self) -> str:
        """The code as it is shown."""
        return self.format_.prefix + _CODINGS[self.format_.encoding][1](self.octets)

    def number(self, name: str) -> int:
        """A field as a number."""
        return int.from_bytes(self.fields[name], "big")

    def with_field(self, name: str, octets: bytes) -> "Code":
        """The code with another value of one field."""
        return replace(self, fields={**self.fields, name: octets})

    def with_bit_changed(self, name: str) -> "Code":
        """The code with the lowest bit of one field changed."""
        old = self.fields[name]
        return self.with_field(name, old[:-1] + bytes((old[-1] ^ 1,)))


def parse_code(format_: CodeFormat, text: object) -> Code:
    """The code behind a text; raises MalformedCode for anything but its one right spelling."""
    if not isinstance(text, str) or not text.startswith(format_.prefix):
        raise MalformedCode(
            offset=0, zh=f"应为以 {format_.prefix} 开头的文本", en=f"must be a text that begins with {format_.prefix}"
        )
    decode, encode = _CODINGS[format_.encoding]
    encoded = text[len(format_.prefix) :]
    try:
        octets = decode(encoded)
    except (binascii.Error, ValueError):
        octets = b""
    if encode(octets) != encoded:
        raise MalformedCode(
            offset=len(format_.prefix),
            zh=f"其余部分不是规范的 {format_.encoding} 编码",
            en=f"the rest is not {format_.encoding} as it should be",
        )
    whole = sum(field.length for field in format_.layout)
    if len(octets) != whole:
        raise MalformedCode(
            offset=len(octets),
            zh=f"应有 {whole} 字节，实为 {len(octets)}",
            en=f"{len(octets)} bytes, not {whole}",
        )
    return Code(format_, _split(format_, octets))


def _split(format_: CodeFormat, octets: bytes) -> dict[str, bytes]:
    fields: dict[str, bytes] = {}
    at = 0
    for field in format_.layout:
        fields[field.id] = octets[at : at + field.length]
        if field.value is not None and int.from_bytes(fields[field.id], "big") != field.value:
            raise MalformedCode(offset=at, zh=f"{field.id} 应为 {field.value}", en=f"{field.id} must be {field.value}")
        at += field.length
    return fields


def respelled(code: Code) -> tuple[str, ...]:
    """Other spellings of the same bytes, which a lenient decoder would take."""
    text = code.text
    body = text[len(code.format_.prefix) :]
    standard = base64.b64encode(code.octets).decode("ascii")
    spellings = (
        text + "=" * (-len(body) % 4),
        code.format_.prefix + standard,
        code.format_.prefix + body[:-1] + _next_character(body[-1]),
        code.format_.prefix.lower() + body,
        text + "\n",
        " " + text,
    )
    return tuple(dict.fromkeys(spelling for spelling in spellings if spelling != text))


def _next_character(character: str) -> str:
    # The last character of unpadded base64 has spare bits: its neighbour often decodes to the same bytes.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(character) ^ 1] if character in alphabet else "A"


def published_keys(spec: EcardSpec, keys: object) -> dict[bytes, sm2.PublicKey]:
    """The published keys by id; raises WrongPublishedKey, NotAPoint, or ValueError for what is no hexadecimal."""
    if not isinstance(keys, list) or not keys:
        raise WrongPublishedKey(offset=0, zh="没有公布任何公钥", en="no key is published")
    return dict(_published(spec, entry) for entry in keys)


def _published(spec: EcardSpec, entry: Mapping[str, Any]) -> tuple[bytes, sm2.PublicKey]:
    identifier, point, user_id = (str(entry[name]) for name in spec.signature.published)
    octets = bytes.fromhex(point)
    if len(octets) != POINT_BYTES or octets[0] != 0x04:
        raise WrongPublishedKey(
            offset=0, zh="公钥应为 04 开头的 65 字节未压缩点", en="a key is an uncompressed point, 65 bytes from 04"
        )
    if user_id != spec.signature.user_id:
        raise WrongPublishedKey(
            offset=0,
            zh=f"用户标识应为 {spec.signature.user_id}，实为 {user_id}",
            en=f"the user id must be {spec.signature.user_id}, not {user_id}",
        )
    return bytes.fromhex(identifier), sm2.PublicKey(octets[1:33], octets[33:])


def signature_holds(spec: EcardSpec, code: Code, key: sm2.PublicKey) -> bool:
    """Whether the code's signature is right under a public key."""
    return sm2.verify(key, code.signed, spec.signature.user_id.encode("ascii"), code.fields[SIGNATURE])


def signed_by(spec: EcardSpec, code: Code, private_key: bytes, k: bytes) -> Code:
    """The code signed anew with another's key: for forgeries only, whose key and ``k`` need not be secret.

    Raises UnusableScalar when ``private_key`` or ``k`` cannot be used.
    """
    signature = sm2.sign(private_key, code.signed, spec.signature.user_id.encode("ascii"), k)
    return code.with_field(SIGNATURE, signature)


def masked(mask: Mask, value: str) -> str:
    """``value`` as a verifier sees it: first and last characters kept, or none where these would be all."""
    kept = mask.first + mask.last
    if len(value) <= kept:
        return mask.character * len(value)
    tail = value[-mask.last :] if mask.last else ""
    return value[: mask.first] + mask.character * (len(value) - kept) + tail


def card_proof(card: CardSpec, root: bytes, key: str, record: Mapping[str, str], random: bytes, data: bytes) -> bytes:
    """What the card of ``record`` answers to an internal authentication with its root key ``key``: 8 bytes."""
    rules = session.rules_of(card)
    levels = card.keys[key].levels
    own = session.card_key(rules, root, levels, record["aab301"], bytes.fromhex(record["aaz507"]))
    return session.authentication_data(rules, session.session_key(rules, own, random), data)
