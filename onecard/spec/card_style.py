"""The faces of the card: their elements with places, sizes, colours and texts, and the data that are printed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from onecard.spec.build import nodes, text_of
from onecard.spec.card import CardSpec
from onecard.spec.text import Text

BLANK = "card"
"""The shape of the element that is the card itself."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """An ``edge`` (left, right, top, bottom, centre-x, centre-y) at a distance ``origin`` an edge of the card, or a
    size (width, height, radius, thickness, pitch); millimetres.

    ``values``: one for each reading of the sources. ``limit`` min or max: the edge may lie beyond the value. ``drawn``:
    nothing is required, the value is for drawing only.
    """

    id: str
    name: Text
    edge: str
    origin: str | None
    values: tuple[Decimal, ...]
    tolerance: Decimal
    limit: str | None
    drawn: bool

    def value(self, reading: int = 0) -> Decimal:
        """The value of a reading, that of the first where there is no other."""
        return self.values[reading] if reading < len(self.values) else self.values[0]


@dataclass(frozen=True, slots=True)
class Font:
    """``family`` song, li, hei or kai; ``points`` of 1/72 inch."""

    family: str
    points: Decimal
    bold: bool


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a face; ``shape`` card, emblem, text, stripe, chip, photo, area, seal or contactless."""

    id: str
    name: Text
    side: str
    shape: str
    colour: str
    text: str
    font: Font | None
    dimensions: Mapping[str, Dimension]


@dataclass(frozen=True, slots=True)
class Printed:
    """A datum that the back shows: ``item`` is the id of the item whose value is printed."""

    name: Text
    item: str


def elements_of(spec: CardSpec, side: str) -> tuple[Element, ...]:
    """The elements of a face (``front`` or ``back``) in the order of the data: first ones lie below."""
    return tuple(_element(node) for node in spec.table("style").values() if node["side"] in (side, "both"))


def printed_of(spec: CardSpec) -> tuple[Printed, ...]:
    """What is printed of the holder's data, in order."""
    return tuple(Printed(text_of(node["name"]), str(node["item"])) for node in spec.table("printed-data").values())


def _element(node: Mapping[str, object]) -> Element:
    text, font = node.get("text"), cast(Mapping[str, str] | None, node.get("font"))
    return Element(
        id=str(node["id"]),
        name=text_of(node["name"]),
        side=str(node["side"]),
        shape=str(node["shape"]),
        colour=str(node["colour"]),
        text=text_of(text).zh if text is not None else "",
        font=Font(font["family"], Decimal(font["points"]), font["weight"] == "bold") if font is not None else None,
        dimensions={found.edge: found for found in _dimensions(node)},
    )


def _dimensions(node: Mapping[str, object]) -> Iterator[Dimension]:
    for each in nodes(node["dimensions"]):
        key = next(key for key in ("nominal", "min", "max", "drawn") if key in each)
        others = [str(other["nominal"]) for other in nodes(each.get("alternatives"))]
        yield Dimension(
            id=str(each["id"]),
            name=text_of(each["name"]),
            edge=str(each["edge"]),
            origin=cast(str | None, each.get("from")),
            values=tuple(map(Decimal, (str(each[key]), *others))),
            tolerance=Decimal(str(each.get("tolerance", node.get("tolerance", "0"))))
            if key == "nominal"
            else Decimal(0),
            limit=key if key in ("min", "max") else None,
            drawn=key == "drawn",
        )
