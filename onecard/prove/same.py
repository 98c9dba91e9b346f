"""Whether changed data make another card at all, and whose card shows it.

Part of the data are spent when a card is personalised: item types, code tables, check rules and padding decide what is
written and are never looked at again. A change of these shows in the bytes on some holder's card, or nowhere: then it
makes the very same cards, and there is nothing that a suite could find.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from emulator.card.atr import answer_to_reset
from emulator.card.filesystem import MASTER_FILE
from emulator.card.image import CardImage
from emulator.card.personalise import DEFAULT_PIN, card_image
from emulator.card.variant import VariantSpec
from emulator.keys import DEFAULT_SEED
from emulator.mutants.model import AnyVariant
from emulator.persons import person
from onecard.spec.card import Atr, CardSpec, Command, FileSpec, Item, Padding, Structure
from onecard.spec.card_transport import FACTORS
from onecard.spec.text import Text

HOLDERS = 16
"""So many synthetic persons are tried: between them they take every branch of the contents."""

# Sections that only personalisation reads: what they decide is written (the keys of the transport purse).
_SPENT = frozenset((FACTORS,))
_NO_NAME = Text("", "")
_NO_ATR = Atr(0, (), (), 0, 0, 0, 0, "", ())
_SIZED = frozenset((Structure.LINEAR_FIXED, Structure.CYCLIC))
_A_FIELD = Item("", 0, _NO_NAME, "", "", 0, None, None, personal=False)
# Keys follow from the historical bytes and from data that the running view holds; journals of a new card are empty.
_WRITTEN = (
    *("historical", "pin", "pin_limit", "pin_tries", "key_limit", "key_tries", "purses"),
    *("certificate", "transport"),
)


def running(spec: CardSpec) -> CardSpec:
    """The data as the emulator reads them on a finished card: without what only personalisation uses, without names."""
    return replace(
        spec,
        codes={},
        checks={},
        padding=Padding(0, 0),
        # The versions that the card has; their order tells only which ones a card with fewer of them has.
        key_versions=tuple(sorted(spec.key_versions)),
        status_words=(),
        atr=_NO_ATR,
        # Nobody gets to a file of an application that the card does not have.
        files={name: _file(found) for name, found in spec.files.items() if found.application in spec.applications},
        applications={name: replace(found, name=_NO_NAME) for name, found in spec.applications.items()},
        commands=_commands(spec),
        keys={name: replace(found, name=_NO_NAME) for name, found in spec.keys.items()},
        tables={name: found for name, found in spec.tables.items() if name not in _SPENT},
    )


def _commands(spec: CardSpec) -> dict[str, Command]:
    # Of the places the emulator asks only which applications of this card have the command, the master file among them.
    root = () if any(found.is_mf for found in spec.applications.values()) else (MASTER_FILE,)
    having = {place: {found.id for found in spec.commands_in(place)} for place in (*spec.applications, *root)}
    return {
        name: replace(found, name=_NO_NAME, where=tuple(place for place, ids in having.items() if found.id in ids))
        for name, found in spec.commands.items()
    }


def _file(file: FileSpec) -> FileSpec:
    # Of a layout the emulator asks whether there is one, and how the values of a log are coded, which the log's first
    # records show; sizes and counts are those of the written image.
    bare = replace(file, name=_NO_NAME, items=(), record_order=(), record_count=0, size=0, category="")
    # Records of one length are those of fixed and cyclic files, and those without TLV.
    sized = file.layout or file.structure in _SIZED
    return replace(bare, layout=(_A_FIELD,) if file.layout else (), record_length=file.record_length if sized else 0)


@dataclass
class Twins:
    """The right cards of one profile, against which changed data are held."""

    true: CardSpec
    _running: CardSpec = field(init=False)
    _images: dict[int, CardImage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._running = running(self.true)

    def shown(self, variant: Callable[[], AnyVariant]) -> Iterator[Callable[[], AnyVariant]]:
        """The variant for each holder whose card shows the change, made when asked for; none where no card does.

        One card that differs may still be a right one: a code of another table may stand in the right table as well.
        """
        made = variant()
        if not isinstance(made, VariantSpec) or made.card_spec is None:
            yield variant
            return
        altered = made.card_spec
        if running(altered) != self._running:
            yield variant
            return
        for holder in range(HOLDERS):
            if self._differs(altered, holder):
                yield partial(replace, made, holder=holder)

    def _differs(self, altered: CardSpec, holder: int) -> bool:
        if holder not in self._images:
            self._images[holder] = _image(self.true, holder)
        try:
            made = _shown(altered, _image(altered, holder))
        except (LookupError, ValueError, TypeError, ArithmeticError):
            # No card can be made of such data: the trial will say so.
            return True
        return made != _shown(self.true, self._images[holder])


def _image(spec: CardSpec, holder: int) -> CardImage:
    return card_image(spec, person(DEFAULT_SEED, holder), DEFAULT_SEED, pin=DEFAULT_PIN)


def _shown(spec: CardSpec, image: CardImage) -> list[Any]:
    apart = {name for name, file in spec.files.items() if file.application not in spec.applications}
    files = {name: content for name, content in image.files.items() if name not in apart}
    return [answer_to_reset(spec.atr, image.historical), files, *(getattr(image, name) for name in _WRITTEN)]
