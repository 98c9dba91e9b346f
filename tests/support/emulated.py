"""References in processes of their own, as ``onecard emulate`` starts them."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.command import started

START_LIMIT = 60.0
DECLARED = ("--ics", "declared/ics.yaml", "--ixit", "declared/ixit.yaml")


@contextmanager
def emulated(folder: Path, kind: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """``onecard emulate KIND`` in ``folder``, declared in its ``declared``, from when it listens until Ctrl-C."""
    log = folder / "emulate.log"
    process = started("emulate", kind, *words, "--declare", "declared", "--lang", "en", cwd=folder, log=log)
    try:
        deadline = time.monotonic() + START_LIMIT
        while "listening on" not in log.read_text(encoding="utf-8"):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.02)
        yield process
        process.send_signal(2)
        assert process.wait(20) == 0, log.read_text(encoding="utf-8")
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text(encoding="utf-8")
