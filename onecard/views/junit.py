"""JUnit XML, in the form that CI servers read (the schema junit-10 of Jenkins' xUnit plugin).

A case that decided nothing is an error there, not a skipped test: a campaign with such a case has not passed. Skipped
are cases that do not apply or lie outside the scope, and failures that only differ from the project profile.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from onecard.evidence import Bundle
from onecard.evidence.files import write_whole
from onecard.spec.load import Spec
from onecard.spec.text import Language, Text
from onecard.views.build import view_of
from onecard.views.excerpt import trace_lines
from onecard.views.model import BundleView, CaseView, RunView, Verdict
from onecard.views.text import BUNDLE_NAME, explanation, rendered
from onecard.views.words import NOT_OFFICIAL, SYNTHETIC, VERDICTS, legal

_DIFFERS: Final = Text(zh="与项目配置不同（不影响判定）", en="differs from the project profile (does not decide)")
_OUT_OF_SCOPE: Final = Text(zh="不在本次范围内", en="outside the scope of this run")


class _Result(NamedTuple):
    """The child element of a testcase."""

    element: str
    kind: str


_RESULTS: Final = {
    Verdict.FAIL: _Result("failure", "fail"),
    Verdict.ERROR: _Result("error", "error"),
    Verdict.INCONCLUSIVE: _Result("error", "inconclusive"),
    Verdict.NOT_RUN: _Result("error", "not-run"),
    Verdict.NOT_APPLICABLE: _Result("skipped", "not-applicable"),
}


def write_junit(
    source: Bundle | BundleView, spec: Spec, path: Path, language: Language = "en", *, bundle_name: str = BUNDLE_NAME
) -> None:
    """Write the bundle ``source`` as JUnit XML, one testsuite for each run.

    Raises UserError if the file cannot be written.
    """
    root = _suites(view_of(source, spec), spec, language, bundle_name)
    ET.indent(root)
    write_whole(path, ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _suites(view: BundleView, spec: Spec, language: Language, bundle_name: str) -> ET.Element:
    root = ET.Element("testsuites", name="onecard")
    for run in view.runs:
        root.append(_suite(view, run, spec, language, bundle_name))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", f"{sum(run.seconds for run in view.runs):.3f}")
    return root


def _suite(view: BundleView, run: RunView, spec: Spec, language: Language, bundle_name: str) -> ET.Element:
    suite = ET.Element("testsuite", name=f"{run.kind} {run.profile}", id=str(run.number), package=f"onecard.{run.kind}")
    suite.set("timestamp", view.started.removesuffix("Z").split("+")[0])
    suite.set("time", f"{run.seconds:.3f}")
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(view, run, language):
        ET.SubElement(properties, "property", name=legal(name), value=legal(value))
    cases = [_case(run, case, spec, language, bundle_name) for case in run.cases]
    cases += [_skipped(left.id, left.reason, "not-applicable", language) for left in run.not_applicable]
    cases += [_skipped(case, _OUT_OF_SCOPE, "out-of-scope", language) for case in run.out_of_scope]
    suite.extend(cases)
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(element) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    return suite


def _properties(view: BundleView, run: RunView, language: Language) -> Iterable[tuple[str, str]]:
    yield "verdict", run.verdict
    yield "tool", view.tool
    yield "target", run.target
    yield "reader", run.reader
    yield "scope", run.scope or view.scope
    yield "synthetic", str(view.synthetic).lower()
    yield "independent", str(view.independent).lower()
    yield "nonce", view.nonce
    yield "notice", (SYNTHETIC if view.synthetic else NOT_OFFICIAL).in_(language)
    yield "digest.ics", run.ics_digest
    yield "digest.final", view.final
    for name, value in view.digests:
        yield f"digest.{name}", value
    for entry in run.requirements:
        yield f"requirement.{entry.id}", entry.verdict
    for left in run.excluded:
        yield f"excluded.{left.id}", left.reason.in_(language)


def _case(run: RunView, case: CaseView, spec: Spec, language: Language, bundle_name: str) -> ET.Element:
    element = _testcase(case.id, case.seconds)
    result = _RESULTS.get(case.verdict)
    if result is not None:
        found = explanation(spec, run, case, bundle_name)
        message = case.why.in_(language) if case.why is not None else VERDICTS[case.verdict].in_(language)
        if run.only_differs(case):
            result, message = _Result("skipped", "differs"), f"{_DIFFERS.in_(language)}: {message}"
        child = ET.SubElement(element, result.element, type=result.kind, message=legal(message))
        child.text = legal("\n" + rendered(found, language) + "\n")
    out = ET.SubElement(element, "system-out")
    out.text = legal("\n".join([case.title, *_requirements(case), *trace_lines(case, language)]).strip() + "\n")
    return element


def _skipped(case_id: str, reason: Text, kind: str, language: Language) -> ET.Element:
    element = _testcase(case_id, 0.0)
    ET.SubElement(element, "skipped", type=kind, message=legal(reason.in_(language)))
    return element


def _testcase(case_id: str, seconds: float) -> ET.Element:
    module, _, name = case_id.rpartition("/")
    classname = module.replace("/", ".") or "onecard"
    return ET.Element("testcase", classname=legal(classname), name=legal(name), time=f"{seconds:.3f}")


def _requirements(case: CaseView) -> list[str]:
    return ["requirements: " + ", ".join(case.requirements)] if case.requirements else []
