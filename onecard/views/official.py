"""Results by the names of the official test items, the firewall matrix, and the points at which the supply was cut.

Only the names of the official test items are public: the procedures behind these groups are the project's own.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from onecard.spec.model import Document
from onecard.spec.text import Text
from onecard.views.model import Exchange, Message, RequirementView, RunView, Verdict

_WORST: Final = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_RUN,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)
_CELL: Final = re.compile(
    r".*/firewall/test_cell\[(?P<environment>[A-Z0-9]+)-(?P<command>[A-Z0-9-]+)-(?P<state>[a-z][a-z-]*)\]"
)
_CUT: Final = "cut"


@dataclass(frozen=True, slots=True)
class OfficialItem:
    """One official test item: its name as the standards print it, its title, and what the run found under it."""

    name: str
    title: Text | None
    requirements: tuple[str, ...]
    cases: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Firewall:
    """Environment and state against the commands of other environments; a missing cell is no cell of the matrix."""

    rows: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    cells: Mapping[tuple[str, str, str], Verdict]

    @property
    def executed(self) -> int:
        """Cells with a verdict of their own."""
        return sum(verdict in (Verdict.PASS, Verdict.FAIL) for verdict in self.cells.values())

    @property
    def refused(self) -> int:
        """Cells in which the command was refused and changed nothing."""
        return sum(verdict is Verdict.PASS for verdict in self.cells.values())


def official_items(run: RunView, documents: Mapping[str, Document]) -> tuple[OfficialItem, ...]:
    """The run's requirements grouped by official test item, in the order of the standards' numbers."""
    found: dict[str, list[RequirementView]] = {}
    for entry in run.requirements:
        for name in entry.requirement.official_items if entry.requirement is not None else ():
            found.setdefault(name, []).append(entry)
    return tuple(
        OfficialItem(
            name=name,
            title=_title(name, documents),
            requirements=tuple(entry.id for entry in entries),
            cases=len({case for entry in entries for case in entry.cases}),
            verdict=_worst(entry.verdict for entry in entries),
        )
        for name, entries in sorted(found.items(), key=lambda item: _numbers(item[0]))
    )


def _numbers(name: str) -> tuple[list[int], str]:
    return [int(digits) for digits in re.findall(r"\d+", name)], name


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    return min(verdicts, key=_WORST.index)


def _title(name: str, documents: Mapping[str, Document]) -> Text | None:
    document, _, clause = name.rpartition(" ")
    known = documents.get(document)
    return next((entry.title for entry in known.clauses if entry.number == clause), None) if known else None


def firewall(run: RunView) -> Firewall | None:
    """The firewall matrix of a run on cards; None where it has none."""
    cells: dict[tuple[str, str, str], Verdict] = {}
    for case in run.cases:
        cell = _CELL.fullmatch(case.id)
        if cell is not None:
            cells[cell["environment"], cell["state"], cell["command"]] = case.verdict
    if not cells:
        return None
    return Firewall(
        rows=tuple(dict.fromkeys((environment, state) for environment, state, _ in cells)),
        commands=tuple(sorted({command for _, _, command in cells})),
        cells=cells,
    )


def terminal_commands(run: RunView) -> int:
    """Commands that a terminal sent to card and PSAM in all cases of a run."""
    return sum(
        "transmit" in entry["ask"]
        for case in run.cases
        for step in case.steps
        if isinstance(step, Message) and step.response is not None
        for entry in step.response.get("trace", ())
        if isinstance(entry, Mapping) and isinstance(entry.get("ask"), Mapping)
    )


def tear_points(run: RunView) -> int:
    """How often the supply was cut within a command."""
    return sum(isinstance(step, Exchange) and step.error == _CUT for case in run.cases for step in case.steps)
