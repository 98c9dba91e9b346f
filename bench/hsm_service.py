"""The encryptor over HTTP: internal and external authentications a second, against its parts.

    python bench/hsm_service.py [--clients 16] [--seconds 10] [--requests 100000] [--audit] [--json]

Each request is service 01 with the external pair (an internal and an external authentication) for one of 1,000 cards.
Server and clients are processes of their own; a connection stays open, as a platform keeps it. Three servers in turn:
the encryptor; the same without cryptography (everything but the computing of the answer); and beside them the bare
computing in a loop. Then so many requests more, for the memory of the server.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import support

from emulator.hsm.app import build
from emulator.hsm.audit import AuditLog
from emulator.hsm.desk import Desk
from emulator.hsm.factory import TESTER, hsm
from emulator.hsm.hsm import ReferenceHsm
from emulator.hsm.reading import Request
from onecard.targets.serving import HttpServer

PROFILE, CARDS, TURNS = "hsm-default", 1000, 3
REGION = "340100"
FULL, WITHOUT = "encryptor", "without cryptography"


class WithoutCryptography(ReferenceHsm):
    """Reads a request as the encryptor does, and answers a constant of the right length."""

    _ANSWER = f"{'0' * 32}|{'0' * 32}|"

    def answer(self, request: Request) -> str:
        return self._ANSWER


def texts() -> list[str]:
    """A request for each card."""
    draw = random.Random(1)

    def octets(count: int) -> str:
        return draw.randbytes(count).hex().upper()

    return [
        f"01|{REGION}|{octets(13)}|{draw.choice(('01', '03'))}|{octets(16)}|"
        f"{octets(8)}|{octets(8)}|{octets(8)}|{octets(8)}|"
        for _ in range(CARDS)
    ]


def serve(kind: str, audit: str | None, pipe: Connection) -> None:
    """The server process: tells its port, and ends when it is told to."""
    made = hsm(PROFILE)
    if kind == WITHOUT:
        made.__class__ = WithoutCryptography
    log = None if audit is None else AuditLog(Path(audit), profile=PROFILE)
    server = HttpServer(
        build(Desk(made, (TESTER,), now=lambda: time.monotonic_ns() // 1_000_000, log=log)).app,
        host="127.0.0.1",
        port=0,
    )
    pipe.send(server.port)
    threading.Thread(target=lambda: (pipe.recv(), server.stop()), daemon=True).start()
    server.run()
    if log is not None:
        log.close()


@contextmanager
def serving(kind: str, audit: str | None = None) -> Iterator[tuple[int, int]]:
    """A server process: its port and its process id."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(kind, audit, theirs))
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        ours.send("end")
        process.join()


async def client(port: int, requests: list[bytes], until: float, most: int, times: list[float]) -> None:
    """One client on one connection; every answer must be 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while number < most and time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(requests[number % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: ([0-9]+)", head)
        if length is None or not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode("latin-1"))
        await reader.readexactly(int(length[1]))
        times.append(time.perf_counter() - started)
        number += 1
    writer.close()
    await writer.wait_closed()


def ask(port: int, clients: int, seconds: float, requests: int, pipe: Connection) -> None:
    """The client process: seconds that it took, and the time of each answer."""
    made: list[bytes] = []
    for text in texts():
        body = json.dumps({"request": text}).encode()
        head = (
            f"POST /v1/services HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            f"x-api-id: {TESTER.id}\r\nx-api-key: {TESTER.key}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    times: list[float] = []

    async def all_clients() -> None:
        until = time.perf_counter() + seconds
        share = len(made) // clients
        parts = [made[number * share :] + made[: number * share] for number in range(clients)]
        await asyncio.gather(*(client(port, part, until, requests // clients, times) for part in parts))

    started = time.perf_counter()
    asyncio.run(all_clients())
    pipe.send((time.perf_counter() - started, times))


def asked(port: int, clients: int, seconds: float, requests: int = sys.maxsize) -> tuple[float, list[float]]:
    """Run a client process."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=ask, args=(port, clients, seconds, requests, theirs))
    process.start()
    took, times = ours.recv()
    process.join()
    return took, times


def memory(process: int) -> float:
    """Resident memory in megabytes; 0 where the system does not tell."""
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+([0-9]+) kB", text)
    return round(int(found[1]) / 1024, 1) if found else 0.0


def rate(kind: str, clients: int, seconds: float, audit: str | None) -> dict[str, float]:
    """Requests a second and times in milliseconds, after a second of warming up."""
    with serving(kind, audit) as (port, _):
        asked(port, clients, 1.0)
        took, times = asked(port, clients, seconds)
    cuts = statistics.quantiles(times, n=100)
    return {
        "requests_per_second": round(len(times) / took, 1),
        "ms_median": round(statistics.median(times) * 1e3, 2),
        "ms_p99": round(cuts[98] * 1e3, 2),
    }


def bare(seconds: float) -> float:
    """Requests a second of the computing alone: the strings are read before."""
    made = hsm(PROFILE)
    requests = [made.read(text) for text in texts()]
    for request in requests:
        made.answer(request)
    count, started = 0, time.perf_counter()
    while (took := time.perf_counter() - started) < seconds:
        for request in requests:
            made.answer(request)
        count += len(requests)
    return round(count / took, 1)


def growth(clients: int, requests: int, audit: str | None) -> dict[str, object]:
    """Memory of the server after each tenth of so many requests."""
    with serving(FULL, audit) as (port, process):
        sizes = [memory(process)]
        for _ in range(10):
            asked(port, clients, 3600.0, requests // 10)
            sizes.append(memory(process))
    return {"requests": requests, "megabytes": sizes, "times_after_a_tenth": round(sizes[-1] / max(sizes[1], 0.1), 3)}


def measure(clients: int, seconds: float, requests: int, with_audit: bool) -> dict[str, object]:
    """All figures; the servers take turns, so that a change of the machine's load meets all of them."""
    with tempfile.TemporaryDirectory() as folder:
        logs = (os.path.join(folder, f"{number}.log") for number in range(1000))
        turns: dict[str, list[dict[str, float]]] = {FULL: [], WITHOUT: []}
        loops: list[float] = []
        for _ in range(TURNS):
            for kind, found in turns.items():
                found.append(rate(kind, clients, seconds / TURNS, next(logs) if with_audit else None))
            loops.append(bare(seconds / TURNS))
        grown = growth(clients, requests, next(logs) if with_audit else None)
    middle = {
        kind: {name: statistics.median(each[name] for each in found) for name in found[0]}
        for kind, found in turns.items()
    }
    own, stack, loop = (
        middle[FULL]["requests_per_second"],
        middle[WITHOUT]["requests_per_second"],
        statistics.median(loops),
    )
    return {
        "clients": clients,
        "audit_log": with_audit,
        **middle,
        "bare_per_second": loop,
        "authentications_per_second": round(2 * own, 1),
        "ratio_to_http": round(own / stack, 3),
        "ratio_to_bare": round(own / loop, 3),
        "memory": grown,
    }


def main() -> None:
    """Read the arguments, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--audit", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.clients, given.seconds, given.requests, given.audit)
    support.show(found, as_json=given.json, lines=[f"{name}: {value}" for name, value in found.items()])


if __name__ == "__main__":
    main()
