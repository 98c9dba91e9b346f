"""Where the elements of a face stand, in one reading of the sources: millimetres from the upper left corner."""

from dataclasses import dataclass
from decimal import Decimal

from onecard.spec.card_style import BLANK, Dimension, Element

POINT = Decimal("25.4") / 72
"""A point of type, in millimetres."""

_SIZES = frozenset(("width", "height", "radius", "thickness", "pitch"))
_FAR = frozenset(("right", "bottom"))
_ACROSS = frozenset(("left", "right", "centre-x", "width"))


@dataclass(frozen=True, slots=True)
class Place:
    """The box of an element."""

    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal


@dataclass(frozen=True, slots=True)
class Layout:
    """Places on a card of ``width`` by ``height``, in the sources' reading number ``reading`` (from 0)."""

    width: Decimal
    height: Decimal
    reading: int = 0

    @classmethod
    def of(cls, elements: tuple[Element, ...], reading: int = 0) -> "Layout":
        """The layout of a face, whose card is among its elements."""
        card = next(element for element in elements if element.shape == BLANK)
        return cls(card.dimensions["width"].value(), card.dimensions["height"].value(), reading)

    def coordinate(self, dimension: Dimension) -> Decimal:
        """Where an edge lies: from the left, or from the top; the bare value for a size."""
        value = dimension.value(self.reading)
        if dimension.edge in _SIZES or dimension.origin not in _FAR:
            return value
        return (self.width if dimension.origin == "right" else self.height) - value

    def place(self, element: Element) -> Place:
        """The box of an element; where the data leave a side open, the text or nothing fills it."""
        size = self._size(element)
        return Place(
            self._begin(element, "left", "right", "centre-x", size[0]),
            self._begin(element, "top", "bottom", "centre-y", size[1]),
            *size,
        )

    def _size(self, element: Element) -> tuple[Decimal, Decimal]:
        at = {edge: self.coordinate(found) for edge, found in element.dimensions.items()}
        if element.shape != BLANK and "radius" in at:
            return 2 * at["radius"], 2 * at["radius"]
        height = at.get("height", at["bottom"] - at["top"] if {"top", "bottom"} <= at.keys() else None)
        width = at.get("width", at["right"] - at["left"] if {"left", "right"} <= at.keys() else None)
        if element.font is not None and element.text:
            type_size = element.font.points * POINT
            height = type_size if height is None else height
            width = type_size * len(element.text) if width is None else width
        height = height if height is not None else width or Decimal(0)
        return width if width is not None else height, height

    def _begin(self, element: Element, near: str, far: str, centre: str, size: Decimal) -> Decimal:
        at = {edge: self.coordinate(found) for edge, found in element.dimensions.items()}
        if near in at:
            return at[near]
        if far in at:
            return at[far] - size
        return at[centre] - size / 2 if centre in at else Decimal(0)


def is_across(dimension: Dimension) -> bool:
    """Whether a dimension is measured from left to right."""
    return dimension.edge in _ACROSS
