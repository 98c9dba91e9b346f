"""A small card for tests of the transports: it answers, keeps a counter, and can be told to misbehave."""

from collections.abc import Callable

ATR = bytes.fromhex("3B6D000000112233445566778899AABBCC")
WARM_ATR = bytes.fromhex("3B6D0000FF112233445566778899AABBCC")


class ToyCard:
    """Answers a command by its own bytes reversed and 9000; ``misbehave`` replaces the answer."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.commands = 0
        self.misbehave: Callable[[bytes], bytes | None] | None = None

    def power_on(self) -> bytes:
        self.events.append("on")
        return ATR

    def reset(self) -> bytes:
        self.events.append("reset")
        return WARM_ATR

    def power_off(self) -> None:
        self.events.append("off")

    def process(self, command: bytes) -> bytes | None:
        self.commands += 1
        if self.misbehave is not None:
            return self.misbehave(command)
        return command[::-1] + b"\x90\x00"
