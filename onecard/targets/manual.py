"""``manual:`` or ``manual:NAME``: an operator carries out the calls on a terminal that nothing of ours can call.

The terminal's reader is the virtual reader, in whose slots the tester's card and PSAM stand; what they are asked is the
trace, as with ``library:``. How it is set up: docs/kinds/terminal-manual.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from onecard.errors import UserError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.spec.terminal_library import LibrarySpec, library_spec
from onecard.spec.text import Language
from onecard.targets.base import CardRemoved, Instrument, Message, TargetAbsent, TargetOptions, TargetRefused
from onecard.targets.conversation import Conversation, other_exchange, required
from onecard.targets.library_setup import DEFAULT_SLOTS, SlotPlace
from onecard.targets.manual_words import entries_of, instruction
from onecard.targets.operator import Operator, operator_at_terminal
from onecard.targets.reader_watch import ReaderWatch
from onecard.targets.slot_bench import SlotBench

PROFILE = "terminal-default"
OF_EVERY_CASE = frozenset(("random",))
"""Settings with which a case begins; those of the case itself say more."""


@dataclass(frozen=True, slots=True)
class ManualSetup:
    """``parameters.manual`` of the IXIT: the slots by the names card, psam, contactless."""

    slots: Mapping[str, SlotPlace]
    host: str
    language: Language


def setup_of(given: Mapping[str, Any]) -> ManualSetup:
    """The setup that an IXIT gives (checked against its schema before); what it leaves out is the default."""
    slots = given.get("slots")
    return ManualSetup(
        slots=DEFAULT_SLOTS
        if slots is None
        else {name: SlotPlace(int(one["port"]), str(one["reader"])) for name, one in slots.items()},
        host=str(given.get("host", "127.0.0.1")),
        language=given.get("language", "en"),
    )


class ManualTarget:
    """A terminal before the tester's card and PSAM in the virtual reader, called by an operator."""

    def __init__(
        self,
        name: str,
        data: LibrarySpec,
        setup: ManualSetup,
        own: Instrument,
        operator: Callable[[Language], Operator] = operator_at_terminal,
    ) -> None:
        self.description = f"manual:{name}"
        self._name = name
        self._data = data
        self._setup = setup
        self._instrument = own
        self._find = operator
        self._operator: Operator | None = None
        self._watch = ReaderWatch()
        self._bench = SlotBench(
            own, self._watch, setup.slots, host=setup.host, unplugs=False, declared="parameters.manual"
        )
        self._settings: Message = {}
        self._used = False
        self._given = 0

    def connect(self) -> None:
        """Find the operator and the readers; raises TargetAbsent."""
        if self._operator is not None:
            return
        operator = self._find(self._setup.language)
        try:
            for place in self._setup.slots.values():
                self._watch.state(place.reader)
        except BaseException:
            operator.close()
            raise
        self._operator = operator

    def exchange(self, request: Message) -> Message:
        """``call`` (call, args), ``instrument`` (settings) or ``receive``.

        Beside return and out an answer holds ``operator``: ``words``, line for line as given, and ``at``, when (UTC).
        Raises TargetRefused for a second call of a case and for a case that is skipped, OperatorLeft when the operator
        ends the run, TargetError when the bench itself fails, CardRemoved when readers have gone.
        """
        if request["do"] == "call":
            try:
                return self._called(request)
            except TargetAbsent as absent:
                # It was there when the run began.
                raise CardRemoved(zh=absent.text.zh, en=absent.text.en) from absent
        answer = other_exchange(self._bench, request)
        if request["do"] == "instrument":
            self._settings = dict(request["settings"])
            if self._settings.keys() <= OF_EVERY_CASE:
                self._used = False
        return answer

    def _called(self, request: Message) -> Message:
        if self._used:
            raise TargetRefused(
                zh="每个用例只给操作员一条指令，而本用例需要再调用一次；不能据此判断终端",
                en="an operator gets one instruction a case, and this case needs another call; this says nothing about "
                "the terminal",
            )
        self.connect()
        if self._bench.dirty:
            self._bench.lay_out(lambda: None)
        self._used = True
        self._given += 1
        entries = entries_of(self._settings)
        head, *lines = instruction(self._given, request["call"], request["args"], entries, self._data)
        conversation = Conversation(self._instrument)
        with self._bench.traced(conversation):
            told = self._present().instructed((head, *lines))
            self._bench.raise_own_fault()
        if self._bench.untraced:
            raise TargetRefused(
                zh=f"终端在本次操作之外向卡片发送了 {self._bench.untraced} 条命令，不在记录之中；不能据此判断终端",
                en=f"the terminal sent the cards {self._bench.untraced} commands outside the call, which are in no "
                "trace; this says nothing about the terminal",
            )
        held = self._bench.held()
        return {
            "return": told.code,
            "out": told.out,
            "trace": conversation.trace,
            "held": held,
            "operator": {"words": list(told.words), "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")},
        }

    def _present(self) -> Operator:
        if self._operator is None:
            raise CardRemoved(zh="操作员不在", en="there is no operator any more")
        return self._operator

    def close(self) -> None:
        """Take the cards out and let go of the operator's terminal; may be called again."""
        self._bench.clear()
        self._watch.close()
        operator, self._operator = self._operator, None
        if operator is not None:
            operator.close()

    def reader_name(self) -> str:
        """The terminal as its tester named it, and the slots."""
        readers = ", ".join(f"{slot}: {place.reader}" for slot, place in self._setup.slots.items())
        return f"{self._name}; {readers}" if self._name else readers


def open_target(rest: str, options: TargetOptions) -> ManualTarget:
    """The target ``manual:`` or ``manual:NAME``; ``options.parameters``: ``manual`` of the IXIT. Raises UserError."""
    data = load_spec().resolve_profile(options.profile or PROFILE)
    if not isinstance(data, InterfaceSpec) or data.kind != "terminal":
        raise UserError(zh="manual: 只用于终端", en="manual: is for terminals")
    given: Mapping[str, Any] = options.parameters.get("manual") or {}
    return ManualTarget(rest, library_spec(data), setup_of(given), required(options.instrument))
