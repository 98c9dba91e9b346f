"""``onecard prove``: does the suite bite?"""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from onecard.cli import proof_text
from onecard.cli.proof_files import ProofFiles
from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.harness.kinds import KINDS
from onecard.prove.results import Results
from onecard.prove.run import Order
from onecard.prove.run import prove as run_proof
from onecard.prove.work import Result, Workers
from onecard.spec.leaves import leaves
from onecard.spec.load import Spec, load_spec
from onecard.spec.text import Text


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
@click.option("--verbose", is_flag=True, help="列出每个变异体及杀死它的用例 / every mutant with its killer")
@click.option(
    "--fresh", is_flag=True, help="不用以前的结果，全部重试 / try everything anew, former results are not used"
)
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help="写出热图网页 / write the heat map as one HTML file"
)
@click.option(
    "--write",
    "written",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="写出杀死矩阵（提交到仓库）/ write the kill matrix that is committed",
)
@click.option(
    "--check",
    "checked",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="已提交的杀死矩阵过时则不通过 / fail where the committed kill matrix is stale",
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
    verbose: bool,
    fresh: bool,
    html: Path | None,
    written: Path | None,
    checked: Path | None,
) -> int:
    """Exit 0 nothing survives, 1 a survivor, a false alarm or a stale matrix, 2 wrong arguments, 3 undecidable."""
    proofs, spec = [], load_spec()
    files = ProofFiles(html, written, checked)
    chosen = _known(spec, kinds, (*mutants, *profiles))
    files.prepare(chosen, whole=not (full or mutants or profiles))
    with Workers(jobs or os.cpu_count() or 1) as workers:
        for kind in chosen:
            results = Results(kind, fresh)
            order = Order(spec, kind, full, mutants, profiles, workers=workers, results=results)
            with _Bar(settings, kind) as bar:
                asked = replace(order, hints=files.hints(results), planned=bar.planned, progress=bar.advance)
                proofs.append(run_proof(asked))
    files.write(proofs, spec, settings.language)
    stale = {proof.kind: files.stale(proof) for proof in proofs}
    if as_json:
        bodies = [{**proof.body(), "stale": [text.en for text in stale[proof.kind]]} for proof in proofs]
        whole = bodies[0] if len(bodies) == 1 else {"runs": bodies, "seconds": sum(proof.seconds for proof in proofs)}
        settings.out(json.dumps(whole, ensure_ascii=False, sort_keys=True))
    else:
        for proof in proofs:
            proof_text.show(settings, proof, verbose=verbose or full or bool(mutants))
    for kind, found in stale.items():
        for text in found:
            settings.say(Text(zh=f"{kind} 矩阵：{text.zh}", en=f"matrix of {kind}: {text.en}"))
    codes = {proof.exit_code for proof in proofs}
    # What certainly does not hold outweighs what could not be decided.
    return 1 if any(stale.values()) else next((code for code in (1, 3) if code in codes), 0)


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
        self._task = self._progress.add_task(f"{kind}: {settings.pick('准备', 'preparing')}", total=None)
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
