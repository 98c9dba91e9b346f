"""Faces drawn from the data: places as the public figures have them, SVG and PNG, what is printed of whom."""

from decimal import Decimal
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from onecard.emulate.holders import synthetic_holder
from onecard.errors import UserError
from onecard.face.layout import Layout, Place
from onecard.face.png import font_file, png
from onecard.face.render import SPECIMEN, draw, printed_text
from onecard.face.svg import svg
from onecard.spec.card import CardSpec
from onecard.spec.card_style import elements_of, printed_of
from onecard.spec.load import load_spec


def _card(profile: str) -> CardSpec:
    return load_spec().card_of_profile(profile)


@pytest.mark.parametrize(
    ("side", "element", "reading", "expected"),
    [
        ("back", "STYLE/BACK-PHOTO", 0, ("61.60", "3.00", "20.00", "25.00")),
        ("back", "STYLE/BACK-PHOTO", 1, ("3.00", "11.00", "20.00", "25.00")),
        ("back", "STYLE/BACK-SEAL", 0, ("65.60", "38.98", "12.00", "12.00")),
        ("front", "STYLE/FRONT-EMBLEM", 0, ("33.30", "7.98", "19.00", "19.00")),
        ("front", "STYLE/FRONT-STRIPE", 0, ("2.92", "38.03", "79.63", "10.41")),
    ],
)
def test_places(side: str, element: str, reading: int, expected: tuple[str, ...]) -> None:
    elements = elements_of(_card("card-3.0"), side)
    found = next(each for each in elements if each.id == element)
    assert Layout.of(elements, reading).place(found) == Place(*map(Decimal, expected))


@pytest.mark.parametrize(("profile", "sexes"), [("card-1.0", True), ("card-3.0", False)])
def test_what_is_printed(profile: str, sexes: bool) -> None:
    card = _card(profile)
    holder = synthetic_holder(card, 0)
    told = {printed.name.en: printed_text(printed, holder, card) for printed in printed_of(card)}
    assert told["name"] == holder["SSSE/EF06/09"]
    assert told["card number"][-2] == "-"
    assert told["card number"].replace("-", "") == holder["SSSE/EF05/07"]
    assert ("sex" in told) == sexes


@pytest.mark.parametrize("side", ["front", "back"])
def test_svg(side: str) -> None:
    drawing = draw(_card("card-3.0"), side, synthetic_holder(_card("card-3.0"), 3), tolerances=True)
    root = ET.fromstring(svg(drawing))
    assert root.attrib["viewBox"] == "0 0 85.6 53.98"
    assert SPECIMEN in [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.font
@pytest.mark.parametrize("side", ["front", "back"])
def test_png(side: str) -> None:
    drawing = draw(_card("card-3.0"), side, synthetic_holder(_card("card-3.0"), 3), tolerances=True)
    try:
        font = font_file()
    except UserError as missing:
        pytest.skip(str(missing))
    image = Image.open(BytesIO(png(drawing, font, dots_per_inch=150)))
    assert image.size == (506, 319)


def test_a_font_without_chinese_is_refused(tmp_path: Path) -> None:
    drawing = draw(_card("card-3.0"), "front", {})
    for font in (tmp_path / "none.ttf", Path(__file__)):
        with pytest.raises(UserError):
            png(drawing, font)
