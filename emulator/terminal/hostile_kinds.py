"""Cards whose transport application is not in order: what is changed of the reference card."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.card.image import BinaryFile, CardImage

PUBLIC = "TRANSPORT/EF15"
START, END = 20, 24
DATE = 4
LONG_AGO, FAR_AHEAD = bytes.fromhex("20101231"), bytes.fromhex("20991231")
Edit = Callable[[CardImage], None]


def _date(offset: int, date: bytes) -> Edit:
    def edit(image: CardImage) -> None:
        content = image.files[PUBLIC]
        if not isinstance(content, BinaryFile):
            raise TypeError(f"{PUBLIC} is no transparent file")
        content.data[offset : offset + DATE] = date

    return edit


def _blocked(image: CardImage) -> None:
    if image.transport is None:
        raise TypeError("the card has no transport application")
    image.transport.blocked = True


EDITS: Mapping[str, Edit] = MappingProxyType(
    {
        "transport-blocked": _blocked,
        "transport-expired": _date(END, LONG_AGO),
        "transport-not-started": _date(START, FAR_AHEAD),
    }
)
"""What is changed, by the name of the hostile card."""
