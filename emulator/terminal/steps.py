"""What the functions of a terminal have in common: the card in the slot, the PSAM, authentications, validity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.terminal.access import Access, SlotEmpty
from emulator.terminal.behaviour import Addressed, TerminalBehaviour
from emulator.terminal.reading import VALID_UNTIL, Card, CardReader
from emulator.terminal.sam import Sam
from emulator.terminal.strings import written
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.terminal import CardAlgorithm, TerminalSpec

INTERNAL_KEY = "IRK"
Arguments = Mapping[str, Any]
"""Arguments of a call by name."""
Function = Callable[[Arguments], str]
"""A function of the interface: its arguments by name; returns pOutInfo, or raises Failure."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a first step leaves for the next: the card, and its own authentication data.

    ``key``: to be proved to the card. ``step``: the function that may follow (the end of its id), empty for the
    reading of basic data. ``purchase``: the fields of one that was initialised. ``wanted``: files and tags that were
    asked for.
    """

    card: Card
    proof: bytes
    key: str | None
    step: str = ""
    purchase: Mapping[str, bytes] = field(default_factory=dict)
    wanted: Addressed = ()


class Steps:
    """The steps that functions are made of, and what the terminal remembers: nothing but ``session`` outlives a call.

    ``known``: the items of the card that have been read in this call. ``function``: its name in the interface.
    ``failed_before``: a function has failed.
    """

    def __init__(
        self, spec: TerminalSpec, card: CardSpec, access: Access, device_number: str, behaviour: TerminalBehaviour
    ) -> None:
        self.spec = spec
        self.card_spec = card
        self.behaviour = behaviour
        self.reader = CardReader(spec, card, access, behaviour)
        self.session: Session | None = None
        self.known: dict[int, bytes] = {}
        self.function = ""
        self.failed_before = False
        self._access = access
        self._device_number = device_number

    def begin(self, arguments: Arguments) -> Card:
        """Find the card that iType means and read its issuer data; raises Failure."""
        search = arguments.get("iType")
        card = self.reader.find(search if isinstance(search, int) else 0)
        self.known = card.items
        self.reader.read_issuer_data(card)
        return card

    def entered(self, prompt: str) -> str:
        """What the user enters on the keypad; raises NoPin."""
        return self._access.pin(prompt)

    def sam(self) -> tuple[Sam | None, str]:
        """The PSAM, None where its slot is empty, and its terminal number."""
        absent = self.spec.sam.number_absent
        try:
            self._access.power_on("psam")
        except SlotEmpty:
            return None, absent
        sam = Sam(self.reader.channel("psam"), self.spec, self.behaviour)
        return sam, self.behaviour.terminal_number(sam.number(), absent)

    def key_of(self, card: Card) -> str | None:
        """The key that opens the holder file of a card, None where it reads freely."""
        return None if card.generation is None else self.behaviour.authenticates(card.generation)

    def read_key_of(self, card: Card, file: FileSpec) -> str | None:
        """The key that opens ``file`` of this card for reading, None where it reads freely.

        The data are those of the newest generation, in which most files need a key.
        """
        return None if file.read.key is None else self.key_of(card)

    def proved_by_sam(self, arguments: Arguments, *, trusted: bool = False) -> tuple[Card, Sam, CardAlgorithm, str]:
        """A card that is found, proved by the PSAM and valid; with the PSAM, the algorithm and the terminal number.

        ``trusted``: also one that does not prove itself. Raises Failure.
        """
        self.session = None
        card = self.begin(arguments)
        sam, number = self.sam()
        if sam is None:
            raise self.reader.failure("SAM-ABSENT")
        algorithm = card.algorithm
        if algorithm is None or not sam.open(algorithm):
            raise self.reader.failure("SAM-ALGORITHM")
        random, original = sam.random(), sam.random()
        expected = sam.proof(INTERNAL_KEY, algorithm, self.reader.factors(card), random, original)
        if expected is None:
            raise self.reader.failure("SAM-KEY")
        proof = self.reader.internal_authentication(card, random, original)
        genuine = self.behaviour.card_is_genuine(expected, proof)
        self.check_validity(card, genuine or trusted, "INTERNAL")
        return card, sam, algorithm, number

    def open_by_sam(self, card: Card, sam: Sam, algorithm: CardAlgorithm, key: str | None) -> None:
        """Prove ``key`` to the card by the PSAM (None: nothing is proved); raises Failure."""
        if key is None:
            return
        original, random = sam.random(), self.reader.challenge(card)
        proof = sam.proof(key, algorithm, self.reader.factors(card), random, original)
        if proof is None:
            raise self.reader.failure(f"SAM-{key}")
        self.reader.external_authentication(card, key, proof, original)

    def fits(self, card: Card, text: str) -> bool:
        """Whether pCardInfo ``text`` is this card's."""
        form = self.spec.card_info
        given, right = (one.split(form.separator) for one in (text, written(form, card.items, {}, self.behaviour)))
        same = [a.upper() == b.upper() for a, b in zip(given, right, strict=False)]
        return len(given) == len(right) and self.behaviour.card_info_fits(same[0], all(same[1:]))

    def check_validity(self, card: Card, genuine: bool, forged: str) -> None:
        """Raise Failure for a card that is not valid; ``forged``: the outcome of one that is not genuine."""
        until = card.items[VALID_UNTIL].hex()
        checks: Mapping[str, tuple[Callable[[], bool], str]] = {
            "internal-authentication": (lambda: genuine, forged),
            "initialising-body": (lambda: self.reader.initialising_body_fits(card), "INVALID"),
            "card-class": (lambda: self.reader.class_is_known(card), "INVALID"),
            "version": (lambda: card.generation is not None, "INVALID"),
            "valid-until": (lambda: not self.behaviour.expired(self.reader.today(), until), "INVALID"),
        }
        every = self.behaviour.checks_validity_in(self.function)
        for name in self.behaviour.validity_order(self.spec.validity if every else self.spec.validity[:1]):
            holds, outcome = checks[name]
            if not holds():
                raise self.reader.failure(outcome)

    def finished(self, card: Card, number: str) -> str:
        """The string of basic data of a card that was read whole."""
        values = {"region": card.region, "historical": card.historical.hex().upper()}
        return self.result(card.items, values, number)

    def result(self, items: Mapping[int, bytes], values: Mapping[str, str], number: str) -> str:
        """The string of basic data of the items that are known."""
        known = {"region": "", "historical": "", **values}
        known |= {"terminal-number": number, "device-number": self._device_number}
        return written(self.spec.basic, items, self.behaviour.basic_values(known), self.behaviour)
