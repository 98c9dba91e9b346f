"""The audit log and its check: written by one implementation, judged by the other."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.hsm.audit import POLICIES, AuditLog, LogUnusable
from emulator.hsm.desk import Entry
from onecard.cli.main import cli
from onecard.errors import UserError
from onecard.evidence.audit import AuditReport, verify_audit
from onecard.evidence.canonical import canonical_line, canonical_value
from onecard.evidence.digests import sm3_name
from onecard.spec.text import Text

RECORDS = 8


def entry(number: int) -> Entry:
    return Entry("http", 100 + number, "bank", "counter", "01", "", "340100", f"01|{number}|", 200, "")


def written(path: Path, records: int = RECORDS, policy: str = "second") -> str:
    log = AuditLog(path, profile="hsm-default", policy=policy, now=lambda: 1_700_000_000.9)
    for number in range(records):
        log.record(entry(number))
    return log.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """A log and its head, written once: to bring one down to the disk takes time."""
    path = tmp_path_factory.mktemp("whole") / "a.log"
    head = written(path)
    return path.read_bytes(), head


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def problem(report: AuditReport) -> tuple[int, Text]:
    assert report.problem is not None
    assert report.exit_code == 1
    return report.problem


@pytest.mark.parametrize("policy", POLICIES)
def test_whole_log(tmp_path: Path, policy: str) -> None:
    path = tmp_path / "a.log"
    head = written(path, policy=policy)
    assert verify_audit(path).exit_code == 0
    report = verify_audit(path, head)
    assert (report.exit_code, report.entries, report.closed, report.head) == (0, RECORDS, True, head)
    assert os.stat(path).st_mode & 0o777 == 0o600
    first, second = (json.loads(line) for line in lines(path)[:2])
    assert first["opened"] == {"format": 1, "profile": "hsm-default", "time": 1_700_000_000}
    assert second["entry"]["digest"].startswith("sm3:")
    assert "01|0|" not in path.read_text("utf-8")


def test_digest_by_openssl_rules(tmp_path: Path) -> None:
    """The digest of the record's text is SM3: of the empty chain's neighbour, so to say, a known value."""
    path = tmp_path / "a.log"
    log = AuditLog(path, profile="p")
    log.record(Entry("tcp", 3, text="abc"))
    log.close()
    known = "sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert json.loads(lines(path)[1])["entry"]["digest"] == known


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, RECORDS), count=st.integers(1, 3))
def test_removed_lines(tmp_path_factory: pytest.TempPathFactory, whole: tuple[bytes, str], at: int, count: int) -> None:
    path = tmp_path_factory.mktemp("a") / "a.log"
    content, head = whole
    kept = content.splitlines(keepends=True)
    del kept[at : at + count]
    path.write_bytes(b"".join(kept))
    if at + count <= RECORDS + 1:
        number, why = problem(verify_audit(path))
        assert number == at + 1
        assert "removed" in why.en
        assert f"{at + 1}" in why.en
    # A tail that is gone only the head tells.
    assert problem(verify_audit(path, head))[0] in (0, at + 1)


def test_removed_tail_needs_the_head(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    head = written(path)
    path.write_bytes(b"".join(lines(path)[:-3]))
    assert verify_audit(path).exit_code == 3
    number, why = problem(verify_audit(path, head))
    assert number == 0
    assert "removed from the end" in why.en


@settings(max_examples=60, deadline=None)
@given(one=st.integers(0, RECORDS + 1), other=st.integers(0, RECORDS + 1))
def test_reordered_lines(
    tmp_path_factory: pytest.TempPathFactory, whole: tuple[bytes, str], one: int, other: int
) -> None:
    path = tmp_path_factory.mktemp("a") / "a.log"
    kept = whole[0].splitlines(keepends=True)
    kept[one], kept[other] = kept[other], kept[one]
    path.write_bytes(b"".join(kept))
    if one == other:
        assert verify_audit(path).exit_code == 0
        return
    number, why = problem(verify_audit(path))
    assert number == min(one, other) + 1
    assert "reordered" in why.en


@settings(max_examples=120, deadline=None)
@given(at=st.integers(0, RECORDS + 1), place=st.integers(0, 10_000), mask=st.integers(1, 255))
def test_altered_byte(
    tmp_path_factory: pytest.TempPathFactory, whole: tuple[bytes, str], at: int, place: int, mask: int
) -> None:
    path = tmp_path_factory.mktemp("a") / "a.log"
    content, head = whole
    kept = content.splitlines(keepends=True)
    line = bytearray(kept[at])
    line[place % len(line)] ^= mask
    kept[at] = bytes(line)
    path.write_bytes(b"".join(kept))
    for given_head in (head, None):
        report = verify_audit(path, given_head)
        if given_head is None and at == RECORDS + 1 and report.torn_end is not None:
            # Without its end the last line looks like one that a crash tore.
            assert (report.exit_code, report.torn_end) == (3, at + 1)
            continue
        assert problem(report)[0] in ((0, at + 1) if given_head else (at + 1,))


@pytest.mark.parametrize("change", [
    lambda told: told["entry"].update(status=403), lambda told: told["entry"].update(institution="other"),
    lambda told: told["entry"].pop("digest"), lambda told: told.update(prev="sm3:" + "0" * 64),
])  # fmt: skip
@pytest.mark.parametrize(("at", "anew"), [(1, False), (4, False), (RECORDS, False), (1, True), (RECORDS - 1, True)])
def test_altered_record(tmp_path: Path, change: Callable[[dict[str, object]], object], at: int, anew: bool) -> None:
    path = tmp_path / "a.log"
    written(path)
    kept = lines(path)
    told = json.loads(kept[at])
    change(told)
    kept[at] = written_anew(told) if anew else canonical_line(told)
    path.write_bytes(b"".join(kept))
    number, why = problem(verify_audit(path))
    assert number == at + 1
    assert f"record {at + 1} was altered" in why.en


def written_anew(told: dict[str, object]) -> bytes:
    """A line with the digest that fits it."""
    del told["sum"]
    return canonical_line({**told, "sum": sm3_name(canonical_value(told))})


@pytest.mark.parametrize("at", [RECORDS, RECORDS + 1])
def test_end_written_anew(tmp_path: Path, at: int) -> None:
    """With its digest: in the line before the last both are named, in the last only the head tells."""
    path = tmp_path / "a.log"
    head = written(path)
    kept = lines(path)
    told = json.loads(kept[at])
    next(iter(told.values()))["time"] += 1
    kept[at] = written_anew(told)
    path.write_bytes(b"".join(kept))
    if at == RECORDS:
        number, why = problem(verify_audit(path))
        assert (number, "records 9 and 10" in why.en) == (RECORDS + 2, True)
    else:
        assert verify_audit(path).problem is None
    assert problem(verify_audit(path, head))[0] in (0, RECORDS + 2)


def test_altered_closing_line(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    written(path)
    kept = lines(path)
    for change in ((b'"entries":8', b'"entries":7'), (b'"time":17', b'"time":18')):
        path.write_bytes(b"".join([*kept[:-1], kept[-1].replace(*change)]))
        assert problem(verify_audit(path))[0] == RECORDS + 2
    fewer = json.loads(kept[-1].replace(b'"entries":8', b'"entries":7'))
    path.write_bytes(b"".join([*kept[:-1], written_anew(fewer)]))
    assert "tells of 7" in problem(verify_audit(path))[1].en


@pytest.mark.parametrize("cut", [1, 5, 40, 200])
def test_torn_line(tmp_path: Path, cut: int) -> None:
    """A crash in the middle of a line: the lines before hold, it is told, and the log is gone on with."""
    path = tmp_path / "a.log"
    log = AuditLog(path, profile="p")
    for number in range(RECORDS):
        log.record(entry(number))
    log.abandon()
    path.write_bytes(path.read_bytes()[:-cut])
    report = verify_audit(path)
    assert (report.exit_code, report.torn_end, report.entries) == (3, RECORDS + 1, RECORDS - 1)
    head = written(path, 2)
    report = verify_audit(path, head)
    assert (report.exit_code, report.torn, report.entries, report.sessions) == (0, [RECORDS + 1], RECORDS + 1, 2)
    # What was torn is vouched for by the line after it.
    changed = path.read_bytes().splitlines(keepends=True)
    changed[RECORDS] = changed[RECORDS].replace(b"{", b"[", 1)
    path.write_bytes(b"".join(changed))
    assert problem(verify_audit(path))[0] == RECORDS + 1


def test_torn_opening_line(tmp_path: Path) -> None:
    """A crash while a log that was torn is opened again leaves two torn lines; both are told by the next."""
    path = tmp_path / "a.log"
    written(path, 1)
    path.write_bytes(path.read_bytes()[:-4] + b'#\n{"n":3,"ope')
    assert verify_audit(path).torn_end == 3
    head = written(path, 1)
    report = verify_audit(path, head)
    assert (report.exit_code, report.torn) == (0, [3])
    for content in (b"", b'{"n":1,"opened":{"for'):
        path.write_bytes(content)
        head = written(path, 1)
        assert verify_audit(path, head).exit_code == 0


def test_killed_process(tmp_path: Path) -> None:
    """A process that is killed while it writes loses no line that it wrote."""
    path = tmp_path / "a.log"
    program = (
        "import os, sys; from pathlib import Path; from emulator.hsm.audit import AuditLog; "
        "from emulator.hsm.desk import Entry; log = AuditLog(Path(sys.argv[1]), profile='p', policy='close'); "
        "[log.record(Entry('http', n, text=str(n))) for n in range(500)]; os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode != 0
    report = verify_audit(path)
    assert (report.problem, report.entries, report.exit_code) == (None, 500, 3)


def test_only_one_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = AuditLog(path, profile="p")
    with pytest.raises(OSError, match="unavailable"):
        AuditLog(path, profile="p")
    log.close()
    with pytest.raises(OSError, match="closed"):
        log.record(entry(0))
    AuditLog(path, profile="p").abandon()


@pytest.mark.parametrize("content", [b"something else\n", b'{"n":1,"opened":\n' + b"x" * 200_000, b"{}\n"])
def test_no_log(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(content)
    with pytest.raises(LogUnusable):
        AuditLog(path, profile="p")
    assert path.read_bytes() == content
    assert problem(verify_audit(path))[0] == 1


def test_failed_write_is_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a line that could not be written whole nothing is written any more: the rest would hide it."""
    path = tmp_path / "a.log"
    log = AuditLog(path, profile="p")
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:10]))
    with pytest.raises(OSError, match="whole"):
        log.record(entry(0))
    monkeypatch.undo()
    with pytest.raises(OSError, match="error"):
        log.record(entry(1))
    log.abandon()
    head = written(path, 1)
    assert verify_audit(path, head).torn == [2]


