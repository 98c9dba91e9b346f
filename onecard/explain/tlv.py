"""Data of the card in words: records, their items, and the file control information."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from onecard.explain.fields import layout_text
from onecard.explain.octets import Octets, hexed, known, number
from onecard.explain.words import count, joined, named, same, sentences
from onecard.spec.card import Application, CardSpec, Fci, FileSpec, Item
from onecard.spec.text import Text

_SHOWN: Final = 40
"""Longest value, in bytes, that is written out."""


class Tlv(NamedTuple):
    """A tag with its value."""

    tag: int
    value: Octets


def simple_items(data: Octets) -> list[Tlv] | None:
    """The simple TLVs (tag 1 byte, length 1 byte) that fill ``data``; None if it is none or cannot be told."""
    found, rest = _whole_items(data)
    return found if found and not rest else None


def _whole_items(data: Octets) -> tuple[list[Tlv], int]:
    """The simple TLVs with which ``data`` begins, and how many bytes are left."""
    found: list[Tlv] = []
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1] if at + 1 < len(data) else None
        if tag is None or length is None or at + 2 + length > len(data):
            break
        found.append(Tlv(tag, data[at + 2 : at + 2 + length]))
        at += 2 + length
    return found, len(data) - at


def record_text(spec: CardSpec | None, file: FileSpec | None, data: Octets) -> Text:
    """One or more records of ``file``: fields of a record without tags by its layout, else items."""
    if file is None or not file.layout or not file.record_length:
        return items_text(spec, file, data)
    size = file.record_length
    if len(data) == 0 or len(data) % size:
        return Text(zh=f"{len(data)} 字节，记录应为 {size}", en=f"{count(len(data)).en}, a record has {size}")
    records = [data[at : at + size] for at in range(0, len(data), size)]
    return joined([layout_text(file.layout, record) for record in records], zh=" ‖ ", en=" | ")


def items_text(spec: CardSpec | None, file: FileSpec | None, data: Octets) -> Text:
    """The items in ``data`` with names and values; what is no TLV is told by its length."""
    found, rest = _whole_items(data)
    if not found:
        return Text(zh=f"{len(data)} 字节，非 TLV", en=joined([count(len(data)), same("not a TLV")]).en)
    # An answer of 256 bytes may end within an item.
    left = Text(zh=f"余 {rest} 字节不成 TLV", en=f"{count(rest).en} that are no whole TLV") if rest else None
    return sentences([*(_item_text(spec, _item_of(spec, file, tlv.tag), tlv) for tlv in found), left])


def item_name(spec: CardSpec | None, file: FileSpec | None, tag: int) -> Text | None:
    """The name of the item with ``tag``."""
    item = _item_of(spec, file, tag)
    return item.name if item is not None else None


def _item_of(spec: CardSpec | None, file: FileSpec | None, tag: int) -> Item | None:
    if file is None:
        # The social security areas use no tag twice (V2.0 notice, section 6); other environments have their own.
        alike = [item for other in (spec.files.values() if spec else ()) for item in other.items if item.tag == tag]
        return alike[0] if len({item.name for item in alike}) == 1 else None
    return next((item for item in file.items if item.tag == tag), None)


def _item_text(spec: CardSpec | None, item: Item | None, tlv: Tlv) -> Text:
    head = f"{tlv.tag:02X}"
    if item is None:
        return Text(zh=f"{head}（未知项）= {_raw(tlv.value).zh}", en=f"{head} (unknown item) = {_raw(tlv.value).en}")
    inner = _inner_text(spec, item, tlv.value) if item.inner else None
    if inner is not None:
        return Text(zh=f"{head} {item.name.zh} {{{inner.zh}}}", en=f"{head} {item.name.en} {{{inner.en}}}")
    value = _value(spec, item, tlv.value)
    return Text(zh=f"{head} {item.name.zh} = {value.zh}", en=f"{head} {item.name.en} = {value.en}")


def _inner_text(spec: CardSpec | None, item: Item, value: Octets) -> Text | None:
    """The items in a constructed one, None where the value is filler or not made of them."""
    # Tags of two bytes: the bank's records (BER); the social security items have one byte, 5F among them.
    long = any(inner.tag > 0xFF or inner.inner for inner in item.inner)
    found = templates(value) if long else simple_items(value)
    tags = {inner.tag: inner for inner in item.inner}
    if not found or not all(tlv.tag in tags for tlv in found):
        return None
    return sentences([_item_text(spec, tags[tlv.tag], tlv) for tlv in found])


def _value(spec: CardSpec | None, item: Item, value: Octets) -> Text:
    raw = known(value)
    if raw is None or not raw:
        return _raw(value)
    text = _content(item, raw)
    if text is None or not text.isprintable():
        return _raw(value)
    table = spec.codes.get(item.codes) if spec is not None and item.codes is not None else None
    meaning = table.values.get(text) if table is not None else None
    return named(text, meaning) if meaning is not None else same(text)


def _content(item: Item, raw: bytes) -> str | None:
    """The content without its padding, None where the bytes are not of the item's coding."""
    if item.type == "cn":
        return raw.hex().upper().rstrip("F")
    if item.charset == "binary" or item.type == "b":
        return None
    # 4E is padded with F nibbles on some cards (field), an items with 00 (V2.0 notice).
    content = raw.rstrip(b"\x00\xff")
    try:
        return content.decode("gbk" if item.charset == "gbk" else "ascii")
    except UnicodeDecodeError:
        return None


