"""Allure results: one file for each case, its exchanges as steps in words."""

import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from allure_commons.model2 import Attachment, Label, Parameter, Status, StatusDetails, TestResult, TestStepResult
from attr import asdict

from onecard.errors import UserError
from onecard.evidence import Bundle
from onecard.evidence.files import write_whole
from onecard.explain import shortened
from onecard.spec.load import Spec
from onecard.spec.text import Language, Text
from onecard.views.build import view_of
from onecard.views.excerpt import message_told, step_text, trace_lines
from onecard.views.model import BundleView, CaseView, Check, Exchange, Message, Reset, RunView, Step, Verdict
from onecard.views.text import BUNDLE_NAME, explanation, rendered
from onecard.views.words import NOT_OFFICIAL, SYNTHETIC, VERDICTS

_STATUSES: Final = {
    Verdict.PASS: Status.PASSED,
    Verdict.FAIL: Status.FAILED,
    Verdict.ERROR: Status.BROKEN,
    Verdict.INCONCLUSIVE: Status.UNKNOWN,
    Verdict.NOT_RUN: Status.SKIPPED,
    Verdict.NOT_APPLICABLE: Status.SKIPPED,
}
_DIFFERS: Final = Text(zh="与项目配置不同（不影响判定）", en="differs from the project profile (does not decide)")
_STEP_NAME: Final = 160
"""Characters of a step's name; the whole stands in its parameters."""

_SPACE: Final = uuid.UUID("8f1f8d1e-5d3c-5f0e-9a44-6f6e65636172")


