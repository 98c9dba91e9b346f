"""A drawing as a list of shapes, in millimetres from the upper left corner of the card; SVG and PNG are made of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with corner ``radius``; colours ``#RRGGBB``, None: not filled, no line."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    line: str | None = None
    radius: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle around (x, y)."""

    x: float
    y: float
    radius: float
    fill: str | None = None
    line: str | None = None
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Arc:
    """A part of a circle around (x, y), from ``start`` to ``end`` degrees, clockwise from the right."""

    x: float
    y: float
    radius: float
    start: float
    end: float
    line: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text whose lower left corner is (x, y); ``size`` of the type in millimetres, ``width`` the room."""

    x: float
    y: float
    size: float
    text: str
    fill: str
    family: str = "hei"
    bold: bool = False
    centred: bool = False


Shape = Box | Disc | Arc | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """A face: its size in millimetres and its shapes, later ones above."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    title: str = ""
