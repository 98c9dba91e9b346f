"""``onecard prove``: does the suite bite?"""

import json
import os
import re
import sys
from collections.abc import Callable

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.harness.kinds import KINDS
from onecard.prove.matrix import MutantResult, Proof
from onecard.prove.run import Order
from onecard.prove.run import prove as run_proof
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION
from onecard.prove.trial import Fate
from onecard.prove.work import Result, Workers
from onecard.spec.leaves import leaves
from onecard.spec.load import Spec, load_spec


@click.command(
    help="以变异参考证明测试套件能发现错误 / run the suite against broken references and conforming variants"
)
@click.argument("kinds", nargs=-1, metavar="[KIND ...]")
@click.option("--json", "as_json", is_flag=True, help="在 stdout 输出一个 JSON 对象 / one JSON object on stdout")
@click.option(
    "--full", is_flag=True, help="对每个变异体运行全部用例并列出旁及失败 / all cases on each mutant, with collateral"
)
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="并行进程数，默认全部核心 / processes (default: all cores)"
)
@click.option("--mutant", "mutants", multiple=True, metavar="ID", help="只试该变异体 / try this mutant only")
@click.option("--profile", "profiles", multiple=True, metavar="P", help="只试该配置 / this profile only")
@click.option(
    "--specification", is_flag=True, help="存活的规范变异也判为不通过 / surviving specification mutants decide too"
)
@with_language
def prove(
    settings: Settings,
    kinds: tuple[str, ...],
    as_json: bool,
    full: bool,
    jobs: int | None,
    mutants: tuple[str, ...],
    profiles: tuple[str, ...],
    specification: bool,
) -> int:
    """Exit 0 nothing survives, 1 a survivor or false alarm, 2 wrong arguments, 3 undecidable."""
    proofs, spec = [], load_spec()
    with Workers(jobs or os.cpu_count() or 1) as workers:
        for kind in _known(spec, kinds, (*mutants, *profiles)):
            with _Bar(settings, kind) as bar:
                order = Order(
                    spec, kind, full, mutants, profiles, workers=workers, planned=bar.planned, progress=bar.advance
                )
                proofs.append(run_proof(order))
    if as_json:
        bodies = [proof.body() for proof in proofs]
        whole = bodies[0] if len(bodies) == 1 else {"runs": bodies, "seconds": sum(proof.seconds for proof in proofs)}
        settings.out(json.dumps(whole, ensure_ascii=False, sort_keys=True))
    else:
        for proof in proofs:
            _show(settings, proof)
    codes = {proof.exit_code(specification_decides=specification) for proof in proofs}
    # What certainly does not hold outweighs what could not be decided.
    return next((code for code in (1, 3) if code in codes), 0)


def _known(spec: Spec, kinds: tuple[str, ...], named: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds to prove: those given, else those of the mutants and profiles named, else all."""
    if not kinds:
        kinds = tuple(dict.fromkeys(_kind_of(spec, name) for name in named))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        known = ", ".join(KINDS)
        raise UserError(
            zh=f"没有 {unknown[0]} 的证明；可用：{known}", en=f"there is no proof for {unknown[0]}; known: {known}"
        )
    return tuple(dict.fromkeys(kinds)) or KINDS


def _kind_of(spec: Spec, name: str) -> str:
    """Profiles and behaviour mutants begin with their kind; of a specification mutant the leaf tells it."""
    path = name.removeprefix("spec/").rpartition("/")[0]
    owners = (kind for kind in KINDS if name.startswith("spec/") and path in {leaf.path for leaf in leaves(spec, kind)})
    return next(owners, re.split("[/-]", name)[0])


class _Bar:
    """Progress on a terminal; silence elsewhere."""

    def __init__(self, settings: Settings, kind: str) -> None:
        console = settings.console()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(f"{kind}: {settings.pick('基线', 'baseline')}", total=None)
        self._settings = settings

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def planned(self, count: int) -> None:
        """So many trials are to be made."""
        self._progress.update(self._task, total=count, description=self._settings.pick("变异体", "mutants"))

    def advance(self, _result: Result) -> None:
        """One more trial was made."""
        self._progress.advance(self._task)


def _show(settings: Settings, proof: Proof) -> None:
    pick = settings.pick
    rows = [
        (name if not number else "", *_cells(pick, found))
        for name, mutants in proof.by_requirement()
        for number, found in enumerate(mutants or (None,))
    ]
    if sys.stdout.isatty():
        table = Table(title=pick("要求 × 变异体", "requirements x mutants"))
        headings = (
            pick("要求", "requirement"),
            pick("变异体", "mutant"),
            pick("结果", "result"),
            pick("用例", "killed by"),
        )
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        Console(file=sys.stdout, highlight=False).print(table)
    else:
        # Into a file or a pipe: one line a mutant, nothing folded.
        for row in rows:
            settings.out("  ".join(cell for cell in row if cell) if row[0] else "    " + "  ".join(row[1:]).rstrip())
    _lists(settings, proof)
    _totals(settings, proof)


def _cells(pick: Callable[[str, str], str], found: MutantResult | None) -> tuple[str, str, str]:
    if found is None:
        return "-", pick("无变异体", "no mutant"), ""
    words = {
        Fate.KILLED: pick("已杀死", "killed"),
        Fate.SURVIVED: pick("存活", "SURVIVED"),
        Fate.CANNOT_RUN: pick("无法运行", "cannot run"),
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
        killed, survived = (len(proof.of_kind(kind, fate)) for fate in (Fate.KILLED, Fate.SURVIVED))
        broken = len(proof.of_kind(kind, Fate.CANNOT_RUN))
        settings.out(
            pick(
                f"{zh} {killed + survived}：杀死 {killed}，存活 {survived}；另有 {broken} 个无法运行",
                f"{killed + survived} {en}: {killed} killed, {survived} survived; {broken} more cannot run",
            )
        )
    alarms = len(proof.false_alarms)
    settings.out(
        pick(
            f"符合变体 {len(proof.variants)}：通过 {len(proof.variants) - alarms}，误报 {alarms}",
            f"{len(proof.variants)} conforming variants: {len(proof.variants) - alarms} passed, {alarms} false alarms",
        )
    )
    rate = sum(len(found.trials) for found in proof.mutants) / proof.seconds
    settings.out(
        pick(f"{proof.seconds:.1f} 秒，每秒 {rate:.0f} 次试验", f"{proof.seconds:.1f} s, {rate:.0f} trials a second")
    )
