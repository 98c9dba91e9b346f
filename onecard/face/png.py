"""A drawing as PNG, by Pillow (extra ``face``). Text needs a font with Chinese characters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from onecard.errors import UserError
from onecard.face.drawing import Arc, Box, Disc, Drawing, Words

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

DOTS_PER_INCH = 600
_MILLIMETRES = 25.4
_LINE = 0.2
_PROBE = "社"

_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
    "C:/Windows/Fonts/simsun.ttc",
)
"""Where systems keep a font with Chinese characters."""


def png(drawing: Drawing, font: Path | None = None, dots_per_inch: int = DOTS_PER_INCH) -> bytes:
    """The PNG file. ``font``: a TrueType or OpenType file, else one that the system has.

    Raises UserError without Pillow, and without a font that has Chinese characters.
    """
    image_module = _pillow("Image")
    painter = _Painter(dots_per_inch / _MILLIMETRES, font_file(font))
    size = (round(drawing.width * painter.scale), round(drawing.height * painter.scale))
    image = image_module.new("RGBA", size, "#FFFFFF00")
    for shape in drawing.shapes:
        # Each shape has a layer of its own: bands let through what lies below.
        layer = image_module.new("RGBA", size, "#FFFFFF00")
        painter.paint(_pillow("ImageDraw").Draw(layer), shape)
        image.alpha_composite(layer)
    out = BytesIO()
    image.save(out, "PNG", dpi=(dots_per_inch, dots_per_inch))
    return out.getvalue()


def _pillow(module: str) -> Any:
    try:
        return import_module(f"PIL.{module}")
    except ImportError:
        raise UserError(
            zh="输出 PNG 需要 Pillow：pip install 'onecard-conformance[face]'；或用 --format svg",
            en="PNG needs Pillow: pip install 'onecard-conformance[face]'; or use --format svg",
        ) from None


def font_file(given: Path | None = None) -> Path:
    """The font that is used: ``given``, or the first of the system's that has Chinese characters; raises UserError."""
    for path in (given,) if given is not None else map(Path, _FONTS):
        if path.is_file() and (given is not None or _has_chinese(path)):
            _check_font(path)
            return path
    if given is not None:
        raise UserError(zh=f"没有字体文件 {given}", en=f"there is no font file {given}")
    raise UserError(
        zh="未找到含中文的字体：请用 --font 指定字体文件（如 NotoSansCJK-Regular.ttc），或用 --format svg",
        en="no font with Chinese characters was found: name one with --font (as NotoSansCJK-Regular.ttc), or use "
        "--format svg",
    )


def _check_font(path: Path) -> None:
    if not _has_chinese(path):
        raise UserError(zh=f"{path} 不是含中文的字体文件", en=f"{path} is no font file with Chinese characters")


def _has_chinese(path: Path) -> bool:
    """A font draws a character that it lacks as it draws one that does not exist."""
    try:
        font = _pillow("ImageFont").truetype(str(path), 32)
    except OSError:
        return False
    return bool(font.getmask(_PROBE).getbbox()) and bytes(font.getmask(_PROBE)) != bytes(font.getmask("\uffff"))


class _Painter:
    """Paints shapes at ``scale`` dots a millimetre."""

    def __init__(self, scale: float, font: Path) -> None:
        self.scale = scale
        self._font = font
        self._fonts: dict[int, ImageFont.FreeTypeFont] = {}

    def paint(self, draw: ImageDraw.ImageDraw, shape: object) -> None:
        """One shape."""
        _PAINT[type(shape)](self, draw, shape)

    def dots(self, *values: float) -> tuple[float, ...]:
        """Millimetres in dots."""
        return tuple(value * self.scale for value in values)

    def box(self, draw: ImageDraw.ImageDraw, shape: Box) -> None:
        """A rectangle."""
        corners = self.dots(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
        draw.rounded_rectangle(
            corners,
            radius=shape.radius * self.scale,
            fill=_colour(shape.fill, shape.opacity),
            outline=shape.line,
            width=round(_LINE * self.scale),
        )

    def disc(self, draw: ImageDraw.ImageDraw, shape: Disc) -> None:
        """A circle."""
        draw.ellipse(
            self._around(shape.x, shape.y, shape.radius),
            fill=_colour(shape.fill, shape.opacity),
            outline=shape.line,
            width=round(_LINE * self.scale),
        )

    def arc(self, draw: ImageDraw.ImageDraw, shape: Arc) -> None:
        """A part of a circle."""
        width = round(0.5 * self.scale)
        draw.arc(self._around(shape.x, shape.y, shape.radius), shape.start, shape.end, fill=shape.line, width=width)

    def words(self, draw: ImageDraw.ImageDraw, shape: Words) -> None:
        """A line of text."""
        size = max(1, round(shape.size * self.scale))
        if size not in self._fonts:
            self._fonts[size] = _pillow("ImageFont").truetype(str(self._font), size)
        draw.text(
            (shape.x * self.scale, shape.y * self.scale),
            shape.text,
            font=self._fonts[size],
            fill=shape.fill,
            anchor="md" if shape.centred else "ld",
            stroke_width=size // 40 if shape.bold else 0,
            stroke_fill=shape.fill,
        )

    def _around(self, x: float, y: float, radius: float) -> tuple[float, ...]:
        return self.dots(x - radius, y - radius, x + radius, y + radius)


def _colour(fill: str | None, opacity: float) -> str | None:
    return None if fill is None else f"{fill}{round(opacity * 255):02X}"


_PAINT: Mapping[type, Callable[[_Painter, Any, Any], None]] = MappingProxyType(
    {Box: _Painter.box, Disc: _Painter.disc, Arc: _Painter.arc, Words: _Painter.words}
)
