"""What a terminal did with PINs, read from the transcript: what the card was given, and whether it was right.

The card's answers are the tester's own: ``pin_faults`` names those that do not follow from the PIN that it was laid out
with. PIN coding and secured commands are the card's (draft of 2011, parts 4 and 5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from onecard.oracle import session
from onecard.oracle.errors import OracleError
from onecard.oracle.terminal import Keys, genuine
from onecard.oracle.terminal_trace import CARD_SLOTS, PROOF, Exchange, InternalAuthentication, Observed
from onecard.spec.card import CardSpec
from onecard.spec.text import Text

UNBLOCK_KEY, MESSAGE_KEY = "PUK", "STK"
VERIFY, CHANGE, MESSAGE = "VERIFY", "CHANGE-PIN", "PIN-CHANGE-UNBLOCK"
OK: Final = 0x9000
FAILED: Final = 0x63C0
TRIES: Final = 0x0F
"""The low nibble of 63Cx: tries left (draft of 2011, part 5)."""


@dataclass(frozen=True, slots=True)
class PinCommand:
    """A command that holds a PIN, or sets its counter: ``name`` in the card's data, ``data`` of the command.

    ``proved``: the card had proved itself before. ``challenge``: the card's last one before, not used by an
    authentication since, None without. ``unblock``: PUK had been proved to the card before.
    """

    name: str
    header: bytes
    data: bytes
    sw: int | None
    proved: bool
    challenge: bytes | None
    unblock: bool

    @property
    def refused(self) -> bool:
        """Whether the card refused it."""
        return self.sw != OK


@dataclass(frozen=True, slots=True)
class SecuredPin:
    """A secured command taken apart: whether its MAC is right, and the new PIN as bytes (None: it holds none)."""

    right_mac: bool
    pin: bytes | None


def pin_commands(card: CardSpec, seen: Observed, keys: Keys | None) -> tuple[PinCommand, ...]:
    """Every command that gave the card a PIN, or was to set its counter, in order; asking for the tries is none.

    ``keys``: None for a card that did not tell what it is: nothing was proved then.
    """
    return tuple(_commands(card, seen, keys))


def _commands(card: CardSpec, seen: Observed, keys: Keys | None) -> Iterator[PinCommand]:
    names = {(card.command(name).cla, card.command(name).ins): name for name in (VERIFY, CHANGE, MESSAGE)}
    walk = _Walk(card, keys)
    for one in seen.exchanges:
        if one.slot not in CARD_SLOTS or len(one.command) < 4:
            continue
        name = names.get((one.command[0], one.command[1]))
        if name is None:
            walk.take(one)
        elif len(one.command) > 5:
            data = one.command[5:]
            yield PinCommand(name, one.command[:4], data, one.sw, walk.proved, walk.challenge, walk.unblock)


class _Walk:
    """What had happened up to an exchange."""

    def __init__(self, card: CardSpec, keys: Keys | None) -> None:
        self._card = card
        self._keys = keys
        self.proved = False
        self.unblock = False
        self.challenge: bytes | None = None
        self._looks = {
            self._header("INTERNAL-AUTHENTICATE"): self._internal,
            self._header("EXTERNAL-AUTHENTICATE"): self._external,
            self._header("GET-CHALLENGE"): self._challenge,
        }

    def take(self, one: Exchange) -> None:
        """Look at one exchange."""
        look = self._looks.get((one.command[0], one.command[1]))
        if look is not None:
            look(one, one.command[5:])

    def _header(self, name: str) -> tuple[int, int]:
        command = self._card.command(name)
        return command.cla, command.ins

    def _internal(self, one: Exchange, data: bytes) -> None:
        proof = InternalAuthentication(data[:PROOF], data[PROOF : 2 * PROOF], one.data)
        keys = self._keys
        self.proved = self.proved or (keys is not None and one.sw == OK and genuine(keys, proof))

    def _external(self, one: Exchange, data: bytes) -> None:
        challenge, self.challenge = self.challenge, None
        of_key = one.command[3] == self._card.keys[UNBLOCK_KEY].key_id
        original = data[PROOF : 2 * PROOF]
        if self._keys is None or challenge is None or not of_key or one.sw != OK or len(original) != PROOF:
            return
        self.unblock = data[:PROOF] == self._keys.proof(UNBLOCK_KEY, challenge, original)

    def _challenge(self, one: Exchange, data: bytes) -> None:
        self.challenge = one.data if one.sw == OK else None


def opened(keys: Keys, command: PinCommand) -> SecuredPin:
    """A secured command under the session key of the card's challenge; what is no such command has a wrong MAC."""
    mac = keys.rules.mac.length
    body, given = command.data[:-mac], command.data[-mac:]
    if command.challenge is None or len(command.data) < mac:
        return SecuredPin(False, None)
    made = session.session_key(keys.rules, keys.keys[MESSAGE_KEY], command.challenge)
    right = session.command_mac(keys.rules, made, command.header, body) == given
    try:
        return SecuredPin(right, session.decipher(keys.rules, made, body) if body else None)
    except OracleError:
        return SecuredPin(False, None)


def change_data(card: CardSpec, old: str, new: str) -> bytes:
    """The data of CHANGE PIN for two PINs."""
    separator = card.command(CHANGE).number("separator")
    return session.pin_block(old) + bytes((separator,)) + session.pin_block(new)


def tries_left(commands: Sequence[PinCommand]) -> int | None:
    """The tries left that the card told last; None where it told none."""
    told = [one.sw & TRIES for one in commands if one.sw is not None and one.sw & ~TRIES == FAILED]
    return told[-1] if told else None


def pin_at_the_end(card: CardSpec, keys: Keys, commands: Sequence[PinCommand], pin: str | None) -> bytes | None:
    """The PIN that the card has after the commands, by what it accepted; ``pin``: that it was laid out with."""
    known = None if pin is None else session.pin_block(pin)
    for one in commands:
        if one.refused:
            continue
        if one.name == CHANGE:
            known = one.data.partition(bytes((card.command(CHANGE).number("separator"),)))[2] or None
        elif one.name == MESSAGE and one.header[3] == card.command(MESSAGE).number("reload"):
            known = opened(keys, one).pin
    return known


def pin_faults(card: CardSpec, keys: Keys, commands: Sequence[PinCommand], pin: str | None) -> Sequence[Text]:
    """Answers of the tester's card that do not follow from its PIN."""
    faults = []
    for place, one in enumerate(commands):
        known = pin_at_the_end(card, keys, commands[:place], pin)
        if not one.refused and not _may_accept(card, keys, one, known):
            faults.append(Text(zh="测试卡接受了错误的密码或报文", en="the tester's card took a wrong PIN or command"))
        # Any refusal but "failed" may have reasons of its own (a locked PIN): only 63Cx speaks of the PIN.
        failed = one.sw is not None and one.sw & ~TRIES == FAILED
        if failed and _may_accept(card, keys, one, known):
            faults.append(Text(zh="测试卡拒绝了正确的密码", en="the tester's card refused the right PIN"))
    return faults


def _may_accept(card: CardSpec, keys: Keys, one: PinCommand, known: bytes | None) -> bool:
    if one.name == VERIFY:
        return one.data == known
    if one.name == CHANGE:
        return one.data.partition(bytes((card.command(CHANGE).number("separator"),)))[0] == (known or b"")
    return one.unblock and opened(keys, one).right_mac
