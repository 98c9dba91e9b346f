"""Audit logs of an encryptor: whether a line was removed, moved or altered, and which. Independent of their writer.

Lines are canonical JSON, ``{"n", "prev", "sum", KIND}`` with KIND ``opened``, ``entry`` or ``closed``; ``sum`` is the
SM3 of the object without it, ``prev`` the ``sum`` of the line before (null in line 1). What a crash tore has no such
form: the line that opens the log again tells how many bytes that is, and their SM3; ``#`` and LF stand behind it. There
is no key in a log: an end that somebody wrote anew, digests and all, shows by the head alone. Basis: profile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from onecard.errors import UserError
from onecard.evidence.canonical import JsonObject, NotCanonical, canonical_value, parse_line
from onecard.evidence.digests import is_digest, sm3_name
from onecard.spec.text import Text

FORMAT: Final = 1
MAX_LINE: Final = 1 << 20
"""Longest line that is read, in bytes: a bound on memory."""
_KINDS: Final = frozenset(("opened", "entry", "closed"))
_LF: Final = b"\n"
_TORN: Final = b"#\n"
"""What the writer puts behind a torn line, so that it can never be taken for a whole one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log: ``number`` in the file, ``n`` in the chain, the digests of the line before and of itself.

    ``sum``: the digest that the line says it has.
    """

    number: int
    n: int
    kind: str
    body: JsonObject
    prev: str | None
    digest: str
    sum: str


@dataclass(slots=True)
class AuditReport:
    """What was found. ``problem``: the first line that is not as it was written, with what is wrong; None: none.

    ``session_entries``: of the last session. ``closed``: the log ends with its closing line. ``head``: digest of the
    last line. ``torn``: lines that crashes tore, each told by the line that opens the log after it; ``torn_end``: the
    number of a last line that is torn, if it is. ``head_given``: a head was given and is the one found.
    """

    entries: int = 0
    session_entries: int = 0
    sessions: int = 0
    head: str | None = None
    closed: bool = False
    torn: list[int] = field(default_factory=list)
    torn_end: int | None = None
    head_given: bool = False
    problem: tuple[int, Text] | None = None

    @property
    def exit_code(self) -> int:
        """0: it holds; 1: it does not; 3: no line is wrong, but nothing tells where it ends."""
        if self.problem is not None:
            return 1
        return 0 if self.head_given or (self.closed and self.torn_end is None) else 3


class _Found(Exception):
    def __init__(self, number: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.problem = (number, Text(zh=zh, en=en))


def verify_audit(path: Path, head: str | None = None) -> AuditReport:
    """Check a log. ``head``: the digest that was kept of its last line. Raises UserError where it cannot be read."""
    if head is not None and not is_digest(head):
        raise UserError(
            zh=f"--head {head} 写法不对：应为 sm3: 加 64 位小写十六进制",
            en=f"--head {head} is not of the form sm3: and 64 lower-case hexadecimal digits",
        )
    try:
        with path.open("rb") as file:
            return _verified(file, head)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(zh=f"无法读取 {path}：{reason}", en=f"cannot read {path}: {reason}") from error


def _verified(file: BinaryIO, head: str | None) -> AuditReport:
    report = AuditReport()
    try:
        _walk(file, report)
        if head is not None:
            _same_head(report, head)
    except _Found as found:
        report.problem = found.problem
    return report


def _walk(file: BinaryIO, report: AuditReport) -> None:
    before: Line | None = None
    torn: list[tuple[int, bytes]] = []
    why = Text("", "")
    for number, raw in _lines(file):
        try:
            line = _parsed(number, raw)
        except NotCanonical as error:
            if not torn:
                why = error.text
            torn.append((number, raw))
            continue
        if torn:
            _told(line, torn, before, why)
            report.torn.append(torn[0][0])
            torn = []
        _fits_itself(before, line)
        _linked(file, before, line)
        _counted(report, line, before)
        before = line
    if torn:
        _torn_end(torn, why, report)
    if before is None:
        raise _Found(1, "不是审计日志，或首行已损坏", "it is no audit log, or its first line is gone")
    report.head, report.closed = before.digest, before.kind == "closed"


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while raw := file.readline(MAX_LINE):
        number += 1
        yield number, raw


def _parsed(number: int, raw: bytes) -> Line:
    members = parse_line(raw)
    kinds = members.keys() - {"n", "prev", "sum"}
    kind = next(iter(kinds), "")
    n, prev, told = members.get("n"), members.get("prev"), members.get("sum")
    formed = (
        len(members) == 4
        and kind in _KINDS
        and isinstance(members[kind], dict)
        and type(n) is int
        and "prev" in members
        and (prev is None or is_digest(prev))
    )
    if not formed or type(n) is not int or not isinstance(told, str) or not is_digest(told):
        raise NotCanonical(zh="不是审计日志的行", en="not a line of an audit log")
    bare = {name: value for name, value in members.items() if name != "sum"}
    return Line(number, n, kind, members[kind], prev, sm3_name(canonical_value(bare)), told)


def _told(line: Line, torn: list[tuple[int, bytes]], before: Line | None, why: Text) -> None:
    """What has no form is a torn line only where the next line tells of it."""
    data = b"".join(raw for _, raw in torn).removesuffix(_TORN)
    said = line.body.get("torn") if line.kind == "opened" else None
    if said != {"bytes": len(data), "digest": sm3_name(data)}:
        number = torn[0][0]
        n = 1 if before is None else before.n + 1
        raise _Found(
            number,
            f"第 {n} 号记录被改动：{why.zh}",
            f"record {n} was altered: {why.en}",
        )


def _torn_end(torn: list[tuple[int, bytes]], why: Text, report: AuditReport) -> None:
    number = torn[0][0]
    *marked, (_, last) = torn
    # More than one where a crash tore the line that was to tell of the one before.
    if last.endswith(_LF) or not all(raw.endswith(_TORN) for _, raw in marked):
        raise _Found(number, f"该行被改动：{why.zh}", f"the line was altered: {why.en}")
    report.torn_end = number


def _fits_itself(before: Line | None, line: Line) -> None:
    if line.sum != line.digest:
        n = 1 if before is None else before.n + 1
        raise _Found(
            line.number,
            f"第 {n} 号记录被改动：与其自身的摘要不符",
            f"record {n} was altered: its own digest does not fit it",
        )


def _linked(file: BinaryIO, before: Line | None, line: Line) -> None:
    expected = 1 if before is None else before.n + 1
    if line.n != expected:
        raise _out_of_place(file, line, expected)
    if before is None:
        if line.prev is not None or line.kind != "opened" or line.body.get("format") != FORMAT:
            raise _Found(line.number, "首行不是日志的开始", "the first line is not the beginning of a log")
    elif line.prev != before.digest:
        raise _altered(file, before, line)


def _altered(file: BinaryIO, before: Line, line: Line) -> _Found:
    """Two lines that are whole do not fit: one was written anew. Which of them, the line behind both tells."""
    for number, raw in _lines(file):
        try:
            after = _parsed(line.number + number, raw)
        except NotCanonical:
            break
        changed = line if after.prev != line.digest else before
        return _Found(
            changed.number,
            f"第 {changed.n} 号记录被改动（连同其摘要重写）：与相邻行所记的摘要不符",
            f"record {changed.n} was altered (written anew with its digest): it does not fit its neighbours",
        )
    return _Found(
        line.number,
        f"第 {before.n} 号与第 {line.n} 号记录不相连：其中之一被改动（连同其摘要重写）",
        f"records {before.n} and {line.n} do not follow each other: one of them was altered (written anew with its "
        "digest)",
    )


def _out_of_place(file: BinaryIO, line: Line, expected: int) -> _Found:
    if line.n < expected:
        return _Found(
            line.number,
            f"第 {line.n} 号记录重复或被移到此处，此处应为第 {expected} 号",
            f"record {line.n} stands here again, or was moved here; record {expected} belongs here",
        )
    for number, raw in _lines(file):
        try:
            later = _parsed(line.number + number, raw)
        except NotCanonical:
            continue
        if later.n == expected:
            return _Found(
                line.number,
                f"次序被改动：此处应为第 {expected} 号记录，它在第 {later.number} 行",
                f"lines were reordered: record {expected} belongs here and stands in line {later.number}",
            )
    last = line.n - 1
    which = f"{expected}" if last == expected else f"{expected}–{last}"
    return _Found(
        line.number,
        f"第 {which} 号记录被删除，本行是第 {line.n} 号",
        f"record(s) {which} were removed before this line, which is record {line.n}",
    )


def _counted(report: AuditReport, line: Line, before: Line | None) -> None:
    """An entry belongs to a session that is open; a session ends by its closing line, or by a crash."""
    if line.kind == "opened":
        report.sessions += 1
        report.session_entries = 0
        return
    if before is not None and before.kind == "closed":
        raise _Found(line.number, "关闭之后仍有记录", "a record stands after the closing line")
    if line.kind == "entry":
        report.entries += 1
        report.session_entries += 1
    elif line.body.get("entries") != report.session_entries:
        raise _Found(
            line.number,
            f"关闭行被改动：它记 {line.body.get('entries')} 条，实有 {report.session_entries} 条",
            f"the closing line was altered: it tells of {line.body.get('entries')} records, there are "
            f"{report.session_entries}",
        )


def _same_head(report: AuditReport, head: str) -> None:
    if report.head != head:
        raise _Found(
            0,
            f"末行摘要为 {report.head}，与给出的 {head} 不同：末尾有记录被删除、改动或后来增加",
            f"the last line's digest is {report.head}, not the given {head}: lines were removed from the end, altered "
            "there, or added since",
        )
    report.head_given = True
