"""Calls pytest so that nothing of the working directory or environment changes what runs.

Own configuration and rootdir, no conftest, plugin autoload off, PYTEST_* variables ignored, suites by their
installed path.
"""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from onecard.errors import UserError
from onecard.harness.plugin import Conductor, SuitePlugin
from onecard.spec.location import data_root

_CONFIGURATION = Path(__file__).with_name("runner.ini")
_OFF = (
    "terminal",
    "cacheprovider",
    "logging",
    "junitxml",
    "pastebin",
    "doctest",
    "unittest",
    "faulthandler",
    "stepwise",
    "setuponly",
    "threadexception",
    "unraisableexception",
    "setupplan",
)


class _PlainTracebacks:
    """Nobody reads pytest's own account of a case here, and its full form costs more time than the case."""

    def pytest_configure(self, config: pytest.Config) -> None:
        """As ``--tb=native``, whose option goes with the terminal plugin."""
        config.option.tbstyle = "native"


@contextlib.contextmanager
def _clean_environment() -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")}
    for name in kept:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("PYTEST_")]:
            del os.environ[name]
        os.environ.update(kept)


def run_suite(conductor: Conductor, kind: str, *, collect_only: bool = False) -> None:
    """Collect the suite of ``kind`` and run what the conductor arranges.

    Raises UserError when the suite does not load.
    """
    suite = data_root("suites") / kind
    plugin = SuitePlugin(conductor, kind)
    arguments = [
        str(suite),
        "-c",
        str(_CONFIGURATION),
        "--rootdir",
        str(suite.parent),
        "--noconftest",
        "--import-mode=importlib",
        "--assert=plain",
        "-s",
        "--continue-on-collection-errors",
        *[f"-pno:{name}" for name in _OFF],
    ]
    if collect_only:
        arguments.append("--collect-only")
    # Whatever pytest itself would print is no message of ours; usage errors show in its return code.
    sink = io.StringIO()
    with _clean_environment(), contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        code = pytest.main(arguments, plugins=[plugin, _PlainTracebacks()])
    if code == pytest.ExitCode.INTERRUPTED:
        # pytest keeps Ctrl-C to itself; a suite collected by half must not pass for the whole.
        raise KeyboardInterrupt
    if plugin.errors:
        raise UserError(
            zh="测试套件无法加载：\n" + "\n".join(plugin.errors),
            en="the suite does not load:\n" + "\n".join(plugin.errors),
        )
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise UserError(zh=f"运行器出错：{sink.getvalue()[-2000:]}", en=f"the runner failed: {sink.getvalue()[-2000:]}")
