"""pyproject, pins, scripts and line endings agree with each other."""

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SCRIPTS = {"scripts/demo": "sh", "scripts/test": "sh", "scripts/lib.sh": "sh", ".ci/run": "bash"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required_names() -> set[str]:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    names = {re.match(r"[\w.-]+", requirement.strip()) for group in groups for requirement in group}
    return {canonical(found.group()) for found in names if found} - {canonical(PROJECT["name"])}


def test_every_dependency_is_pinned_for_ci() -> None:
    lines = (ROOT / "requirements" / "ci.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert required_names() - {canonical(name) for name in pins} == set()


@pytest.mark.parametrize(("script", "shell"), SCRIPTS.items())
def test_scripts_parse(script: str, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} here")
    run = subprocess.run([program, "-n", str(ROOT / script)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("script", [name for name in SCRIPTS if not name.endswith(".sh")])
def test_scripts_are_executable_and_name_their_interpreter(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111 == 0o111
    assert path.read_bytes().startswith(b"#!")


def test_text_has_no_carriage_return() -> None:
    folders = ("onecard", "emulator", "specs", "suites", "vectors", "reports", "scripts", ".ci", "docs", "tests")
    suffixes = {".py", ".yaml", ".json", ".md", ".sh", ".toml", ".html", ""}
    texts = [path for top in folders for path in (ROOT / top).rglob("*") if path.is_file() and path.suffix in suffixes]
    assert len(texts) > 50
    assert [path.relative_to(ROOT).as_posix() for path in texts if b"\r" in path.read_bytes()] == []


@pytest.mark.parametrize("name", ["reference", "pcsc", "tcp"])
def test_targets_are_entry_points_that_load(name: str) -> None:
    (found,) = entry_points(group="onecard.targets", name=name)
    assert callable(found.load())
