"""The tester's cards in the slots of the virtual reader, for terminals that talk PC/SC themselves."""

import threading
import time
from collections.abc import Callable, Mapping

from onecard.targets.base import Instrument, Message, TargetError, TargetRefused
from onecard.targets.conversation import Conversation
from onecard.targets.library_setup import SlotPlace
from onecard.targets.reader_watch import ReaderWatch
from onecard.targets.virtual_slot import VirtualSlot


class SlotBench:
    """The slots of the virtual reader, filled as the instrument was told.

    ``host``: where the reader's ports are. ``unplugs``: whether the terminal can be made to find no reader.
    ``declared``: where in the IXIT all this stands, for messages. ``dirty``: the settings changed since the cards were
    laid out. ``untraced``: commands that these cards were sent outside any call.
    """

    def __init__(
        self,
        instrument: Instrument,
        watch: ReaderWatch,
        slots: Mapping[str, SlotPlace],
        *,
        host: str,
        unplugs: bool,
        declared: str,
    ) -> None:
        self.dirty = True
        self.plugged = True
        self.untraced = 0
        self._instrument = instrument
        self._places = slots
        self._host = host
        self._unplugs = unplugs
        self._declared = declared
        self._watch = watch
        self._lock = threading.Lock()
        self._conversation: Conversation | None = None
        self._powered: set[str] = set()
        self._own_fault: TargetError | None = None
        self._slots = {name: self._slot(name, place) for name, place in slots.items()}

    def _slot(self, name: str, place: SlotPlace) -> VirtualSlot:
        return VirtualSlot(name, self._host, place.port, self._asked)

    def configure(self, settings: Message) -> Message:
        """Take the settings of a case. Such a terminal goes by the system's date, so the tester's cards do too."""
        self.dirty = True
        return self._instrument.configure({**settings, "clock": time.strftime("%Y%m%d%H%M%S")})

    def traced(self, conversation: Conversation) -> "SlotBench":
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
        return sorted(name for name, place in self._places.items() if self._watch.state(place.reader) == (True, True))

    def clear(self) -> None:
        """Take all cards out."""
        for slot in self._slots.values():
            slot.remove()
        self.dirty = True

    def lay_out(self, let_go: Callable[[], None]) -> bool:
        """Exchange the cards for those of the settings; whether the reader was plugged in or out.

        Raises TargetRefused for what this bench cannot lay out, TargetError when the service does not follow.
        """
        let_go()
        self.clear()
        self.untraced = 0
        for place in self._places.values():
            self._watch.wait(place.reader, present=False)
        found = {name: self._instrument.answer({"ask": "power-on", "slot": name}) for name in _ALL}
        plugged = all(answer.get("error") != "disconnected" for answer in found.values())
        if not plugged and not self._unplugs:
            raise self._refused("断开的读卡器", "a reader that is not connected")
        beyond = sorted(name for name, answer in found.items() if "atr" in answer and name not in self._slots)
        if beyond:
            raise self._refused(f"卡槽 {', '.join(beyond)}", f"the slot {', '.join(beyond)}")
        present = {name: bytes.fromhex(answer["atr"]) for name, answer in found.items() if "atr" in answer}
        for name, atr in present.items():
            self._slots[name].insert(atr)
        for name in present:
            self._watch.wait(self._places[name].reader, present=True)
        changed, self.plugged, self.dirty = plugged != self.plugged, plugged, False
        return changed

    def _asked(self, question: Message) -> Message:
        with self._lock:
            conversation = self._conversation
            if conversation is None:
                # The service itself looks at the card when it comes; it sends no commands.
                self.untraced += "transmit" in question
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

    def _refused(self, zh: str, en: str) -> TargetRefused:
        return TargetRefused(
            zh=f"本测试台不能布置{zh}（IXIT 的 {self._declared}）；不能据此判断终端",
            en=f"this bench cannot lay out {en} ({self._declared} of the IXIT); this says nothing about the terminal",
        )


_ALL = ("card", "contactless", "psam")
