"""What a terminal of one kind may do with the one-card, and what its result must be, read from the transcript."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from onecard.oracle.errors import OracleError
from onecard.oracle.financial import object_of
from onecard.oracle.terminal_strings import Comparison, expected_text
from onecard.oracle.terminal_trace import CARD_SLOTS, MF_FID, Exchange, MissingItem, Observed, Traffic, observe
from onecard.oracle.tlv import simple_tlv_decode
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.card_transport import transport_of
from onecard.spec.terminal import TerminalSpec
from onecard.spec.terminal_kinds import ShownField, TerminalKind
from onecard.spec.terminal_strings import Field

BY_NAME: Final = 0x04
BY_SFI: Final = 0x80
SFI: Final = 0x1F
RID: Final = 5
REGISTERED: Final = 0xA0
SOCIAL_SECURITY: Final = "SSSE"
PUBLIC: Final = "TRANSPORT/EF15"
ISSUER_DATA: Final = 0x9F0C
TELLING: Final = 6
"""Characters from which on a text tells who or which card it is."""
ALWAYS: Final = ("SELECT", "READ-RECORD", "READ-BINARY", "GET-RESPONSE")


@dataclass
class KindSeen:
    """What a call showed: the items of SSSE, contents of transparent files, records by file, the balance, what lay
    outside of the kind's use, and commands that a reading has no need of.
    """

    items: Observed
    binary: dict[str, bytes] = field(default_factory=dict)
    records: list[tuple[str, bytes]] = field(default_factory=list)
    balance: bytes | None = None
    outside: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    @property
    def slots(self) -> tuple[str, ...]:
        """The interfaces to which commands for a card went, in order of first use."""
        used = (one.slot for one in self.items.exchanges if one.slot in CARD_SLOTS)
        return tuple(dict.fromkeys(used))

    @property
    def sam_used(self) -> bool:
        """Whether a command went to the PSAM."""
        return any(one.slot not in CARD_SLOTS for one in self.items.exchanges)


def kind_seen(spec: TerminalSpec, card: CardSpec, kind: TerminalKind, trace: Sequence[Traffic]) -> KindSeen:
    """What the trace of a call shows; ``card``: data of a card with every application that any kind reads."""
    seen = KindSeen(observe(spec, card, trace))
    walk = _Walk(card, kind, seen)
    for one in seen.items.exchanges:
        if one.slot in CARD_SLOTS:
            walk.take(one)
    return seen


class _Walk:
    """Goes through the exchanges with the card and keeps what is selected."""

    def __init__(self, card: CardSpec, kind: TerminalKind, seen: KindSeen) -> None:
        self._card = card
        self._kind = kind
        self._seen = seen
        # After power-on the card stands at its MF, which is SSSE or holds it.
        self._application: str | None = SOCIAL_SECURITY
        self._file: FileSpec | None = None
        names = {name: (c.cla, c.ins) for name, c in card.commands.items()}
        self._looks: Mapping[tuple[int, int], Callable[[Exchange], None]] = {
            names["SELECT"]: self._select,
            names["READ-RECORD"]: self._record,
            names["READ-BINARY"]: self._binary,
            names["TRANSPORT-GET-BALANCE"]: self._balance,
        }
        self._allowed = {names[name] for name in _commands_of(kind)}
        queries = transport_of(card)
        self._queries = [(q.p1, q.p2) for q in queries.balances if "without-overdraft" in q.readings] if queries else []
        self._slot = ""

    def take(self, one: Exchange) -> None:
        """Look at one exchange."""
        if one.slot != self._slot:
            self._slot, self._application, self._file = one.slot, SOCIAL_SECURITY, None
        header = one.command[0], one.command[1]
        if header not in self._allowed:
            self._seen.commands.append(one.command[:4].hex().upper())
        look = self._looks.get(header)
        if look is not None:
            look(one)

    def _select(self, one: Exchange) -> None:
        named = one.command[5:]
        self._file = None
        if one.command[2] == BY_NAME:
            self._named(one, named)
        elif named in (b"", MF_FID):
            self._application = SOCIAL_SECURITY
        else:
            fid = int.from_bytes(named, "big")
            mine = (file for file in self._card.files.values() if file.application == self._application)
            self._file = next((file for file in mine if file.fid == fid), None)
            self._looked_at(self._file, f"FID {named.hex().upper()}")

    def _named(self, one: Exchange, name: bytes) -> None:
        known = (each for each, found in self._card.applications.items() if found.aid and found.aid.startswith(name))
        self._application = next(known, None)
        wanted = self._card.applications[self._kind.environment].aid
        # A reader may try further applications of the same provider.
        alike = wanted[:1] == bytes((REGISTERED,)) and name[:RID] == wanted[:RID]
        entered = (self._kind.environment, self._kind.directories.get(one.slot))
        if self._application not in entered and not alike:
            self._seen.outside.append(f"SELECT {self._application or name.hex().upper()}")
        public = _object(one.data, ISSUER_DATA)
        if self._application == PUBLIC.partition("/")[0] and public:
            # What the FCI tells is what file 15 holds.
            self._seen.binary.setdefault(PUBLIC, public)

    def _read_from(self, short: int) -> FileSpec | None:
        if not short:
            return self._file
        mine = (file for file in self._card.files.values() if file.application == self._application)
        return next((file for file in mine if file.sfi == short), None)

    def _looked_at(self, file: FileSpec | None, otherwise: str) -> None:
        name = otherwise if file is None else file.id
        if name not in self._kind.files + self._kind.may_read:
            self._seen.outside.append(f"{self._application} {otherwise}" if file is None else name)

    def _binary(self, one: Exchange) -> None:
        p1, p2 = one.command[2:4]
        short = p1 & SFI if p1 & BY_SFI else 0
        file = self._read_from(short)
        self._looked_at(file, f"READ BINARY {p1:02X}{p2:02X}")
        if file is not None and self._ok(one):
            offset = p2 if p1 & BY_SFI else p1 << 8 | p2
            before = self._seen.binary.get(file.id, b"").ljust(offset, b"\x00")
            self._seen.binary[file.id] = before[:offset] + one.data + before[offset + len(one.data) :]

    def _record(self, one: Exchange) -> None:
        file = self._read_from(one.command[3] >> 3)
        self._looked_at(file, f"READ RECORD {one.command[2]:02X}{one.command[3]:02X}")
        if file is None or not self._ok(one):
            return
        self._seen.records.append((file.id, one.data))
        if self._application == SOCIAL_SECURITY:
            self._items(file, one.data)

    def _items(self, file: FileSpec, data: bytes) -> None:
        # The issuer's file reads as a whole; of the holder's only what the result shows is asked for.
        shown = {tag for each in self._kind.fields for tag in each.tags}
        whole = file.id == self._kind.files[0]
        try:
            tags = [record.tag for record in simple_tlv_decode(data)]
        except OracleError:
            return
        self._seen.outside += [f"{file.id} {tag:02X}" for tag in tags if not whole and tag not in shown]

    def _balance(self, one: Exchange) -> None:
        if self._ok(one) and (one.command[2], one.command[3]) in self._queries:
            self._seen.balance = one.data

    def _ok(self, one: Exchange) -> bool:
        return one.sw is not None and self._card.general.ok.matches(one.sw)


def _commands_of(kind: TerminalKind) -> Iterator[str]:
    yield from ALWAYS
    if "internal" in kind.authentication:
        yield from ("GET-CHALLENGE", "INTERNAL-AUTHENTICATE")
    if "external" in kind.authentication:
        yield "EXTERNAL-AUTHENTICATE"
    if kind.shows("balance"):
        yield "TRANSPORT-GET-BALANCE"
    if kind.shows("object"):
        yield "GET-PROCESSING-OPTIONS"


def _object(octets: bytes, tag: int) -> bytes | None:
    try:
        return object_of(octets, tag)
    except OracleError:
        return None


def compare_kind(card: CardSpec, kind: TerminalKind, seen: KindSeen, out: str) -> Iterator[Comparison]:
    """The result of a kind against the card's own answers, field by field."""
    *given, rest = out.split(kind.separator)
    count = len(kind.fields)
    whole = len(given) == count and not rest
    yield Comparison("number of fields", f"{count}, each ended", f"{count if whole else len(given)}, each ended")
    for each, received in zip(kind.fields, given, strict=False):
        expected = _shown(card, kind, each, seen)
        same = expected.upper() == received.upper()
        yield Comparison(each.name.en, expected, expected if same else received)


