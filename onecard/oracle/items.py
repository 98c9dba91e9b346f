"""Data items in both directions: what the bytes of an item say, and the bytes that say it.

``decode`` looks at the coding alone (length, character set, filler, inner items), ``verify`` at what the content must
be (code table, check rule). An item of filler only is empty: it says nothing and breaks no rule of content.

Source: 人社信息函〔2012〕37号 (basis notice). Filler of ``an`` items: 00 by the notice, F nibbles as one program writes
them (field); both are stripped.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from onecard.oracle.checks import fault, in_table
from onecard.oracle.codec import Charset, NotEncodable, ValueTooLong, an_decode, an_encode, bcd_decode, bcd_encode
from onecard.oracle.errors import DecodeError
from onecard.oracle.tlv import simple_tlv_decode, simple_tlv_encode
from onecard.spec.card import CardSpec, FileSpec, Item, Structure
from onecard.spec.card_rules import conflict_of, forms_of, ranges_of
from onecard.spec.text import Language, Text

FILLERS = b"\x00\xff"
STRUCTURED = "structure"


class WrongItemLength(DecodeError):
    """More or fewer bytes than the item has."""


class SpacesAsFiller(DecodeError):
    """Spaces to the right of the last character of an ``an`` item."""


class WrongInnerItem(DecodeError):
    """Another inner tag than the one that stands at this place of a constructed item."""


class WrongRecord(DecodeError):
    """A record whose tag the file does not have, or whose length byte does not fit."""


class UnknownCode(DecodeError):
    """A code that is not in the item's table."""


class BrokenCheck(DecodeError):
    """Content that breaks the item's check rule."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What an item says: ``text`` (characters, digits, or hex of binary and structured items) and, for a code, its
    ``meaning``; a constructed item has ``inner`` ones instead. Nothing is said by an item of filler only.
    """

    item: Item
    octets: bytes
    text: str
    meaning: Text | None = None
    inner: tuple["Decoded", ...] = ()

    @property
    def filled(self) -> bool:
        """Whether anything stands in the item."""
        return bool(self.text) or any(each.filled for each in self.inner)

    def leaves(self) -> Iterator["Decoded"]:
        """The item itself, or the inner items of a constructed one."""
        if not self.item.inner:
            yield self
        for each in self.inner:
            yield from each.leaves()

    def shown(self, language: Language) -> str:
        """For people: the meaning of a code with the code, the text, inner items as ``name: text``; "" when empty."""
        if self.item.inner:
            parts = [f"{each.item.name.in_(language)}: {each.shown(language)}" for each in self.inner if each.filled]
            return "; ".join(parts)
        return f"{self.meaning.in_(language)} ({self.text})" if self.meaning is not None else self.text


def is_empty(octets: bytes) -> bool:
    """Whether an item, a record or a file holds filler only (00 or FF)."""
    return not octets.strip(FILLERS)


# --- coding ---


def decode(spec: CardSpec, item: Item, octets: bytes) -> Decoded:
    """What the bytes of an item's value say.

    Raises WrongItemLength, and by the item's type NotBcd, DigitAfterFiller, UndecodableText, ControlCharacter,
    SpacesAsFiller, Truncated, InvalidTag, WrongInnerItem.
    """
    if len(octets) != item.length:
        raise WrongItemLength(
            offset=min(len(octets), item.length),
            zh=f"{item.name.zh}应为 {item.length} 字节，实为 {len(octets)} 字节",
            en=f"{item.name.en} has {item.length} bytes, this one {len(octets)}",
        )
    if is_empty(octets):
        return Decoded(item, octets, "")
    if item.inner:
        return Decoded(item, octets, "", inner=_inner(spec, item, octets))
    text = _READERS[_charset(spec, item)](octets)
    return Decoded(item, octets, text, _meaning(spec, item, text))


def _charset(spec: CardSpec, item: Item) -> str:
    # Structured items are called cn in the notice but hold bytes that are no digits.
    rule = spec.checks.get(item.check or "")
    return "binary" if rule is not None and rule.kind == STRUCTURED and item.type == "cn" else item.charset


def _an(charset: Charset) -> Callable[[bytes], str]:
    def read(octets: bytes) -> str:
        text = an_decode(octets, charset)
        if text.endswith(" "):
            raise SpacesAsFiller(offset=len(octets) - 1, zh="以空格填充", en="spaces as filler")
        return text

    return read


_READERS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "ascii": _an(Charset.ASCII),
        "gbk": _an(Charset.GBK),
        "bcd": bcd_decode,
        "binary": lambda octets: octets.hex().upper(),
        "tlv": lambda octets: octets.hex().upper(),
    }
)


def _meaning(spec: CardSpec, item: Item, text: str) -> Text | None:
    table = spec.codes.get(item.codes or "")
    return table.values.get(text) if table is not None else None


def _inner(spec: CardSpec, item: Item, octets: bytes) -> tuple[Decoded, ...]:
    found = simple_tlv_decode(octets)
    for place, wanted in enumerate(item.inner):
        if place >= len(found) or found[place].tag != wanted.tag:
            offset = found[place].offset if place < len(found) else len(octets)
            raise WrongInnerItem(
                offset=offset, zh=f"此处应为内层标签 {wanted.tag:02X}", en=f"inner tag {wanted.tag:02X} stands here"
            )
    if len(found) > len(item.inner):
        extra = found[len(item.inner)]
        raise WrongInnerItem(
            offset=extra.offset, zh=f"多出内层标签 {extra.tag:02X}", en=f"inner tag {extra.tag:02X} is one too many"
        )
    return tuple(decode(spec, wanted, part.value) for wanted, part in zip(item.inner, found, strict=True))


