"""The reference behind a target that notes when it fails by itself: an exception in the emulator is no verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from onecard.targets.base import CardTarget, TargetError

T = TypeVar("T")

EXCHANGES = 50_000
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


class WatchedTarget:
    """A CardTarget around another one, under a watch."""

    def __init__(self, inner: CardTarget, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch
        self.description = inner.description

    def connect(self) -> None:
        self._inner.connect()

    def power_on(self) -> bytes:
        return self._watch.guarded(self._inner.power_on)

    def reset(self) -> bytes:
        return self._watch.guarded(self._inner.reset)

    def transmit(self, command: bytes) -> bytes:
        self._watch.count()
        return self._watch.guarded(lambda: self._inner.transmit(command))

    def close(self) -> None:
        self._inner.close()

    def reader_name(self) -> str:
        return self._inner.reader_name()
