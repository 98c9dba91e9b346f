"""PIN CHANGE/UNBLOCK by the PSAM: PUK is proved, then the command is enciphered and closed under STK.

Rules of encipherment and MAC are the card's (2011 draft, part 4); the PSAM has the keys.
"""

from emulator.crypto import marked
from emulator.crypto_messaging import covered
from emulator.terminal.failure import Failure
from emulator.terminal.reading import Card
from emulator.terminal.sam import Sam
from emulator.terminal.steps import Steps
from onecard.spec.card_messaging import messaging_of
from onecard.spec.terminal import CardAlgorithm

COMMAND = "PIN-CHANGE-UNBLOCK"
UNBLOCK_KEY, MESSAGE_KEY = "PUK", "STK"
FILLS_WHOLE_BLOCKS = "always"


class PinMessages:
    """Makes and sends the command."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._command = steps.card_spec.command(COMMAND)
        self._rules = messaging_of(steps.card_spec)

    @property
    def reload(self) -> int:
        """P2 of a reload."""
        return self._command.number("reload")

    @property
    def unblock(self) -> int:
        """P2 of unblocking."""
        return self._command.number("unblock")

    @property
    def mac_length(self) -> int:
        """Bytes of the MAC."""
        return self._rules.mac.length

    def block(self, pin: bytes, size: int) -> bytes | None:
        """The plain block (``size`` bytes) of a reload: length, PIN and padding; None for a PIN that is too long."""
        rule = self._rules.encipherment
        counted = bytes((len(pin),)) + pin if rule.counted else pin
        filled = len(counted) % size == 0 and rule.fill != FILLS_WHOLE_BLOCKS
        whole = self._steps.behaviour.reload_block(pin, counted if filled else marked(counted, rule.marker, size))
        return whole if len(whole) == size else None

    def send(self, card: Card, sam: Sam, algorithm: CardAlgorithm, p2: int, block: bytes) -> None:
        """Prove PUK, send the command with ``block`` (plain, may be empty); raises Failure."""
        steps, behaviour = self._steps, self._steps.behaviour
        if behaviour.proves_unblock_key():
            steps.open_by_sam(card, sam, algorithm, UNBLOCK_KEY)
        fresh = steps.reader.challenge(card)
        random = behaviour.message_challenge(fresh)
        data = self._computed("CIPHER", sam, card, algorithm, random, block) if block else b""
        header = bytes((self._command.cla, self._command.ins, 0, p2))
        signed = marked(covered(self._rules, header, data), self._rules.mac.marker, algorithm.block)
        chained = behaviour.message_mac_input(bytes((self._rules.mac.initial,)) * algorithm.block + signed)
        mac = self._computed("MAC", sam, card, algorithm, random, chained)[: self._rules.mac.length]
        _, sw = card.channel.command(COMMAND, 0, p2, data + mac)
        if not card.channel.is_ok(sw) and behaviour.looks_at_message_answer():
            raise Failure(steps.reader.code_of_status(sw))

    def _computed(self, what: str, sam: Sam, card: Card, algorithm: CardAlgorithm, random: bytes, data: bytes) -> bytes:
        # The PSAM's session key serves one computation: it is delivered anew, of the same challenge, for the next.
        made = sam.computed(what, MESSAGE_KEY, algorithm, self._steps.reader.factors(card), random, data)
        if made is not None:
            return made
        if self._steps.behaviour.sends_without_mac():
            return bytes(len(data) or self._rules.mac.length)
        raise self._steps.reader.failure(f"SAM-{MESSAGE_KEY}")