class _Results:
    """Writes results as allure-python's own logger does, in one piece each: that one streams, which costs twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def result(self, result: TestResult) -> None:
        """One result file."""
        data = asdict(result, filter=lambda _, value: value or value is False)
        name = result.file_pattern.format(prefix=uuid.uuid4())
        # A name that nobody had before, and thousands of files: nothing to replace, and no wait for the disk for each.
        (self._folder / name).write_bytes(json.dumps(data, ensure_ascii=False).encode("utf-8"))

    def attached(self, body: str, name: str) -> None:
        """One attachment."""
        (self._folder / name).write_bytes(body.encode("utf-8"))


def write_allure(
    source: Bundle | BundleView, spec: Spec, folder: Path, language: Language = "en", *, bundle_name: str = BUNDLE_NAME
) -> None:
    """Write the bundle ``source`` as Allure results into ``folder``, which may exist.

    Every exchange is a step; a case that did not pass has its trace attached as text. Raises UserError if it cannot be
    written.
    """
    view = view_of(source, spec)
    try:
        logger = _Results(folder)
        for run in view.runs:
            for case in run.cases:
                _write_case(logger, view, run, case, spec, language, bundle_name)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(zh=f"无法写入 {folder}：{reason}", en=f"cannot write to {folder}: {reason}") from error
    write_whole(folder / "environment.properties", _environment(view, language))
    categories = json.dumps(_categories(language), ensure_ascii=False, indent=2)
    write_whole(folder / "categories.json", categories.encode("utf-8") + b"\n")


def _write_case(
    logger: _Results,
    view: BundleView,
    run: RunView,
    case: CaseView,
    spec: Spec,
    language: Language,
    bundle_name: str,
) -> None:
    identity = f"{view.nonce}/{run.number}/{case.id}"
    result = TestResult(
        uuid=str(uuid.uuid5(_SPACE, identity)),
        historyId=uuid.uuid5(_SPACE, f"{run.profile}/{run.target}/{case.id}").hex,
        testCaseId=uuid.uuid5(_SPACE, f"{run.profile}/{case.id}").hex,
        fullName=f"{run.profile}/{case.id}",
        name=case.id.rpartition("/")[2],
        description=case.title,
        status=_STATUSES[case.verdict],
        stage="finished",
        start=_at(view, case.began or 0.0),
        stop=_at(view, case.ended if case.ended is not None else case.began or 0.0),
        labels=list(_labels(run, case)),
        parameters=list(_parameters(run, case)),
        steps=[_step(view, step, after, language) for step, after in _with_ends(case)],
    )
    if case.verdict is not Verdict.PASS:
        result.statusDetails = _details(run, case, spec, language, bundle_name)
        trace = "\n".join(trace_lines(case, language))
        source = f"{result.uuid}-attachment.txt"
        logger.attached(trace + "\n", source)
        result.attachments = [
            Attachment(name=Text(zh="交互记录", en="trace").in_(language), source=source, type="text/plain")
        ]
    logger.result(result)


def _details(run: RunView, case: CaseView, spec: Spec, language: Language, bundle_name: str) -> StatusDetails:
    message = case.why.in_(language) if case.why is not None else VERDICTS[case.verdict].in_(language)
    if run.only_differs(case):
        message = f"{_DIFFERS.in_(language)}: {message}"
    return StatusDetails(message=message, trace=rendered(explanation(spec, run, case, bundle_name), language))


def _labels(run: RunView, case: CaseView) -> Iterable[Label]:
    area = case.id.split("/")[1] if case.id.count("/") >= 2 else run.kind
    yield Label("parentSuite", run.profile)
    yield Label("suite", area)
    yield Label("epic", run.kind)
    yield Label("feature", area)
    yield Label("framework", "onecard")
    yield Label("host", run.target)
    for requirement in case.requirements:
        yield Label("tag", requirement)


def _parameters(run: RunView, case: CaseView) -> Iterable[Parameter]:
    yield Parameter("profile", run.profile)
    yield Parameter("target", run.target)
    _, bracket, rest = case.id.partition("[")
    if bracket:
        yield Parameter("case", rest.removesuffix("]"))


def _with_ends(case: CaseView) -> Iterable[tuple[Step, float]]:
    """Each step with the time of its end in seconds; comparisons take none."""
    now = case.began or 0.0
    for step in case.steps:
        if isinstance(step, Exchange | Message | Reset):
            now = step.t
        yield step, now


def _step(view: BundleView, step: Step, at: float, language: Language) -> TestStepResult:
    name, failed = _name(step, language)
    taken = (step.milliseconds or 0.0) if isinstance(step, Exchange | Message | Reset) else 0.0
    stop = _at(view, at)
    details = None
    if isinstance(step, Exchange):
        details = [Parameter("sent", step.command), Parameter("received", step.received or "-")]
    elif isinstance(step, Message):
        details = [Parameter("sent", step.asked.in_(language)), Parameter("received", message_told(step).in_(language))]
    return TestStepResult(
        name=name,
        status=Status.FAILED if failed else Status.PASSED,
        stage="finished",
        start=stop - round(taken),
        stop=stop,
        parameters=details or [],
    )


def _name(step: Step, language: Language) -> tuple[str, bool]:
    if isinstance(step, Exchange):
        return f"{step.asked.in_(language)} → {step.told.in_(language)}", step.error is not None
    if isinstance(step, Message):
        name = f"{step.asked.in_(language)} → {step.told.in_(language)}"
        return shortened(name, _STEP_NAME), step.error is not None
    failed = (isinstance(step, Reset) and step.error is not None) or (isinstance(step, Check) and not step.ok)
    return step_text(step).in_(language)[2:], failed


def _at(view: BundleView, seconds: float) -> int:
    """Milliseconds since 1970 of a moment of the run."""
    try:
        began = datetime.fromisoformat(view.started).timestamp()
    except ValueError:
        began = 0.0
    return round((began + seconds) * 1000)


def _environment(view: BundleView, language: Language) -> bytes:
    entries = {
        "verdict": str(view.verdict),
        "tool": view.tool,
        "scope": view.scope,
        "synthetic": str(view.synthetic).lower(),
        "independent": str(view.independent).lower(),
        "notice": (SYNTHETIC if view.synthetic else NOT_OFFICIAL).in_(language),
        **{f"target.{run.profile}": run.target for run in view.runs},
        **{f"verdict.{run.profile}": str(run.verdict) for run in view.runs},
        **{f"digest.{name}": value for name, value in view.digests},
        "digest.final": view.final,
    }
    return "".join(f"{_property(name)}={_property(value)}\n" for name, value in entries.items()).encode("ascii")


def _property(text: str) -> str:
    """A key or value of a Java properties file, which is read as Latin-1."""
    escaped = text.replace("\\", "\\\\").replace("\n", " ").replace("\r", " ")
    for special in ":=#! ":
        escaped = escaped.replace(special, "\\" + special)
    units = escaped.encode("utf-16-be")
    pairs = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(unit) if 0x20 <= unit < 0x7F else f"\\u{unit:04X}" for unit in pairs)


def _categories(language: Language) -> list[dict[str, object]]:
    rules = (
        (_DIFFERS, [Status.FAILED], f"(?s).*{_DIFFERS.in_(language).split('（')[0].split(' (')[0]}.*"),
        (Text(zh="不符合要求", en="requirement not met"), [Status.FAILED], None),
        (Text(zh="用例或目标出错", en="error of the case or the target"), [Status.BROKEN], None),
        (Text(zh="无法判定", en="inconclusive"), [Status.UNKNOWN], None),
        (Text(zh="未执行", en="not run"), [Status.SKIPPED], None),
    )
    return [
        {"name": name.in_(language), "matchedStatuses": statuses, **({"messageRegex": regex} if regex else {})}
        for name, statuses, regex in rules
    ]