def encode(spec: CardSpec, item: Item, content: str | Sequence[str]) -> bytes:
    """The value of an item: text, digits or hex; for a constructed item the contents of its inner ones, in order.

    Raises NotEncodable, ValueTooLong.
    """
    if item.inner:
        parts = zip(item.inner, content, strict=True)
        return b"".join([simple_tlv_encode(inner.tag, encode(spec, inner, part)) for inner, part in parts])
    return _WRITERS[_charset(spec, item)](str(content), item.length)


def _hex_encode(text: str, length: int) -> bytes:
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        raise NotEncodable(zh=f"「{text}」不是十六进制", en=f"{text!r} is not hexadecimal") from None
    if len(octets) > length:
        raise ValueTooLong(
            zh=f"{len(octets)} 字节放不进 {length} 字节", en=f"{len(octets)} bytes do not fit in {length}"
        )
    return octets.ljust(length, b"\x00")


_WRITERS: Mapping[str, Callable[[str, int], bytes]] = MappingProxyType(
    {
        "ascii": lambda text, length: an_encode(text, length, Charset.ASCII),
        "gbk": lambda text, length: an_encode(text, length, Charset.GBK),
        "bcd": bcd_encode,
        "binary": _hex_encode,
        "tlv": _hex_encode,
    }
)


# --- records and whole files ---


def decode_record(spec: CardSpec, file: FileSpec, record: bytes) -> tuple[Decoded, ...]:
    """What a record says: its one item, or the fields of a record without tags.

    Raises WrongRecord, and as ``decode``.
    """
    return _fields(spec, file, record) if file.layout else (_tagged(spec, file, record),)


def _tagged(spec: CardSpec, file: FileSpec, record: bytes) -> Decoded:
    item = next((each for each in file.items if each.tag == record[0]), None) if record else None
    if item is None:
        raise WrongRecord(
            offset=0,
            zh=f"{file.name.zh}没有标签 {record[:1].hex().upper()}",
            en=f"{file.name.en} has no tag {record[:1].hex().upper()}",
        )
    value = record[2:]
    conflict = conflict_of(spec, file.id, item)
    if conflict is not None and record[1:2] == bytes((len(value),)) and conflict.is_new(value):
        return decode(spec, conflict.new, conflict.new_value(value))
    # Where the sources differ about the form of an item a card has it in any of theirs.
    item = next((form for form in forms_of(spec, item) if record[1:2] == bytes((form.length,))), item)
    if record[1:2] != bytes((item.length,)):
        raise WrongRecord(
            offset=1,
            zh=f"标签 {item.tag:02X} 的长度应为 {item.length:02X}，实为 {record[1:2].hex().upper()}",
            en=f"the length byte of tag {item.tag:02X} is {item.length:02X}, not {record[1:2].hex().upper()}",
        )
    return decode(spec, item, value)


def _fields(spec: CardSpec, file: FileSpec, record: bytes) -> tuple[Decoded, ...]:
    wanted = sum(field.length for field in file.layout)
    if len(record) != wanted:
        raise WrongRecord(
            offset=min(len(record), wanted),
            zh=f"记录应为 {wanted} 字节，实为 {len(record)} 字节",
            en=f"a record has {wanted} bytes, this one {len(record)}",
        )
    found: list[Decoded] = []
    offset = 0
    for field in file.layout:
        found.append(decode(spec, field, record[offset : offset + field.length]))
        offset += field.length
    return tuple(found)


def record_lengths(file: FileSpec) -> tuple[int, ...]:
    """Bytes of each record: of the TLVs in their order, or of so many equal records."""
    if file.structure == Structure.LINEAR_VARIABLE:
        lengths = {item.tag: item.length + 2 for item in file.items}
        return tuple(lengths[tag] for tag in file.record_order)
    return (file.record_length,) * file.record_count


# --- content ---


def verify(spec: CardSpec, decoded: Decoded) -> None:
    """Whether what is said may be said: codes of the table, the check rule. Raises UnknownCode, BrokenCheck."""
    for leaf in decoded.leaves():
        if not leaf.filled:
            continue
        table, rule = spec.codes.get(leaf.item.codes or ""), spec.checks.get(leaf.item.check or "")
        if table is not None and not in_table(table, leaf.text, ranges_of(spec, table.id)):
            raise UnknownCode(
                offset=0,
                zh=f"{leaf.item.name.zh} {leaf.text} 不在{table.name.zh}中",
                en=f"{leaf.item.name.en} {leaf.text} is not in the table of {table.name.en}",
            )
        reason = fault(rule, leaf.text) if rule is not None else None
        if rule is not None and reason is not None:
            raise BrokenCheck(
                offset=0,
                zh=f"{leaf.item.name.zh} {leaf.text} 不符合{rule.name.zh}：{reason.zh}",
                en=f"{leaf.item.name.en} {leaf.text} breaks the rule of {rule.name.en}: {reason.en}",
            )
