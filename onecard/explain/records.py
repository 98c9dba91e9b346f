"""Commands that read and write records, in words: which record of which file, and what is written."""

from typing import Final

from onecard.explain.context import Context, current_file, file_by_sfi, file_label
from onecard.explain.parts import Parts
from onecard.explain.tlv import item_name, record_text
from onecard.explain.words import joined, named, same
from onecard.spec.card import CardSpec, Command, FileSpec
from onecard.spec.text import Text

_MAC: Final = 4
"""Bytes of a MAC behind the data (2011 draft, part 4)."""

_TAKES: Final = {
    "first": Text(zh="第一条", en="first occurrence"),
    "last": Text(zh="最后一条", en="last occurrence"),
    "next": Text(zh="下一条", en="next occurrence"),
    "previous": Text(zh="上一条", en="previous occurrence"),
}


def record_asked(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    """The record that P1 and P2 name."""
    if taken.p1 is None or taken.p2 is None:
        return same("")
    sfi, bits = taken.p2 >> 3, taken.p2 & 0x07
    file = _addressed(spec, context, sfi)
    # Secure messaging does not change how records are addressed.
    plain = spec.commands.get("UPDATE-RECORD", command)
    mode = next((mode for mode in command.modes or plain.modes if mode.number == bits), None)
    if mode is None:
        undefined = Text(
            zh=f"方式 {bits}（未定义），P1 = {taken.p1:02X}", en=f"mode {bits} (not defined), P1 = {taken.p1:02X}"
        )
        return joined([undefined, _where(context, sfi, file)])
    if mode.by == "number":
        return joined([_by_number(mode.takes, taken.p1), _where(context, sfi, file)])
    name = item_name(spec, file, taken.p1)
    identifier = f"{taken.p1:02X}"
    shown = named(identifier, name) if name is not None else same(identifier)
    return joined(
        [Text(zh=f"标识 {shown.zh}", en=f"identifier {shown.en}"), _where(context, sfi, file), _TAKES.get(mode.takes)]
    )


def _by_number(takes: str, first: int) -> Text:
    if takes == "from":
        return Text(zh=f"第 {first} 条至最后一条", en=f"records {first} to the last")
    if takes == "up-to":
        return Text(zh=f"最后一条至第 {first} 条", en=f"records from the last down to {first}")
    return Text(zh=f"第 {first} 条", en=f"record {first}")


def _addressed(spec: CardSpec, context: Context, sfi: int) -> FileSpec | None:
    return file_by_sfi(spec, context, sfi) if sfi else current_file(spec, context)


def _where(context: Context, sfi: int, file: FileSpec | None) -> Text:
    if sfi:
        target = (
            same(f" = {file_label(file)}")
            if file is not None
            else Text(zh="（规范中没有）", en=" (no such file known)")
        )
        return Text(zh=f"SFI {sfi}{target.zh}", en=f"SFI {sfi}{target.en}")
    if file is not None:
        return Text(zh=f"当前 {file_label(file)}", en=f"current {file_label(file)}")
    if context.file is None and context.certain:
        return Text(zh="当前无 EF", en="no EF being current")
    return Text(zh="当前 EF", en="current EF")


def update_asked(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    """The record, and what is written to it."""
    where = record_asked(spec, command, taken, context)
    if not taken.data or taken.p2 is None:
        return where
    items = record_text(spec, _addressed(spec, context, taken.p2 >> 3), taken.data)
    return joined([where, items], zh="：", en=": ")


def secured_update_asked(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    """The same with a MAC behind the data."""
    where = record_asked(spec, command, taken, context)
    if len(taken.data) <= _MAC or taken.p2 is None:
        return where
    items = record_text(spec, _addressed(spec, context, taken.p2 >> 3), taken.data[:-_MAC])
    mac = Text(zh="MAC 4 字节", en="MAC of 4 bytes")
    return joined([where, joined([items, mac])], zh="：", en=": ")


def cache_asked(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    """The record that a compound purchase of the transport purse writes when it is completed."""
    if taken.p1 is None or taken.p2 is None:
        return same("")
    sfi = taken.p2 >> 3
    file = _addressed(spec, context, sfi)
    which = Text(zh=f"复合消费标识 {taken.p1:02X}", en=f"compound application {taken.p1:02X}")
    content = record_text(spec, file, taken.data) if taken.data else None
    return joined([joined([which, _where(context, sfi, file)]), content], zh="：", en=": ")