def told_texts(card: CardSpec, kind: TerminalKind, seen: KindSeen, out: str) -> tuple[str, ...]:
    """Names of the fields whose texts stand in the output of a call that failed."""
    texts = ((each.name.en, _shown(card, kind, each, seen)) for each in kind.fields)
    return tuple(name for name, text in texts if len(text) >= TELLING and text in out)


def _shown(card: CardSpec, kind: TerminalKind, each: ShownField, seen: KindSeen) -> str:
    made = _SHOWN[each.shows]
    try:
        return made(card, kind, each, seen)
    except MissingItem as missing:
        return f"({missing.text.en})"


def _missing(what: str) -> MissingItem:
    return MissingItem(zh=f"终端没有从卡片读到 {what}", en=f"the terminal did not read {what} from the card")


def _part(card: CardSpec, kind: TerminalKind, each: ShownField, seen: KindSeen) -> str:
    name = each.part.rpartition("/")[0]
    offset = 0
    for part in card.files[name].layout:
        found = seen.binary.get(name, b"")[offset : offset + part.length]
        offset += part.length
        if part.id == each.part and len(found) == part.length:
            return found.hex().upper()
    raise _missing(each.part)


def _of_record(card: CardSpec, kind: TerminalKind, each: ShownField, seen: KindSeen) -> str:
    inside = (data for file, data in seen.records if card.files[file].application == kind.environment)
    found = next((value for value in (_object(data, each.object_tag) for data in inside) if value is not None), None)
    if found is None:
        raise _missing(f"{each.object_tag:X}")
    return found.hex().upper().rstrip("F")


def _balance(card: CardSpec, kind: TerminalKind, each: ShownField, seen: KindSeen) -> str:
    if seen.balance is None:
        raise _missing("the balance")
    return str(int.from_bytes(seen.balance, "big"))


def _of_items(card: CardSpec, kind: TerminalKind, each: ShownField, seen: KindSeen) -> str:
    return expected_text(Field(each.id, each.name, each.shows, each.tags, None), seen.items)


_Shown = Callable[[CardSpec, TerminalKind, ShownField, KindSeen], str]
_SHOWN: Final[Mapping[str, _Shown]] = {
    "level": lambda card, kind, each, seen: str(kind.level),
    "scenario": lambda card, kind, each, seen: kind.scenario,
    "text": _of_items,
    "hex": _of_items,
    "part": _part,
    "object": _of_record,
    "balance": _balance,
}
