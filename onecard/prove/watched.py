"""The reference behind a target that notes when it fails by itself: an exception in the emulator is no verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from onecard.prove.around import around
from onecard.targets.base import Target, TargetError

T = TypeVar("T")

EXCHANGES = 250_000
"""So many commands end a trial: a broken card must not keep a case going for ever."""
_COMMANDS = frozenset(("transmit", "transmit_and_cut", "exchange"))


@dataclass
class Watch:
    """What one trial's cards did: commands answered, and the emulator's own exceptions."""

    exchanges: int = 0
    faults: list[str] = field(default_factory=list)

    def asked(self, do: str, arguments: tuple[Any, ...], call: Callable[..., T]) -> T:
        """The answer of ``call``; an exception of the emulator is noted and goes on.

        Raises TargetError when there were too many commands.
        """
        self.exchanges += do in _COMMANDS
        if self.exchanges > EXCHANGES:
            raise TargetError(
                zh=f"超过 {EXCHANGES} 条命令，已停止",
                en=f"more than {EXCHANGES} commands were sent: the trial was stopped",
            )
        try:
            return call(*arguments)
        except TargetError:
            raise
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}")
            raise


def watched(target: Target, watch: Watch) -> Target:
    """A reference under a watch."""
    return around(target, watch)
