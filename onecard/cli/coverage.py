"""``onecard spec coverage``: the clause matrix, of the suites as they stand or of what a bundle executed."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from onecard.cli.settings import Settings
from onecard.evidence import Bundle
from onecard.harness.conductor import collect
from onecard.planning.declaration import ics_of_profile, no_ixit
from onecard.planning.plan import Scope, make_plan
from onecard.resources import tree_digest
from onecard.spec.load import Spec
from onecard.spec.model import Requirement
from onecard.spec.text import Text
from onecard.views import BundleView, CaseView, Verdict, read_bundle
from onecard.views.columns import padded, width
from onecard.views.words import KINDS, VERDICTS

_EXECUTED: Final = (Verdict.PASS, Verdict.FAIL)


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement and its planned cases; ``verdicts`` counts those of a bundle, None without a bundle.

    ``missing``: it is testable and has no case (with a bundle: no executed one, though a run was to decide it).
    """

    requirement: Requirement
    cases: int
    verdicts: Mapping[Verdict, int] | None
    missing: bool

    @property
    def clause(self) -> str:
        """The clause of the issued document, else that of the draft or notice behind the basis."""
        basis = self.requirement.basis
        return self.requirement.clause or (f"{basis.document} {basis.clause}" if basis.clause else "")

    def body(self) -> dict[str, Any]:
        """For ``--json``."""
        found = self.requirement
        return {
            "id": found.id,
            "document": found.document,
            "clause": self.clause or None,
            "actor": found.actor,
            "basis": str(found.basis.cls),
            "keyword": str(found.keyword),
            "excluded": str(found.excluded) if found.excluded else None,
            "cases": self.cases,
            **_counted(self.verdicts),
            "official_items": list(found.official_items),
        }


@dataclass(slots=True)
class Cell:
    """The requirements of one document, clause, kind of target and class of basis together."""

    place: tuple[str, str, str, str]
    requirements: int = 0
    testable: int = 0
    cases: int = 0
    verdicts: Counter[Verdict] | None = field(default=None)

    def add(self, row: Row) -> None:
        """Count one requirement."""
        self.requirements += 1
        self.testable += row.requirement.testable
        self.cases += row.cases
        if row.verdicts is not None:
            self.verdicts = (self.verdicts or Counter()) + Counter(dict(row.verdicts))

    def body(self) -> dict[str, Any]:
        """For ``--json``. A case that verifies two requirements counts for each."""
        document, clause, kind, basis = self.place
        return {
            "document": document,
            "clause": clause or None,
            "kind": kind,
            "basis": basis,
            "requirements": self.requirements,
            "testable": self.testable,
            "cases": self.cases,
            **_counted(self.verdicts),
        }


def _counted(verdicts: Mapping[Verdict, int] | None) -> dict[str, int]:
    if verdicts is None:
        return {}
    passed, failed = verdicts.get(Verdict.PASS, 0), verdicts.get(Verdict.FAIL, 0)
    return {"executed": passed + failed, "pass": passed, "fail": failed}


@dataclass(frozen=True, slots=True)
class Coverage:
    """The matrix. ``other_specs``: the bundle was made with another specification than this one."""

    rows: tuple[Row, ...]
    executed: bool
    other_specs: bool = False

    @property
    def missing(self) -> list[str]:
        """Requirements that lack a case, or an executed one."""
        return [row.requirement.id for row in self.rows if row.missing]

    @property
    def matrix(self) -> tuple[Cell, ...]:
        """Requirements by document, clause, kind of target and basis."""
        cells: dict[tuple[str, str, str, str], Cell] = {}
        for row in self.rows:
            found = row.requirement
            place = (found.document, row.clause, found.actor, str(found.basis.cls))
            cells.setdefault(place, Cell(place)).add(row)
        return tuple(cells.values())

    def body(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "requirements": [row.body() for row in self.rows],
            "matrix": [cell.body() for cell in self.matrix],
            "missing": self.missing,
            "other_specs": self.other_specs,
        }


def planned(spec: Spec) -> Coverage:
    """What would run on the embedded references: every case planned for any project profile, destructive ones too.

    Raises UserError for a suite that does not load.
    """
    ixit = replace(no_ixit(), key_source={"kind": "root-keys"})
    cases: Counter[str] = Counter()
    for profile in spec.profiles.values():
        ics = ics_of_profile(spec, profile.id)
        collected = collect(spec.resolve(ics.kind, ics.items, profile.id), ics.kind)
        if not collected:
            continue
        for case in make_plan(spec, ics, ixit, collected, Scope.FULL, destroy=True, lacking=frozenset()).cases:
            cases.update(set(case.requirements))
    rows = (
        Row(requirement, cases[name], None, requirement.testable and not cases[name])
        for name, requirement in spec.requirements.items()
    )
    return Coverage(_sorted(spec, rows), executed=False)


