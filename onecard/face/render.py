"""The drawing of a face: elements from the data, the holder's data on the back, tolerances as bands on request."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType

from onecard.face.drawing import Arc, Box, Disc, Drawing, Shape, Words
from onecard.face.layout import POINT, Layout, Place, is_across
from onecard.spec.card import CardSpec
from onecard.spec.card_style import BLANK, Dimension, Element, Printed, elements_of, printed_of

SPECIMEN = "样卡 SPECIMEN"
INK = "#1A1A1A"
_BAND, _ALTERNATIVE = "#E0007A", "#007AE0"
_BAND_OPACITY = 0.35
_LEAST_BAND, _SHORTEST = 0.06, 12.0
_DATE_DIGITS = 8
_HALF_WIDTH = 0.55
"""A Latin letter or digit takes about so much of the width of a Chinese character."""

Holder = Mapping[str, str]
"""Texts by id of the item, as they are in the card before coding."""


def draw(spec: CardSpec, side: str, holder: Holder, *, tolerances: bool = False, reading: int = 0) -> Drawing:
    """The face ``side`` (front or back). ``reading``: which of the sources' readings, from 0, where there are more."""
    elements = elements_of(spec, side)
    layout = Layout.of(elements, reading)
    # What lies under the print is drawn first, whatever document names it.
    drawn = sorted(elements, key=lambda element: element.shape not in _UNDERNEATH)
    shapes = [shape for element in drawn for shape in _shapes(element, layout.place(element), spec, holder, layout)]
    shapes += _specimen(layout)
    if tolerances:
        shapes += [band for element in elements for band in _bands(element, layout)]
    return Drawing(float(layout.width), float(layout.height), tuple(shapes), f"{spec.profile} {side}")


_UNDERNEATH = (BLANK, "stripe")


def printed_text(printed: Printed, holder: Holder, spec: CardSpec) -> str:
    """A printed datum as people write it: dates with hyphens, codes in words, a hyphen before the card number's check
    character (it is printed and not stored).
    """
    items = {item.id: item for file in spec.files.values() for item in file.items}
    item, value = items.get(printed.item), holder.get(printed.item, "")
    if item is None:
        return value
    table = spec.codes.get(item.codes or "")
    if table is not None and value in table.values:
        return table.values[value].zh
    rule = spec.checks.get(item.check or "")
    if rule is not None and rule.kind == "date":
        return _day(value)
    if rule is not None and rule.kind == "weighted" and rule.first_letter and value:
        return f"{value[:-1]}-{value[-1]}"
    return value


def _day(digits: str) -> str:
    try:
        return date.fromisoformat(digits).isoformat() if len(digits) == _DATE_DIGITS else digits
    except ValueError:
        return digits


def _shapes(element: Element, place: Place, spec: CardSpec, holder: Holder, layout: Layout) -> Iterator[Shape]:
    if element.shape == "area" and not element.text:
        yield from _information(element, place, spec, holder, layout)
    else:
        yield from _MAKERS[element.shape](element, place)


def _card(element: Element, place: Place) -> Iterator[Shape]:
    radius = float(element.dimensions["radius"].value())
    yield Box(0, 0, float(place.width), float(place.height), fill=element.colour, line="#9AA7B0", radius=radius)


def _box(element: Element, place: Place) -> Iterator[Shape]:
    yield Box(float(place.x), float(place.y), float(place.width), float(place.height), fill=element.colour)


def _frame(element: Element, place: Place) -> Iterator[Shape]:
    yield Box(float(place.x), float(place.y), float(place.width), float(place.height), line=element.colour)
    if element.font is not None:
        yield _centred(element, place)


def _photo(element: Element, place: Place) -> Iterator[Shape]:
    x, y, width, height = float(place.x), float(place.y), float(place.width), float(place.height)
    yield Box(x, y, width, height, fill=element.colour)
    yield Disc(x + width / 2, y + height * 0.4, width * 0.24, fill="#8A929A")
    yield Box(x + width * 0.18, y + height * 0.7, width * 0.64, height * 0.3, fill="#8A929A", radius=width * 0.1)


