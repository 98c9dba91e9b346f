"""``onecard personalise``: a data file of holders becomes card images, and scripts for real cards."""

import csv
import io
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from onecard.cli.settings import Settings, with_language
from onecard.emulate.card_folder import Making, write_cards
from onecard.errors import UserError
from onecard.evidence.files import write_secret
from onecard.personalise.columns import Columns, columns_of
from onecard.personalise.rules import Holder, Problem, Rules, shown_field
from onecard.personalise.source import JSON_LINES, Row, read_rows
from onecard.spec.overlay import load_overlaid
from onecard.spec.text import Text


@click.command(help="由数据文件生成卡映像与个人化脚本 / card images and scripts from a data file of holders")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, metavar="P", help="card-3.0  card-3.0-anhui  …")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR")
@click.option("--script", "scripts", is_flag=True, help="另写 APDU 脚本 / APDU scripts too")
@click.option(
    "--skip-bad",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="有错的行写入该文件，其余照常 / rows with errors go to this file, the others are made",
)
@click.option("--seed", metavar="S", help="测试密钥种子 / seed of the test keys")
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, help="进程数 / processes")
@click.option("--overlay", "overlays", multiple=True, type=click.Path(path_type=Path), metavar="F")
@click.option("--json", "as_json", is_flag=True)
@with_language
def personalise(
    settings: Settings,
    data: Path,
    profile: str,
    out: Path,
    scripts: bool,
    skip_bad: Path | None,
    seed: str | None,
    jobs: int,
    overlays: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Judge every row, then make the cards; 0 when every row became a card, 1 when rows were skipped."""
    started = time.monotonic()
    spec = load_overlaid(overlays)
    if spec.profile(profile).target != "card":
        raise UserError(zh=f"{profile} 不是卡片的配置", en=f"{profile} is no profile of a card")
    card = spec.card_of_profile(profile)
    columns = columns_of(card)
    rows = read_rows(data, columns)
    if skip_bad is not None and skip_bad.exists():
        raise UserError(zh=f"{skip_bad} 已存在：请换一个文件名", en=f"{skip_bad} exists: choose another file")
    rules = Rules(card, columns)
    judged = [(row, rules.judge(row)) for row in rows]
    bad = [(row, found) for row, found in judged if isinstance(found, list)]
    holders = [found for _, found in judged if isinstance(found, Holder)]
    for _, problems in bad:
        for problem in problems:
            settings.say(_told(data, columns, problem))
    if bad and (skip_bad is None or not holders):
        faults = sum(len(problems) for _, problems in bad)
        raise UserError(
            zh=f"{len(rows)} 行中 {len(bad)} 行有错（共 {faults} 处），未写出任何内容"
            + ("" if skip_bad is not None else "；可用 --skip-bad FILE 跳过有错的行"),
            en=f"{len(bad)} of {len(rows)} rows have errors ({faults} in all): nothing was written"
            + ("" if skip_bad is not None else "; --skip-bad FILE leaves such rows out"),
        )
    with _bar(settings) as bar:
        task = bar.add_task(profile, total=len(holders))
        making = Making(profile, overlays, seed, scripts)
        write_cards(making, holders, out, jobs=jobs, done=lambda count: bar.advance(task, count))
    if bad and skip_bad is not None:
        write_secret(skip_bad, _rejected(skip_bad, columns, bad, settings).encode("utf-8"))
    seconds = time.monotonic() - started
    if as_json:
        told = {"profile": profile, "cards": len(holders), "skipped": len(bad), "seconds": round(seconds, 3)}
        settings.out(json.dumps(told))
    else:
        settings.out(
            Text(
                zh=f"已生成 {len(holders)} 张卡（{out}），跳过 {len(bad)} 行，用时 {seconds:.1f} 秒",
                en=f"{len(holders)} card(s) in {out}, {len(bad)} row(s) skipped, {seconds:.1f} s",
            )
        )
    return 1 if bad else 0


def _told(data: Path, columns: Columns, problem: Problem) -> Text:
    field = shown_field(columns, problem.field)
    return Text(
        zh=f"{data}:{problem.line} ({field.zh}): {problem.text.zh}",
        en=f"{data}:{problem.line} ({field.en}): {problem.text.en}",
    )


def _bar(settings: Settings) -> Progress:
    console = settings.console()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def _rejected(path: Path, columns: Columns, bad: Sequence[tuple[Row, list[Problem]]], settings: Settings) -> str:
    """The rows as they stood, with what is wrong: once mended (and without that field) they can be read again."""
    rows = []
    for row, problems in bad:
        faults = [
            f"{shown_field(columns, each.field).in_(settings.language)}: {each.text.in_(settings.language)}"
            for each in problems
        ]
        rows.append({**row.given, "#": "; ".join(faults)})
    if path.suffix.lower() in JSON_LINES:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
