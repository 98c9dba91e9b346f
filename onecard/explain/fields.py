"""Fields without tags, one behind the other: data of transactions, cyclic records, parts of transparent files."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from onecard.explain.octets import Octets, hexed, known
from onecard.explain.words import count, joined, same, sentences
from onecard.spec.card import CardSpec, Item
from onecard.spec.text import Text

_SHOWN: Final = 12
"""Most fields of one record that are told one by one."""

_MONEY: Final = frozenset(
    {"balance", "amount", "account", "self-paid", "pooled", "self-paid-sum", "pooled-sum", "overdraft"}
)
_NUMBERS: Final = frozenset({"serial", "sequence", "load-serial", "purchase-serial"})


class Field(NamedTuple):
    """A field: its name in the data, in words, and its length in bytes."""

    key: str
    name: Text
    length: int


# What JT/T 978 calls the fields is not public; names and lengths are those of the programs (see specs/transport).
_TRANSPORT: Final[Mapping[str, Field]] = {
    field.key: field
    for field in (
        Field("index", Text(zh="密钥索引", en="key index"), 1),
        Field("amount", Text(zh="交易金额", en="amount"), 4),
        Field("terminal", Text(zh="终端机编号", en="terminal number"), 6),
        Field("balance", Text(zh="余额", en="balance"), 4),
        Field("sequence", Text(zh="交易序号", en="sequence number"), 2),
        Field("overdraft", Text(zh="透支限额", en="overdraft limit"), 3),
        Field("key-version", Text(zh="密钥版本", en="key version"), 1),
        Field("algorithm", Text(zh="算法标识", en="algorithm identifier"), 1),
        Field("random", Text(zh="随机数", en="random value"), 4),
        Field("terminal-sequence", Text(zh="终端交易序号", en="terminal's sequence number"), 4),
        Field("date", Text(zh="交易日期", en="date"), 4),
        Field("time", Text(zh="交易时间", en="time"), 3),
        Field("mac", same("MAC"), 4),
        Field("mac1", same("MAC1"), 4),
        Field("mac2", same("MAC2"), 4),
        Field("tac", same("TAC"), 4),
    )
}


def transport_fields(names: Iterable[str]) -> tuple[Field, ...]:
    """Fields of the transport purse; a name that is none of them is left out."""
    return tuple(_TRANSPORT[name] for name in names if name in _TRANSPORT)


def medical_fields(spec: CardSpec, names: Iterable[str]) -> tuple[Field, ...]:
    """Fields of the medical insurance account, from the data; empty where the card has none."""
    nodes = cast("Iterable[Mapping[str, Any]]", spec.table("purses").get("MEDICAL", {}).get("fields", ()))
    known_fields = {
        node["field"]: Field(node["field"], Text(zh=node["name"]["zh"], en=node["name"]["en"]), node["length"])
        for node in nodes
    }
    return tuple(known_fields[name] for name in names if name in known_fields)


def fields_text(fields: Sequence[Field], data: Octets) -> Text:
    """``data`` as fields in their order; what does not fit them is told by its length."""
    wanted = sum(field.length for field in fields)
    if not fields or len(data) != wanted:
        off = Text(zh=f"应为 {wanted} 字节", en=f"{wanted} wanted") if fields else None
        return joined([Text(zh=f"{len(data)} 字节数据", en=f"{count(len(data)).en} of data"), off])
    told: list[Text] = []
    at = 0
    for field in fields:
        value = _field_value(field, data[at : at + field.length])
        told.append(Text(zh=f"{field.name.zh} {value}", en=f"{field.name.en} {value}"))
        at += field.length
    return joined(told)


def _field_value(field: Field, value: Octets) -> str:
    raw = known(value)
    if raw is None:
        return hexed(value)
    if field.key in _MONEY:
        # Amounts are binary and in fen.
        return f"¥{int.from_bytes(raw, 'big') / 100:.2f} ({raw.hex().upper()})"
    return f"{int.from_bytes(raw, 'big')}" if field.key in _NUMBERS else raw.hex().upper()


def layout_text(layout: Sequence[Item], data: Octets, offset: int = 0) -> Text | None:
    """The fields of a layout that lie whole in ``data``, which begins at ``offset`` of it; None where none does."""
    told: list[Text] = []
    at = -offset
    for item in layout:
        if at >= 0 and at + item.length <= len(data):
            value = layout_value(item, data[at : at + item.length])
            told.append(Text(zh=f"{item.name.zh} = {value}", en=f"{item.name.en} = {value}"))
        at += item.length
    if not told:
        return None
    left = len(told) - _SHOWN
    more = Text(zh=f"另有 {left} 个字段", en=f"{left} more fields") if left > 0 else None
    return sentences([*told[:_SHOWN], more])


def layout_value(item: Item, value: Octets) -> str:
    """The value of a field: text as text where it is, all else in hex."""
    raw = known(value)
    if raw is None or item.type != "an":
        return hexed(value)
    try:
        text = raw.rstrip(b"\x00\xff").decode("gbk" if item.charset == "gbk" else "ascii")
    except UnicodeDecodeError:
        return hexed(value)
    return text if text.isprintable() else hexed(value)
