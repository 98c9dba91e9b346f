"""Commands of the certificate application in words. Keys and proofs of PINs are told by their lengths only."""

from collections.abc import Mapping
from typing import Final

from onecard.explain.maintenance import secured_text
from onecard.explain.octets import Octets, hexed, number
from onecard.explain.parts import Parts
from onecard.explain.tlv import Tlv
from onecard.explain.words import count, joined, same
from onecard.spec.card import CardSpec, Command
from onecard.spec.card_certificate import APPLICATION, Coding, certificate_of, has_certificate
from onecard.spec.text import Text

_LONG: Final = 0x82
"""A length of two bytes follows (BER)."""
_CRYPTOGRAM: Final = Text(zh="密文", en="cryptogram")

CERTIFICATE_ANSWERS: Final[Mapping[str, Text]] = {
    "CERT-DIGEST": Text(zh="SM3 摘要", en="SM3 digest"),
    "CERT-EXPORT": Text(zh="公钥", en="public key"),
    "CERT-UNWRAP": Text(zh="会话密钥", en="session key"),
    "CERT-SIGN": Text(zh="签名 r‖s", en="signature r, s"),
}
"""Commands with an answer, and what it is."""
_PUBLIC: Final = frozenset({"CERT-DIGEST", "CERT-EXPORT", "CERT-SIGN"})
"""Commands whose answer is no secret: it is told whole."""


def certificate_asked(spec: CardSpec, command: Command, taken: Parts) -> Text:
    """PIN, file or key that a command of the certificate application is about."""
    if not has_certificate(spec):
        return same("")
    about = _ABOUT.get(command.id, _objects)
    return about(spec, command, taken) or same("")


def certificate_told(command: Command, data: Octets) -> Text:
    """What it answers."""
    name = CERTIFICATE_ANSWERS.get(command.id, Text(zh="数据", en="data"))
    if command.id in _PUBLIC:
        return Text(zh=f"{name.zh} {hexed(data)}", en=f"{name.en} {hexed(data)}")
    return Text(zh=f"{name.zh} {len(data)} 字节", en=f"{name.en} of {count(len(data)).en}")


def _pin(spec: CardSpec, command: Command, taken: Parts) -> Text:
    pin = next((pin for pin in certificate_of(spec).pins.values() if pin.p2 == taken.p2), None)
    return pin.name if pin is not None else same(f"P2 {hexed((taken.p2,))}")


def _proof(spec: CardSpec, command: Command, taken: Parts) -> Text:
    length = len(taken.data)
    return Text(zh=f"主控密钥的 {length} 字节鉴别数据", en=f"proof of {count(length).en} for the master key")


def _secured(spec: CardSpec, command: Command, taken: Parts) -> Text | None:
    return secured_text(taken.data, _CRYPTOGRAM)


def _export(spec: CardSpec, command: Command, taken: Parts) -> Text | None:
    if taken.p2 == command.number("fetch"):
        return Text(zh="取公钥", en="fetches the public key")
    return _objects(spec, command, taken)


def _objects(spec: CardSpec, command: Command, taken: Parts) -> Text | None:
    if not taken.data:
        return None
    found = _tlvs(taken.data)
    if found is None:
        return Text(zh=f"{len(taken.data)} 字节，非 TLV", en=f"{count(len(taken.data)).en}, not a TLV")
    coding = certificate_of(spec).coding
    return joined([_object(spec, coding, tlv.tag, tlv.value) for tlv in found])


def _tlvs(data: Octets) -> list[Tlv] | None:
    """Tags of one byte, lengths of one byte or 82 and two; None for anything else."""
    found: list[Tlv] = []
    at = 0
    while at < len(data):
        long = data[at + 1 : at + 2] == (_LONG,)
        start = at + (4 if long else 2)
        tag, length = data[at], number(data[at + 2 : start] if long else data[at + 1 : start])
        if not tag or length is None or start + length > len(data):
            return None
        found.append(Tlv(tag, data[start : start + length]))
        at = start + length
    return found


def _object(spec: CardSpec, coding: Coding, tag: int, value: Octets) -> Text:
    files = {
        coding.public_file: Text(zh="公钥文件", en="public key file"),
        coding.private_file: Text(zh="私钥文件", en="private key file"),
    }
    if tag in files:
        here = [file for file in spec.files.values() if file.application == APPLICATION and file.fid == number(value)]
        shown = Text(zh=f"{files[tag].zh} {hexed(value)}", en=f"{files[tag].en} {hexed(value)}")
        if not here:
            return shown
        return Text(zh=f"{shown.zh}（{here[0].name.zh}）", en=f"{shown.en} ({here[0].name.en})")
    contents = {
        coding.data: Text(zh="数据", en="data"),
        coding.public_value: Text(zh="公钥值", en="public key"),
        coding.private_value: Text(zh="加密的私钥值", en="enciphered private key"),
    }
    name = contents.get(tag, Text(zh=f"{tag:02X}（未知）", en=f"{tag:02X} (unknown)"))
    return Text(zh=f"{name.zh} {len(value)} 字节", en=f"{name.en} of {count(len(value)).en}")


_ABOUT: Final = {
    "CERT-VERIFY": _pin,
    "CERT-AUTHENTICATE": _proof,
    "CERT-CHANGE-PIN": _secured,
    "CERT-CHANGE-KEY": _secured,
    "CERT-EXPORT": _export,
}
