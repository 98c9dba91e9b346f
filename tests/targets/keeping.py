"""An adapter that only keeps what it was given."""

from onecard.targets.base import TargetOptions


class KeepingTarget:
    def __init__(self, rest: str, options: TargetOptions) -> None:
        self.description = rest
        self.options = options


def open_target(rest: str, options: TargetOptions) -> KeepingTarget:
    return KeepingTarget(rest, options)
