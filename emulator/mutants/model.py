"""What a mutant is, and the decorators that declare one.

A mutant is a few lines: a behaviour class with one decision overridden (``mutant``), a change to a finished card
(``image_mutant``), or other data in place of the true ones (``data_mutant``). It names the one requirement that it
breaks and why real implementations make the mistake.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage
from emulator.card.variant import VariantSpec
from emulator.variant import Variant
from onecard.spec.card import CardSpec
from onecard.spec.text import Text

_ATTRIBUTE = "__onecard_mutant__"

ImageEdit = Callable[[CardImage], None]
DataChange = Callable[[Any], Any]
AnyVariant = VariantSpec | Variant
B = TypeVar("B", bound=type[object])
E = TypeVar("E", bound=ImageEdit)
D = TypeVar("D", bound=DataChange)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken reference. ``breaks``: id of the requirement that it violates.

    ``variant`` makes the variant from the true data of a profile, anew for each reference, so that no state is shared.
    ``profiles``: where the mistake shows; empty means wherever the requirement applies.
    """

    id: str
    breaks: str
    because: Text
    variant: Callable[[Any], AnyVariant]
    profiles: tuple[str, ...] = ()


def mutant(identifier: str, *, breaks: str, because: Text, profiles: tuple[str, ...] = ()) -> Callable[[B], B]:
    """Declare a behaviour class as a mutant; it must be constructible without arguments."""

    def declare(behaviour: B) -> B:
        def variant(_spec: object) -> AnyVariant:
            made = behaviour()
            return VariantSpec(behaviour=made) if isinstance(made, CardBehaviour) else Variant(behaviour=made)

        return _declare(behaviour, Mutant(identifier, breaks, because, variant, profiles))

    return declare


def image_mutant(identifier: str, *, breaks: str, because: Text, profiles: tuple[str, ...] = ()) -> Callable[[E], E]:
    """Declare a change of a finished card's image (in place) as a mutant."""

    def declare(edit: E) -> E:
        return _declare(edit, Mutant(identifier, breaks, because, lambda _spec: VariantSpec(edit=edit), profiles))

    return declare


def data_mutant(identifier: str, *, breaks: str, because: Text, profiles: tuple[str, ...] = ()) -> Callable[[D], D]:
    """Declare a change of the data that drive the reference as a mutant; the suite keeps the true data."""

    def declare(change: D) -> D:
        def variant(spec: object) -> AnyVariant:
            changed = change(spec)
            return VariantSpec(card_spec=changed) if isinstance(changed, CardSpec) else Variant(spec=changed)

        return _declare(change, Mutant(identifier, breaks, because, variant, profiles))

    return declare


T = TypeVar("T")


def _declare(thing: T, declared: Mutant) -> T:
    setattr(thing, _ATTRIBUTE, declared)
    return thing


def mutants_in(module: ModuleType) -> Iterator[Mutant]:
    """The mutants that a module declares by a decorator or in a tuple, in the order of the module."""
    for value in vars(module).values():
        entries: Iterable[object] = value if isinstance(value, tuple) else (value,)
        for entry in entries:
            # Of a class only its own mark counts: a subclass of a mutant is none by inheritance.
            found = entry if isinstance(entry, Mutant) else getattr(entry, "__dict__", {}).get(_ATTRIBUTE)
            if isinstance(found, Mutant):
                yield found
