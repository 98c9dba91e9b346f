"""The virtual reader, and the reference card in it as ``onecard emulate card`` puts it there."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.support.command import started
from tests.support.pcscd import VirtualReader, wait_for_card

Emulate = Callable[..., AbstractContextManager["subprocess.Popen[str]"]]


@pytest.fixture
def emulated(reader: VirtualReader, tmp_path: Path) -> Emulate:
    """``onecard emulate card --pcsc`` with these words, from when the service sees its cards until it is ended."""

    @contextmanager
    def emulate(*words: str, slots: tuple[int, ...] = (0,)) -> Iterator["subprocess.Popen[str]"]:
        process = started("emulate", "card", "--pcsc", *words, cwd=tmp_path, log=tmp_path / "emulate.log")
        try:
            for slot in slots:
                wait_for_card(reader.ports[slot], present=True)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for slot in slots:
                wait_for_card(reader.ports[slot], present=False)

    return emulate
