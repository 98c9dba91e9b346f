"""The user at a terminal's keypad, and what the card was given of the PINs."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

from onecard.harness.expect import check
from onecard.harness.messages import CallResult
from onecard.harness.service import TerminalUnderTest
from onecard.harness.terminal_seen import card_information
from onecard.harness.verdict import Inconclusive
from onecard.oracle.terminal import INTERNAL_KEY, LEVELS_SHIFT, READ_KEY, Keys, keys_of, own_faults
from onecard.oracle.terminal_pin import (
    MESSAGE,
    MESSAGE_KEY,
    OK,
    UNBLOCK_KEY,
    PinCommand,
    pin_at_the_end,
    pin_commands,
    pin_faults,
    tries_left,
)
from onecard.oracle.terminal_trace import Observed, observe
from onecard.spec.card import CardSpec
from onecard.spec.terminal import TerminalSpec, terminal_spec

CONTACT = 1
IDENTIFICATION = 0x01
PROFILE = "card-3.0"
Keypad = Mapping[str, Sequence[str]]


class PinDesk:
    """A card with ``pin`` (None: without) before the terminal, and a user who enters what ``keypad`` says by prompt:
    ``enter``, ``new``, ``again``; ``settings``: further ones of the tester's side. ``forged``: the card proves nothing.
    """

    root_names: ClassVar[tuple[str, ...]] = (INTERNAL_KEY, READ_KEY, UNBLOCK_KEY, MESSAGE_KEY)
    """The keys of the card that the judge computes with."""

    def __init__(
        self, terminal: TerminalUnderTest, keypad: Keypad, *, pin: str | None, card: str = PROFILE, **settings: Any
    ) -> None:
        self.terminal = terminal
        self._pin = pin
        hostile = settings.get("hostile")
        self.hostile = hostile is not None
        self._forged = str(hostile).startswith("forged")
        entries = {prompt: list(keys) for prompt, keys in keypad.items()}
        self._results: list[CallResult] = []
        self.card: CardSpec = terminal.card_of(card)
        self.spec: TerminalSpec = terminal_spec(terminal.spec)
        chosen = {name.replace("_", "-"): value for name, value in settings.items()}
        terminal.prepare({"card": card, "pin": pin, "keypad": entries, **chosen})

    def call(self, function: str, **arguments: str | int) -> CallResult:
        """Call a function by the end of its id in the data; the card lies on the contact slot."""
        found = self.spec.functions[function]
        search = {"iType": CONTACT} if "iType" in found.arguments else {}
        result = self.terminal.call(found.call, **search, **arguments)
        self._results.append(result)
        return result

    def card_info(self, other: int | None = None) -> dict[str, str]:
        """pCardInfo of the card that lies there, from its own answers to a reading of its basic data.

        ``other``: which of its fields (0 identification code, 1 card number) is that of another card.
        """
        given = card_information(self.terminal, other)
        return {"pCardInfo": "".join(part + self.spec.card_info.separator for part in given)}

    def message_header(self, p2: str) -> bytes:
        """CLA INS P1 P2 of PIN CHANGE/UNBLOCK; ``p2``: unblock or reload."""
        command = self.card.command(MESSAGE)
        return bytes((command.cla, command.ins, 0, command.number(p2)))

    def keys(self) -> Keys | None:
        """The keys of the card that was read; None where it was not read."""
        seen = self.seen()
        if IDENTIFICATION not in seen.items:
            return None
        return keys_of(self.card, seen, self.roots())

    def commands(self) -> tuple[PinCommand, ...]:
        """The commands of all calls that gave the card a PIN or set its counter.

        Inconclusive where the tester's own card or PSAM answered wrongly.
        """
        seen, keys = self.seen(), self.keys()
        found = pin_commands(self.card, seen, keys)
        if keys is None:
            return found
        own = () if self.hostile else pin_faults(self.card, keys, found, self._pin)
        others = own_faults(self.spec, self.card, seen, self.roots(), forged=self._forged)
        for fault in (*others, *own):
            raise Inconclusive(zh=fault.zh, en=fault.en)
        return found

    def nothing_sent(self, *names: str) -> None:
        """Check that no such command (by its name in the card's data; none named: none at all) went to the card."""
        sent = [one.name for one in self.commands() if one.name in names or not names]
        told = ", ".join(sent) or "none"
        check(self.terminal, not sent, what="commands with a PIN sent to the card", expected="none", received=told)

    def presented(self, count: int = 1) -> None:
        """Check that so many commands with a PIN went to the card."""
        sent = len(self.commands())
        check(self.terminal, sent == count, what="commands with a PIN", expected=f"{count}", received=f"{sent}")

    def levels_get_fewer(self) -> None:
        """Check that after a refusal of the PSAM the same key is asked for with fewer levels."""
        for before, after in pairwise(self.seen().deliveries):
            if before.key_id == after.key_id and before.sw != OK:
                fewer = after.usage >> LEVELS_SHIFT < before.usage >> LEVELS_SHIFT
                told = f"usage {after.usage:02X} after {before.usage:02X}"
                check(self.terminal, fewer, what="usages tried", expected="fewer levels each time", received=told)

    def card_has(self, pin: bytes | None) -> None:
        """Check that this is the card's PIN now, by what it accepted."""
        keys = self.keys()
        known = None if keys is None else pin_at_the_end(self.card, keys, self.commands(), self._pin)
        shown = "that one" if known == pin else "another one"
        check(self.terminal, known == pin, what="PIN of the card", expected="that one", received=shown)

    def tries_told(self, result: CallResult) -> None:
        """Check that the tries left, by the card's answer, stand in pOutInfo."""
        left = tries_left(self.commands())
        numbers = [] if left is None else [one for one in _numbers(result.out) if one == left]
        told = "told" if numbers else "not told"
        check(self.terminal, bool(numbers), what="tries left in pOutInfo", expected="told", received=told)

    def seen(self) -> Observed:
        """What all calls showed."""
        return observe(self.spec, self.card, *(result.trace for result in self._results))

    def roots(self) -> dict[str, bytes]:
        """Root keys of the tester's cards by name."""
        return {name: self.terminal.root_key(name) for name in self.root_names}


def _numbers(text: str) -> list[int]:
    spaced = "".join(character if character.isdecimal() else " " for character in text)
    return [int(word) for word in spaced.split()]
