import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from onecard.errors import UserError
from onecard.evidence import (
    BrokenBundle,
    EvidenceExists,
    EvidenceWriteError,
    JsonObject,
    ResumeRefused,
    UnreadableBundle,
    Writer,
    read,
    verify_bundle,
)
from tests.evidence.samples import Clock, write_bundle


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.bundle"


def accept(header: JsonObject) -> None:
    assert header["format"] == 1


def test_a_bundle_is_never_written_over(path: Path) -> None:
    before = write_bundle(path)
    with pytest.raises(EvidenceExists) as caught:
        Writer.create(path, {})
    assert caught.value.exit_code == 2
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="absent") as caught:
        Writer.create(tmp_path / "absent" / "run.bundle", {})
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("kind", ["n", "prev", "t", "case", "header", "footer", "", "Apdu", "a b"])
def test_a_kind_that_would_break_the_form_is_refused(path: Path, kind: str) -> None:
    with Writer.create(path, {}) as writer, pytest.raises(ValueError, match="cannot name an event"):
        writer.append(kind, {})


def test_every_line_is_on_disk_when_append_returns(path: Path) -> None:
    with Writer.create(path, {}) as writer:
        for number in range(1, 4):
            assert writer.append("note", {"i": number}) == number
            assert [event.n for event in read(path).events] == list(range(1, number + 1))
        writer.sync()


def test_a_closed_bundle_takes_nothing(path: Path) -> None:
    writer = Writer.create(path, {})
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.append("note", {})


def test_resume_goes_on_after_a_kill(path: Path) -> None:
    data = write_bundle(path, footer=False)
    path.write_bytes(data[:-4])
    writer, before = Writer.resume(path, accept, note={"host": "same"}, clock=Clock())
    assert [event.n for event in before.events] == [1, 2, 3]
    writer.append("note", {"again": True})
    writer.close_with_footer({}, complete=True)
    assert verify_bundle(path).ok
    events = read(path).events
    assert [event.kind for event in events] == ["begin", "apdu", "verdict", "resume", "note"]
    torn = len(data.splitlines(keepends=True)[-1]) - 4
    assert events[3].body == {"after": 3, "footer": False, "host": "same", "torn": torn}
    assert events[3].t == 1.0, "the clock goes on where the record stopped"


def test_resume_replaces_the_footer_of_an_interrupted_run(path: Path) -> None:
    write_bundle(path, complete=False)
    writer, before = Writer.resume(path, accept)
    assert len(before.events) == 4
    writer.close_with_footer({}, complete=True)
    assert verify_bundle(path).ok
    assert read(path).events[-1].body == {"after": 4, "footer": True, "torn": 0}


def test_resume_after_a_torn_footer(path: Path) -> None:
    data = write_bundle(path, complete=False)
    path.write_bytes(data[:-1])
    writer, before = Writer.resume(path, accept)
    assert before.footer is None
    writer.close_with_footer({}, complete=True)
    assert verify_bundle(path).ok


def test_a_complete_bundle_is_not_resumed(path: Path) -> None:
    before = write_bundle(path)
    with pytest.raises(ResumeRefused) as caught:
        Writer.resume(path, accept)
    assert caught.value.exit_code == 2
    assert path.read_bytes() == before


def test_a_bundle_of_another_run_is_not_resumed_and_not_touched(path: Path) -> None:
    data = write_bundle(path, footer=False)[:-3]
    path.write_bytes(data)

    def refuse(header: JsonObject) -> None:
        raise UserError(zh="另一目标", en=f"another target: {header['target']}")

    with pytest.raises(UserError, match="another target: reference:"):
        Writer.resume(path, refuse)
    assert path.read_bytes() == data


def test_a_changed_bundle_is_not_resumed(path: Path) -> None:
    data = write_bundle(path, footer=False).replace(b"0102", b"0103")
    path.write_bytes(data)
    with pytest.raises(BrokenBundle, match="line 3") as caught:
        Writer.resume(path, accept)
    assert caught.value.exit_code == 2
    assert path.read_bytes() == data
    with pytest.raises(UnreadableBundle):
        Writer.resume(path.with_name("absent"), accept)


