"""``onecard emulate hsm --stdio``: the encryptor's strings on the standard streams, for programs without a socket."""

from typing import BinaryIO

from emulator.hsm.factory import hsm
from emulator.hsm.reading import Refused
from emulator.keys import DEFAULT_SEED
from onecard.emulate.supplied import supply_of, whole
from onecard.planning.keyset import KeySet

REFUSED = "!"
"""Begins the line that refuses a request; no answer's string begins so."""
REFUSALS = 1
"""Exit code where a request was refused."""


def encryptor_pipe(
    *, profile: str, source: BinaryIO, sink: BinaryIO, seed: str | None = None, keys: KeySet | None = None
) -> int:
    """Answer each line of ``source`` (a request's string, the service's number first) by one line on ``sink``.

    A refusal is ``!``, its code and its text. Ends with the input: exit code 0, or 1 where a request was refused.
    Callers are not told apart: whoever starts the program holds its keys. Raises UserError for keys that are missing.
    """
    made = whole(lambda: hsm(profile, seed=seed or DEFAULT_SEED, supply=None if keys is None else supply_of(keys)))
    refused = False
    limit = made.spec.strings.limit
    try:
        while line := source.readline(limit + 2):
            text = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", errors="replace")
            if not line.endswith(b"\n") and len(line) > limit:
                # The rest of a line that is too long is no request of its own.
                _skip(source)
            try:
                told = made.service(text)
            except Refused as refusal:
                error = made.spec.error(refusal.name)
                told, refused = f"{REFUSED}{error.code} {error.message.zh} / {error.message.en}", True
            sink.write(told.encode("utf-8") + b"\n")
            sink.flush()
    except BrokenPipeError:
        return 0
    return REFUSALS if refused else 0


def _skip(source: BinaryIO) -> None:
    while piece := source.readline(65536):
        if piece.endswith(b"\n"):
            return
