"""``onecard verify`` and ``onecard replay``."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from onecard.certificate.issue import CERTIFICATE
from onecard.certificate.verify import verify_certificate
from onecard.cli.output import certify_replay
from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.evidence import keyfile
from onecard.evidence.bundle import Bundle, read, verify_bundle
from onecard.evidence.sealing import NullSealer, Sealer, Sealing
from onecard.harness.campaign import BUNDLE
from onecard.harness.replay import ReplayResult
from onecard.harness.replay import replay as replay_bundle
from onecard.spec.overlay import load_overlaid
from onecard.spec.text import Text
from onecard.views.excerpt import excerpt
from onecard.views.words import KINDS


@click.command(help="核验证书或证据 / check a certificate or a bundle")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--ca", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--json", "as_json", is_flag=True)
@with_language
def verify(settings: Settings, path: Path, ca: Path | None, as_json: bool) -> int:
    """Verify what stands at ``path``: a certificate (or a folder with one), or a bundle."""
    if not path.exists():
        raise UserError(zh=f"{path} 不存在", en=f"{path} does not exist")
    if path.is_dir() and not (path / CERTIFICATE).exists():
        path = path / BUNDLE
    if path.is_dir() or path.suffix == ".json":
        return _certificate(settings, path, ca, as_json)
    report = verify_bundle(path)
    if as_json:
        problems = [{"line": line, "zh": text.zh, "en": text.en} for line, text in report.problems]
        click.echo(
            json.dumps(
                {
                    "path": str(path),
                    "ok": report.ok,
                    "complete": report.complete,
                    "events": report.events,
                    "problems": problems,
                },
                ensure_ascii=False,
            )
        )
        return report.exit_code
    for line, text in report.problems:
        settings.out(Text(zh=f"{path} 第 {line} 行：{text.zh}", en=f"{path} line {line}: {text.en}"))
    if report.ok:
        settings.out(
            Text(
                zh=f"{path}：完整，{report.events} 个事件，摘要 {report.digest}",
                en=f"{path}: intact, {report.events} events, digest {report.digest}",
            )
        )
    return report.exit_code


def _certificate(settings: Settings, path: Path, ca: Path | None, as_json: bool) -> int:
    report = verify_certificate(path, ca, datetime.now(UTC))
    if as_json:
        body: dict[str, Any] = {
            "path": str(path),
            "ok": report.ok,
            "trusted": report.trusted,
            "test": report.test,
            "signer": report.signer,
            "problems": [{"zh": text.zh, "en": text.en} for text in report.problems],
            "notes": [{"zh": text.zh, "en": text.en} for text in report.notes],
        }
        click.echo(json.dumps(body, ensure_ascii=False))
        return report.exit_code
    for text in report.problems:
        settings.out(text)
    if report.ok:
        settings.out(Text(zh=f"{path}：证书核验通过", en=f"{path}: the certificate holds"))
    for text in report.notes:
        settings.out(text)
    return report.exit_code


def _sealing(bundle: Bundle, unseal: Path | None) -> Sealing:
    if unseal is None:
        return NullSealer()
    sealer = Sealer(keyfile.read_key(unseal))
    sealer.check_key(bundle.header["sealing"])
    return sealer


@click.command(help="不用设备，由证据重新得出全部结论 / re-derive every verdict from the evidence, without the device")
@click.argument("path", type=click.Path(path_type=Path), metavar="BUNDLE")
@click.option("--unseal", type=click.Path(path_type=Path), metavar="KEY")
@click.option("--other-suite", is_flag=True)
@click.option("--overlay", "overlays", multiple=True, type=click.Path(path_type=Path), metavar="F")
@click.option(
    "--from",
    "start",
    type=int,
    metavar="N",
    help="从第 N 个事件起以文字列出 / tell the exchanges from event N in words",
)
@click.option(
    "--certify",
    "out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="监管方：为重新得出的通过签发证书 / for a regulator: sign a re-derived pass",
)
@click.option("--keys", "key_folder", type=click.Path(path_type=Path), envvar="ONECARD_KEYS", metavar="DIR")
@click.option("--json", "as_json", is_flag=True)
@with_language
def replay(
    settings: Settings,
    path: Path,
    unseal: Path | None,
    other_suite: bool,
    overlays: tuple[Path, ...],
    start: int | None,
    out: Path | None,
    key_folder: Path | None,
    as_json: bool,
) -> int:
    """Replay a bundle."""
    if path.is_dir():
        path = path / BUNDLE
    bundle = read(path)
    spec = load_overlaid(overlays)
    sealing = _sealing(bundle, unseal)
    if start is not None:
        for line in excerpt(bundle, spec, start, settings.language):
            settings.out(line)
        return 0
    result = replay_bundle(spec, bundle, sealing, other_suite=other_suite)
    if as_json:
        click.echo(json.dumps(_body(path, result), ensure_ascii=False))
    else:
        _tell(settings, path, result)
    if out is not None:
        certificate, reason = certify_replay(bundle.header, path, result, out, key_folder)
        told = reason if certificate is None else Text(zh=f"证书 {certificate}", en=f"certificate  {certificate}")
        if told is not None:
            settings.say(told)
    return result.exit_code


def _body(path: Path, result: ReplayResult) -> dict[str, Any]:
    return {
        "bundle": str(path),
        "verdict": str(result.verdict),
        "rederived": not result.divergences,
        "other_suite": result.other_suite,
        "complete": not result.incomplete,
        "runs": [
            {
                "kind": run.plan.kind,
                "profile": run.profile,
                "verdict": str(run.judgement.verdict),
                "recorded": run.recorded,
                "cases": run.judgement.case_counts(),
            }
            for run in result.runs
        ],
        "divergences": [
            {"line": d.line, "event": d.n, "case": d.case, "zh": d.text.zh, "en": d.text.en} for d in result.divergences
        ],
        "unjudged": [{"event": u.n, "case": u.case, "part": u.part} for u in result.unjudged],
        "sealed": result.sealed,
    }


def _tell(settings: Settings, path: Path, result: ReplayResult) -> None:
    for divergence in result.divergences:
        settings.out(
            Text(
                zh=f"分歧：{path} 第 {divergence.line} 行（事件 {divergence.n}，{divergence.case}）："
                f"{divergence.text.zh}",
                en=f"divergence: {path} line {divergence.line} (event {divergence.n}, {divergence.case}): "
                f"{divergence.text.en}",
            )
        )
    for run in result.runs:
        counts = ", ".join(f"{name} {count}" for name, count in run.judgement.case_counts().items() if count)
        settings.out(
            Text(
                zh=f"{KINDS[run.plan.kind].zh} {run.profile}：{run.judgement.verdict}（{counts}）",
                en=f"{KINDS[run.plan.kind].en} {run.profile}: {run.judgement.verdict} ({counts})",
            )
        )
    whole = sum(entry.part == "all" for entry in result.unjudged)
    settings.out(
        Text(
            zh=f"未被任何用例判定的应答：{whole} 条；只判定状态字、未判定数据的应答："
            f"{len(result.unjudged) - whole} 条（--json 列出）",
            en=f"answers that no case judges: {whole}; answers of which only the status word is judged: "
            f"{len(result.unjudged) - whole} (--json lists them)",
        )
    )
    if result.sealed:
        settings.out(
            Text(
                zh=f"{len(result.sealed)} 个用例的数据已密封，无法重判；请用 --unseal",
                en=f"{len(result.sealed)} cases need sealed data and stay undecided; give --unseal KEY",
            )
        )
    if result.incomplete:
        settings.out(Text(zh="证据不完整：运行被中断", en="the bundle is incomplete: its run was interrupted"))
    if result.other_suite:
        settings.out(
            Text(
                zh="注意：以另一版本的规范或套件重放",
                en="note: replayed with other specs or another suite than it was made with",
            )
        )
    if not result.divergences and not result.sealed and not result.incomplete:
        settings.out(Text(zh="全部结论均由证据重新得出", en="every verdict was re-derived from the evidence"))
