"""Specification mutants: one leaf of the data that drive the emulator changed, the suite on the true data."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from emulator.card.variant import VariantSpec
from emulator.mutants.model import AnyVariant
from emulator.variant import Variant
from onecard.prove.subject import SPECIFICATION, Subject, testable
from onecard.spec.card import CardSpec
from onecard.spec.leaves import branches, covers, is_pattern, leaves
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.model import Leaf
from onecard.spec.overlay import with_values
from onecard.spec.text import Text

AT_MOST = 3
"""Mutants of one leaf that count (design of the proof)."""

_STATUS = re.compile(r"[0-9A-F]{2}[0-9A-Fx]{2}")
_HEX = re.compile(r"([0-9A-F]{2})*")
_HEX_KEYS = frozenset(("aid", "suffix", "value", "reference-interface-bytes"))
_EXPRESSION_KEYS = frozenset(("when", "is-mf"))
_STATUS_BRANCHES = frozenset(("statuses", "query"))
# Lists whose order says nothing: each is what is allowed, or the members of a JSON object. (Not so `usages` of the
# PSAM's keys, which are tried in turn, or the factors of a diversification.)
_UNORDERED = frozenset(
    (
        *("lengths", "challenge-lengths", "finds", "plain-formats", "indicated-formats", "ranges"),
        *("enciphers", "macs", "retry-on"),
        *("request", "answer", "published"),
        *("channels", "scenes", "states", "events", "items", "from"),
    )
)
# Lists of answers of which a device gives any one (fewer of them, or others first, conform as well), and bounds of what
# its issuer chooses.
_ALTERNATIVES = frozenset(("codes", "tails", "cyclic-append", "range", "name-lengths", "label-lengths"))
# Closed lists of the schema: a value is exchanged for the others.
_ENUMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "charset": ("gbk", "ascii"),
        "coding": ("bcd", "any", "region", "fixed"),
        "fold": ("xor-halves", "left-half"),
        "function": ("internal-authentication", "external-authentication"),
        "level": ("environment", "application"),
        "source": ("region", "historical"),
        "structure": ("linear-variable", "transparent"),
        "takes": ("first", "last", "next", "previous", "one", "from", "up-to"),
        "type": ("an", "cn", "b"),
        "kind": ("weighted", "structure", "date"),
        "check": ("CHECK/DATE", "CHECK/GB11643"),
        "codes": ("CODES/SEX", "CODES/NATION", "CODES/CARD-CLASS"),
        "application": ("SSSE", "DF01"),
        "parent": ("MF", "DF01"),
    }
)
# Data about what a tester accepts beside the rules: no card is made from them.
_TOLERANCES = ("CONFLICT/", "READING/")
Change = tuple[str, object]


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
        return None if interface == true else lambda: Variant(spec=interface)


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
    for leaf in leaves(spec, kind):
        if leaf.path.startswith(_TOLERANCES):
            continue
        # Plain names by look-up: trying every entry on every leaf would take seconds.
        named = (plain.get(branch, set()) for branch in branches(leaf.path))
        broken = frozenset().union(*named, (name for about, name in patterns if covers(about, leaf.path)))
        if broken:
            found += [SpecificationSubject(spec, leaf, *change, broken) for change in list(changes(leaf))[:AT_MOST]]
    return tuple(found)


def changes(leaf: Leaf) -> Iterator[Change]:
    """The applicable changes of a leaf as (name of the operator, new value)."""
    key = _key(leaf.path)
    value = leaf.value
    match value:
        case bool():
            yield "flipped", not value
        case int():
            yield from _of_number(value)
        case list() if key not in _ALTERNATIVES:
            yield from _of_list(value, ordered=key not in _UNORDERED)
        case str():
            yield from _of_text(key, leaf.path, value)


def _key(path: str) -> str:
    # `read.1.value` is the value of `read` for one declaration.
    steps = [step for step in path.split(".")[1:] if not step.isdigit()]
    return steps[-2] if len(steps) > 1 and steps[-1] == "value" else steps[-1]


def _of_number(value: int) -> Iterator[Change]:
    yield "plus-one", value + 1
    if value > 0:
        yield "minus-one", value - 1
    yield "bit-4", value ^ 0x10


def _of_list(value: Sequence[object], *, ordered: bool) -> Iterator[Change]:
    if len(value) > 1 and ordered:
        yield "first-two-exchanged", [value[1], value[0], *value[2:]]
    if len(value) > 1:
        yield "without-last", list(value[:-1])
    if value and isinstance(value[-1], int):
        yield "last-plus-one", [*value[:-1], value[-1] + 1]


def _of_text(key: str, path: str, value: str) -> Iterator[Change]:
    general = path.startswith("GENERAL.")
    if (general or _STATUS_BRANCHES.intersection(path.split("."))) and _STATUS.fullmatch(value):
        yield from ((f"status-{other}", other) for other in ("6F00", "6985", "9000") if other != value)
    elif key in ("read", "update"):
        rules = ("free", "never", "key UKSSSE", "key RKSSSE")
        yield from ((f"rule-{rule.replace(' ', '-')}", rule) for rule in rules if rule != value)
    elif key in _EXPRESSION_KEYS or path.endswith(".when"):
        yield from ((f"always-{other}", other) for other in ("true", "false") if other != value)
    elif key in _HEX_KEYS and _HEX.fullmatch(value):
        yield from _of_hex(value)
    elif key == "by":
        pair = ("fid", "name") if "SELECT/" in path else ("identifier", "number")
        yield from ((f"is-{other}", other) for other in pair if other != value)
    elif key in _ENUMS:
        yield from ((f"is-{other.replace('/', '-')}", other) for other in _ENUMS[key] if other != value)
    elif key == "characters" and value[1:] + value[:1] != value:
        yield "turned", value[1:] + value[:1]


def _of_hex(value: str) -> Iterator[Change]:
    octets = bytes.fromhex(value)
    yield "one-more-byte", (octets + b"\x00").hex().upper()
    if octets:
        yield "last-byte-changed", (octets[:-1] + bytes((octets[-1] ^ 0x01,))).hex().upper()
        yield "first-byte-changed", (bytes((octets[0] ^ 0x01,)) + octets[1:]).hex().upper()
