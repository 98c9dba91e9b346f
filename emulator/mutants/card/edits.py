"""How mutants of personalised data change a finished card."""

from emulator.card.image import CardImage

ISSUER_FILE, HOLDER_FILE = "SSSE/EF05", "SSSE/EF06"


def put(image: CardImage, file: str, tag: int, value: bytes) -> None:
    """Give the record with ``tag`` another value (its length byte follows)."""
    content = image.linear(file)
    content.write(content.identifiers.index(tag), bytes((tag, len(value))) + value)


def value_of(image: CardImage, file: str, tag: int) -> bytes:
    """The value of the record with ``tag``."""
    return image.linear(file).value(tag)


def drop(image: CardImage, file: str, tag: int) -> None:
    """Take the record with ``tag`` out of the file."""
    content = image.linear(file)
    place = content.identifiers.index(tag)
    del content.records[place], content.identifiers[place]


def move(image: CardImage, file: str, tag: int, place: int) -> None:
    """Put the record with ``tag`` to ``place`` (from 0)."""
    content = image.linear(file)
    content.records.insert(place, content.records.pop(content.identifiers.index(tag)))
    content.identifiers[:] = [record[0] for record in content.records]
