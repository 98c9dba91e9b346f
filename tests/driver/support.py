"""Builds the library and programs against it, and runs a terminal process for them."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest

from emulator.terminal.behaviour import TerminalBehaviour
from emulator.terminal.installation import card_data, interface_data
from emulator.terminal.instrument import DEFAULT_CARD, TerminalInstrument
from emulator.terminal.terminal import ReferenceTerminal
from onecard.driver.build import COMPILERS, build
from onecard.emulate.driver import DriverService
from onecard.emulate.slots import EmbeddedSlots, PcscSlots
from onecard.spec.terminal import terminal_spec
from onecard.spec.terminal_library import LibrarySpec, library_spec

PROFILE = "terminal-default"
HERE = Path(__file__).parent
LIMIT = 60
DATE = "20260101"


@lru_cache(maxsize=1)
def data() -> LibrarySpec:
    """The library's data."""
    return library_spec(interface_data(PROFILE))


def compiler() -> str:
    """A C compiler of this machine, or the test is skipped."""
    found = next((path for name in COMPILERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no C compiler (apt-get install gcc libc6-dev)")
    return found


def library_in(folder: Path) -> Path:
    """The reference's library, built in ``folder``."""
    made = build(data(), folder, compiler=compiler()).library
    assert made is not None
    return made


def program(source: str | Path, library: Path, folder: Path) -> Path:
    """A C program (of this folder, or by its whole path), linked with the library."""
    made = folder / Path(source).stem
    beside = library.parent
    linked = ("-L", str(beside), "-lSSCardDriver", "-lpthread", f"-Wl,-rpath,{beside}")
    _compiled("-I", str(beside), "-o", str(made), str(HERE / source), *linked)
    return made


def faulty(kind: str, folder: Path) -> Path:
    """A library of faulty.c."""
    made = folder / f"lib{kind.lower()}.so"
    _compiled("-shared", "-fPIC", f"-D{kind}", "-o", str(made), str(HERE / "faulty.c"), "-ldl")
    return made


def _compiled(*words: str) -> None:
    subprocess.run([compiler(), "-Wall", *words], check=True, timeout=LIMIT, stdin=subprocess.DEVNULL)


class Said(list[str]):
    """The lines that a terminal process logged."""


@contextmanager
def serving(
    slots: EmbeddedSlots | PcscSlots,
    said: Said | None = None,
    device: str = "TEST-1",
    behaviour: TerminalBehaviour | None = None,
) -> Iterator[DriverService]:
    """A terminal process of this test, in a thread."""
    lines = Said() if said is None else said
    rules, card = terminal_spec(interface_data(PROFILE)), card_data(DEFAULT_CARD)
    terminal = ReferenceTerminal(rules, card, slots, device_number=device, behaviour=behaviour)
    service = DriverService(terminal, slots, data(), lines.append)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        thread.join(20)
        assert not thread.is_alive()


def embedded(**settings: object) -> EmbeddedSlots:
    """Synthetic cards in this process."""
    instrument = TerminalInstrument()
    instrument.configure(dict(settings))
    return EmbeddedSlots(instrument, lambda: DATE)


def ran(path: Path, *words: str | bytes, link: str | None, **more: str) -> list[tuple[int, str]]:
    """Run a program; code and text of each line that it printed. ``link``: of the service, None for no service."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONECARD")}
    given: Mapping[str, str] = {} if link is None else {"ONECARD_DRIVER": link}
    run = subprocess.run(
        [str(path), *words], capture_output=True, timeout=LIMIT, check=True, stdin=subprocess.DEVNULL,
        env={**environment, **given, **more},
    )  # fmt: skip
    lines = [line.partition(" ") for line in run.stdout.decode("gb18030").splitlines()]
    return [(int(code), text) for code, _, text in lines]