def _raw(value: Octets) -> Text:
    if any(octet is None for octet in value):
        return Text(zh=f"{len(value)} 字节，已密封", en=f"{count(len(value)).en}, sealed")
    if not value:
        return Text(zh="空", en="empty")
    if len(value) > _SHOWN:
        return count(len(value))
    return same(hexed(value))


def fci_text(spec: CardSpec | None, data: Octets) -> Text:
    """The file control information; bytes of another shape are told by their length."""
    tags = next((application.fci for application in _by_detail(spec)), None)
    template = templates(data)
    if tags is None or template is None or [tlv.tag for tlv in template] != [tags.template]:
        return Text(zh=f"{len(data)} 字节，不是 FCI 模板", en=f"{count(len(data)).en}, not an FCI template")
    return joined([same("FCI"), *_fields(spec, tags, template[0].value)])


def _by_detail(spec: CardSpec | None) -> list[Application]:
    """Applications, those first whose FCI has most fields: its tags name the others' too."""
    found = list(spec.applications.values()) if spec is not None else []
    return sorted(found, key=lambda application: application.fci.issuer_tag is None)


def templates(data: Octets) -> list[Tlv] | None:
    """BER-TLVs with tags of one or two bytes and lengths below 80 that fill ``data``, else None."""
    found: list[Tlv] = []
    at = 0
    while at < len(data):
        width = 2 if (data[at] or 0) & 0x1F == 0x1F else 1
        tag, length = number(data[at : at + width]), data[at + width] if at + width < len(data) else None
        start = at + width + 1
        if tag is None or length is None or length > 0x7F or start + length > len(data):
            return None
        found.append(Tlv(tag, data[start : start + length]))
        at = start + length
    return found


def _fields(spec: CardSpec | None, tags: Fci, data: Octets) -> Iterator[Text]:
    inner = templates(data)
    if inner is None:
        yield Text(zh=f"{len(data)} 字节非 TLV", en=f"{count(len(data)).en} that are no TLV")
        return
    for tlv in inner:
        if tlv.tag in (tags.proprietary_tag, tags.issuer_tag) and templates(tlv.value) is not None:
            yield from _fields(spec, tags, tlv.value)
        else:
            yield _field(spec, tags, tlv)


def _field(spec: CardSpec | None, tags: Fci, tlv: Tlv) -> Text:
    names = {
        tags.name_tag: Text(zh="DF 名", en="DF name"),
        tags.directory_tag: Text(zh="目录 SFI", en="directory SFI"),
        tags.algorithm_tag: Text(zh="算法标识", en="algorithm identifier"),
    }
    name = names.get(tlv.tag, same(f"{tlv.tag:02X}"))
    meaning = _meaning(spec, tags, tlv)
    shown = hexed(tlv.value)
    value = named(shown, meaning) if meaning is not None else same(shown)
    return Text(zh=f"{name.zh} {value.zh}", en=f"{name.en} {value.en}")


def _meaning(spec: CardSpec | None, tags: Fci, tlv: Tlv) -> Text | None:
    raw = known(tlv.value)
    if spec is None or raw is None:
        return None
    if tlv.tag == tags.name_tag:
        found = next((each.id for each in spec.applications.values() if each.df_name == raw), None)
        return same(found) if found is not None else None
    if tlv.tag == tags.algorithm_tag:
        code, identifier = spec.algorithm.code.upper(), spec.algorithm.identifier
        if raw == bytes([identifier]):
            return same(code)
        return Text(zh=f"声明的是 {code}，{identifier:02X}", en=f"declared is {code}, {identifier:02X}")
    return None
