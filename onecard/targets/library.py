"""``library:PATH``: a vendor's driver with the standard C functions, loaded in a process of its own.

The library talks PC/SC itself; the tester's card and PSAM stand in the slots of the virtual reader. What they are asked
during a call is the call's trace, as with ``command:``. How it is set up: docs/kinds/terminal-library.md.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from onecard.errors import UserError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.spec.terminal_library import LibrarySpec, library_spec
from onecard.targets.base import (
    CardRemoved,
    Instrument,
    Message,
    SilentTarget,
    TargetAbsent,
    TargetOptions,
)
from onecard.targets.conversation import Conversation, other_exchange, required
from onecard.targets.library_file import LibraryFile, library_file
from onecard.targets.library_program import Fault, LibraryProgram, Setup, default_python
from onecard.targets.library_setup import DECLARED, LibrarySetup, setup_of
from onecard.targets.reader_watch import ReaderWatch
from onecard.targets.slot_bench import SlotBench

PROFILE = "terminal-default"
SILENT_CALLS = 3
"""So many calls in a row that do not return are told as the function's fault; from then on the target is silent."""


class LibraryTarget:
    """A library before the tester's card and PSAM in the virtual reader."""

    def __init__(
        self, description: str, path: Path, data: LibrarySpec, setup: LibrarySetup, timeout: float, own: Instrument
    ) -> None:
        self.description = description
        self._path = path
        self._data = data
        self._setup = setup
        self._timeout = timeout
        self._instrument = own
        self._file: LibraryFile | None = None
        self._program: LibraryProgram | None = None
        self._watch = ReaderWatch()
        self._bench = SlotBench(
            own,
            self._watch,
            setup.slots,
            host=setup.host,
            unplugs=setup.unplugged is not None,
            declared=DECLARED,
        )
        self._silent = 0

    def connect(self) -> None:
        """Find readers and load the library once; raises TargetAbsent."""
        if self._file is not None:
            return
        file = library_file(self._path)
        for place in self._setup.slots.values():
            self._watch.state(place.reader)
        if self._setup.keypad is not None:
            self._setup.keypad.connect()
        self._program = self._started(file, plugged=True)
        self._file = file

    def exchange(self, request: Message) -> Message:
        """``call`` (call, args), ``instrument`` (settings) or ``receive``.

        A call that gives no result answers ``fault`` (kind, zh, en) in place of ``return`` and ``out``. Raises
        SilentTarget when calls hang again and again, TargetError when the bench itself fails, CardRemoved when library
        or readers have gone.
        """
        if request["do"] != "call":
            answer = other_exchange(self._bench, request)
            if request["do"] == "instrument" and self._setup.keypad is not None:
                self._setup.keypad.enter(request["settings"])
            return answer
        try:
            return self._called(request)
        except TargetAbsent as absent:
            # It was there when the run began.
            raise CardRemoved(zh=absent.text.zh, en=absent.text.en) from absent

    def _called(self, request: Message) -> Message:
        self.connect()
        if self._bench.dirty and self._bench.lay_out(self._let_go):
            self._drop()
        conversation = Conversation(self._instrument)
        with self._bench.traced(conversation):
            found = self._running().call(request["call"], request["args"])
            self._bench.raise_own_fault()
        extra: Message = {} if self._bench.plugged else {"reader": "unplugged"}
        if isinstance(found, Fault):
            return {**self._fault(found), "trace": conversation.trace, **extra}
        self._silent = 0
        held = self._bench.held()
        return {"return": found.code, "out": found.out, "trace": conversation.trace, "held": held, **extra}

    def close(self) -> None:
        """End the library's process, take the cards out; may be called again."""
        self._drop()
        self._bench.clear()
        self._watch.close()
        if self._setup.keypad is not None:
            self._setup.keypad.clear()
        self._file = None

    def reader_name(self) -> str:
        """The library's file with its digest, and the slots."""
        readers = ", ".join(f"{slot}: {place.reader}" for slot, place in self._setup.slots.items())
        digest = f", SHA-256 {self._file.digest}" if self._file is not None else ""
        return f"{self._path.name}{digest}; {readers}"

    # --- the process ---

    def _started(self, file: LibraryFile, *, plugged: bool) -> LibraryProgram:
        environment = {**self._setup.environment, **({} if plugged else self._setup.unplugged or {})}
        python = self._setup.python or default_python()
        return LibraryProgram(Setup(file, self._setup.convention, python, self._timeout, environment), self._data)

    def _running(self) -> LibraryProgram:
        if self._program is None:
            file = self._file or library_file(self._path)
            self._program = self._started(file, plugged=self._bench.plugged)
        return self._program

    def _drop(self) -> None:
        program, self._program = self._program, None
        if program is not None:
            program.kill()

    def _let_go(self) -> None:
        """A library that keeps a reader beyond the case loses it with its process."""
        if self._bench.held():
            self._drop()

    def _fault(self, found: Fault) -> Message:
        if found.kind != "missing":
            self._program = None
        if found.kind == "silent":
            # Silence may be the service's own: then nothing is said of the library.
            for place in self._setup.slots.values():
                self._watch.state(place.reader)
            self._silent += 1
            if self._silent > SILENT_CALLS:
                raise SilentTarget(zh=found.whole.zh, en=found.whole.en)
        told = {"kind": found.kind, "zh": found.text.zh, "en": found.text.en}
        return {"fault": {**told, "words": found.words} if found.words else told}


def open_target(rest: str, options: TargetOptions) -> LibraryTarget:
    """The target ``library:PATH``; ``options.parameters``: ``library`` of the IXIT. Raises UserError."""
    if not rest:
        raise UserError(
            zh="library: 需要动态库的路径，如 library:./libSSCardDriver.so",
            en="library: needs the path of a library, as in library:./libSSCardDriver.so",
        )
    data = load_spec().resolve_profile(options.profile or PROFILE)
    if not isinstance(data, InterfaceSpec):
        raise UserError(zh="library: 只用于终端", en="library: is for terminals")
    library = library_spec(data)
    given: Mapping[str, Any] = options.parameters.get("library") or {}
    setup = setup_of(given)
    return LibraryTarget(f"library:{rest}", Path(rest), library, setup, options.timeout, required(options.instrument))
