"""``onecard certify`` and ``onecard plan``."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from onecard.certificate.challenge import verify_challenge
from onecard.cli.output import certify_result, require_signing_key, view_of_result, write_views
from onecard.cli.settings import Settings, with_language
from onecard.cli.tell import tell_result
from onecard.errors import UserError
from onecard.evidence.bundle import read
from onecard.evidence.files import make_folder, write_secret
from onecard.harness.campaign import BUNDLE, Order, Prepared, RunRequest, prepare, run_campaign
from onecard.harness.case import Case
from onecard.harness.kinds import KINDS
from onecard.harness.summary import campaign_summary
from onecard.harness.verdict import Outcome, Verdict
from onecard.laboratory.reading import read_sheet
from onecard.laboratory.template import sheet_template
from onecard.planning.declaration import (
    ics_of_profile,
    ics_template,
    ixit_template,
    no_ixit,
    read_ics,
    read_ixit,
    reference_ixit,
)
from onecard.planning.plan import Scope
from onecard.spec.card_measurements import quantities_of
from onecard.spec.load import Spec
from onecard.spec.overlay import load_overlaid
from onecard.spec.text import Text

_REFERENCE, _MANUAL = "reference:", "manual:"


def _requests(
    spec: Spec, kinds: Sequence[str], targets: Sequence[str], profile: str | None, ics: Path | None, ixit: Path | None
) -> list[RunRequest]:
    """What to run, from the arguments. Raises UserError or SpecError: nothing was sent."""
    chosen = _kinds(spec, kinds, profile, ics)
    reach = _targets(targets, chosen)
    extra = read_ixit(ixit, chosen[0] if len(chosen) == 1 else None) if ixit is not None else None
    if extra is not None and extra.target is not None and not reach:
        if len(chosen) > 1:
            raise UserError(zh="使用 --ixit 时请只指定一种对象", en="with --ixit name one kind")
        reach = {chosen[0]: extra.target}
    requests: list[RunRequest] = []
    for kind in chosen:
        target = reach.get(kind, _REFERENCE)
        if target.startswith(_REFERENCE):
            if extra is not None or ics is not None:
                raise UserError(
                    zh="内置参考不使用 --ics 与 --ixit；测试设备请加 --target",
                    en="an embedded reference takes no --ics or --ixit; to test a device add --target",
                )
            named = target.removeprefix(_REFERENCE) or profile
            profiles = [spec.profile(named).id] if named else [p.id for p in spec.profiles.values() if p.target == kind]
            requests += [
                RunRequest(ics_of_profile(spec, name), reference_ixit(kind, name), f"{_REFERENCE}{name}")
                for name in profiles
            ]
            continue
        if profile is None and ics is None:
            newest = [found.id for found in spec.profiles.values() if found.target == kind][-1]
            raise UserError(
                zh=f"测试设备必须指明一个配置：--profile {newest}（或由 --ics 声明）",
                en=f"a device must name one profile: --profile {newest} (or an ICS that declares it)",
            )
        if ics is None:
            raise UserError(
                zh=f"测试设备需要 ICS 声明：先运行 onecard plan {kind} --init --profile {profile}，填写后用 --ics 给出",
                en=f"a device needs its ICS: run onecard plan {kind} --init --profile {profile}, fill it in, and "
                f"give it with --ics",
            )
        declared = read_ics(spec, ics, profile)
        if declared.kind != kind:
            raise UserError(
                zh=f"ICS 声明的是 {declared.kind}，不是 {kind}", en=f"the ICS declares a {declared.kind}, not a {kind}"
            )
        requests.append(RunRequest(declared, extra or no_ixit(), target))
    return requests


def _measured(spec: Spec, requests: list[RunRequest], sheet: Path | None) -> list[RunRequest]:
    """The requests, one of them with what a laboratory measured; raises UserError or SpecError."""
    if sheet is None:
        return requests
    cards = [request for request in requests if request.ics.kind == "card"]
    if len(cards) != 1:
        raise UserError(
            zh="--laboratory 的测量记录属于一种卡片：请用 --profile 指明一个卡片配置",
            en="--laboratory gives the values of one card: name one profile of the card with --profile",
        )
    measured = replace(cards[0], laboratory=read_sheet(sheet, spec))
    return [measured if request is cards[0] else request for request in requests]


def _kinds(spec: Spec, kinds: Sequence[str], profile: str | None, ics: Path | None) -> list[str]:
    """The kinds to run: those named, else the one that profile or ICS speaks of, else all."""
    tested = [kind for kind in KINDS if any(found.target == kind for found in spec.profiles.values())]
    for kind in kinds:
        if kind not in tested:
            raise UserError(
                zh=f"没有 {kind} 的测试套件；已有：{', '.join(tested)}",
                en=f"there is no suite for {kind}; there are: {', '.join(tested)}",
            )
    if not kinds and ics is not None:
        return [read_ics(spec, ics, profile).kind]
    if profile is None:
        return list(dict.fromkeys(kinds)) or tested
    about = spec.profile(profile).target
    for kind in kinds:
        if kind != about:
            raise UserError(
                zh=f"配置 {profile} 针对的是 {about}，不是 {kind}",
                en=f"the profile {profile} is for {about}, not for {kind}",
            )
    return [about]


def _targets(targets: Sequence[str], kinds: Sequence[str]) -> dict[str, str]:
    reach: dict[str, str] = {}
    for given in targets:
        kind, separator, rest = given.partition("=")
        if not separator:
            if len(kinds) > 1:
                raise UserError(zh=f"请写成 KIND={given}，或只指定一种对象", en=f"write KIND={given}, or name one kind")
            kind, rest = kinds[0], given
        if kind not in kinds:
            raise UserError(
                zh=f"--target {given}：{kind} 不在所选对象之中",
                en=f"--target {given}: {kind} is not among the chosen kinds",
            )
        reach[kind] = rest
    return reach


def _nonce(
    nonce: str | None, challenge: Path | None, ca: Path | None, resume: Path | None
) -> tuple[bytes, dict[str, Any] | None]:
    if nonce is not None and challenge is not None:
        raise UserError(zh="--nonce 与 --challenge 只能用一个", en="give --nonce or --challenge, not both")
    if challenge is not None:
        found = verify_challenge(challenge, ca, datetime.now(UTC))
        return found.nonce, found.body()
    if nonce is not None:
        try:
            value = bytes.fromhex(nonce)
        except ValueError:
            raise UserError(zh="--nonce 应为十六进制", en="--nonce takes hex digits") from None
        if not 8 <= len(value) <= 64:
            raise UserError(zh="--nonce 应为 8 至 64 字节", en="--nonce takes 8 to 64 bytes")
        return value, None
    if resume is not None:
        header = read(resume).header
        return bytes.fromhex(header["nonce"]), header["challenge"]
    return secrets.token_bytes(16), None


def _folder(out: Path | None, resume: bool) -> Path:
    if out is not None:
        return out
    if resume:
        raise UserError(
            zh="--resume 需要 --out 指明原来的目录", en="--resume needs --out: the folder of the interrupted run"
        )
    return Path("onecard-results") / datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def _announced(cases: int) -> Text:
    """How much an operator has before him; the time of one instruction is an assumption, and told as such."""
    minutes = -(-cases // 2)
    return Text(
        zh=f"人工操作：最多 {cases} 条指令（每个用例一条），按每条半分钟计约 {minutes} 分钟；quit 结束，--resume 继续",
        en=f"an operator's run: at most {cases} instructions (one a case), at half a minute each about {minutes} min; "
        f"quit ends it, --resume goes on",
    )


def _spoken(settings: Settings, requests: list[RunRequest]) -> list[RunRequest]:
    """The requests, an operator's with the command's language where the IXIT names none."""
    return [
        replace(
            request,
            ixit=replace(
                request.ixit,
                parameters={
                    **request.ixit.parameters,
                    "manual": {"language": settings.language, **request.ixit.parameters.get("manual", {})},
                },
            ),
        )
        if request.target.startswith(_MANUAL)
        else request
        for request in requests
    ]


class _Bar:
    """Progress on a terminal; silence elsewhere."""

    def __init__(self, settings: Settings, requests: Sequence[RunRequest]) -> None:
        self._settings = settings
        console = settings.console()
        # An operator is spoken to on this very terminal: a bar would draw over his instructions.
        self._manual = any(request.target.startswith(_MANUAL) for request in requests)
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[case]}"),
            console=console,
            disable=self._manual or not console.is_terminal,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._tasks: dict[int, Any] = {}
        self._failed: dict[int, int] = {}

    def planned(self, prepared: Sequence[Prepared]) -> None:
        """One bar a run."""
        for run in prepared:
            if run.request.target.startswith(_MANUAL):
                self._settings.say(_announced(len(run.plan.cases)))
            self._tasks[run.number] = self.progress.add_task(run.plan.profile, total=len(run.plan.cases), case="")

    def advance(self, run: Prepared, case: Case, outcome: Outcome) -> None:
        """A case has ended."""
        failed = self._failed[run.number] = self._failed.get(run.number, 0) + (outcome.verdict is Verdict.FAIL)
        mark = f"[red]{failed} fail[/red]  " if failed else ""
        self.progress.update(self._tasks[run.number], advance=1, case=mark + case.id.replace("[", "\\["))


def _options(function: Any) -> Any:
    for option in reversed(
        (
            click.argument("kinds", nargs=-1, metavar="[KIND]..."),
            click.option(
                "--target",
                "targets",
                multiple=True,
                metavar="T|KIND=T",
                help="reference:[PROFILE]  pcsc:INDEX-OR-NAME  tcp:HOST:PORT  http://HOST:PORT  https://HOST  "
                "command:PROGRAM  library:PATH  ws:HOST:PORT  manual:[NAME]  replay:BUNDLE[#RUN]",
            ),
            click.option("--profile", metavar="P", help="card-3.0  psam-sm4  hsm-default  …"),
            click.option("--ics", type=click.Path(path_type=Path), metavar="F"),
            click.option("--ixit", type=click.Path(path_type=Path), metavar="F"),
            click.option(
                "--laboratory",
                type=click.Path(path_type=Path),
                metavar="SHEET",
                help="实验室测量记录（YAML 或 CSV）/ a laboratory's measurement sheet of one card run",
            ),
            click.option(
                "--scope",
                type=click.Choice([str(scope) for scope in Scope]),
                default=str(Scope.FULL),
                show_default=True,
            ),
            click.option(
                "--destroy",
                metavar="CARD-ID",
                help="识别码：允许破坏该卡 / identification code of a card that may be destroyed",
            ),
            click.option(
                "--overlay",
                "overlays",
                multiple=True,
                type=click.Path(path_type=Path),
                metavar="F",
                help="持有正式文本者的覆盖文件 / replaces data",
            ),
        )
    ):
        function = option(function)
    return function


@click.command(help="测试并出具证据与证书 / run a conformance campaign")
@_options
@click.option("--nonce", metavar="HEX")
@click.option(
    "--challenge", type=click.Path(path_type=Path), metavar="FILE", help="监管方签名的质询 / signed by a regulator"
)
@click.option(
    "--ca", type=click.Path(path_type=Path), metavar="FILE", help="签发质询的 CA / the CA behind the challenge"
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--keys",
    "key_folder",
    type=click.Path(path_type=Path),
    envvar="ONECARD_KEYS",
    metavar="DIR",
    help="签名密钥目录（onecard keys new）/ folder of the signing key",
)
@click.option("--json", "as_json", is_flag=True)
@click.option("--resume", is_flag=True)
@with_language
def certify(
    settings: Settings,
    kinds: tuple[str, ...],
    targets: tuple[str, ...],
    profile: str | None,
    ics: Path | None,
    ixit: Path | None,
    laboratory: Path | None,
    scope: str,
    destroy: str | None,
    overlays: tuple[Path, ...],
    nonce: str | None,
    challenge: Path | None,
    ca: Path | None,
    out: Path | None,
    key_folder: Path | None,
    as_json: bool,
    resume: bool,
) -> int:
    """Run a campaign and return its exit code."""
    spec = load_overlaid(overlays)
    requests = _spoken(settings, _measured(spec, _requests(spec, kinds, targets, profile, ics, ixit), laboratory))
    folder = _folder(out, resume)
    random, accepted = _nonce(nonce, challenge, ca, folder / BUNDLE if resume else None)
    if key_folder is not None:
        require_signing_key(key_folder)
    bar = _Bar(settings, requests)
    order = Order(
        spec=spec,
        requests=requests,
        out=folder,
        nonce=random,
        scope=Scope(scope),
        challenge=accepted,
        destroy=destroy,
        resume=resume,
        progress=bar.advance,
        on_plan=bar.planned,
    )
    with bar.progress:
        result = run_campaign(order)
    view, problems = view_of_result(spec, result)
    if view is not None:
        problems += write_views(view, spec, result.bundle.parent, settings.language)
    certificate, reason = certify_result(result, key_folder)
    if as_json:
        click.echo(json.dumps(campaign_summary(result, certificate), ensure_ascii=False))
    else:
        tell_result(settings, spec, result, view, certificate, reason)
    for problem in (*problems, *([result.lost.text] if result.lost else [])):
        settings.say(problem)
    return result.verdict.exit_code


@click.command(
    help="查看将要运行的内容；--init 写出 ICS 与 IXIT 模板 / what certify would run; --init writes templates"
)
@_options
@click.option("--init", "init", is_flag=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path(), metavar="DIR")
@click.option("--json", "as_json", is_flag=True)
@with_language
def plan(
    settings: Settings,
    kinds: tuple[str, ...],
    targets: tuple[str, ...],
    profile: str | None,
    ics: Path | None,
    ixit: Path | None,
    laboratory: Path | None,
    scope: str,
    destroy: str | None,
    overlays: tuple[Path, ...],
    init: bool,
    out: Path,
    as_json: bool,
) -> int:
    """Show the plan, or write templates."""
    spec = load_overlaid(overlays)
    if init:
        _kinds(spec, kinds, profile, None)
        return _init(settings, spec, profile, out)
    requests = _measured(spec, _requests(spec, kinds, targets, profile, ics, ixit), laboratory)
    prepared = prepare(Order(spec, requests, out, bytes(16), Scope(scope), destroy=destroy))
    if as_json:
        click.echo(json.dumps({"runs": [_plan_body(run) for run in prepared]}, ensure_ascii=False))
        return 0
    for run in prepared:
        body = _plan_body(run)
        cards = run.plan.sample_cards if run.plan.kind in _CARDS else 0
        settings.out(
            Text(
                zh=f"{run.plan.profile}（{run.request.target}）：用例 {len(run.plan.cases)}，"
                f"{f'样卡 {cards}，' if cards else ''}约 {body['seconds']} 秒，"
                f"不适用 {len(run.plan.not_applicable)}，范围外 {len(run.plan.out_of_scope)}，排除要求 "
                f"{len(run.plan.excluded)}",
                en=f"{run.plan.profile} ({run.request.target}): {len(run.plan.cases)} cases, "
                f"{f'{cards} sample card(s), ' if cards else ''}about {body['seconds']} s, "
                f"{len(run.plan.not_applicable)} not applicable, {len(run.plan.out_of_scope)} out of scope, "
                f"{len(run.plan.excluded)} requirements excluded",
            )
        )
        for case in run.plan.cases:
            settings.out(
                f"  {case.id}  {', '.join(case.requirements)}"
                + (f"  ({settings.pick('破坏性', 'destructive')}: {case.destroys})" if case.destroys else "")
            )
    return 0


_CARDS = frozenset(("card", "psam"))
# A case takes about a dozen exchanges; a contact card answers one in some 40 ms.
_SECONDS_PER_CASE = {True: 0.02, False: 0.6}


def _plan_body(run: Prepared) -> dict[str, Any]:
    return {
        "kind": run.plan.kind,
        "profile": run.plan.profile,
        "target": run.request.target,
        "scope": str(run.plan.scope),
        "sample_cards": run.plan.sample_cards,
        "seconds": max(1, round(len(run.plan.cases) * _SECONDS_PER_CASE[run.request.is_reference])),
        **run.plan.body(),
    }


def _init(settings: Settings, spec: Spec, profile: str | None, out: Path) -> int:
    if profile is None:
        known = ", ".join(spec.profiles)
        raise UserError(zh=f"--init 需要 --profile（{known}）", en=f"--init needs --profile ({known})")
    make_folder(out)
    templates = {"ics.yaml": ics_template(spec, profile), "ixit.yaml": ixit_template(spec, profile)}
    if spec.profile(profile).target == "card":
        templates["laboratory.yaml"] = sheet_template(quantities_of(spec.card_of_profile(profile)).values())
    for name, text in templates.items():
        write_secret(out / name, text.encode("utf-8"))
        settings.out(Text(zh=f"已写出 {out / name}", en=f"wrote {out / name}"))
    settings.out(
        Text(
            zh=f"填写后运行：onecard certify {spec.profile(profile).target} --ics {out / 'ics.yaml'} --ixit "
            f"{out / 'ixit.yaml'}",
            en=f"fill them in, then: onecard certify {spec.profile(profile).target} --ics {out / 'ics.yaml'} "
            f"--ixit {out / 'ixit.yaml'}",
        )
    )
    return 0
