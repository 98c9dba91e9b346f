"""What lies in the working directory or the environment changes nothing of what runs, and nothing never passes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from onecard.errors import UserError
from onecard.evidence.bundle import read, verify_bundle
from onecard.evidence.lines import Event
from onecard.evidence.sealing import NullSealer
from onecard.harness.case import Case
from onecard.harness.judgement import Campaign, judge
from onecard.harness.replay import replay
from onecard.harness.verdict import Outcome, Verdict
from onecard.planning.plan import Plan, Scope, make_plan
from onecard.spec.location import data_root
from tests.harness.bundles import forge, keep
from tests.harness.running import campaign, request, spec
from tests.support.command import environment, onecard

pytestmark = pytest.mark.xdist_group("isolation")

PROFILE = "card-1.0"
KIND, SMALL = "ecard", "ecard-default"
"""What is planned and run where any suite will do."""


def _planned(folder: Path, env: dict[str, str] | None = None) -> list[str]:
    run = onecard("plan", KIND, "--profile", SMALL, "--json", cwd=folder, env=env, module=True)
    assert run.returncode == 0, run.stderr
    return list(json.loads(run.stdout)["runs"][0]["cases"])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The cases that are planned in an empty folder."""
    cases = _planned(tmp_path_factory.mktemp("empty"))
    assert len(cases) > 50
    return cases


def _changes_nothing(folder: Path, undisturbed: list[str], env: dict[str, str] | None = None) -> None:
    """Planned by ``python -m onecard``, run by the console script: the same cases, and all of them executed."""
    assert _planned(folder, env) == undisturbed
    run = onecard("certify", KIND, "--profile", SMALL, "--json", "--out", "out", cwd=folder, env=env)
    assert run.returncode == 0, run.stdout + run.stderr
    summary = json.loads(run.stdout)
    assert (summary["verdict"], summary["cases"]["pass"]) == ("pass", len(undisturbed))


def test_a_stray_pytest_ini(tmp_path: Path, undisturbed: list[str]) -> None:
    text = (
        "[pytest]\naddopts = -k nothing --maxfail=1 -p no:python\npython_functions = other_*\ntestpaths = elsewhere\n"
    )
    for name in ("pytest.ini", ".pytest.ini"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "tox.ini").write_text(text, encoding="utf-8")
    (tmp_path / "setup.cfg").write_text(text.replace("[pytest]", "[tool:pytest]"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "-k nothing"\n', encoding="utf-8")
    _changes_nothing(tmp_path, undisturbed)


def test_pytest_variables(tmp_path: Path, undisturbed: list[str]) -> None:
    (tmp_path / "stray_plugin.py").write_text("raise SystemExit('a stray plugin was loaded')\n", encoding="utf-8")
    env = environment(
        PYTEST_ADDOPTS="-k nothing --maxfail=1",
        PYTEST_PLUGINS="stray_plugin",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="",
        PYTEST_DEBUG="1",
        PYTHONPATH=str(tmp_path) if "PYTHONPATH" not in environment() else environment()["PYTHONPATH"],
    )
    _changes_nothing(tmp_path, undisturbed, env)


def test_a_stray_conftest(tmp_path: Path, undisturbed: list[str]) -> None:
    hook = "def pytest_collection_modifyitems(items):\n    items.clear()\n"
    (tmp_path / "conftest.py").write_text(hook, encoding="utf-8")
    _changes_nothing(tmp_path, undisturbed)


def test_a_folder_named_suites(tmp_path: Path, undisturbed: list[str]) -> None:
    suite = tmp_path / "suites" / KIND
    suite.mkdir(parents=True)
    case = f"def test_x({KIND}):\n    pass\n"
    for name in ("test_x.py", *(path.name for path in sorted((data_root("suites") / KIND).glob("test_*.py"))[:2])):
        (suite / name).write_text(case, encoding="utf-8")
    for folder in (suite.parent, suite):
        (folder / "__init__.py").write_text("raise SystemExit('a stray suite was loaded')\n", encoding="utf-8")
        (folder / "conftest.py").write_text("raise SystemExit('a stray conftest was loaded')\n", encoding="utf-8")
    _changes_nothing(tmp_path, undisturbed)


@pytest.mark.parametrize("module", [False, True], ids=["script", "python -m"])
@pytest.mark.parametrize("name", ["yaml.py", "pytest.py"])
def test_a_module_that_hides_a_library(tmp_path: Path, undisturbed: list[str], name: str, module: bool) -> None:
    """Neither the console script nor ``python -m`` looks for modules in the working directory."""
    (tmp_path / name).write_text("raise SystemExit('a stray module was loaded')\n", encoding="utf-8")
    run = onecard("plan", KIND, "--profile", SMALL, "--json", cwd=tmp_path, module=module)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["runs"][0]["cases"] == undisturbed


def _plan() -> Plan:
    ask = request(PROFILE)
    case = Case("card/x/test_x", "", ("CARD-SELECT-NAME",), None)
    return make_plan(spec(), ask.ics, ask.ixit, [case], Scope.FULL, destroy=True)


def test_an_empty_plan_is_an_error(tmp_path: Path) -> None:
    ask = request(PROFILE)
    with pytest.raises(UserError, match="plan is empty") as empty:
        make_plan(spec(), ask.ics, ask.ixit, [], Scope.FULL, destroy=True)
    assert empty.value.exit_code == 2


@pytest.mark.parametrize(
    "outcomes",
    [
        {},
        {"card/x/test_x": Outcome(Verdict.NOT_RUN)},
        {"card/x/test_x": Outcome(Verdict.INCONCLUSIVE)},
        {"card/x/test_x": Outcome(Verdict.ERROR)},
        {"card/x/test_other": Outcome(Verdict.PASS)},
    ],
)
def test_nothing_executed_never_passes(outcomes: dict[str, Outcome]) -> None:
    assert judge(_plan(), outcomes).verdict is Campaign.INCOMPLETE


def test_requirements_without_a_case_never_pass() -> None:
    """One passed case is not enough: the other mandatory requirements have none."""
    judgement = judge(_plan(), {"card/x/test_x": Outcome(Verdict.PASS)})
    assert judgement.verdict is Campaign.INCOMPLETE


def _without_footer(path: Path, out: Path) -> None:
    forge(read(path), out, footer=False)


def _without_cases(path: Path, out: Path) -> None:
    """A bundle that says it passed, and holds no case."""
    forge(keep(read(path), lambda event: event.case is None), out)


def _without_one_case(path: Path, out: Path) -> None:
    bundle = read(path)
    gone = next(e.case for e in reversed(bundle.events) if e.case not in (None, "setup"))

    def stays(event: Event) -> bool:
        return event.case != gone

    forge(keep(bundle, stays), out)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = campaign(tmp_path_factory.mktemp("passed"), request(PROFILE))
    assert result.verdict == "pass"
    return result.bundle


@pytest.mark.parametrize(
    ("forgery", "verify", "code"),
    [(_without_footer, 1, 3), (_without_cases, 0, 1), (_without_one_case, 0, 1)],
)
def test_a_log_that_lacks_something_never_passes(
    passed: Path, tmp_path: Path, forgery: Callable[[Path, Path], None], verify: int, code: int
) -> None:
    """Without a footer nothing holds; cases that are missing are found by replay, which does not trust the footer."""
    out = tmp_path / "run.bundle"
    forgery(passed, out)
    assert verify_bundle(out).exit_code == verify
    result = replay(spec(), read(out), NullSealer())
    assert result.exit_code == code
    assert result.verdict is not Campaign.PASS
