"""A proof as text: counts by requirement and by kind of datum, and every mutant that asks for attention."""

import sys
from collections.abc import Callable, Iterable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from onecard.cli.settings import Settings
from onecard.prove.classes import CLASSES
from onecard.prove.equivalence import reason_of
from onecard.prove.matrix import MutantResult, Proof
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION
from onecard.prove.trial import Fate

_COUNTED = (Fate.KILLED, Fate.EQUIVALENT, Fate.SURVIVED)
Row = tuple[str, ...]


def show(settings: Settings, proof: Proof, *, verbose: bool) -> None:
    """Requirements with their counts, or with ``verbose`` every mutant of each; what needs attention; totals."""
    pick = settings.pick
    headings: Row
    if verbose:
        rows = list(_mutants(pick, proof))
        headings = (
            pick("要求", "requirement"),
            pick("变异体", "mutant"),
            pick("结果", "result"),
            pick("用例", "killed by"),
        )
    else:
        rows = list(_counts(pick, proof))
        headings = pick("要求", "requirement"), pick("行为变异", "behaviour"), pick("规范变异", "specification")
    _print(settings, pick("要求 × 变异体", "requirements x mutants"), headings, rows)
    _print(
        settings,
        pick("数据种类", "kinds of datum"),
        (pick("种类", "kind"), pick("变异体", "mutants")),
        list(_classes(settings, proof)),
    )
    _lists(settings, proof)
    _totals(settings, proof)


def _print(settings: Settings, title: str, headings: Row, rows: Iterable[Row]) -> None:
    if sys.stdout.isatty():
        table = Table(title=title)
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        Console(file=sys.stdout, highlight=False).print(table)
        return
    # Into a file or a pipe: one line a row, nothing folded.
    for row in rows:
        settings.out("  ".join(cell for cell in row if cell) if row[0] else "    " + "  ".join(row[1:]).rstrip())


def _counts(pick: Callable[[str, str], str], proof: Proof) -> Iterator[Row]:
    for name, mutants in proof.breaking().items():
        kinds = (tuple(found for found in mutants if found.kind == kind) for kind in (BEHAVIOUR, SPECIFICATION))
        yield name, *(_told(pick, found) for found in kinds)


def _told(pick: Callable[[str, str], str], mutants: tuple[MutantResult, ...]) -> str:
    """Killed of all that count, then what else there is."""
    killed, equivalent, survived = (sum(found.fate is fate for found in mutants) for fate in _COUNTED)
    told = [f"{killed}/{killed + equivalent + survived}"]
    told += [pick(f"等价 {equivalent}", f"{equivalent} equivalent")] if equivalent else []
    told += [pick(f"存活 {survived}", f"{survived} SURVIVED")] if survived else []
    return ", ".join(told)


def _classes(settings: Settings, proof: Proof) -> Iterator[Row]:
    for name, title in CLASSES.items():
        mutants = tuple(found for found in proof.mutants if found.datum == name)
        if mutants:
            yield title.in_(settings.language), _told(settings.pick, mutants)


def _mutants(pick: Callable[[str, str], str], proof: Proof) -> Iterator[Row]:
    for name, mutants in proof.breaking().items():
        for number, found in enumerate(mutants or (None,)):
            yield name if not number else "", *_cells(pick, found)


def _cells(pick: Callable[[str, str], str], found: MutantResult | None) -> tuple[str, str, str]:
    if found is None:
        return "-", pick("无变异体", "no mutant"), ""
    words = {
        Fate.KILLED: pick("已杀死", "killed"),
        Fate.SURVIVED: pick("存活", "SURVIVED"),
        Fate.CANNOT_RUN: pick("无法运行", "cannot run"),
        Fate.EQUIVALENT: pick("等价", "equivalent"),
        Fate.SAME: "=",
    }
    more = f" (+{len(found.killers) - 1})" if len(found.killers) > 1 else ""
    return found.id, words[found.fate], "".join(found.killers[:1]) + more


def _lists(settings: Settings, proof: Proof) -> None:
    pick = settings.pick
    for found in proof.survivors:
        where = ", ".join(found.escaped)
        settings.out(f"{pick('存活', 'SURVIVED')}  {found.id}  [{where}]  {', '.join(sorted(found.requirements))}")
        settings.out(f"    {found.because.in_(settings.language)}")
        for note in dict.fromkeys(trial.note for trial in found.trials if trial.note):
            settings.out(f"    {note}")
    for found in proof.equivalents:
        reason = reason_of(found.id)
        settings.out(f"{pick('等价', 'equivalent')}  {found.id}")
        settings.out(f"    {reason.in_(settings.language) if reason is not None else ''}")
    for found in proof.cannot_run:
        notes = "; ".join(dict.fromkeys(trial.note for trial in found.trials if trial.note))
        settings.out(f"{pick('无法运行', 'cannot run')}  {found.id}  {notes}")
    for alarm in proof.false_alarms:
        settings.out(f"{pick('误报', 'FALSE ALARM')}  {alarm.variant}  [{alarm.profile}]  {'; '.join(alarm.alarms)}")
    for name in proof.unproven:
        settings.out(f"{pick('未证明', 'unproven')}  {name}")


def _totals(settings: Settings, proof: Proof) -> None:
    pick = settings.pick
    for kind, zh, en in (
        (BEHAVIOUR, "行为变异", "behaviour mutants"),
        (SPECIFICATION, "规范变异", "specification mutants"),
    ):
        killed, equivalent, survived = (len(proof.of_kind(kind, fate)) for fate in _COUNTED)
        broken, total = len(proof.of_kind(kind, Fate.CANNOT_RUN)), killed + equivalent + survived
        settings.out(
            pick(
                f"{zh} {total}：杀死 {killed}，等价 {equivalent}，存活 {survived}；另有 {broken} 个无法运行",
                f"{total} {en}: {killed} killed, {equivalent} equivalent, {survived} survived;"
                f" {broken} more cannot run",
            )
        )
    alarms = len(proof.false_alarms)
    settings.out(
        pick(
            f"符合变体 {len(proof.variants)}：通过 {len(proof.variants) - alarms}，误报 {alarms}",
            f"{len(proof.variants)} conforming variants: {len(proof.variants) - alarms} passed, {alarms} false alarms",
        )
    )
    settings.out(
        pick(
            f"{proof.seconds:.1f} 秒，每秒 {proof.rate:.1f} 个变异体；{proof.known} 个取自以前的结果",
            f"{proof.seconds:.1f} s, {proof.rate:.1f} mutants a second; {proof.known} known from former proofs",
        )
    )
