"""What a target asked of the tester's other side (card, PSAM, platform) during an exchange, in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from onecard.explain.messages import Message, request_text, requests_in, response_text, shortened
from onecard.explain.words import same
from onecard.spec.text import Text

DEFAULT_CARD: Final = "card-3.0"
"""The card that a terminal reads unless the case set another one."""


class Explainer(Protocol):
    """Explains APDUs in their order (``Trace`` for a card, ``InterfaceTrace`` for a PSAM)."""

    def reset(self) -> None:
        """The device was reset or powered on."""

    def feed(self, command: bytes | str, response: bytes | str | None) -> tuple[Text, Text]:
        """The next exchange in words; ``response`` is None when none came."""


@dataclass(frozen=True, slots=True)
class Aside:
    """One thing asked of the tester's side, and its answer; ``side`` is the slot or the kind of question."""

    side: str
    asked: Text
    told: Text


class Asides:
    """Explains the other side's exchanges of one case.

    ``explainer_of`` gives what explains the APDUs of a slot: (slot, profile of the card that lies there). ``profiles``
    are those of cards.
    """

    def __init__(self, explainer_of: Callable[[str, str], Explainer], profiles: frozenset[str]) -> None:
        self._explainer_of = explainer_of
        self._profiles = profiles
        self._card = DEFAULT_CARD
        self._slots: dict[str, Explainer] = {}

    def configured(self, request: Message) -> None:
        """The tester's side was set up: the card that lies there may be another one."""
        self._slots.clear()
        self._card = next((name for name in _texts(request.get("settings")) if name in self._profiles), DEFAULT_CARD)

    def of(self, response: Message | None) -> tuple[Aside, ...]:
        """Everything that was asked during one exchange."""
        return tuple(self._aside(ask, answer) for ask, answer in requests_in(response))

    def _aside(self, ask: Message, answer: Message) -> Aside:
        name = next(iter(ask), "")
        inner = ask.get(name)
        if name == "transmit" and isinstance(inner, Mapping):
            return self._apdu(inner, answer)
        if isinstance(ask.get("slot"), str):
            return self._power(ask, answer)
        if name == "http" and isinstance(inner, Mapping):
            answered = answer.get("http")
            return Aside("http", request_text({"do": "http", **inner}), response_text(_mapping(answered) or answer))
        return Aside(name, same(_plain(inner if len(ask) == 1 else ask)), same(_plain(answer)))

    def _power(self, ask: Message, answer: Message) -> Aside:
        """Whatever is asked of a slot beside APDUs concerns its power: nothing is current any more."""
        self._explainer(ask["slot"]).reset()
        return Aside(ask["slot"], same(_plain(_without(ask, "slot"))), same(_plain(answer)))

    def _explainer(self, slot: str) -> Explainer:
        if slot not in self._slots:
            self._slots[slot] = self._explainer_of(slot, self._card)
            # What lies there was powered before it was first asked.
            self._slots[slot].reset()
        return self._slots[slot]

    def _apdu(self, ask: Message, answer: Message) -> Aside:
        slot, command, response = str(ask.get("slot", "")), str(ask.get("apdu", "")), answer.get("response")
        asked, told = self._explainer(slot).feed(command, response if isinstance(response, str) else None)
        if not isinstance(response, str):
            return Aside(slot, _beside(command, asked), same(_plain(answer)))
        return Aside(slot, _beside(command, asked), _beside(response, told))


def _beside(value: str, words: Text) -> Text:
    shown = shortened(value)
    return Text(zh=f"{shown}  {words.zh}", en=f"{shown}  {words.en}")


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return shortened(", ".join(f"{name}: {_plain(inner)}" for name, inner in value.items()))
    return shortened("" if value is None else str(value))


def _without(message: Message, name: str) -> Message:
    return {key: value for key, value in message.items() if key != name}


def _mapping(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _texts(value: object) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
