"""``onecard audit``: logs of an encryptor."""

import json
from pathlib import Path

import click

from onecard.cli.settings import Settings, with_language
from onecard.evidence.audit import AuditReport, verify_audit
from onecard.spec.text import Text


@click.group(help="加密机的审计日志 / audit logs of an encryptor")
def audit() -> None:
    """Audit logs."""


@audit.command(help="核验审计日志：指出首个被删除、换序或改动的行 / name the first removed, reordered or altered line")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--head",
    metavar="DIGEST",
    help="停止时给出的末行摘要；没有它就看不出末尾被删除或重写 / the digest told at the stop; only it shows a tail "
    "that was removed or written anew",
)
@click.option("--json", "as_json", is_flag=True)
@with_language
def verify(settings: Settings, path: Path, head: str | None, as_json: bool) -> int:
    """Verify a log; exit code 0 holds, 1 does not, 3 nothing wrong found but its end is open."""
    report = verify_audit(path, head)
    if as_json:
        click.echo(json.dumps(_body(path, report), ensure_ascii=False))
    else:
        for text in _told(path, report):
            settings.out(text)
    return report.exit_code


def _body(path: Path, report: AuditReport) -> dict[str, object]:
    problem = report.problem
    return {
        "path": str(path),
        "ok": problem is None,
        "closed": report.closed,
        "entries": report.entries,
        "sessions": report.sessions,
        "head": report.head,
        "head_confirmed": report.head_given,
        "torn": report.torn,
        "torn_end": report.torn_end,
        "problem": None if problem is None else {"line": problem[0], "zh": problem[1].zh, "en": problem[1].en},
    }


def _told(path: Path, report: AuditReport) -> list[Text]:
    if report.problem is not None:
        number, why = report.problem
        # Line 0: what is missing has no line.
        where = Text(f" 第 {number} 行", f" line {number}") if number else Text("", "")
        return [Text(zh=f"{path}{where.zh}：{why.zh}", en=f"{path}{where.en}: {why.en}")]
    told = [
        Text(
            zh=f"{path}：链完整，{report.entries} 条记录，末行摘要 {report.head}",
            en=f"{path}: the chain holds, {report.entries} records, head {report.head}",
        )
    ]
    told += [
        Text(
            zh=f"第 {n} 行因中断而残缺，其后的行已说明", en=f"line {n} was torn by a crash, as the line after it tells"
        )
        for n in report.torn
    ]
    if report.torn_end is not None:
        told.append(
            Text(
                zh=f"第 {report.torn_end} 行残缺（写入时中断），之前的记录有效",
                en=f"line {report.torn_end} is torn (a crash while it was written); the records before it hold",
            )
        )
    if not report.head_given:
        ends = (
            Text("以关闭行结束", "it ends with a closing line")
            if report.closed
            else Text("没有关闭行：仍在写入，或被中断", "it has no closing line: still written, or interrupted")
        )
        told.append(
            Text(
                zh=f"{ends.zh}；末尾是否被删除，或连同摘要被重写，只有与停止时给出的摘要比较（--head）才能知道",
                en=f"{ends.en}; whether lines were taken from the end, or written anew with their digests, only the "
                "digest told at the stop shows (--head)",
            )
        )
    return told
