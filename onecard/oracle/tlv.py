"""Simple-TLV records of the card's files and BER-TLV of the FCI.

Sources: draft of 2011 (part 3, file system; part 5, commands) and ISO/IEC 7816-4 for the two codings.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from onecard.oracle.errors import DecodeError, EncodeError


class Truncated(DecodeError):
    """The bytes end inside a tag, a length or a value."""


class InvalidTag(DecodeError):
    """A tag that the coding does not have."""


class InvalidLength(DecodeError):
    """A length field that the coding does not have, or that this item may not have."""


class UnexpectedTag(DecodeError):
    """Another tag than the one required at this place."""


class MissingTag(DecodeError):
    """A mandatory tag is not there."""


class RepeatedTag(DecodeError):
    """A tag that may stand once stands twice."""


class InvalidSfi(DecodeError):
    """A short file identifier outside 1 to 30."""


class TrailingBytes(DecodeError):
    """Bytes after the end of the only item."""


class UnencodableItem(EncodeError):
    """A tag or value that simple TLV cannot express."""


@dataclass(frozen=True, slots=True)
class SimpleTlv:
    """An item with a one-byte tag (01 to FE) and a one-byte length (0 to 254). ``offset``: of its tag."""

    tag: int
    value: bytes
    offset: int


def simple_tlv_decode(octets: bytes) -> tuple[SimpleTlv, ...]:
    """The items of a record, or of several records read at once. Raises Truncated, InvalidTag, InvalidLength."""
    items: list[SimpleTlv] = []
    offset = 0
    while offset < len(octets):
        tag = octets[offset]
        if tag in (0x00, 0xFF):
            raise InvalidTag(offset=offset, zh=f"标签 {tag:02X} 无效", en=f"tag {tag:02X} is invalid")
        if offset + 1 == len(octets):
            raise Truncated(offset=offset, zh=f"标签 {tag:02X} 后没有长度", en=f"tag {tag:02X} has no length")
        length = octets[offset + 1]
        if length == 0xFF:
            # In ISO/IEC 7816-4 FF announces a three-byte length; the card's rule is one byte.
            raise InvalidLength(offset=offset + 1, zh="长度 FF 无效", en="length FF is invalid")
        end = offset + 2 + length
        if end > len(octets):
            raise Truncated(
                offset=len(octets),
                zh=f"标签 {tag:02X} 的值应有 {length} 字节，仅有 {len(octets) - offset - 2} 字节",
                en=f"tag {tag:02X} announces {length} bytes and has {len(octets) - offset - 2}",
            )
        items.append(SimpleTlv(tag, octets[offset + 2 : end], offset))
        offset = end
    return tuple(items)


def simple_tlv_encode(tag: int, value: bytes) -> bytes:
    """One record: tag, length, value. Raises UnencodableItem."""
    if not 0x01 <= tag <= 0xFE or len(value) > 0xFE:
        raise UnencodableItem(
            zh=f"标签 {tag:X}、长度 {len(value)} 超出简单 TLV 的范围",
            en=f"tag {tag:X} with {len(value)} bytes is outside simple TLV",
        )
    return bytes([tag, len(value)]) + value


@dataclass(frozen=True, slots=True)
class BerTlv:
    """A BER-TLV data object. ``tag``: its bytes as one number, e.g. 0x9F0C. ``offset``: of the first tag byte;
    ``value_offset``: of the first value byte.
    """

    tag: int
    offset: int
    value_offset: int
    value: bytes


def _ber_tag(octets: bytes, offset: int, end: int) -> tuple[int, int]:
    first = octets[offset]
    if first in (0x00, 0xFF):
        raise InvalidTag(offset=offset, zh=f"标签 {first:02X} 无效", en=f"tag {first:02X} is invalid")
    behind = offset + 1
    if first & 0x1F == 0x1F:
        while behind < end and octets[behind] & 0x80:
            behind += 1
        behind += 1
        if behind > end:
            raise Truncated(offset=offset, zh="标签不完整", en="the tag is not complete")
    return int.from_bytes(octets[offset:behind]), behind


def _ber_length(octets: bytes, offset: int, end: int) -> tuple[int, int]:
    if offset >= end:
        raise Truncated(offset=offset, zh="缺少长度", en="there is no length")
    first = octets[offset]
    if first < 0x80:
        return first, offset + 1
    count = first & 0x7F
    if not 1 <= count <= 4:
        raise InvalidLength(offset=offset, zh=f"长度首字节 {first:02X} 无效", en=f"length byte {first:02X} is invalid")
    behind = offset + 1 + count
    if behind > end:
        raise Truncated(offset=offset, zh="长度不完整", en="the length is not complete")
    return int.from_bytes(octets[offset + 1 : behind]), behind


def ber_tlv_decode(octets: bytes, start: int, end: int) -> tuple[BerTlv, ...]:
    """The data objects that fill ``octets[start:end]``; constructed ones are not opened.

    Offsets count from the beginning of ``octets``. Lengths need not be minimal. Raises Truncated, InvalidTag,
    InvalidLength.
    """
    objects: list[BerTlv] = []
    offset = start
    while offset < end:
        tag, length_at = _ber_tag(octets, offset, end)
        length, value_at = _ber_length(octets, length_at, end)
        behind = value_at + length
        if behind > end:
            raise Truncated(
                offset=end,
                zh=f"标签 {tag:X} 的值应有 {length} 字节，仅有 {end - value_at} 字节",
                en=f"tag {tag:X} announces {length} bytes and has {end - value_at}",
            )
        objects.append(BerTlv(tag, offset, value_at, octets[value_at:behind]))
        offset = behind
    return tuple(objects)


FCI_TEMPLATE: Final = 0x6F
DF_NAME: Final = 0x84
PROPRIETARY_TEMPLATE: Final = 0xA5
DIRECTORY_SFI: Final = 0x88
ISSUER_DATA: Final = 0x9F0C
ALGORITHM_IDENTIFIER: Final = 0x86


@dataclass(frozen=True, slots=True)
class Fci:
    """What the card tells on SELECT of a DF: ``6F { 84 name, A5 { 88 SFI, 9F0C issuer data { 86 algorithm } } }``.

    ``name``: 1 to 16 bytes. ``directory_sfi``: 1 to 30. ``algorithm``: the identifier's one byte. ``unknown``: objects
    that the rules do not name, in the order found. What is absent is None.
    """

    name: bytes
    directory_sfi: int | None
    issuer_data: bytes | None
    algorithm: int | None
    unknown: tuple[BerTlv, ...]


def _by_tag(objects: Iterable[BerTlv]) -> dict[int, BerTlv]:
    found: dict[int, BerTlv] = {}
    for item in objects:
        if item.tag in found:
            raise RepeatedTag(offset=item.offset, zh=f"标签 {item.tag:X} 重复出现", en=f"tag {item.tag:X} stands twice")
        found[item.tag] = item
    return found


def _one_byte(item: BerTlv) -> int:
    if len(item.value) != 1:
        raise InvalidLength(
            offset=item.offset,
            zh=f"标签 {item.tag:X} 的值应为 1 字节，实为 {len(item.value)} 字节",
            en=f"tag {item.tag:X} has one byte, this one {len(item.value)}",
        )
    return item.value[0]


def _template(octets: bytes) -> BerTlv:
    outer = ber_tlv_decode(octets, 0, len(octets))
    if not outer:
        raise MissingTag(offset=0, zh="没有 FCI 模板 6F", en="there is no FCI template 6F")
    if outer[0].tag != FCI_TEMPLATE:
        raise UnexpectedTag(
            offset=0, zh=f"应为标签 6F，实为 {outer[0].tag:X}", en=f"tag 6F is required here, not {outer[0].tag:X}"
        )
    if len(outer) > 1:
        raise TrailingBytes(offset=outer[1].offset, zh="模板 6F 之后还有字节", en="bytes after the template 6F")
    return outer[0]


def _algorithm(octets: bytes, issuer: BerTlv) -> int | None:
    # Issuer data is the issuer's own; only 86 at its beginning makes it the data object of the rules.
    if not issuer.value or issuer.value[0] != ALGORITHM_IDENTIFIER:
        return None
    return _one_byte(ber_tlv_decode(octets, issuer.value_offset, issuer.value_offset + len(issuer.value))[0])


def _sfi(item: BerTlv) -> int:
    sfi = _one_byte(item)
    if not 1 <= sfi <= 30:
        raise InvalidSfi(offset=item.value_offset, zh=f"SFI {sfi} 不在 1 至 30 之间", en=f"SFI {sfi} is not 1 to 30")
    return sfi


def fci_decode(octets: bytes) -> Fci:
    """The FCI of a DF or of the environment, as SELECT answers it (without status word).

    The order of the objects and the form of the lengths are free. Raises Truncated, InvalidTag, InvalidLength,
    InvalidSfi, UnexpectedTag, MissingTag, RepeatedTag, TrailingBytes.
    """
    template = _template(octets)
    end = template.value_offset + len(template.value)
    members = _by_tag(ber_tlv_decode(octets, template.value_offset, end))
    name = members.pop(DF_NAME, None)
    if name is None:
        raise MissingTag(offset=template.value_offset, zh="缺少 DF 名称 84", en="the DF name 84 is missing")
    if not 1 <= len(name.value) <= 16:
        raise InvalidLength(
            offset=name.offset,
            zh=f"DF 名称应为 1 至 16 字节，实为 {len(name.value)} 字节",
            en=f"a DF name has 1 to 16 bytes, this one {len(name.value)}",
        )
    proprietary = members.pop(PROPRIETARY_TEMPLATE, None)
    inner: dict[int, BerTlv] = {}
    if proprietary is not None:
        inner_end = proprietary.value_offset + len(proprietary.value)
        inner = _by_tag(ber_tlv_decode(octets, proprietary.value_offset, inner_end))
    directory = inner.pop(DIRECTORY_SFI, None)
    issuer = inner.pop(ISSUER_DATA, None)
    return Fci(
        name=name.value,
        directory_sfi=None if directory is None else _sfi(directory),
        issuer_data=None if issuer is None else issuer.value,
        algorithm=None if issuer is None else _algorithm(octets, issuer),
        unknown=(*members.values(), *inner.values()),
    )
