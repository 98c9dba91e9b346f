"""READ BINARY and UPDATE BINARY in words: which file, from where, and what the bytes are by its layout."""

from typing import NamedTuple

from onecard.explain.context import Context, current_file, file_by_sfi, file_label
from onecard.explain.fields import layout_text
from onecard.explain.octets import Octets
from onecard.explain.parts import Parts
from onecard.explain.words import count, joined, same
from onecard.spec.card import CardSpec, Command, FileSpec
from onecard.spec.text import Text

_SFI_FORM = 0x80
_SFI_MASK = 0x1F


class Place(NamedTuple):
    """Where a binary command reads or writes: ``sfi`` 0 for the current file."""

    sfi: int
    file: FileSpec | None
    offset: int


def place_of(spec: CardSpec, p1: int | None, p2: int | None, context: Context) -> Place | None:
    """The place that P1 and P2 give (2011 draft, part 5): P1 100xxxxx is an SFI, else both are the offset."""
    if p1 is None or p2 is None:
        return None
    if p1 & _SFI_FORM:
        sfi = p1 & _SFI_MASK
        return Place(sfi, file_by_sfi(spec, context, sfi), p2)
    return Place(0, current_file(spec, context), p1 << 8 | p2)


def binary_text(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    """What a READ or UPDATE BINARY asks for; the MAC of secure messaging stands behind the data."""
    place = place_of(spec, taken.p1, taken.p2, context)
    if place is None:
        return same("")
    length = None
    if command.case != 3:
        asked = taken.le if taken.le is not None else taken.p3
        length = count(asked) if asked else Text(zh="Le 00", en="Le 00")
    at = Text(zh=f"偏移 {place.offset}", en=f"from offset {place.offset}")
    where = joined([_file(context, place), at, length])
    return joined([where, _written(place, command, taken.data)], zh="：", en=": ")


def _file(context: Context, place: Place) -> Text:
    name = file_label(place.file) if place.file is not None else None
    if place.sfi:
        shown = f" = {name}" if name else ""
        return Text(
            zh=f"SFI {place.sfi}{shown or '（规范中没有）'}", en=f"SFI {place.sfi}{shown or ' (no such file known)'}"
        )
    if name:
        return Text(zh=f"当前 {name}", en=f"current {name}")
    if context.file is None and context.certain:
        return Text(zh="当前无 EF", en="no EF being current")
    return Text(zh="当前 EF", en="current EF")


def _written(place: Place, command: Command, data: Octets) -> Text | None:
    if not data:
        return None
    if command.cla & 0x0F == 0x04:
        return _with_mac(place, data)
    return binary_data(place, data)


def _with_mac(place: Place, data: Octets) -> Text:
    plain = binary_data(place, data[:-4]) if len(data) > 4 else None
    return joined([plain, Text(zh="MAC 4 字节", en="MAC of 4 bytes")])


def binary_data(place: Place | None, data: Octets) -> Text:
    """Bytes of a transparent file by its layout, or by their number."""
    layout = place.file.layout if place is not None and place.file is not None else ()
    told = layout_text(layout, data, place.offset) if place is not None and layout else None
    return told or Text(zh=f"{len(data)} 字节数据", en=f"{count(len(data)).en} of data")
