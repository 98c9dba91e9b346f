"""Cards whose transport application is not in order: what is changed of the reference card."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from emulator.card.image import BinaryFile, CardImage

PUBLIC = "TRANSPORT/EF15"
START, END = 20, 24
DATE = 4
LONG_AGO, FAR_AHEAD = bytes.fromhex("20101231"), bytes.fromhex("20991231")
LATELY = timedelta(days=2)
"""As near to today as clocks of two devices may be apart: time zones, and midnight between card and call."""
Edit = Callable[[CardImage], None]
Dated = Callable[[date], Edit]
"""What is changed of a card, by the day that it is laid out."""


def octets_of(day: date) -> bytes:
    """CCYYMMDD in BCD, 4 bytes."""
    return bytes.fromhex(f"{day:%Y%m%d}")


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

DATED: Mapping[str, Dated] = MappingProxyType(
    {
        "transport-ended-lately": lambda today: _date(END, octets_of(today - LATELY)),
        "transport-starts-soon": lambda today: _date(START, octets_of(today + LATELY)),
        "transport-ends-soon": lambda today: _date(END, octets_of(today + LATELY)),
    }
)
"""The same, of dates that lie near."""
