"""The import contracts hold, name every package, and bite."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("onecard", "emulator", "suites")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in SETTINGS["contracts"]}
# Modules without a side: everyone may use them, and they reach nothing but onecard.spec.
NEUTRAL = {"onecard.errors", "onecard.resources"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def parts_of_onecard() -> set[str]:
    found = {path.parent.name for path in (ROOT / "onecard").glob("*/__init__.py")}
    found |= {path.stem for path in (ROOT / "onecard").glob("*.py") if path.stem not in ("__init__", "__main__")}
    return {f"onecard.{name}" for name in found}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_every_part_of_onecard_is_named_by_the_contracts() -> None:
    named = set(CONTRACTS["emulator"]["forbidden_modules"]) | {"onecard.spec"} | NEUTRAL
    assert parts_of_onecard() <= named


@pytest.mark.slow
def test_the_contracts_hold() -> None:
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "statement", "broken"),
    [
        ("onecard/spec/__init__.py", "import onecard.oracle", "spec"),
        ("emulator/card/__init__.py", "import onecard.oracle", "emulator"),
        ("emulator/card/__init__.py", "import onecard.errors", "emulator-errors"),
        ("suites/card/__init__.py", "import emulator", "suites"),
        ("onecard/harness/__init__.py", "import emulator", "judging-side"),
        ("onecard/cli/__init__.py", "import emulator", "both-sides"),
        ("onecard/cli/__init__.py", "import onecard.reference", "reference"),
        ("onecard/oracle/__init__.py", "import onecard.evidence", "oracle"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tree: Path, module: str, statement: str, broken: str) -> None:
    changed = tree / module
    before = changed.read_text(encoding="utf-8")
    changed.write_text(f"{before}\n{statement}\n", encoding="utf-8")
    try:
        run = lint_imports(tree)
    finally:
        changed.write_text(before, encoding="utf-8")
    assert run.returncode == 1, run.stdout
    assert f"{CONTRACTS[broken]['name']} BROKEN" in " ".join(run.stdout.split())