def test_command(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    head = written(path)
    run = CliRunner().invoke

    def told(*arguments: str) -> tuple[int, str]:
        result = run(cli, ["--lang", "en", "audit", "verify", str(path), *arguments], standalone_mode=False)
        return int(result.return_value), result.output

    code, text = told()
    assert (code, "the chain holds, 8 records" in text, "--head" in text) == (0, True, True)
    code, text = told("--head", head)
    assert (code, "--head" in text) == (0, False)
    path.write_bytes(path.read_bytes().replace(b"bank", b"bunk", 1))
    code, text = told()
    assert (code, "line 2: record 2 was altered" in text) == (1, True)
    code, text = told("--json")
    assert (code, json.loads(text)["problem"]["line"]) == (1, 2)
    with pytest.raises(UserError):
        verify_audit(path, "abc")
    with pytest.raises(UserError):
        verify_audit(tmp_path / "none.log")


def _without_end(log: AuditLog) -> None:
    while True:
        log.record(entry(2))


def test_lines_go_down_without_further_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a second, also where no request follows; after a disk that refused them nothing more is recorded."""
    down = threading.Event()
    real = os.fsync

    def sync(file: int) -> None:
        real(file)
        down.set()

    log = AuditLog(tmp_path / "a.log", profile="p", policy="second")
    monkeypatch.setattr(os, "fsync", sync)
    log.record(entry(0))
    assert down.wait(30)
    refused = threading.Event()

    def refuse(file: int) -> None:
        refused.set()
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "fsync", refuse)
    log.record(entry(1))
    assert refused.wait(30)
    # The thread notes it right after it was refused.
    with pytest.raises(OSError, match="error"):
        _without_end(log)
    monkeypatch.undo()
    log.abandon()
