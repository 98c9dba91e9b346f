"""Cards on the bench for tests of whole runs: the reference card watched from outside, and cards that misbehave."""

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emulator.card.behaviour import CardBehaviour
from emulator.card.card import ReferenceCard
from emulator.card.factory import variant_card
from emulator.card.image import CardImage
from emulator.card.variant import VariantSpec
from emulator.transport.base import LinkReport
from emulator.transport.server import CardServer
from onecard.spec.load import load_spec

VERIFY, EXTERNAL_AUTHENTICATE = 0x20, 0x82
SEX = 0x0A


def _ignore(_: LinkReport) -> None:
    """The tests look at the card, not at the link."""


class WatchedCard:
    """A reference card that counts what reaches it. ``at``: called before exchange number ``n`` (from 1) is answered.

    ``failed``: how often VERIFY with data and EXTERNAL AUTHENTICATE answered 63Cx or 6983. ``lowest``: the smallest
    value that any counter ever had.
    """

    def __init__(self, card: ReferenceCard) -> None:
        self.card = card
        self.exchanges = 0
        self.at: Callable[[int], None] | None = None
        self.failed = {VERIFY: 0, EXTERNAL_AUTHENTICATE: 0}
        self.lowest = self._least()

    def power_on(self) -> bytes:
        return self.card.power_on()

    def reset(self) -> bytes:
        return self.card.reset()

    def power_off(self) -> None:
        self.card.power_off()

    def process(self, command: bytes) -> bytes | None:
        self.exchanges += 1
        if self.at is not None:
            self.at(self.exchanges)
        response = self.card.process(command)
        if response is not None and len(command) > 5 and command[1] in self.failed:
            self.failed[command[1]] += response[:1] == b"\x63" or response == b"\x69\x83"
        self.lowest = min(self.lowest, self._least())
        return response

    def memory(self) -> CardImage:
        """A copy of everything that the card keeps without supply: files, keys, PIN, counters."""
        return copy.deepcopy(self.card.image)

    def _least(self) -> int:
        return min(self.card.image.pin_tries, *self.card.image.key_tries.values())


def watched_card(profile: str, variant: VariantSpec | None = None, seed: str = "onecard") -> WatchedCard:
    """A fresh card of ``profile``, changed by ``variant``."""
    return WatchedCard(variant_card(variant or VariantSpec(), spec=load_spec().card_of_profile(profile), seed=seed))


@contextmanager
def on_port(card: WatchedCard, port: int = 0) -> Iterator[CardServer]:
    """The card behind a TCP port for the length of a test (0: any free one)."""
    server = CardServer(card, _ignore, port=port)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


class AcceptsWrongProofs(CardBehaviour):
    """9000 to a wrong external authentication."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return True


class NeverAnswers(CardBehaviour):
    """An ATR, and silence."""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return None


def sex_code_zero(image: CardImage) -> None:
    """EF06 holds sex code 0, which the code table (1, 2, 9) does not have as a fixed value."""
    file = image.linear("SSSE/EF06")
    index = file.identifiers.index(SEX)
    length = file.records[index][1]
    file.write(index, bytes((SEX, length)) + b"0".ljust(length))


def five_pin_tries(image: CardImage) -> None:
    """The PIN has five tries."""
    image.pin_limit = image.pin_tries = 5
