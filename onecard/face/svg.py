"""A drawing as SVG, one user unit a millimetre, so that it prints in its own size."""

from collections.abc import Callable, Mapping
from math import cos, radians, sin
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from onecard.face.drawing import Arc, Box, Disc, Drawing, Words

_LINE = 0.2
_FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "song": "SimSun, 'Noto Serif CJK SC', 'Source Han Serif SC', serif",
        "li": "LiSu, STLiti, 'Noto Serif CJK SC', serif",
        "hei": "SimHei, 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif",
        "kai": "KaiTi, STKaiti, 'Noto Serif CJK SC', serif",
    }
)


def svg(drawing: Drawing) -> str:
    """The SVG document."""
    body = "\n".join(_MAKERS[type(shape)](shape) for shape in drawing.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}mm" height="{drawing.height}mm" '
        f'viewBox="0 0 {drawing.width} {drawing.height}">\n<title>{escape(drawing.title)}</title>\n{body}\n</svg>\n'
    )


def _paint(fill: str | None, line: str | None, opacity: float) -> str:
    told = f'fill="{fill or "none"}"'
    told += f' stroke="{line}" stroke-width="{_LINE}"' if line is not None else ""
    return told + (f' opacity="{opacity:g}"' if opacity < 1 else "")


def _box(shape: Box) -> str:
    return (
        f'<rect x="{shape.x:.2f}" y="{shape.y:.2f}" width="{shape.width:.2f}" height="{shape.height:.2f}" '
        f'rx="{shape.radius:.2f}" {_paint(shape.fill, shape.line, shape.opacity)}/>'
    )


def _disc(shape: Disc) -> str:
    return (
        f'<circle cx="{shape.x:.2f}" cy="{shape.y:.2f}" r="{shape.radius:.2f}" '
        f"{_paint(shape.fill, shape.line, shape.opacity)}/>"
    )


def _arc(shape: Arc) -> str:
    ends = [
        f"{shape.x + shape.radius * cos(radians(angle)):.2f} {shape.y + shape.radius * sin(radians(angle)):.2f}"
        for angle in (shape.start, shape.end)
    ]
    return (
        f'<path d="M {ends[0]} A {shape.radius:.2f} {shape.radius:.2f} 0 0 1 {ends[1]}" fill="none" '
        f'stroke="{shape.line}" stroke-width="0.5"/>'
    )


def _words(shape: Words) -> str:
    anchor = ' text-anchor="middle"' if shape.centred else ""
    weight = ' font-weight="bold"' if shape.bold else ""
    # The lower edge of the type: its baseline stands about an eighth of its size higher.
    return (
        f'<text x="{shape.x:.2f}" y="{shape.y - shape.size * 0.12:.2f}" font-size="{shape.size:.3f}" '
        f"font-family={quoteattr(_FAMILIES[shape.family])}{weight}{anchor} "
        f'fill="{shape.fill}" xml:space="preserve">{escape(shape.text)}</text>'
    )


_MAKERS: Mapping[type, Callable[[Any], str]] = MappingProxyType({Box: _box, Disc: _disc, Arc: _arc, Words: _words})
