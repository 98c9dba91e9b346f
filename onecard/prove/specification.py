"""Specification mutants: one leaf of the data that drive the emulator changed, the suite on the true data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from emulator.card.variant import VariantSpec
from emulator.mutants.model import AnyVariant
from emulator.variant import Variant
from onecard.prove.changes import ACCEPTED, changes
from onecard.prove.classes import class_of
from onecard.prove.codes import never_given, shown_by
from onecard.prove.conforming import EVERY_VALUE, conforming
from onecard.prove.observable import left_open, never_shown
from onecard.prove.subject import SPECIFICATION, Subject, testable
from onecard.spec.card import CardSpec
from onecard.spec.leaves import branches, covers, is_pattern, leaves
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.model import Leaf
from onecard.spec.overlay import with_values
from onecard.spec.text import Text

AT_MOST = 3
"""Mutants of one leaf that count (design of the proof)."""

# Data about what a tester accepts or tries beside the rules: no card is made from them.
_TOLERANCES = ("CONFLICT/", "READING/", "EXTENSION.", "FIREWALL/")


@dataclass(frozen=True)
class SpecificationSubject:
    """One changed leaf. ``operator`` names the change; the id is made of the leaf's path and the operator."""

    spec: Spec
    leaf: Leaf
    operator: str
    value: object
    requirements: frozenset[str]
    kind: str = SPECIFICATION
    profiles: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"spec/{self.leaf.path}/{self.operator}"

    @property
    def datum(self) -> str:
        return class_of(self.leaf)

    @property
    def because(self) -> Text:
        shown = f"{self.leaf.path}: {self.leaf.value!r} -> {self.value!r}"
        return Text(shown, shown)

    def variant(self, true: TargetSpec) -> Callable[[], AnyVariant] | None:
        identifier, _, path = self.leaf.path.partition(".")
        altered = with_values(self.spec, identifier, {path: self.value})
        if isinstance(true, CardSpec):
            card = altered.card(true.ics, true.profile)
            return None if card == true else lambda: VariantSpec(card_spec=card)
        interface = altered.interface(true.kind, true.ics, true.profile)
        behaviour = shown_by(interface, identifier)
        return None if interface == true else lambda: Variant(spec=interface, behaviour=behaviour)


def specification_subjects(spec: Spec, kind: str) -> tuple[Subject, ...]:
    """At most three changes of every leaf that a testable requirement's ``about`` names."""
    plain: dict[str, set[str]] = {}
    patterns: list[tuple[str, str]] = []
    for name, each in testable(spec, kind).items():
        for about in each.about:
            if is_pattern(about):
                patterns.append((about, name))
            else:
                plain.setdefault(about, set()).add(name)
    found: list[Subject] = []
    unused = never_given(spec, kind)
    right, free, every = conforming(spec, kind), left_open(spec, kind), leaves(spec, kind)
    hidden = never_shown(spec, kind, (leaf.path for leaf in every))
    for leaf in every:
        if leaf.path.startswith(_TOLERANCES) or leaf.path.partition(".")[0] in unused or leaf.path in hidden:
            continue
        # Plain names by look-up: trying every entry on every leaf would take seconds.
        named = (plain.get(branch, set()) for branch in branches(leaf.path))
        broken = frozenset().union(*named, (name for about, name in patterns if covers(about, leaf.path)))
        if broken:
            allowed = right.get(leaf.path, frozenset())
            made = [change for change in changes(leaf) if not _among(change[1], allowed)]
            if leaf.path in free:
                # Any word that refuses will do; only one that does not is a mistake.
                made = [change for change in made if change[1] == ACCEPTED]
            found += [SpecificationSubject(spec, leaf, *change, broken) for change in made[:AT_MOST]]
    return tuple(found)


def _among(value: object, allowed: frozenset[object]) -> bool:
    if not allowed or isinstance(value, (bool, Mapping)):
        return False
    return EVERY_VALUE in allowed or _frozen(value) in allowed


def _frozen(value: object) -> object:
    if isinstance(value, list):
        return tuple(_frozen(each) for each in value)
    return repr(value) if isinstance(value, dict) else value
