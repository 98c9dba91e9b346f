"""A target within another: whatever is asked of it passes an observer, and the answer comes from within."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from onecard.targets.base import (
    CardTarget,
    ContactlessTarget,
    CuttableTarget,
    ExchangeTarget,
    Message,
    Target,
)

T = TypeVar("T")


class Observer(Protocol):
    """Who sees what is asked of a target."""

    def asked(self, do: str, arguments: tuple[Any, ...], call: Callable[..., T]) -> T:
        """The answer of ``call`` to ``arguments``; ``do`` is the name of the target's method."""


class _Around:
    """What every target does as the one within, unobserved."""

    def __init__(self, inner: Target, observer: Observer) -> None:
        self._target = inner
        self._observer = observer
        self.description = inner.description

    def connect(self) -> None:
        self._target.connect()

    def close(self) -> None:
        self._target.close()

    def reader_name(self) -> str:
        return self._target.reader_name()


class _Chip(_Around):
    def __init__(self, inner: CardTarget, observer: Observer) -> None:
        super().__init__(inner, observer)
        self._chip = inner

    def power_on(self) -> bytes:
        return self._observer.asked("power_on", (), self._chip.power_on)

    def reset(self) -> bytes:
        return self._observer.asked("reset", (), self._chip.reset)

    def transmit(self, command: bytes) -> bytes:
        return self._observer.asked("transmit", (command,), self._chip.transmit)


class _Card(_Chip):
    def __init__(self, inner: CuttableTarget, observer: Observer) -> None:
        super().__init__(inner, observer)
        self._card = inner

    def transmit_and_cut(self, command: bytes, step: int) -> bytes | None:
        return self._observer.asked("transmit_and_cut", (command, step), self._card.transmit_and_cut)

    def power_on_contactless(self) -> bytes:
        assert isinstance(self._card, ContactlessTarget)
        return self._observer.asked("power_on_contactless", (), self._card.power_on_contactless)


class _Service(_Around):
    def __init__(self, inner: ExchangeTarget, observer: Observer) -> None:
        super().__init__(inner, observer)
        self._service = inner

    def exchange(self, request: Message) -> Message:
        return self._observer.asked("exchange", (request,), self._service.exchange)


def around(target: Target, observer: Observer) -> Target:
    """``target`` under an observer; a card whose supply can be cut stays one."""
    if isinstance(target, ExchangeTarget):
        return _Service(target, observer)
    assert isinstance(target, CardTarget)
    return _Card(target, observer) if isinstance(target, CuttableTarget) else _Chip(target, observer)
