"""A card image as one JSON document, so that an emulated card lives on between runs. Bytes are hexadecimal."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from cattrs import ClassValidationError, Converter
from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from emulator.card.image import CardImage, FileImage
from emulator.crypto import sm3

FORMAT = 1
KIND = "card-image"


class ImageDamaged(ValueError):
    """A document that is no whole card image; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A card image with what it was made for: ``profile`` names the project profile whose data it follows."""

    profile: str
    image: CardImage


@cache
def _converter() -> Converter:
    converter = make_converter()
    converter.register_unstructure_hook(bytes, lambda value: value.hex().upper())
    converter.register_structure_hook(bytes, lambda value, _: bytes.fromhex(value))
    converter.register_unstructure_hook(bytearray, lambda value: bytes(value).hex().upper())
    converter.register_structure_hook(bytearray, lambda value, _: bytearray.fromhex(value))
    # A record file and a cyclic file may look alike: the document says which it is.
    configure_tagged_union(FileImage, converter, tag_name="structure")
    return converter


def _digest(body: dict[str, Any]) -> str:
    return sm3(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hex().upper()


def document_of(stored: Stored) -> str:
    """The document; raises ValueError for a card that was cut off in the middle of a change and not powered since."""
    if stored.image.journal:
        raise ValueError("the card holds an unfinished change: power it on first")
    body = {"profile": stored.profile, "image": _converter().unstructure(stored.image)}
    del body["image"]["journal"], body["image"]["journal_whole"]
    whole = {"format": FORMAT, "kind": KIND, **body, "sm3": _digest(body)}
    return json.dumps(whole, sort_keys=True, separators=(",", ":")) + "\n"


def stored_of(document: str) -> Stored:
    """The card of a document; raises ImageDamaged."""
    try:
        read = json.loads(document)
    except ValueError as error:
        raise ImageDamaged(f"no JSON: {error}") from None
    if not isinstance(read, dict) or (read.get("format"), read.get("kind")) != (FORMAT, KIND):
        raise ImageDamaged(f"no {KIND} of format {FORMAT}")
    body = {name: read.get(name) for name in ("profile", "image")}
    if read.get("sm3") != _digest(body):
        raise ImageDamaged("its digest does not fit: it was altered or cut off")
    try:
        image = _converter().structure(body["image"], CardImage)
    except (ClassValidationError, ValueError, TypeError, KeyError) as error:
        raise ImageDamaged(f"of another version of this program ({type(error).__name__})") from None
    return Stored(str(body["profile"]), image)
