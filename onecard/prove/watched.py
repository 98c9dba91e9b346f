"""The reference behind a target that notes when it fails by itself: an exception in the emulator is no verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from onecard.targets.base import (
    CardTarget,
    ContactlessTarget,
    CuttableTarget,
    ExchangeTarget,
    Message,
    Target,
    TargetError,
)

T = TypeVar("T")

EXCHANGES = 250_000
"""So many commands end a trial: a broken card must not keep a case going for ever."""


@dataclass
class Watch:
    """What one trial's cards did: commands answered, and the emulator's own exceptions."""

    exchanges: int = 0
    faults: list[str] = field(default_factory=list)

    def count(self) -> None:
        """One more command; raises TargetError when there were too many."""
        self.exchanges += 1
        if self.exchanges > EXCHANGES:
            raise TargetError(
                zh=f"超过 {EXCHANGES} 条命令，已停止",
                en=f"more than {EXCHANGES} commands were sent: the trial was stopped",
            )

    def guarded(self, call: Callable[[], T]) -> T:
        """The result of ``call``; an exception of the emulator is noted and goes on."""
        try:
            return call()
        except TargetError:
            raise
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}")
            raise


class _Watched:
    """What every watched target does as the one within."""

    def __init__(self, inner: Target, watch: Watch) -> None:
        self._target = inner
        self._watch = watch
        self.description = inner.description

    def connect(self) -> None:
        self._target.connect()

    def close(self) -> None:
        self._target.close()

    def reader_name(self) -> str:
        return self._target.reader_name()


class WatchedTarget(_Watched):
    """A CardTarget around another one, under a watch."""

    def __init__(self, inner: CardTarget, watch: Watch) -> None:
        super().__init__(inner, watch)
        self._inner = inner

    def power_on(self) -> bytes:
        return self._watch.guarded(self._inner.power_on)

    def reset(self) -> bytes:
        return self._watch.guarded(self._inner.reset)

    def transmit(self, command: bytes) -> bytes:
        self._watch.count()
        return self._watch.guarded(lambda: self._inner.transmit(command))


class WatchedCard(WatchedTarget):
    """As WatchedTarget, of a card whose supply can be cut and which has a contactless side."""

    def __init__(self, inner: CuttableTarget, watch: Watch) -> None:
        super().__init__(inner, watch)
        self._card = inner

    def transmit_and_cut(self, command: bytes, step: int) -> bytes | None:
        self._watch.count()
        return self._watch.guarded(lambda: self._card.transmit_and_cut(command, step))

    def power_on_contactless(self) -> bytes:
        assert isinstance(self._card, ContactlessTarget)
        return self._watch.guarded(self._card.power_on_contactless)


class WatchedService(_Watched):
    """An ExchangeTarget around another one, under a watch."""

    def __init__(self, inner: ExchangeTarget, watch: Watch) -> None:
        super().__init__(inner, watch)
        self._inner = inner

    def exchange(self, request: Message) -> Message:
        self._watch.count()
        return self._watch.guarded(lambda: self._inner.exchange(request))


def watched(target: Target, watch: Watch) -> Target:
    """A reference under a watch."""
    if isinstance(target, ExchangeTarget):
        return WatchedService(target, watch)
    assert isinstance(target, CardTarget)
    if isinstance(target, CuttableTarget):
        return WatchedCard(target, watch)
    return WatchedTarget(target, watch)
