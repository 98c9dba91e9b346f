"""One card being read: power-on, environment, items, authentications."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from emulator.codec import exact_value
from emulator.crypto_card import factors as diversification_factors
from emulator.terminal.access import Access, SlotEmpty
from emulator.terminal.behaviour import TerminalBehaviour
from emulator.terminal.channel import Channel
from emulator.terminal.failure import Failure
from emulator.terminal.fci import algorithm_identifier
from emulator.terminal.strings import coded
from onecard.spec.card import CardSpec, FileSpec, Item
from onecard.spec.terminal import CardAlgorithm, Generation, TerminalSpec

ENVIRONMENT, ISSUER_FILE, HOLDER_FILE = "SSSE", "SSSE/EF05", "SSSE/EF06"
IDENTIFICATION, CARD_CLASS, VERSION, BODY, VALID_UNTIL = 0x01, 0x02, 0x03, 0x04, 0x06
CHALLENGE = 8
CONVENTIONS = (b"\x3b", b"\x3f")
"""First bytes of an answer to reset (2011 draft, part 8)."""
RECORD_ABSENT = 0x6A83


@dataclass
class Card:
    """What the terminal knows of the card in its slot. ``items``: values by tag."""

    channel: Channel
    historical: bytes
    algorithm: CardAlgorithm | None = None
    generation: Generation | None = None
    items: dict[int, bytes] = field(default_factory=dict)

    @property
    def identification(self) -> bytes:
        """The identification code (16 bytes)."""
        return self.items[IDENTIFICATION]

    @property
    def region(self) -> str:
        """The issuing region: six digits of the identification code."""
        return self.identification[:3].hex()


class CardReader:
    """Reads cards by the data of the card and of the terminal."""

    def __init__(self, spec: TerminalSpec, card: CardSpec, access: Access, behaviour: TerminalBehaviour) -> None:
        self._spec = spec
        self._card = card
        self._access = access
        self._behaviour = behaviour

    def code_of_status(self, sw: int) -> int:
        """The return code of a status word."""
        return self._behaviour.status_code(sw, self._spec.status_code(sw))

    def failure(self, outcome: str) -> Failure:
        """The failure that tells ``outcome``."""
        return Failure(self._behaviour.outcome_code(outcome, self._spec.outcomes[outcome][0]))

    def channel(self, slot: str) -> Channel:
        """The channel to a slot."""
        return Channel(self._access, slot, self._card, self.code_of_status, self._behaviour)

    def find(self, search: int) -> Card:
        """Power on the first card on the slots that iType ``search`` means; raises Failure."""
        slots = self._behaviour.slots(search, self._spec.searches)
        if slots is None:
            raise self.failure("SEARCH")
        for slot in slots:
            try:
                atr = self._access.power_on(slot)
            except SlotEmpty:
                continue
            if not self._behaviour.takes_atr(atr[:1] in CONVENTIONS):
                raise self.failure("ATR")
            return Card(self.channel(slot), _historical(atr, self._card.atr.historical_length))
        raise self.failure("NO-CARD")

    def read_issuer_data(self, card: Card) -> None:
        """Select SSSE, find the algorithm, read the issuer file; raises Failure."""
        environment = self._card.applications[ENVIRONMENT]
        fci, sw = card.channel.select_name(environment.aid)
        if not card.channel.is_ok(sw) and not self._behaviour.continues_without_environment():
            absent = self._card.command("SELECT").statuses["not-found"].matches(sw)
            raise self.failure("NO-ENVIRONMENT") if absent else Failure(self.code_of_status(sw))
        identifier = self._behaviour.identifier(fci, algorithm_identifier(fci, environment.fci))
        card.algorithm = self._behaviour.algorithm(identifier, self._spec.algorithm(identifier))
        self._read(card, self._card.file(ISSUER_FILE), tuple(i.tag for i in self._card.file(ISSUER_FILE).items))
        if not self._behaviour.accepts_identification(self._well_formed(card.identification)):
            raise self.failure("IDENTIFICATION")
        version = card.items[VERSION].decode("ascii", errors="replace")
        card.generation = self._behaviour.generation(version, self._spec.generation(version))

    def read_holder_data(self, card: Card) -> None:
        """Read the items of the holder file that the result needs; raises Failure."""
        file = self._card.file(HOLDER_FILE)
        own = {item.tag for item in file.items}
        wanted = (tag for one in self._spec.basic.fields for tag in one.tags if tag in own)
        self._read(card, file, tuple(dict.fromkeys(wanted)))

    def read_items(self, card: Card, identifier: str, tags: tuple[int, ...]) -> Sequence[tuple[int, str]]:
        """Tag and text of items of a file, text or hexadecimal as the card's data code them; raises Failure."""
        file = self._card.files.get(identifier)
        if file is None:
            raise self.failure("ADDRESS")
        held = frozenset(item.tag for item in file.items)
        tags = self._behaviour.items_to_read(tags, held)
        if not held.issuperset(tags):
            raise self.failure("ADDRESS")
        self._read(card, file, tags)
        if not set(tags) <= set(card.items):
            raise Failure(self.code_of_status(RECORD_ABSENT))
        return [(tag, coded(file.item(tag).charset in ("ascii", "gbk"), card.items[tag])) for tag in tags]

    def file_of(self, identifier: str | None) -> FileSpec | None:
        """The file of SSSE with this id in the card's data; None where there is none."""
        return None if identifier is None else self._card.files.get(identifier)

    def coded_value(self, item: Item, text: str) -> bytes | None:
        """The value of an item, filled to its length; None for a text of other characters, or one that is too long."""
        return exact_value(item, text, self._card.padding)

    def write_item(self, card: Card, file: FileSpec, tag: int, value: bytes) -> None:
        """Write one record by its identifier; raises Failure."""
        card.channel.select_file(file.fid, frozenset(("ef",)))
        also = self._behaviour.marks_writing()
        records = [(tag, value)] if also is None else [(tag, value), (also, card.items.get(also, b""))]
        command = self._card.command("UPDATE-RECORD")
        first = next(mode.number for mode in command.modes if mode.by == "identifier" and mode.takes == "first")
        for number, content in records:
            _, sw = card.channel.command(command.id, number, first, bytes((number, len(content))) + content)
            if not card.channel.is_ok(sw) and self._behaviour.looks_at_update_answer():
                raise Failure(self.code_of_status(sw))

    def mark(self, card: Card) -> None:
        """Send an update of the first record of the file that is selected."""
        card.channel.command("UPDATE-RECORD", 1, 4, bytes(2))

    def factors(self, card: Card) -> tuple[bytes, ...]:
        """The diversification factors from the card upwards: card, city, province."""
        return diversification_factors(self._card.diversification, card.region, card.historical)[::-1]

    def internal_authentication(self, card: Card, random: bytes, original: bytes) -> bytes:
        """The card's authentication data over ``original``; raises Failure."""
        data, sw = card.channel.command("INTERNAL-AUTHENTICATE", 0, 0, random + original)
        if not card.channel.is_ok(sw):
            raise Failure(self.code_of_status(sw))
        return data

    def external_authentication(self, card: Card, key: str, proof: bytes, original: bytes) -> None:
        """Prove ``key`` to the card; raises Failure."""
        key_id = self._card.keys[key].key_id
        _, sw = card.channel.command("EXTERNAL-AUTHENTICATE", 0, key_id, proof + original)
        for _ in range(0 if card.channel.is_ok(sw) else self._behaviour.authentications(sw)):
            _, sw = card.channel.command("EXTERNAL-AUTHENTICATE", 0, key_id, proof + original)
        if not card.channel.is_ok(sw) and self._behaviour.looks_at_external_answer():
            raise Failure(self.code_of_status(sw))

    def challenge(self, card: Card) -> bytes:
        """A challenge of the card; raises Failure."""
        return card.channel.challenge(CHALLENGE)

    def today(self) -> str:
        """The date, CCYYMMDD."""
        return self._access.today()

    def initialising_body_fits(self, card: Card) -> bool:
        """Whether the initialising body's number begins as the data say."""
        return self._fixed_parts_fit("CHECK/INITIALISING-BODY", card.items[BODY])

    def class_is_known(self, card: Card) -> bool:
        """Whether the card's class is in its table of codes."""
        return card.items[CARD_CLASS].decode("ascii", errors="replace") in self._card.codes["CODES/CARD-CLASS"].values

    def _well_formed(self, identification: bytes) -> bool:
        region = identification[:3].hex()
        return region.isdigit() and self._fixed_parts_fit("CHECK/IDENTIFICATION-CODE", identification)

    def _fixed_parts_fit(self, check: str, value: bytes) -> bool:
        fixed = (part for part in self._card.checks[check].fields if part.value is not None)
        return all(value[part.offset : part.offset + part.length] == part.value for part in fixed)

    def _read(self, card: Card, file: FileSpec, tags: tuple[int, ...]) -> None:
        card.channel.select_file(file.fid, frozenset(("ef",)))
        command = self._card.command("READ-RECORD")
        first = next(mode.number for mode in command.modes if mode.by == "identifier" and mode.takes == "first")
        for tag in tags:
            length = file.item(tag).length
            data, sw = card.channel.send(bytes((command.cla, command.ins, tag, first, length + 2)))
            if command.statuses["record-not-found"].matches(sw) and self._optional(file, tag):
                continue
            if not card.channel.is_ok(sw):
                raise Failure(self.code_of_status(sw))
            whole = data[:1] == bytes([tag]) and data[1:2] == bytes([length]) and len(data) == length + 2
            value = self._behaviour.record_value(tag, data, whole)
            if value is None:
                raise self.failure("RECORD")
            card.items[tag] = value

    def _optional(self, file: FileSpec, tag: int) -> bool:
        # A field of several items: those behind the first are extensions, which first-generation cards lack.
        return any(tag in one.tags[1:] for one in self._spec.basic.fields if one.tags)


def _historical(atr: bytes, length: int) -> bytes:
    # TCK follows the historical bytes when the interface bytes announce another protocol than T=0 (ISO/IEC 7816-3).
    indicator, position, protocols = (atr[1] if len(atr) > 1 else 0), 2, set()
    while indicator & 0x80:
        position += (indicator >> 4).bit_count()
        indicator = atr[position - 1] if position <= len(atr) else 0
        protocols.add(indicator & 0x0F)
    return (atr[:-1] if protocols - {0} else atr)[-length:]
