"""The command line as a user starts it: a process of its own in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from onecard.planning.declaration import Ixit, ics_of_profile, ics_text, ixit_text, reference_ixit
from onecard.spec.load import load_spec

SCRIPT = Path(sys.executable).with_name("onecard")
LIMIT = 600
WHOLE = 3600
"""Seconds for a whole certification over PC/SC, which takes a quarter of an hour on an idle machine."""


def environment(**changes: str) -> dict[str, str]:
    """The environment of a user: no setting of this test run reaches the product, no key of the user's own either."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "ONECARD", "COV_"))}
    return {**kept, "LANG": "C.UTF-8", "HOME": os.devnull, **changes}


def arguments(*words: str, module: bool = False) -> list[str]:
    """The console script, or ``python -m onecard``."""
    return [sys.executable, "-m", "onecard", *words] if module or not SCRIPT.exists() else [str(SCRIPT), *words]


def onecard(
    *words: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    module: bool = False,
    before: Callable[[], object] | None = None,
    limit: float = LIMIT,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, ``limit`` seconds at most; ``before`` runs in the child before the command starts."""
    return subprocess.run(
        arguments(*words, module=module), cwd=cwd, env=env if env is not None else environment(), capture_output=True,
        encoding="utf-8", timeout=limit, check=False, stdin=subprocess.DEVNULL, preexec_fn=before,
    )  # fmt: skip


def started(*words: str, cwd: Path, log: Path | None = None) -> "subprocess.Popen[str]":
    """A command that goes on while the test does something. What it prints is piped, or goes to the file ``log``:
    a command that talks much would stop at a pipe that nobody reads.
    """
    if log is None:
        return _popen(words, cwd, subprocess.PIPE)
    with log.open("wb") as file:
        return _popen(words, cwd, file)


def _popen(words: tuple[str, ...], cwd: Path, out: "IO[bytes] | int") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        arguments(*words), cwd=cwd, env=environment(), stdout=out, stderr=out, stdin=subprocess.DEVNULL,
        encoding="utf-8",
    )  # fmt: skip


def declare(
    folder: Path, profile: str, target: str, change: Callable[[Ixit], Ixit] = lambda ixit: ixit, **ics: Any
) -> list[str]:
    """Write the ICS and IXIT of a reference card behind ``target``; returns the arguments of certify for it.

    ``change`` alters the IXIT, ``ics`` items of the declaration (dots written as double underscores).
    """
    declared = ics_of_profile(load_spec(), profile)
    items = {**declared.items, **{name.replace("__", "."): value for name, value in ics.items()}}
    (folder / "ics.yaml").write_text(ics_text(replace(declared, items=items)), encoding="utf-8")
    # As a device is tested: its evidence is sealed, unless the IXIT says otherwise.
    ixit = change(replace(reference_ixit("card", profile), synthetic=False))
    (folder / "ixit.yaml").write_text(ixit_text(ixit, target), encoding="utf-8")
    return ["certify", "card", "--ics", "ics.yaml", "--ixit", "ixit.yaml"]
