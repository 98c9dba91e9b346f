"""iReadCardBas a second through the whole stack: C library, terminal process, pcscd, virtual reader, card and PSAM.

    python bench/driver_calls.py [--profile card-3.0] [--rounds 5] [--calls 20] [--embedded] [--ws] [--json]

The library is built for the run and called from this process through ctypes, as a caller in C would; terminal process,
card and PSAM are processes of their own. ``--embedded``: card and PSAM in the terminal process, without PC/SC.
``--ws``: by the WebSocket service of web pages in place of the library, one connection for all calls.
"""

import argparse
import contextlib
import ctypes
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import support
from websockets.sync.client import connect

from emulator.terminal.installation import interface_data
from onecard.driver.build import build
from onecard.spec.terminal_library import library_spec
from tests.support import pcscd
from tests.support.command import started
from tests.support.pcscd import wait_for_card

T = TypeVar("T")
PROFILE = "terminal-default"
START_LIMIT = 60.0


@contextlib.contextmanager
def running(*words: str, folder: Path) -> Iterator[None]:
    """A command of ours for the length of the block."""
    process = started(*words, cwd=folder, log=folder / f"{words[1]}.log")
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def reader_with(profile: str, folder: Path) -> Iterator[None]:
    """Card and PSAM in the two slots of the virtual reader."""
    with (
        pcscd.virtual_reader() as reader,
        running("emulate", "card", "--pcsc", "--profile", profile, folder=folder),
        running("emulate", "psam", "--pcsc", folder=folder),
    ):
        for port in reader.ports:
            wait_for_card(port, present=True, limit=START_LIMIT)
        yield


Call = Callable[[], tuple[int, str]]
"""iReadCardBas once: return code and pOutInfo."""


def by_library(library: Path) -> Call:
    """Through the C library."""
    function = ctypes.CDLL(str(library)).iReadCardBas
    out = ctypes.create_string_buffer(library_spec(interface_data(PROFILE)).output_length)
    return lambda: (function(1, out), out.value.decode("gb18030"))


@contextlib.contextmanager
def by_page(log: Path) -> Iterator[Call]:
    """Through the WebSocket service, which told its address in its log."""
    with connect(waited_for(lambda: re.search(r"ws://\S+?/", log.read_text(encoding="utf-8")))[0], proxy=None) as page:

        def call() -> tuple[int, str]:
            page.send('{"function":"iReadCardBas","iType":1}')
            answer = json.loads(page.recv())
            return 0 if answer["success"] == "1" else int(answer["success"]), answer["pOutInfo"]

        yield call


def waited_for(look: Callable[[], T | None]) -> T:
    """What is there in the end."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.05)
    raise SystemExit("the terminal process did not come up")


def measured(call: Call, rounds: int, calls: int) -> tuple[list[float], str]:
    """Seconds of each round, and the last result."""
    seconds: list[float] = []
    text = ""
    for number in range(rounds + 1):
        begun = time.perf_counter()
        for _ in range(calls):
            code, text = call()
            if code != 0:
                raise SystemExit(f"iReadCardBas returned {code}: {text}")
        if number:  # the first round warms up
            seconds.append(time.perf_counter() - begun)
    return seconds, text


def main() -> int:
    parser = argparse.ArgumentParser(description="iReadCardBas through the library")
    parser.add_argument("--profile", default="card-3.0")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--ws", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    missing = None if options.embedded else pcscd.missing_part()
    if missing is not None:
        raise SystemExit(missing)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        more = ("--embedded", options.profile) if options.embedded else ()
        if not options.embedded:
            stack.enter_context(reader_with(options.profile, folder))
        if options.ws:
            stack.enter_context(running("emulate", "terminal", "--ws", *more, folder=folder))
            call = stack.enter_context(by_page(folder / "terminal.log"))
        else:
            library = build(library_spec(interface_data(PROFILE)), folder).library
            if library is None:
                raise SystemExit("the library was not built")
            stack.enter_context(running("emulate", "terminal", "--driver", "--link", ".", *more, folder=folder))
            link = folder / "SSCardDriver.link"
            waited_for(lambda: link if link.exists() else None)
            os.environ["ONECARD_DRIVER_LINK"] = str(link)
            call = by_library(library)
        seconds, text = measured(call, options.rounds, options.calls)
    result = {
        "profile": options.profile,
        "way": f"{'WebSocket' if options.ws else 'library'}, {'embedded' if options.embedded else 'PC/SC'}",
        **support.figures(seconds, options.calls),
    }
    made = f"{options.rounds} rounds of {options.calls}, {len(text)} characters"
    lines = [
        f"iReadCardBas of {options.profile} ({result['way']}), {made}",
        f"  {result['per_second']}/s   best {result['best']}, worst {result['worst']}",
    ]
    support.show(result, as_json=options.json, lines=lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
