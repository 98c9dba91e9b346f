"""Rules for every test of the project: a real component that is absent may skip a test on a desk, never in CI."""

import os
import signal
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support import pcscd
from tests.support.pcscd import VirtualReader

REAL_COMPONENT_MARKS = ("pcsc", "openssl", "browser", "node", "softhsm", "compiler", "font")

# A shell that starts a run in the background has SIGINT ignored, in all that the tests start too: tests of Ctrl-C
# would wait for nothing.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Deadlines measure the machine, not the code. CI draws the same examples every time, so that a red run can be repeated.
settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("desk"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What takes minutes goes only so far; ``tox -e nightly`` goes further."""
    parser.addoption("--steps", type=int, default=20_000, metavar="N", help="steps of the random walks in all")
    parser.addoption(
        "--every-function",
        action="store_true",
        help="the night's tests too: the terminal's library and service with all functions",
    )


def skipping_is_failing() -> bool:
    """In CI every real component is installed, so a skipped test hides a broken set-up."""
    return os.environ.get("CI") == "true"


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is for the night is left out by day. Tests on the one pcscd of the machine share its two slots: under xdist
    they stay in one worker.
    """
    if not config.getoption("--every-function"):
        left = [item for item in items if item.get_closest_marker("nightly")]
        if left:
            config.hook.pytest_deselected(items=left)
            items[:] = [item for item in items if item not in left]
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            if item.get_closest_marker("pcsc"):
                item.add_marker(pytest.mark.xdist_group("pcsc"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a real-component test into a failure when CI=true."""
    report = yield
    marks = [name for name in REAL_COMPONENT_MARKS if item.get_closest_marker(name)]
    if skipping_is_failing() and marks and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"CI=true: a test marked {', '.join(marks)} must run, but it was skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a module that skips itself as a whole into an error when CI=true: its tests would vanish unseen."""
    report = yield
    if skipping_is_failing() and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"CI=true: {collector.nodeid} skipped itself as a whole: {report.longrepr}"
    return report


@pytest.fixture(scope="module")
def reader() -> Iterator[VirtualReader]:
    """The virtual reader of a real PC/SC service; whoever needs it is skipped where there is none."""
    missing = pcscd.missing_part()
    if missing is not None:
        pytest.skip(missing)
    with pcscd.virtual_reader() as running:
        yield running