def _chip(element: Element, place: Place) -> Iterator[Shape]:
    x, y, width, height = float(place.x), float(place.y), float(place.width), float(place.height)
    yield Box(x, y, width, height, fill=element.colour, line="#8C6D1F", radius=1.2)
    for row in range(1, 4):
        yield Box(x, y + height * row / 4, width, 0.1, fill="#8C6D1F")
    yield Box(x + width / 2 - 0.05, y, 0.1, height, fill="#8C6D1F")


def _disc(element: Element, place: Place) -> Iterator[Shape]:
    radius = float(place.width) / 2
    yield Disc(float(place.x) + radius, float(place.y) + radius, radius, fill=element.colour)


def _seal(element: Element, place: Place) -> Iterator[Shape]:
    radius = float(place.width) / 2
    yield Disc(float(place.x) + radius, float(place.y) + radius, radius, line=element.colour)
    if element.font is not None:
        yield _centred(element, place)


def _contactless(element: Element, place: Place) -> Iterator[Shape]:
    middle = float(place.y) + float(place.height) / 2
    for step in range(1, 4):
        yield Arc(float(place.x), middle, float(place.width) * step / 3, -45, 45, element.colour)


def _text(element: Element, place: Place) -> Iterator[Shape]:
    if element.font is not None:
        size, bottom = float(element.font.points * POINT), float(place.y + place.height)
        yield Words(float(place.x), bottom, size, element.text, element.colour, element.font.family, element.font.bold)


def _centred(element: Element, place: Place) -> Words:
    points = element.font.points if element.font is not None else place.height
    size = float(points * POINT)
    middle = float(place.y + place.height / 2)
    return Words(float(place.x + place.width / 2), middle + size / 2, size, element.text, element.colour, centred=True)


_MAKERS: Mapping[str, Callable[[Element, Place], Iterator[Shape]]] = MappingProxyType(
    {
        BLANK: _card,
        "emblem": _disc,
        "text": _text,
        "stripe": _box,
        "chip": _chip,
        "photo": _photo,
        "area": _frame,
        "seal": _seal,
        "contactless": _contactless,
    }
)


def _information(element: Element, place: Place, spec: CardSpec, holder: Holder, layout: Layout) -> Iterator[Shape]:
    """The holder's data, a line each, from the upper left corner that the data give."""
    if element.font is None:
        return
    size, pitch = float(element.font.points * POINT), float(element.dimensions["pitch"].value())
    room = float(layout.width) - float(place.x)
    for row, printed in enumerate(printed_of(spec)):
        text = f"{printed.name.zh}  {printed_text(printed, holder, spec)}"
        fitted = min(size, room / max(_units(text), 1))
        yield Words(float(place.x), float(place.y) + row * pitch + size, fitted, text, element.colour)


def _units(text: str) -> float:
    return sum(_HALF_WIDTH if character.isascii() else 1.0 for character in text)


def _specimen(layout: Layout) -> list[Shape]:
    """No drawing may pass for a card: it says what it is."""
    return [
        Words(float(layout.width) / 2, float(layout.height) - 0.6, 2.6, SPECIMEN, "#D7000F", bold=True, centred=True)
    ]


def _bands(element: Element, layout: Layout) -> Iterator[Shape]:
    """Each required edge with its tolerance: as wide as what is allowed, in every reading of the sources."""
    readings = max(len(dimension.values) for dimension in element.dimensions.values())
    for dimension in element.dimensions.values():
        if dimension.drawn or dimension.edge in ("radius", "thickness", "pitch"):
            continue
        for number in range(readings):
            reading = Layout(layout.width, layout.height, number)
            colour = _BAND if number == min(layout.reading, readings - 1) else _ALTERNATIVE
            yield _band(dimension, reading.place(element), reading, colour)


def _band(dimension: Dimension, place: Place, layout: Layout, colour: str) -> Box:
    at = layout.coordinate(dimension)
    if dimension.edge in ("width", "height"):
        at += place.x if dimension.edge == "width" else place.y
    half = max(float(dimension.tolerance), _LEAST_BAND)
    width, height = float(place.width) or _SHORTEST, float(place.height) or _SHORTEST
    if is_across(dimension):
        return Box(float(at) - half, float(place.y), 2 * half, height, fill=colour, opacity=_BAND_OPACITY)
    return Box(float(place.x), float(at) - half, width, 2 * half, fill=colour, opacity=_BAND_OPACITY)
