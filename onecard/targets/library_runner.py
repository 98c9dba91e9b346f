"""The process that loads a vendor's library for ``library:``. Run as a script; needs nothing but Python itself.

Why a process: a library may crash, hang, or keep a reader; none of this may reach the tester. Any Python 3.8 or newer
will do, so that a 32-bit library can be tested through a 32-bit interpreter.

One JSON object a line. First it greets: ``{"bits": 64}``. Then requests with answers:

    {"load": PATH, "convention": "cdecl"|"stdcall"}     -> {"loaded": true} | {"error": TEXT}
    {"call": NAME, "args": [NUMBER | "HEX", ...], "room": N, "limit": S}
        -> {"return": N, "out": "HEX", "state": "terminated"|"unterminated"|"unwritten", "beyond": true|false}
         | {"missing": NAME} | {"error": TEXT}

Texts go in as bytes with an ending zero. The buffer for the result has ``room`` bytes, filled with FILL and followed by
GUARD bytes of the same: a result without ending zero, and one beyond its room, show.
"""

from __future__ import annotations  # the interpreter may be older than the tester's

import contextlib
import ctypes
import json
import os
import signal
from typing import Any

FILL = 0xEE
GUARD = 65536


def load(path: str, convention: str) -> ctypes.CDLL:
    """The library, by its calling convention (they differ on 32-bit Windows only)."""
    # RTLD_NOW: what the library lacks is told here, not in the middle of a call.
    if convention == "stdcall" and hasattr(ctypes, "WinDLL"):
        loaded: ctypes.CDLL = ctypes.WinDLL(path)
        return loaded
    return ctypes.CDLL(path, mode=getattr(os, "RTLD_NOW", 0))


def call(library: ctypes.CDLL | None, request: dict[str, Any]) -> dict[str, Any]:
    """One call. The return value is read as 32 bits: what `long` is on Windows, and all that a code needs."""
    try:
        function = getattr(library, request["call"])
    except AttributeError:
        return {"missing": request["call"]}
    function.restype = ctypes.c_int32
    given = [
        ctypes.c_int(one) if isinstance(one, int) else ctypes.create_string_buffer(bytes.fromhex(one))
        for one in request["args"]
    ]
    room = request["room"]
    buffer = ctypes.create_string_buffer(bytes([FILL]) * (room + GUARD), room + GUARD)
    arm(request["limit"])
    try:
        returned = function(*given, buffer)
    except OSError as error:  # Windows: an access violation
        return {"error": str(error)}
    finally:
        arm(0)
    octets = buffer.raw[:room]
    end = octets.find(b"\0")
    fill = bytes([FILL])
    unwritten = octets == fill * room
    state = "unwritten" if unwritten else "unterminated" if end < 0 else "terminated"
    return {
        "return": returned,
        "out": octets[: max(end, 0)].hex(),
        "state": state,
        "beyond": buffer.raw[room:] != fill * GUARD,
    }


def arm(seconds: float) -> None:
    """When the tester itself was killed nobody else ends a call that hangs. SIGALRM's default action does."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def main() -> None:
    """Greet, then answer until the tester closes its end."""
    # What the library prints must not be taken for an answer, and what it reads is not ours.
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    library: ctypes.CDLL | None = None

    def say(message: dict[str, Any]) -> None:
        sink.write(json.dumps(message).encode("ascii") + b"\n")
        sink.flush()

    say({"bits": 8 * ctypes.sizeof(ctypes.c_void_p)})
    for line in source:
        request = json.loads(line)
        if "load" in request:
            try:
                library = load(request["load"], request["convention"])
            except OSError as error:
                say({"error": str(error)})
            else:
                say({"loaded": True})
        else:
            say(call(library, request))
    # The library's own end is not the tester's business: no destructor may hang.
    sink.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
