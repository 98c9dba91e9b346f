"""The report for people: one HTML file that needs nothing beside it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from onecard.evidence import Bundle
from onecard.evidence.files import write_whole
from onecard.explain import details, shortened, spaced
from onecard.spec.load import Spec
from onecard.spec.location import data_root
from onecard.spec.model import BasisClass, Document
from onecard.spec.text import Language, Text
from onecard.views.build import view_of
from onecard.views.excerpt import secret_source
from onecard.views.model import (
    BundleView,
    CaseView,
    Check,
    Exchange,
    Message,
    Note,
    RequirementView,
    Reset,
    RunView,
    Secret,
    Step,
    Verdict,
)
from onecard.views.official import Firewall, OfficialItem, firewall, official_items, tear_points
from onecard.views.text import BUNDLE_NAME, LABELS, Explanation, explanation
from onecard.views.words import (
    BASES,
    IDENTITY,
    KEYWORDS,
    KINDS,
    MAY_DIFFER,
    NOT_INDEPENDENT,
    NOT_OFFICIAL,
    SYNTHETIC,
    VERDICTS,
    basis_with_clause,
    legal,
    source_text,
)

_TEMPLATE: Final = "report.html.j2"
_CHALLENGED: Final = Text(
    zh="应质询（challenged）：由监管方质询值开始", en="challenged: begun from a regulator's challenge"
)
_SELF_DECLARED: Final = Text(zh="自我声明（self-declared）：自取随机数", en="self-declared: with a nonce of its own")
_CHALLENGE_MEANS: Final = Text(
    zh="质询值只证明测试在质询发出之后进行，不能证明是哪一件设备作答。",
    en="A challenge proves that the run was made after it was issued, not which device answered.",
)

# Verdicts that call for an explanation; the others are told by their reason alone.
_EXPLAINED: Final = frozenset({Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE})


@dataclass(frozen=True, slots=True)
class Trouble:
    """A case that did not pass, with its explanation."""

    case: CaseView
    explanation: Explanation
    differs: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """What the report says of one run. ``place``: of its kind among the kinds; ``executed``: requirements.

    ``basis`` counts executed requirements by class of basis; ``failed`` holds errors too, the gravest first.
    """

    run: RunView
    place: int
    executed: int
    counts: Mapping[Verdict, int]
    basis: tuple[tuple[Text, int], ...]
    failed: tuple[Trouble, ...]
    undecided: tuple[Trouble, ...]
    not_run: tuple[CaseView, ...]
    passed: tuple[CaseView, ...]
    documents: tuple[Document, ...]
    drafts: bool
    official: tuple[OfficialItem, ...]
    firewall: Firewall | None
    tear_points: int


def write_html(
    source: Bundle | BundleView, spec: Spec, path: Path, language: Language, *, bundle_name: str = BUNDLE_NAME
) -> None:
    """Write the report of the bundle ``source``; ``language`` is shown first, the other one is a click away.

    Raises UserError if the file cannot be written, or if the bundle holds lines of another form.
    """
    write_whole(path, render_html(source, spec, language, bundle_name=bundle_name).encode("utf-8"))


def render_html(source: Bundle | BundleView, spec: Spec, language: Language, *, bundle_name: str = BUNDLE_NAME) -> str:
    """The report as text."""
    view = view_of(source, spec)
    environment = Environment(
        loader=FileSystemLoader(data_root("reports") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests.update({name: _is(kind) for name, kind in _STEPS.items()})
    environment.filters.update({"spaced": spaced, "details": details, "shortened": shortened})
    environment.filters.update({"source": source_text, "basis": basis_with_clause, "secret": secret_source})
    page = environment.get_template(_TEMPLATE).render(
        view=view,
        chapters=[_chapter(run, spec, bundle_name) for run in sorted(view.runs, key=_place)],
        kinds=KINDS,
        language=language,
        verdicts=VERDICTS,
        keywords=KEYWORDS,
        labels=LABELS,
        certificate_class=_SELF_DECLARED if view.challenge is None else _CHALLENGED,
        disclaimers=list(_disclaimers(view)),
        may_differ=MAY_DIFFER,
        identity=IDENTITY,
        bundle_name=bundle_name,
    )
    return legal(page)


_STEPS: Final[Mapping[str, type[Step]]] = {
    "exchange": Exchange,
    "message": Message,
    "reset": Reset,
    "check": Check,
    "note": Note,
    "secret": Secret,
}


def _is(kind: type[Step]) -> Callable[[object], bool]:
    """A template test for one kind of step."""
    return lambda step: isinstance(step, kind)


def _disclaimers(view: BundleView) -> list[Text]:
    found = [NOT_OFFICIAL]
    if view.synthetic:
        found.append(SYNTHETIC)
    if not view.independent:
        found.append(NOT_INDEPENDENT)
    if view.challenge is not None:
        found.append(_CHALLENGE_MEANS)
    return found


def _chapter(run: RunView, spec: Spec, bundle_name: str) -> Chapter:
    executed = [entry for entry in run.requirements if entry.verdict in (Verdict.PASS, Verdict.FAIL)]
    found = Counter(entry.requirement.basis.cls for entry in executed if entry.requirement is not None)
    troubles = [
        Trouble(case, explanation(spec, run, case, bundle_name), run.only_differs(case))
        for case in run.cases
        if case.verdict in _EXPLAINED
    ]
    return Chapter(
        run=run,
        place=_place(run),
        executed=len(executed),
        counts=run.counts(),
        basis=tuple((BASES[cls], found[cls]) for cls in BasisClass if found[cls]),
        failed=tuple(sorted((trouble for trouble in troubles if not _undecided(trouble)), key=_gravity)),
        undecided=tuple(trouble for trouble in troubles if _undecided(trouble)),
        not_run=tuple(case for case in run.cases if case.verdict is Verdict.NOT_RUN),
        passed=tuple(case for case in run.cases if case.verdict is Verdict.PASS),
        documents=_documents(run.requirements, spec),
        drafts=any(_draft(entry) for entry in run.requirements),
        official=official_items(run, spec.documents),
        firewall=firewall(run),
        tear_points=tear_points(run),
    )


def _place(run: RunView) -> int:
    """Runs of one kind stand together, the kinds in the order of KINDS; one that is unknown comes last."""
    return list(KINDS).index(run.kind) if run.kind in KINDS else len(KINDS)


def _undecided(trouble: Trouble) -> bool:
    return trouble.case.verdict is Verdict.INCONCLUSIVE


def _gravity(trouble: Trouble) -> tuple[bool, bool]:
    """Failures that decide, errors, and last the failures that do not decide."""
    return trouble.differs, trouble.case.verdict is not Verdict.FAIL


def _draft(entry: RequirementView) -> bool:
    return entry.requirement is not None and entry.requirement.basis.cls is BasisClass.DRAFT


def _documents(requirements: tuple[RequirementView, ...], spec: Spec) -> tuple[Document, ...]:
    """The bibliography entries of the documents that the requirements name."""
    names = dict.fromkeys(entry.requirement.document for entry in requirements if entry.requirement is not None)
    return tuple(spec.documents[name] for name in names if name in spec.documents)
