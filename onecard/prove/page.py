"""The kill matrix for people: one HTML file, a heat map of requirements by kinds of datum and what lies behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from onecard.evidence.files import write_whole
from onecard.prove.classes import CLASSES
from onecard.prove.equivalence import reason_of
from onecard.prove.matrix import MutantResult, Proof
from onecard.prove.trial import Fate
from onecard.spec.load import Spec
from onecard.spec.location import data_root
from onecard.spec.model import Requirement
from onecard.spec.text import Language, Text
from onecard.views.words import KINDS, legal

_TEMPLATE = "proof.html.j2"
_COUNTED = (Fate.KILLED, Fate.EQUIVALENT, Fate.SURVIVED, Fate.CANNOT_RUN)
# Lower bounds of the share of mutants killed, of those that can be, with the colour's name.
_HEAT = ((1.0, "all"), (0.9, "most"), (0.5, "half"), (0.01, "few"), (0.0, "none"))


@dataclass(frozen=True, slots=True)
class Cell:
    """The mutants of one kind of datum that break one requirement. ``heat``: the colour's name, empty without any."""

    datum: str
    killed: int
    total: int
    heat: str


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement; ``cells`` in the order of the chapter's columns."""

    requirement: Requirement
    cells: tuple[Cell, ...]
    whole: Cell


@dataclass(frozen=True, slots=True)
class Chapter:
    """One kind of target. ``data``: what is shown behind the cells, for the script."""

    proof: Proof
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    counts: Mapping[Fate, int]
    data: Mapping[str, Any]


def write_page(proofs: Iterable[Proof], spec: Spec, path: Path, language: Language) -> None:
    """Write the page; ``language`` is shown first, the other one is a click away. Raises UserError if it cannot."""
    write_whole(path, render_page(proofs, spec, language).encode("utf-8"))


def render_page(proofs: Iterable[Proof], spec: Spec, language: Language) -> str:
    """The page as text."""
    environment = Environment(
        loader=FileSystemLoader(data_root("reports") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    page = environment.get_template(_TEMPLATE).render(
        chapters=[_chapter(proof, spec) for proof in proofs], kinds=KINDS, classes=CLASSES, language=language
    )
    return legal(page)


def _chapter(proof: Proof, spec: Spec) -> Chapter:
    breaking = proof.breaking()
    used = {mutant.datum for mutants in breaking.values() for mutant in mutants}
    columns = tuple(name for name in CLASSES if name in used)
    rows = tuple(_row(spec.requirements[name], mutants, columns) for name, mutants in breaking.items())
    counts = {fate: sum(mutant.fate is fate for mutant in proof.mutants) for fate in _COUNTED}
    return Chapter(proof, columns, rows, counts, _data(proof, rows))


def _row(requirement: Requirement, mutants: Sequence[MutantResult], columns: Sequence[str]) -> Row:
    cells = tuple(_cell(name, [mutant for mutant in mutants if mutant.datum == name]) for name in columns)
    return Row(requirement, cells, _cell("", mutants))


def _cell(datum: str, mutants: Sequence[MutantResult]) -> Cell:
    killed = sum(mutant.fate is Fate.KILLED for mutant in mutants)
    total = sum(mutant.fate in (Fate.KILLED, Fate.SURVIVED) for mutant in mutants)
    share = killed / total if total else 1.0
    heat = next(name for bound, name in _HEAT if share >= bound) if mutants else ""
    return Cell(datum, killed, total, heat)


def _data(proof: Proof, rows: Sequence[Row]) -> dict[str, Any]:
    """Cases and requirements by number: each is named many times over."""
    cases: dict[str, int] = {}
    names = {name: at for at, name in enumerate(proof.requirements)}
    mutants = []
    for mutant in proof.mutants:
        collateral = dict.fromkeys(case for trial in mutant.trials for case in trial.collateral)
        reason = reason_of(mutant.id) if mutant.fate is Fate.EQUIVALENT else None
        body = {
            "id": mutant.id,
            "fate": str(mutant.fate),
            "datum": mutant.datum,
            "breaks": sorted(names[name] for name in mutant.requirements if name in names),
            "because": _both(mutant.because),
            "killers": [cases.setdefault(case, len(cases)) for case in mutant.killers],
            "collateral": [cases.setdefault(case, len(cases)) for case in collateral],
            "survived": list(mutant.escaped),
            "notes": list(dict.fromkeys(trial.note for trial in mutant.trials if trial.note)),
            "reason": None if reason is None else _both(reason),
        }
        mutants.append({name: value for name, value in body.items() if value})
    statements = [_both(row.requirement.statement) for row in rows]
    return {"cases": list(cases), "requirements": list(names), "statements": statements, "mutants": mutants}


def _both(text: Text) -> str | list[str]:
    return text.zh if text.zh == text.en else [text.zh, text.en]