def executed(spec: Spec, bundle: Bundle) -> Coverage:
    """What the runs of ``bundle`` planned and executed: the requirements on the kinds of target that ran."""
    view = read_bundle(bundle, spec)
    cases: Counter[str] = Counter()
    verdicts: dict[str, Counter[Verdict]] = {}
    for case in (case for run in view.runs for case in run.cases):
        for name in set(case.requirements) or _planned_for(view, case):
            cases[name] += 1
            verdicts.setdefault(name, Counter())[_share(case, name)] += 1
    asked, kinds = _asked(view), {run.kind for run in view.runs}
    rows = []
    for name, requirement in spec.requirements.items():
        if requirement.actor not in kinds:
            continue
        found = verdicts.get(name, Counter())
        ran = any(found[verdict] for verdict in _EXECUTED)
        rows.append(Row(requirement, cases[name], found, requirement.testable and name in asked and not ran))
    header = bundle.header.get("digests")
    other = not isinstance(header, Mapping) or header.get("specs") != tree_digest("specs")
    return Coverage(_sorted(spec, rows), executed=True, other_specs=other)


def _planned_for(view: BundleView, case: CaseView) -> set[str]:
    """The requirements of a case that never began, as the end of its run states them."""
    return {entry.id for run in view.runs for entry in run.requirements if case.id in entry.cases}


def _share(case: CaseView, requirement: str) -> Verdict:
    """A failure speaks for the requirement that it names and leaves the case's others undecided."""
    if case.verdict is Verdict.FAIL and case.failed_requirement not in (None, requirement):
        return Verdict.INCONCLUSIVE
    return case.verdict


def _asked(view: BundleView) -> set[str]:
    """Requirements that some run was to decide: applicable there and in its scope."""
    return {entry.id for run in view.runs for entry in run.requirements}


def _sorted(spec: Spec, rows: Iterable[Row]) -> tuple[Row, ...]:
    documents = {name: place for place, name in enumerate(spec.documents)}
    kinds = {name: place for place, name in enumerate(KINDS)}

    def place(row: Row) -> tuple[int, bool, list[tuple[bool, int, str]], int]:
        found = row.requirement
        # Clause 10 comes after 9, an annex after the clauses, and what has no visible clause last.
        clause = [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in row.clause.split(".")]
        return documents.get(found.document, len(documents)), not row.clause, clause, kinds.get(found.actor, len(kinds))

    return tuple(sorted(rows, key=place))


_REQUIREMENT: Final = Text(zh="要求", en="requirement")
_HEADINGS: Final = (
    Text(zh="文献", en="document"),
    Text(zh="条款", en="clause"),
    Text(zh="对象", en="kind"),
    Text(zh="依据", en="basis"),
    _REQUIREMENT,
    Text(zh="用例", en="cases"),
)
_TOTALS: Final = (
    *_HEADINGS[:4],
    Text(zh="要求", en="requirements"),
    Text(zh="可测", en="testable"),
    Text(zh="用例", en="cases"),
)
_EXECUTIONS: Final = (Text(zh="已执行", en="executed"), VERDICTS[Verdict.PASS], VERDICTS[Verdict.FAIL])


def tell_coverage(settings: Settings, found: Coverage) -> None:
    """Both tables and a line of totals: each requirement, then document by document."""
    more = _EXECUTIONS if found.executed else ()
    _table(settings, (*_HEADINGS, *more), [_told(settings, row) for row in found.rows])
    settings.out("")
    _table(settings, (*_TOTALS, *more), [_summed(cell) for cell in found.matrix])
    settings.out("")
    testable = sum(row.requirement.testable for row in found.rows)
    lacking = len(found.missing)
    settings.out(
        Text(
            zh=f"要求 {len(found.rows)} 条，可测 {testable} 条，"
            f"无{'已执行的' if found.executed else ''}用例 {lacking} 条",
            en=f"{len(found.rows)} requirements, {testable} testable, {lacking} without "
            f"{'an executed' if found.executed else 'a'} case",
        )
    )
    if found.other_specs:
        settings.out(
            Text(
                zh="注意：证据由另一版本的规范数据得出",
                en="note: the bundle was made with another version of the specification",
            )
        )


def _told(settings: Settings, row: Row) -> tuple[str, ...]:
    found = row.requirement
    cases = str(found.excluded) if found.excluded else str(row.cases)
    if row.missing:
        cases += settings.pick(" 缺", " missing")
    head = (found.document, row.clause, found.actor, str(found.basis.cls), found.id, cases)
    return (*head, *(str(number) for number in _counted(row.verdicts).values()))


def _summed(cell: Cell) -> tuple[str, ...]:
    numbers = (cell.requirements, cell.testable, cell.cases, *_counted(cell.verdicts).values())
    return (*cell.place, *map(str, numbers))


def _table(settings: Settings, headings: Sequence[Text], rows: Sequence[Sequence[str]]) -> None:
    """With rules on a terminal; plain columns, one line a row, for everything else."""
    names = [heading.in_(settings.language) for heading in headings]
    if sys.stdout.isatty():
        table = Table(box=box.SIMPLE_HEAD)
        for heading, name in zip(headings, names, strict=True):
            table.add_column(name, overflow="fold", no_wrap=heading is _REQUIREMENT)
        for row in rows:
            table.add_row(*row)
        Console(file=sys.stdout).print(table)
        return
    widths = [max(map(width, column)) for column in zip(names, *rows, strict=True)]
    for row in (names, *rows):
        cells = (padded(cell, columns) for cell, columns in zip(row, widths, strict=True))
        settings.out("  ".join(cells).rstrip())