def test_every_torn_length_is_resumed(path: Path) -> None:
    data = write_bundle(path, footer=False)
    header_end = data.index(b"\n") + 1
    for cut in range(header_end, len(data) + 1):
        path.write_bytes(data[:cut])
        writer, before = Writer.resume(path, accept)
        assert len(before.events) == data[:cut].count(b"\n") - 1
        writer.close_with_footer({}, complete=True)
        assert verify_bundle(path).ok


FULL_DISK = """
import resource, sys
from pathlib import Path
from onecard.evidence import EvidenceWriteError, Writer
from onecard.errors import UserError

path, limit = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    writer = Writer.create(path, {"tool": "0.1.0"})
except UserError as error:
    print("create", error.exit_code, path.exists())
    raise SystemExit(0)
recorded = 0
try:
    while True:
        recorded = writer.append("note", {"text": "x" * 100})
except EvidenceWriteError as error:
    print(recorded, error.exit_code)
try:
    writer.append("note", {})
except EvidenceWriteError as error:
    print("refused")
try:
    writer.close_with_footer({}, complete=True)
except EvidenceWriteError as error:
    print("no false footer")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
@pytest.mark.parametrize("limit", [2000, 2001, 2050, 2100, 2150, 2199, 2300])
def test_a_full_disk_keeps_all_whole_lines(path: Path, limit: int) -> None:
    result = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), str(limit)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    first, refused, footer = result.stdout.splitlines()
    recorded, exit_code = map(int, first.split())
    assert (exit_code, refused, footer) == (3, "refused", "no false footer")
    assert recorded > 5
    bundle = read(path)
    assert (len(bundle.events), bundle.torn, bundle.footer) == (recorded, 0, None)
    writer, before = Writer.resume(path, accept)
    assert len(before.events) == recorded
    writer.close_with_footer({}, complete=True)
    assert verify_bundle(path).ok


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
def test_a_disk_full_from_the_start_leaves_no_file(path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), "10"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert result.stdout.split() == ["create", "2", "False"]


def test_an_incomplete_footer_may_end_a_record_that_failed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer.create(path, {})
    writer.append("note", {})
    real = os.write

    def half(descriptor: int, data: memoryview) -> int:
        if len(data) > 20:
            return real(descriptor, data[:20])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        # The tail cannot be cut off either: the disk is in a bad state for a while.
        patch.setattr(os, "ftruncate", lambda descriptor, size: half(descriptor, memoryview(b"")))
        with pytest.raises(EvidenceWriteError, match="No space left"):
            writer.append("note", {"text": "x" * 30})
        assert read(path).torn > 0
    footer = writer.close_with_footer({"error": 1}, complete=False)
    assert footer.events == 1
    report = verify_bundle(path)
    assert (report.intact, report.complete, report.exit_code) == (True, False, 3)


@pytest.mark.parametrize("moment", ["before", "half", "after"])
def test_an_interrupt_inside_a_write_loses_and_doubles_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    writer = Writer.create(path, {})
    writer.append("note", {"i": 1})
    real = os.write

    def interrupted(descriptor: int, data: memoryview) -> int:
        written = {"before": 0, "half": len(data) // 2, "after": len(data)}[moment]
        real(descriptor, data[:written])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.append("note", {"i": 2})
    assert writer.append("note", {"i": 3}) == 3
    writer.close_with_footer({}, complete=False)
    assert [event.body["i"] for event in read(path).events] == [1, 2, 3]


KILLED = """
import sys
from pathlib import Path
from onecard.evidence import Writer
writer = Writer.create(Path(sys.argv[1]), {})
while True:
    print(writer.append("note", {"text": "y" * 300}), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_kill_loses_no_event_that_was_recorded(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(200)]
        process.send_signal(signal.SIGKILL)
    assert len(read(path).events) >= told[-1] == 200
