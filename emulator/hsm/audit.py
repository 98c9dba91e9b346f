"""The encryptor's audit log: one canonical JSON line a request, each with its own SM3 and that of the line before.

::

    {"n":1,"opened":{"format":1,"profile":"hsm-default","time":1763856000},"prev":null,"sum":"sm3:…"}
    {"entry":{"address":"0094",…,"time":1763856001},"n":2,"prev":"sm3:…","sum":"sm3:…"}
    {"closed":{"entries":1,"time":1763856009},"n":3,"prev":"sm3:…","sum":"sm3:…"}

``sum`` is the SM3 of the object without it, ``prev`` the ``sum`` of the line before: what is altered shows in its own
line. No key is in them: whoever writes the end of a log anew can compute both, and only the digest that was told at the
stop, kept elsewhere, shows it.
Lines are appended and never changed. What is opened again goes on in the same chain. A line that a crash tore stays
where it is, and the line that opens the log again tells of it (``torn``: its bytes and their SM3). Basis: profile.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from emulator.crypto import sm3
from emulator.hsm.desk import Entry

FORMAT = 1
ALWAYS, SECOND, CLOSE = "always", "second", "close"
POLICIES = (ALWAYS, SECOND, CLOSE)
"""When lines go down to the disk: each before it is answered, all within a second, or at the end. A process that dies
loses none of them; a machine that does loses what was not down.
"""
_SECOND = 1.0
_MODE = 0o600
_TAIL = 1 << 17
"""Bytes from the end in which the last whole line is looked for: hundreds of lines."""
_LF = b"\n"
_TORN = b"#\n"
"""Put behind what was torn."""
_BEGINS = b'{"n":1,"opened":'


class LogUnusable(ValueError):
    """A file that a log cannot go on in: something else, or a log of another encryptor's."""


@dataclass(frozen=True, slots=True)
class _End:
    """How a file ends: number and digest of the last whole line, and the torn bytes behind it."""

    n: int
    head: str | None
    torn: bytes


class AuditLog:
    """An audit log in ``path``, which is made or gone on in; only one process writes it.

    ``now``: seconds since 1970. ``policy``: one of ``POLICIES``. Raises OSError, and LogUnusable for a file that is no
    such log. Nothing in it is secret: of a request's text there is the digest, and the text lacks the PIN.
    """

    def __init__(self, path: Path, *, profile: str, policy: str = SECOND, now: Callable[[], float] = time.time) -> None:
        if policy not in POLICIES:
            raise ValueError(f"{policy!r} is no policy")
        self._policy = policy
        self._now = now
        self._lock = threading.Lock()
        self._broken = self._gone = self._dirty = self._lost = False
        self._entries = 0
        self._ended = threading.Event()
        self._syncing = threading.Thread(target=self._sync_each_second, name="audit-sync", daemon=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags, _MODE)
        try:
            lock_whole(self._file)
            with path.open("rb") as file:
                end = _end_of(file)
            self._n, self._head = end.n, end.head
            opened: dict[str, object] = {"format": FORMAT, "profile": profile, "time": self._time()}
            if end.torn:
                opened["torn"] = {"bytes": len(end.torn), "digest": _named(end.torn)}
            # The mark keeps what was torn apart, also where nothing but its end of line is missing.
            self._append("opened", opened, before=_TORN if end.torn else b"")
            os.fsync(self._file)
        except BaseException:
            os.close(self._file)
            raise
        if policy == SECOND:
            self._syncing.start()

    @property
    def head(self) -> str:
        """The digest of the last line: kept elsewhere, it shows whether lines were taken from the end."""
        return self._head or ""

    def record(self, entry: Entry) -> None:
        """Write the line of a request; raises OSError, and from then on always, where it could not be written whole."""
        with self._lock:
            self._append("entry", self._told(entry))
            self._entries += 1
            self._dirty = True
            if self._policy == ALWAYS:
                os.fsync(self._file)

    def abandon(self) -> None:
        """Let go of the file without a closing line, where the encryptor did not come to serve."""
        self._stop_syncing()
        with self._lock:
            if not self._gone:
                self._broken = self._gone = True
                os.close(self._file)

    def close(self) -> str:
        """Write the closing line, bring everything to the disk; returns the digest of that line. Raises OSError."""
        self._stop_syncing()
        with self._lock:
            try:
                self._append("closed", {"entries": self._entries, "time": self._time()})
                os.fsync(self._file)
            finally:
                self._broken = self._gone = True
                os.close(self._file)
            return self.head

    def _stop_syncing(self) -> None:
        self._ended.set()
        if self._syncing.is_alive():
            self._syncing.join()

    def _sync_each_second(self) -> None:
        # Beside the requests, which do not wait for the disk.
        while not self._ended.wait(_SECOND):
            if self._dirty:
                self._dirty = False
                try:
                    os.fsync(self._file)
                except OSError:
                    self._lost = True

    def _told(self, entry: Entry) -> Mapping[str, object]:
        return {
            "address": entry.address,
            "channel": entry.channel,
            "code": entry.code,
            "digest": _named(entry.text.encode()) if entry.text else "",
            "institution": entry.institution,
            "region": entry.region,
            "service": entry.service,
            "size": entry.size,
            "status": entry.status,
            "time": self._time(),
            "via": entry.via,
        }

    def _append(self, kind: str, body: Mapping[str, object], before: bytes = b"") -> None:
        if self._broken or self._lost:
            raise OSError("the audit log ended with an error, or was closed")
        bare = _canonical({kind: body, "n": self._n + 1, "prev": self._head})
        total = _named(bare)
        self._put(before + _summed(bare, total))
        self._n += 1
        self._head = total

    def _put(self, data: bytes) -> None:
        # Half a line must not be gone on from: whoever opens the log next tells of it.
        self._broken = True
        if os.write(self._file, data) != len(data):
            raise OSError("a line of the audit log was not written whole")
        self._broken = False

    def _time(self) -> int:
        return int(self._now())


def _canonical(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _summed(bare: bytes, total: str) -> bytes:
    # "sum" sorts behind every other member, so that the line stays canonical.
    return b'%s,"sum":"%s"}%s' % (bare[:-1], total.encode(), _LF)


def _named(data: bytes) -> str:
    return f"sm3:{sm3(data).hex()}"


def _end_of(file: BinaryIO) -> _End:
    begins = file.read(len(_BEGINS))
    if not _BEGINS.startswith(begins):
        raise LogUnusable("the file is no audit log")
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    end = len(tail)
    # What lies behind the last line that is whole was torn, whatever it looks like.
    while (end := tail.rfind(_LF, 0, end)) >= 0:
        line = tail[tail.rfind(_LF, 0, end) + 1 : end + 1]
        last = _whole(line)
        if last is not None:
            return _End(*last, tail[end + 1 :])
    if size > _TAIL:
        raise LogUnusable("the end of the file is no audit log")
    return _End(0, None, tail)


def _whole(line: bytes) -> tuple[int, str] | None:
    """Number and digest of a line; None for what is none, or is not as it was written."""
    try:
        members = json.loads(line)
        total = members.pop("sum")
        n = members["n"]
        bare = _canonical(members)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    fits = type(n) is int and n > 0 and total == _named(bare) and line == _summed(bare, total)
    return (n, total) if fits else None


def lock_whole(file: int) -> None:
    """Keep others from writing the file, as long as it is open; raises OSError where somebody has it."""
    try:
        import fcntl
    except ImportError:  # Windows: the file is not shared between processes by whoever runs the encryptor
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
