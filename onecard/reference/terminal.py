"""The embedded reference terminal as a target, the tester's card and PSAM before it, and its declaration."""

from collections.abc import Mapping
from typing import Any

from emulator.keys import DEFAULT_SEED, root_keys
from emulator.persons import person
from emulator.terminal.access import CardGone, NoPin, ReaderGone, SlotEmpty
from emulator.terminal.behaviour import TerminalBehaviour
from emulator.terminal.installation import card_data, installed, interface_data
from emulator.terminal.instrument import DEFAULT_CARD, TerminalInstrument
from emulator.terminal.terminal import ReferenceTerminal
from emulator.variant import Variant
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import terminal_spec
from onecard.targets.base import ExchangeTarget, Instrument, Message, TargetAbsent, TargetOptions
from onecard.targets.conversation import Conversation, other_exchange, required

KIND, PROFILE = "terminal", "terminal-default"
DEVICE_NUMBER = "ONECARD-REFERENCE-1"


class ConversationAccess:
    """The reference terminal's access to its slots: every command and question goes to a conversation."""

    def __init__(self) -> None:
        self.conversation: Conversation | None = None
        self.held: set[str] = set()

    def power_on(self, slot: str) -> bytes:
        """Power on a slot; raises SlotEmpty, ReaderGone."""
        answer = self._heard({"ask": "power-on", "slot": slot})
        if "atr" not in answer:
            raise SlotEmpty(slot)
        self.held.add(slot)
        return bytes.fromhex(answer["atr"])

    def transmit(self, slot: str, apdu: bytes) -> bytes:
        """One command; raises CardGone, ReaderGone."""
        answer = self._heard({"transmit": {"slot": slot, "apdu": apdu.hex().upper()}})
        if "response" not in answer:
            raise CardGone(answer.get("error"))
        return bytes.fromhex(answer["response"])

    def pin(self, prompt: str) -> str:
        """What the tester enters; raises NoPin."""
        answer = self._heard({"ask": "pin", "prompt": prompt})
        if "pin" not in answer:
            raise NoPin(str(answer.get("error")))
        return str(answer["pin"])

    def release(self) -> None:
        """Let go of every slot; what is held is told with a call's result."""
        self.held.clear()

    def today(self) -> str:
        """The date of the tester's clock."""
        return str(self._ask({"ask": "clock"})["clock"])[:8]

    def _heard(self, question: Message) -> Message:
        answer = self._ask(question)
        if answer.get("error") == "disconnected":
            raise ReaderGone
        return answer

    def _ask(self, question: Message) -> Message:
        if self.conversation is None:
            raise CardGone("no function is being called")
        return self.conversation.ask(question)


class ReferenceTerminalTarget:
    """A reference terminal in this process."""

    def __init__(
        self, description: str, terminal: ReferenceTerminal, access: ConversationAccess, instrument: Instrument
    ) -> None:
        self.description = description
        self._terminal = terminal
        self._access = access
        self._instrument = instrument

    def connect(self) -> None:
        """Nothing to do."""

    def exchange(self, request: Message) -> Message:
        """``call`` (call, args), ``instrument`` (settings) or ``receive``."""
        if request["do"] != "call":
            # Other cards are laid out: what was held is gone.
            self._access.held.clear()
            return other_exchange(self._instrument, request)
        conversation = Conversation(self._instrument)
        self._access.conversation = conversation
        try:
            value, out = self._terminal.call(request["call"], request["args"])
        finally:
            self._access.conversation = None
        return {"return": value, "out": out, "trace": conversation.trace, "held": sorted(self._access.held)}

    def close(self) -> None:
        """Nothing to do."""

    def reader_name(self) -> str:
        """What stands between us and the terminal: nothing."""
        return "in process"


def _data(profile: str) -> InterfaceSpec:
    known = sorted(name for name, found in installed().profiles.items() if found.target == KIND)
    if profile not in known:
        raise TargetAbsent(
            zh=f"没有名为“{profile}”的参考终端；可用：{', '.join(known)}",
            en=f"there is no reference terminal {profile!r}; known: {', '.join(known)}",
        )
    return interface_data(profile)


def _variant(given: object) -> Variant:
    if given is None or isinstance(given, Variant):
        return given or Variant()
    raise TypeError(f"a variant of the reference terminal is a Variant, not {given!r}")


def _behaviour(given: object) -> TerminalBehaviour | None:
    if given is None or isinstance(given, TerminalBehaviour):
        return given
    raise TypeError(f"the behaviour of a terminal is a TerminalBehaviour, not {given!r}")


def open_target(rest: str, options: TargetOptions) -> ExchangeTarget:
    """The target ``reference:terminal-default``; raises TargetAbsent for an unknown profile.

    ``options.variant``: other behaviour or data (a Variant). ``options.parameters``: ``device-number``.
    """
    profile = rest or options.profile or PROFILE
    variant = _variant(options.variant)
    access = ConversationAccess()
    terminal = ReferenceTerminal(
        terminal_spec(variant.spec or _data(profile)),
        card_data(DEFAULT_CARD),
        access,
        device_number=str(options.parameters.get("device-number", DEVICE_NUMBER)),
        behaviour=_behaviour(variant.behaviour),
    )
    instrument_ = options.instrument or instrument(options.parameters)
    return ReferenceTerminalTarget(f"reference:{profile}", terminal, access, required(instrument_))


def instrument(parameters: Mapping[str, Any]) -> Instrument:
    """The tester's card and PSAM; ``parameters``: of the IXIT (``seed`` of the test keys)."""
    return TerminalInstrument(str(parameters.get("seed", DEFAULT_SEED)))


def reference_ixit(profile: str, seed: str = DEFAULT_SEED, holder: int = 0) -> Mapping[str, object]:
    """How to reach the reference terminal: the entry point of group ``onecard.declarations``.

    The key source holds the test root keys of the tester's own cards. Raises TargetAbsent for an unknown profile.
    """
    _data(profile)
    keys = {
        name: {str(version): key.hex().upper() for version, key in versions.items()}
        for name, versions in root_keys(card_data(DEFAULT_CARD), seed).items()
    }
    return {
        "format": 1,
        "kind": "ixit",
        "target": f"reference:{profile}",
        "synthetic": True,
        "pin": None,
        "key-source": {"kind": "root-keys", "region": person(seed, holder).region, "keys": keys},
        "parameters": {"device-number": DEVICE_NUMBER, "seed": seed},
    }
