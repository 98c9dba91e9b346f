"""The helper process: answered lines, silence, its own end, and what must not reach it."""

import os
import sys
import time
from pathlib import Path

import pytest

from onecard.targets.process import LineWorker, WorkerEnded, WorkerSilent

ECHO = "import sys\nfor line in sys.stdin:\n    print(line.strip()[::-1], flush=True)\n"


def _worker(folder: Path, source: str) -> LineWorker:
    script = folder / "worker.py"
    script.write_text(source, encoding="utf-8")
    return LineWorker(str(script), [])


def test_a_line_for_a_line(tmp_path: Path) -> None:
    worker = _worker(tmp_path, ECHO)
    assert worker.ask(b"abc", 20) == b"cba"
    assert worker.ask(b"", 20) == b""
    worker.finish()
    assert worker.kill() == 0


def test_silence_kills_in_time(tmp_path: Path) -> None:
    worker = _worker(tmp_path, "import time\nprint('up', flush=True)\ntime.sleep(60)\n")
    assert worker.hear(20) == b"up"
    started = time.monotonic()
    with pytest.raises(WorkerSilent):
        worker.ask(b"x", 0.2)
    assert time.monotonic() - started < 5
    assert worker.kill() != 0


def test_its_own_end_is_told_with_the_code(tmp_path: Path) -> None:
    worker = _worker(tmp_path, "import sys\nsys.stdin.readline()\nsys.exit(7)\n")
    with pytest.raises(WorkerEnded) as caught:
        worker.ask(b"x", 20)
    assert caught.value.exit_code == 7
    with pytest.raises(WorkerEnded):
        worker.ask(b"x", 20)


def test_a_finishing_worker_that_hangs_is_killed(tmp_path: Path) -> None:
    worker = _worker(tmp_path, "import time\nprint('up', flush=True)\ntime.sleep(60)\n")
    worker.hear(20)
    started = time.monotonic()
    worker.finish()
    assert time.monotonic() - started < 5


def test_modules_of_the_working_directory_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "smartcard").mkdir()
    (tmp_path / "smartcard" / "__init__.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    source = "try:\n    import smartcard\nexcept ImportError:\n    pass\nprint('fine', flush=True)\n"
    worker = _worker(tmp_path, source)
    assert worker.hear(20) == b"fine"
    worker.finish()


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are a POSIX matter")
def test_it_is_outside_the_group_that_ctrl_c_reaches(tmp_path: Path) -> None:
    worker = _worker(tmp_path, "import os\nprint(os.getpgrp(), flush=True)\n")
    assert int(worker.hear(20)) != os.getpgrp()
    worker.finish()
