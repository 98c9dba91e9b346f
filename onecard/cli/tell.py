"""What ``certify`` tells on the terminal: a table, each failed requirement explained once, the rest counted."""

import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from onecard.cli.settings import Settings
from onecard.harness.campaign import CampaignResult, RunResult
from onecard.harness.judgement import Campaign, Judged
from onecard.harness.verdict import Verdict
from onecard.spec.load import Spec
from onecard.spec.text import Text
from onecard.views.model import BundleView, RunView
from onecard.views.model import Verdict as ViewVerdict
from onecard.views.official import Firewall, firewall, tear_points, terminal_commands
from onecard.views.text import explain_case
from onecard.views.words import KINDS

_VERDICTS = {
    Campaign.PASS: Text("通过", "PASS"),
    Campaign.FAIL: Text("不通过", "FAIL"),
    Campaign.INCOMPLETE: Text("未完成", "INCOMPLETE"),
}
_HEADINGS = (
    Text("对象", "kind"),
    Text("配置", "profile"),
    Text("目标", "target"),
    Text("范围", "scope"),
    Text("结论", "verdict"),
    Text("用例", "cases"),
    Text("要求", "requirements"),
    Text("排除", "excluded"),
)
_WIDTH = 160
"""Columns where stdout is no terminal."""


def tell_result(
    settings: Settings,
    spec: Spec,
    result: CampaignResult,
    view: BundleView | None,
    certificate: Path | None,
    reason: Text | None,
) -> None:
    """Tell the outcome of a campaign on stdout. ``view``: its evidence, None where it cannot be read. ``reason``: why
    there is no certificate.
    """
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH).print(_table(settings, result))
    if view is not None:
        for run in result.runs:
            _tell_run(settings, spec, view, run)
            shown = view.run(run.prepared.number)
            _tell_card(settings, shown, whole=len(result.runs) == 1)
            if shown.kind == "terminal":
                _tell_terminal(settings, shown)
    settings.out(Text(zh=f"证据 {result.bundle}", en=f"evidence     {result.bundle}"))
    report = result.bundle.with_name("report.html")
    if report.exists():
        settings.out(Text(zh=f"报告 {report}", en=f"report       {report}"))
    if certificate is not None:
        settings.out(Text(zh=f"证书 {certificate}", en=f"certificate  {certificate}"))
    elif reason is not None:
        settings.out(reason)


def _table(settings: Settings, result: CampaignResult) -> Table:
    table = Table(title=settings.pick("符合性测试（非官方检测报告）", "conformance test (not an official test report)"))
    for heading in _HEADINGS:
        table.add_column(heading.in_(settings.language))
    kind = ""
    for run in result.runs:
        plan = run.prepared.plan
        table.add_row(
            KINDS[plan.kind].in_(settings.language) if plan.kind != kind else "",
            plan.profile,
            run.prepared.request.target,
            str(plan.scope),
            _VERDICTS[run.judgement.verdict].in_(settings.language),
            ", ".join(f"{name} {count}" for name, count in run.judgement.case_counts().items() if count),
            f"{sum(entry.executed for entry in run.judgement.requirements)}/{len(plan.applicable)}",
            str(len(plan.excluded)),
        )
        kind = plan.kind
    return table


def _tell_run(settings: Settings, spec: Spec, view: BundleView, run: RunResult) -> None:
    for entry in run.judgement.requirements:
        cases = _failing(run, entry)
        if cases:
            settings.out("\n" + explain_case(view, spec, run.prepared.number, cases[0], settings.language))
            if len(cases) > 1:
                more = len(cases) - 1
                settings.out(
                    Text(zh=f"  另有 {more} 个用例同样不通过（见报告）", en=f"  {more} more cases fail it (report)")
                )
    for text, count in _undecided(run).most_common():
        settings.out("")
        settings.out(Text(zh=f"无法判定 {count} 个用例：{text.zh}", en=f"undecided, {count} case(s): {text.en}"))
    if run.stopped is not None:
        settings.out(Text(zh=f"运行提前结束：{run.stopped.zh}", en=f"the run ended early: {run.stopped.en}"))
    for label in run.unrestored:
        settings.out(Text(zh=f"样卡未恢复：{label}", en=f"not restored on the sample: {label}"))


_MARKS = {ViewVerdict.PASS: "+", ViewVerdict.FAIL: "F"}


def _tell_card(settings: Settings, run: RunView, *, whole: bool) -> None:
    """What only runs on cards have: the firewall matrix (with ``whole`` in full) and the points of tearing."""
    matrix, torn = firewall(run), tear_points(run)
    if matrix is not None:
        told = Text(
            zh=f"{run.profile} 防火墙矩阵：{len(matrix.cells)} 个单元，已执行 {matrix.executed}，"
            f"已拒绝 {matrix.refused}",
            en=f"{run.profile} firewall matrix: {len(matrix.cells)} cells, {matrix.executed} executed, "
            f"{matrix.refused} refused",
        )
        settings.out(told)
        if whole:
            Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH).print(_matrix(settings, matrix))
    if torn:
        settings.out(
            Text(
                zh=f"{run.profile} 防拔：在 {torn} 个写入点断电",
                en=f"{run.profile} anti-tear: the supply was cut at {torn} points of writing",
            )
        )


def _tell_terminal(settings: Settings, run: RunView) -> None:
    """How much the terminal said to card and PSAM."""
    commands, seconds = terminal_commands(run), run.seconds
    settings.out(
        Text(
            zh=f"{run.profile} 终端向卡片与 PSAM 卡发送 {commands} 条命令，用时 {seconds:.1f} 秒",
            en=f"{run.profile}: the terminal sent {commands} commands to card and PSAM, in {seconds:.1f} s",
        )
    )


def _matrix(settings: Settings, matrix: Firewall) -> Table:
    marks = settings.pick("+ 已拒绝，F 不通过，? 未判定，· 无此单元", "+ refused, F failed, ? undecided, · no cell")
    table = Table(title=marks)
    table.add_column(settings.pick("命令", "command"))
    for environment, state in matrix.rows:
        table.add_column(f"{environment}\n{state}", justify="center")
    for command in matrix.commands:
        cells = (matrix.cells.get((*row, command)) for row in matrix.rows)
        table.add_row(command, *("·" if cell is None else _MARKS.get(cell, "?") for cell in cells))
    return table


def _failing(run: RunResult, entry: Judged) -> list[str]:
    """Cases whose failed check names this requirement, and cases without a verdict that are about it."""
    found = []
    for case in entry.cases:
        outcome = run.outcomes.get(case)
        if outcome is None:
            continue
        failed = outcome.failed.requirement if outcome.failed is not None else None
        about = failed if outcome.verdict is Verdict.FAIL else _first(run, case)
        if outcome.verdict in (Verdict.FAIL, Verdict.ERROR) and about == entry.requirement.id:
            found.append(case)
    return found


def _first(run: RunResult, case: str) -> str:
    return next(planned.requirements[0] for planned in run.prepared.plan.cases if planned.id == case)


def _undecided(run: RunResult) -> Counter[Text]:
    """Reasons of the inconclusive cases."""
    return Counter(
        outcome.why
        for outcome in run.outcomes.values()
        if outcome.verdict is Verdict.INCONCLUSIVE and outcome.why is not None
    )
