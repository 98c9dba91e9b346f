"""The project's own pytest plugin: collects suite modules by their path, gives cases their card, keeps their verdicts.

Used by the runner, with everything else of pytest switched off.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest

from onecard.harness.case import Case, CaseMarks, marks_of
from onecard.harness.kinds import KINDS
from onecard.harness.subject import Subject
from onecard.harness.verdict import Outcome, Verdict
from onecard.spec.load import TargetSpec


class Conductor(Protocol):
    """What the plugin needs of a run."""

    @property
    def data(self) -> TargetSpec:
        """The data from which cases take their parameters."""

    def arrange(self, cases: Sequence[Case]) -> Sequence[str]:
        """The ids to run, in order."""

    def run(self, case: Case, body: "CaseBody") -> Outcome:
        """Run one case."""


CaseBody = Callable[[Subject], None]
"""A case with its parameters filled in."""


class CaseDidNotPass(Exception):
    """Tells pytest of a verdict other than pass (its own reports and Allure show it)."""

    def __init__(self, case: Case, outcome: Outcome) -> None:
        super().__init__(f"{case.id}: {outcome.verdict}: {outcome.why.en if outcome.why else ''}")


def load_module(path: Path) -> ModuleType:
    """Load a suite module by its path, under a name that nothing in the working directory can take."""
    name = f"onecard_suite_{path.parent.name}_{path.stem}"
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


class SuiteModule(pytest.Module):
    """A module of cases."""

    def _getobj(self) -> ModuleType:
        try:
            return load_module(self.path)
        except SyntaxError as error:
            raise self.CollectError(f"line {error.lineno}: {error.msg}") from error

    @property
    def order(self) -> int:
        """Place of the module in the run."""
        order = getattr(self.obj, "ORDER", 50)
        return order if isinstance(order, int) else 50


def _declared(name: str) -> object:
    """The target of a case is given by pytest_pyfunc_call; a fixture only declares the name of its argument."""

    @pytest.fixture(name=name)
    def declared(self: object) -> None:
        pass

    return declared


class SuitePlugin:
    """Collects the cases of one kind for one declaration and runs them through a conductor."""

    card, psam, hsm, terminal, ecard, platform, partner = map(_declared, KINDS)

    def __init__(self, conductor: Conductor, kind: str) -> None:
        self._conductor = conductor
        self._kind = kind
        self._cases: dict[str, Case] = {}
        self._vacuous: set[str] = set()
        self.errors: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector:
        """Folders are folders, never Python packages of the working directory."""
        return pytest.Dir.from_parent(parent, path=path)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Module:
        """Suite modules are loaded by path."""
        return SuiteModule.from_parent(parent, path=module_path)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One case for each value of each parameter."""
        marks = marks_of(metafunc.function)
        for parameter in marks.parameters if marks else ():
            values = parameter.values(self._conductor.data)
            if values:
                metafunc.parametrize(parameter.name, values, ids=[parameter.ids(value) for value in values])
            else:
                self._vacuous.add(metafunc.definition.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the planned cases in their planned order."""
        found: dict[str, pytest.Item] = {}
        ordered = sorted(items, key=lambda item: item.parent.order if isinstance(item.parent, SuiteModule) else 50)
        for item in ordered:
            case = self._case_of(item)
            if case is not None:
                found[case.id] = item
                self._cases[item.nodeid] = case
        wanted = self._conductor.arrange([self._cases[item.nodeid] for item in found.values()])
        items[:] = [found[identifier] for identifier in wanted]

    def _case_of(self, item: pytest.Item) -> Case | None:
        if not isinstance(item, pytest.Function) or not isinstance(item.parent, SuiteModule):
            return None
        marks = marks_of(item.function)
        if marks is None or not (marks.requirements or marks.by):
            self.errors.append(f"{item.nodeid}: a case must name what it verifies (@verifies)")
            return None
        if f"{item.parent.nodeid}::{item.originalname}" in self._vacuous:
            return None
        area = item.path.stem.removeprefix("test_")
        requirements = marks.verified(item.callspec.params if hasattr(item, "callspec") else {})
        return _case(f"{self._kind}/{area}/{item.name}", item, marks, requirements)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run the case through the conductor."""
        case = self._cases[pyfuncitem.nodeid]
        arguments = {name: pyfuncitem.callspec.params[name] for name in _parameters(pyfuncitem)}
        function = pyfuncitem.function

        def body(subject: Subject) -> None:
            function(**{self._kind: subject}, **arguments)

        outcome = self._conductor.run(case, body)
        if outcome.verdict is not Verdict.PASS:
            raise CaseDidNotPass(case, outcome)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite module that does not load makes the run impossible; it must not vanish from the plan."""
        if report.failed:
            self.errors.append(f"{report.nodeid}: {_last_line(str(report.longrepr))}")


def _last_line(report: str) -> str:
    """What went wrong, without the way there: the last line of a traceback names the exception."""
    return next((line.strip() for line in reversed(report.splitlines()) if line.strip()), "")


def _parameters(item: pytest.Function) -> Iterable[str]:
    return item.callspec.params if hasattr(item, "callspec") else ()


def _case(identifier: str, item: pytest.Function, marks: CaseMarks, requirements: tuple[str, ...]) -> Case:
    title = " ".join((item.function.__doc__ or "").split())
    return Case(id=identifier, title=title, requirements=requirements, destroys=marks.destroys, ends=marks.ends)
