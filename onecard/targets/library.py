"""``library:PATH``: a vendor's driver with the standard C functions, loaded in a process of its own.

The library talks PC/SC itself; the tester's card and PSAM stand in the slots of the virtual reader. What they are asked
during a call is the call's trace, as with ``command:``. How it is set up: docs/kinds/terminal-library.md.
"""

import threading
from collections.abc import Callable, Mapping
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
    TargetError,
    TargetOptions,
    TargetRefused,
)
from onecard.targets.conversation import Conversation, other_exchange, required
from onecard.targets.library_file import LibraryFile, library_file
from onecard.targets.library_program import Fault, LibraryProgram, Setup, default_python
from onecard.targets.library_setup import LibrarySetup, SlotPlace, setup_of
from onecard.targets.reader_watch import ReaderWatch
from onecard.targets.virtual_slot import VirtualSlot

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
        self._bench = _Bench(own, setup, self._watch)
        self._silent = 0

    def connect(self) -> None:
        """Find readers and load the library once; raises TargetAbsent."""
        if self._file is not None:
            return
        file = library_file(self._path)
        for place in self._setup.slots.values():
            self._watch.state(place.reader)
        self._program = self._started(file, plugged=True)
        self._file = file

    def exchange(self, request: Message) -> Message:
        """``call`` (call, args), ``instrument`` (settings) or ``receive``.

        A call that gives no result answers ``fault`` (kind, zh, en) in place of ``return`` and ``out``. Raises
        SilentTarget when calls hang again and again, TargetError when the bench itself fails, CardRemoved when library
        or readers have gone.
        """
        if request["do"] != "call":
            answer = other_exchange(self._instrument, request)
            if request["do"] == "instrument":
                self._bench.dirty = True
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


class _Bench:
    """The slots of the virtual reader, filled as the instrument was told. ``dirty``: the settings changed."""

    def __init__(self, instrument: Instrument, setup: LibrarySetup, watch: ReaderWatch) -> None:
        self.dirty = True
        self.plugged = True
        self._instrument = instrument
        self._setup = setup
        self._watch = watch
        self._lock = threading.Lock()
        self._conversation: Conversation | None = None
        self._powered: set[str] = set()
        self._own_fault: TargetError | None = None
        self._slots = {name: self._slot(name, place) for name, place in setup.slots.items()}

    def _slot(self, name: str, place: SlotPlace) -> VirtualSlot:
        return VirtualSlot(name, self._setup.host, place.port, self._asked)

    def traced(self, conversation: Conversation) -> "_Bench":
        """From here to the end of the ``with`` block, what the cards are asked goes into ``conversation``."""
        with self._lock:
            self._conversation, self._powered, self._own_fault = conversation, set(), None
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._conversation = None

    def raise_own_fault(self) -> None:
        """Raise what ended a conversation in a slot's thread."""
        if self._own_fault is not None:
            raise self._own_fault

    def held(self) -> list[str]:
        """The slots whose cards a program is connected to."""
        return sorted(
            name for name, place in self._setup.slots.items() if self._watch.state(place.reader) == (True, True)
        )

    def clear(self) -> None:
        """Take all cards out."""
        for slot in self._slots.values():
            slot.remove()
        self.dirty = True

    def lay_out(self, let_go: Callable[[], None]) -> bool:
        """Exchange the cards for those of the settings; whether the library must be started anew.

        Raises TargetRefused for what this bench cannot lay out, TargetError when the service does not follow.
        """
        let_go()
        self.clear()
        for place in self._setup.slots.values():
            self._watch.wait(place.reader, present=False)
        found = {name: self._instrument.answer({"ask": "power-on", "slot": name}) for name in _ALL}
        plugged = all(answer.get("error") != "disconnected" for answer in found.values())
        if not plugged and self._setup.unplugged is None:
            raise _refused("断开的读卡器", "a reader that is not connected")
        beyond = sorted(name for name, answer in found.items() if "atr" in answer and name not in self._slots)
        if beyond:
            raise _refused(f"卡槽 {', '.join(beyond)}", f"the slot {', '.join(beyond)}")
        present = {name: bytes.fromhex(answer["atr"]) for name, answer in found.items() if "atr" in answer}
        for name, atr in present.items():
            self._slots[name].insert(atr)
        for name in present:
            self._watch.wait(self._setup.slots[name].reader, present=True)
        changed, self.plugged, self.dirty = plugged != self.plugged, plugged, False
        return changed

    def _asked(self, question: Message) -> Message:
        with self._lock:
            conversation = self._conversation
            if conversation is None:
                # The service itself looks at the card when it comes.
                return self._instrument.answer(question)
            try:
                self._tell_power(conversation, question)
                return conversation.ask(question)
            except TargetError as error:
                self._own_fault = error
                return {"error": "removed"}

    def _tell_power(self, conversation: Conversation, question: Message) -> None:
        """A card that was powered before the call is told at its first command: the library knows its ATR."""
        slot = str(question["transmit"]["slot"] if "transmit" in question else question["slot"])
        if slot not in self._powered and "transmit" in question:
            asked = {"ask": "power-on", "slot": slot}
            conversation.keep(asked, {"atr": self._slots[slot].atr.hex().upper()})
        self._powered.add(slot)


_ALL = ("card", "contactless", "psam")


def _refused(zh: str, en: str) -> TargetRefused:
    return TargetRefused(
        zh=f"本测试台不能布置{zh}（IXIT 的 parameters.library）；不能据此判断终端",
        en=f"this bench cannot lay out {en} (parameters.library of the IXIT); this says nothing about the terminal",
    )


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
