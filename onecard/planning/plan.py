"""The plan: which cases run for a declaration, in which order, and what stays outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from onecard.errors import UserError
from onecard.harness.case import Case
from onecard.planning.declaration import Ics, Ixit
from onecard.spec.expr import Value, evaluate
from onecard.spec.load import Spec
from onecard.spec.model import Exclusion, Keyword, Requirement


class Scope(StrEnum):
    """How much of the applicable requirements a campaign is asked to cover."""

    FULL = "full"
    NON_DESTRUCTIVE = "non-destructive"
    WITHOUT_LABORATORY = "without-laboratory"


WITHOUT = "without-"
LABORATORY = "laboratory"
NEEDS = frozenset((LABORATORY, "tear", "contactless", "reader-state", "keypad", "unplugging"))
"""What a target or a run may lack: a laboratory sheet, the ability to cut the supply within a command, a contactless
interface, a view of who holds the reader, a keypad that the tester serves, a way to take the reader away.
Requirements that need it are then outside the scope, and listed as not tested.
"""

REFERENCE_HAS = frozenset(("tear", "contactless", "reader-state", "keypad", "unplugging"))
"""What an embedded reference has of these."""

TARGETS_HAVE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "reference": REFERENCE_HAS,
        "library": frozenset(("reader-state", "unplugging")),
        "ws": frozenset(("reader-state",)),
        "command": frozenset(("keypad", "unplugging")),
        "manual": frozenset(("reader-state", "keypad")),
    }
)
"""What targets have of these, by the name of the adapter; any other has nothing."""

TERMINALS_HAVE: Mapping[str, frozenset[str]] = MappingProxyType(
    dict.fromkeys(("http", "https"), frozenset(("keypad", "unplugging")))
)
"""What terminals have beside that through adapters that serve other kinds too."""


def scope_of(words: str) -> tuple[Scope, bool, frozenset[str]]:
    """The scope that a run recorded: as asked, whether something was destroyed, and what was lacking."""
    parts = words.split("+")
    lacking = frozenset(part.removeprefix(WITHOUT) for part in parts if part.startswith(WITHOUT))
    destroyed = str(Scope.NON_DESTRUCTIVE) not in parts
    return Scope.FULL if destroyed else Scope.NON_DESTRUCTIVE, destroyed, lacking


@dataclass(frozen=True)
class Plan:
    """Cases in running order; requirements by what becomes of them.

    ``scope``: ``full``, or words joined by ``+`` for what is left out (``non-destructive``, ``without-laboratory`` …).
    """

    kind: str
    profile: str
    scope: str
    cases: tuple[Case, ...]
    out_of_scope: tuple[Case, ...]
    not_applicable: Mapping[str, str]
    applicable: tuple[Requirement, ...]
    inapplicable: Mapping[str, str]
    excluded: Mapping[str, Exclusion]
    claims: frozenset[str] = field(default=frozenset())

    def mandatory(self, requirement: Requirement) -> bool:
        """Whether a requirement decides the verdict: ``shall``, and a basis that decides or a claim of the project
        profile.
        """
        return requirement.keyword is Keyword.SHALL and (requirement.basis.decides or self.profile in self.claims)

    def in_scope(self, requirement: str) -> bool:
        """Whether some planned case verifies it, or none at all does (which then is not-run, never overlooked)."""
        planned = any(requirement in case.requirements for case in self.cases)
        return planned or not any(requirement in case.requirements for case in self.out_of_scope)

    @property
    def sample_cards(self) -> int:
        """Sample cards needed: one, and one more for destructive cases."""
        return 1 + any(case.destroys for case in self.cases)

    def body(self) -> dict[str, object]:
        """The plan as it stands in the evidence."""
        return {
            "cases": [case.id for case in self.cases],
            "out_of_scope": [case.id for case in self.out_of_scope],
            "not_applicable": [{"case": case, "expression": source} for case, source in self.not_applicable.items()],
            "inapplicable": [{"requirement": name, "expression": source} for name, source in self.inapplicable.items()],
            "excluded": [{"requirement": name, "reason": str(reason)} for name, reason in self.excluded.items()],
        }


def make_plan(
    spec: Spec,
    ics: Ics,
    ixit: Ixit,
    cases: Sequence[Case],
    scope: Scope,
    *,
    destroy: bool,
    lacking: frozenset[str] = NEEDS,
) -> Plan:
    """Plan a run. ``cases`` come in suite order; destructive ones go last; ``lacking``: see NEEDS.

    Raises UserError for a case that names an unknown requirement, and for a plan without cases.
    """
    environment: dict[str, Value] = {**ics.items, **ixit.facts()}
    for case in cases:
        for name in case.requirements:
            if name not in spec.requirements:
                raise UserError(
                    zh=f"用例 {case.id} 引用了未知要求 {name}",
                    en=f"the case {case.id} names the unknown requirement {name}",
                )
    own = [requirement for requirement in spec.requirements.values() if requirement.actor == ics.kind]
    inapplicable = {r.id: r.applies_source for r in own if not evaluate(r.applies, environment)}
    excluded = {r.id: r.excluded for r in own if r.id not in inapplicable and r.excluded is not None}
    applicable = tuple(r for r in own if r.id not in inapplicable and r.id not in excluded)
    # The first requirement of a case is the one it is about; the others ride along.
    not_applicable = {
        case.id: inapplicable[case.requirements[0]] for case in cases if case.requirements[0] in inapplicable
    }
    remaining = [case for case in cases if case.id not in not_applicable]
    left_out = _left_out(spec, scope, remaining, destroy=destroy, lacking=lacking)
    outside = tuple(case for case in remaining if case.id in left_out)
    inside = [case for case in remaining if case.id not in left_out]
    if not inside:
        raise UserError(
            zh=f"计划为空：没有适用于 {ics.profile} 的用例", en=f"the plan is empty: no case applies to {ics.profile}"
        )
    return Plan(
        kind=ics.kind,
        profile=ics.profile,
        # Where no case destroys anything, or needs what is lacking, nothing is left out.
        scope="+".join(sorted(set(left_out.values()))) or str(Scope.FULL),
        cases=tuple(sorted(inside, key=lambda case: (case.destroys is not None, case.ends))),
        out_of_scope=outside,
        not_applicable=not_applicable,
        applicable=applicable,
        inapplicable=inapplicable,
        excluded=excluded,
        claims=ics.claims,
    )


def _left_out(
    spec: Spec, scope: Scope, cases: Sequence[Case], *, destroy: bool, lacking: frozenset[str]
) -> Mapping[str, str]:
    """Cases outside the scope, with the word for it. What is lacking is named before what would be destroyed."""
    missing = lacking | {"laboratory"} if scope is Scope.WITHOUT_LABORATORY else lacking
    spared = scope is Scope.NON_DESTRUCTIVE or not destroy
    found: dict[str, str] = {}
    for case in cases:
        wanting = sorted(spec.requirements[case.requirements[0]].needs & missing)
        if wanting:
            found[case.id] = f"{WITHOUT}{wanting[0]}"
        elif case.destroys and spared:
            found[case.id] = str(Scope.NON_DESTRUCTIVE)
    return found
