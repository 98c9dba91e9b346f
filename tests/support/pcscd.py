"""Starts pcscd with the virtual reader for tests and benchmarks, and stops what it started.

Only one pcscd can run on a machine and its virtual reader has two slots, so everybody takes turns on a lock file.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SLOT_PORTS = (35963, 35964)
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_LISTEN_STATE = "0A"
_START_LIMIT = 15.0
_LOCK_LIMIT = 300.0


@dataclass(frozen=True, slots=True)
class VirtualReader:
    """The running virtual reader: one TCP port and one reader index (for ``pcsc:INDEX``) a slot."""

    ports: tuple[int, int] = SLOT_PORTS
    targets: tuple[str, str] = ("pcsc:0", "pcsc:1")


def wait_for_card(port: int, *, present: bool, limit: float = 10.0) -> None:
    """Wait until the service has noticed that the slot of ``port`` holds a card, or none; it looks every 0.4 s.

    A card exchanged faster than that goes unnoticed: the service then keeps the old card's state.
    """
    from smartcard import scard

    wanted = scard.SCARD_STATE_PRESENT if present else scard.SCARD_STATE_EMPTY
    name = f"Virtual PCD 00 {SLOT_PORTS.index(port):02}"
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    if code != scard.SCARD_S_SUCCESS:
        raise RuntimeError(f"pcscd does not answer: {scard.SCardGetErrorMessage(code)}")
    try:
        deadline = time.monotonic() + limit
        while True:
            _, states = scard.SCardGetStatusChange(context, 0, [(name, scard.SCARD_STATE_UNAWARE)])
            if states and states[0][1] & wanted:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not become {'occupied' if present else 'empty'} within {limit:g} s")
            time.sleep(0.01)
    finally:
        scard.SCardReleaseContext(context)


def missing_part() -> str | None:
    """What is missing for tests with a real PC/SC service, in words, or None."""
    if find_spec("smartcard") is None:
        return "pyscard is not installed (pip install 'onecard-conformance[pcsc]')"
    if _listening():
        return None
    if shutil.which("pcscd") is None:
        return "pcscd is not installed (apt-get install pcscd)"
    if not DRIVER.exists():
        return "the virtual reader is not installed (apt-get install vsmartcard-vpcd)"
    if os.geteuid() != 0:
        return "pcscd is not running and only root can start it"
    return None


@contextlib.contextmanager
def virtual_reader() -> Iterator[VirtualReader]:
    """The virtual reader, for us alone; a pcscd that already runs is used and left running."""
    with _turn():
        if _listening():
            yield VirtualReader()
            return
        with running_pcscd():
            yield VirtualReader()


@contextlib.contextmanager
def running_pcscd() -> Iterator["subprocess.Popen[bytes]"]:
    """A pcscd of our own, ready when both slots listen; the caller has the turn."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(["pcscd", "--foreground"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + _START_LIMIT
            while not _listening():
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"pcscd did not come up: {log.read().decode(errors='replace')[-500:]}")
                time.sleep(0.02)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    path = Path(tempfile.gettempdir()) / "onecard-virtual-reader.lock"
    # A shared folder: a link laid there by someone else must not lead us to write elsewhere.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "w", encoding="utf-8") as lock:
        deadline = time.monotonic() + _LOCK_LIMIT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RuntimeError("another test run keeps the virtual reader") from None
                time.sleep(0.1)
        yield


def _listening() -> bool:
    """Whether both slots listen. Read from the kernel: a connection would be a card that comes and goes."""
    listening: set[int] = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            for line in table.read_text(encoding="ascii").splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                if state == _LISTEN_STATE:
                    listening.add(int(local.rpartition(":")[2], 16))
    return listening.issuperset(SLOT_PORTS)
