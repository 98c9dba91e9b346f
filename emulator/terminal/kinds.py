"""Terminals of the scenario layer: identity-card reader, transit gate, POS, phone with NFC, each by its data."""

from collections.abc import Callable, Mapping
from functools import partial

from emulator.terminal.failure import Failure
from emulator.terminal.installation import card_data
from emulator.terminal.objects import data_object
from emulator.terminal.reading import HOLDER_FILE, Card
from emulator.terminal.steps import Arguments, Function, Steps
from emulator.terminal.strings import coded
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.card_transport import BalanceQuery, transport_of
from onecard.spec.terminal_kinds import ShownField, TerminalKind

WIDEST_CARD = "card-3.0-anhui"
"""The card with every application that a kind may read."""
PREFIX = "ADAPT-"
BY_SFI = 0x80
WHOLE_RECORD, FIRST_RECORD = 0x04, 1
ENTRY, NAME = 0x61, 0x4F
START, END = "TRANSPORT/EF15/START", "TRANSPORT/EF15/END"
Values = dict[str, str]
"""Texts of the result by what a field shows, of parts and objects by ``part:`` and ``object:`` with their name."""


class KindsOfTerminals:
    """adaptReadIdentity, adaptReadGate, adaptReadPos and adaptReadPhone."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._readers: Mapping[str, Callable[[TerminalKind], Values]] = {
            "SSSE": self._social_security,
            "TRANSPORT": self._transport,
            "PBOC": self._bank,
        }

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {name: partial(self._read, name) for name in self._steps.spec.functions if name.startswith(PREFIX)}

    def _read(self, name: str, arguments: Arguments) -> str:
        self._steps.session = None
        kind = self._steps.spec.kinds.get(name)
        if kind is None:
            raise Failure(self._steps.spec.codes["UNSUPPORTED"])
        values = self._readers[kind.environment](kind)
        values |= {"level": str(kind.level), "scenario": kind.scenario}
        return "".join(self._text(field, values) + kind.separator for field in kind.fields)

    def _text(self, field: ShownField, values: Values) -> str:
        items = self._steps.known
        named = {"part": f"part:{field.part}", "object": f"object:{field.object_tag:X}"}
        if field.shows in ("text", "hex"):
            text = coded(field.shows == "text", b"".join(items.get(tag, b"") for tag in field.tags))
        else:
            text = values.get(named.get(field.shows, field.shows), "")
        return self._steps.behaviour.shown(field.shows, text)

    # --- social security: the item values of the card that was read stand in ``known`` ---

    def _social_security(self, kind: TerminalKind) -> Values:
        steps, search = self._steps, {"iType": self._search(kind)}
        if steps.behaviour.proves_card("internal" in kind.authentication):
            card, sam, algorithm, _ = steps.proved_by_sam(search)
            if "external" in kind.authentication:
                steps.open_by_sam(card, sam, algorithm, steps.key_of(card))
        else:
            self._without_sam(kind)
            card = steps.begin(search)
            self._sent_before(kind, card)
        if HOLDER_FILE in steps.behaviour.files_of_use(kind.environment, kind.files):
            steps.reader.read_holder_data(card)
        return {}

    # --- transport ---

    def _transport(self, kind: TerminalKind) -> Values:
        steps, data = self._steps, card_data(WIDEST_CARD)
        card = self._found(kind)
        self._select(card, data.applications[kind.environment].aid)
        self._sent_before(kind, card)
        values: Values = {}
        for name in steps.behaviour.files_of_use(kind.environment, kind.files):
            values |= self._parts(card, data.file(name), data)
        dates = (values.get(f"part:{part}", "") for part in (START, END))
        if not steps.behaviour.within_dates(steps.reader.today(), *dates):
            raise steps.reader.failure("INVALID")
        if kind.shows("balance"):
            values["balance"] = str(self._balance(card, data))
        return values

    def _parts(self, card: Card, file: FileSpec, data: CardSpec) -> Values:
        command = data.command("READ-BINARY")
        content = card.channel.must(bytes((command.cla, command.ins, BY_SFI | file.sfi, 0, file.size)))
        offset, values = 0, {}
        for part in file.layout:
            values[f"part:{part.id}"] = content[offset : offset + part.length].hex().upper()
            offset += part.length
        return values

    def _balance(self, card: Card, data: CardSpec) -> int:
        transport, command = transport_of(data), data.command("TRANSPORT-GET-BALANCE")
        known: tuple[BalanceQuery, ...] = transport.balances if transport is not None else ()
        right = next(query for query in known if "without-overdraft" in query.readings)
        query = self._steps.behaviour.balance_query(known, right)
        octets, sw = card.channel.send(bytes((command.cla, command.ins, query.p1, query.p2, command.lengths[0])))
        instead = self._steps.behaviour.balance_of_refusal(sw)
        if instead is not None:
            return instead
        if not card.channel.is_ok(sw):
            raise Failure(self._steps.reader.code_of_status(sw))
        return int.from_bytes(octets, "big")

    # --- bank ---

    def _bank(self, kind: TerminalKind) -> Values:
        data = card_data(WIDEST_CARD)
        card = self._found(kind)
        debit = data.applications[kind.environment].aid
        direct = self._steps.behaviour.selects_directly()
        if not direct and self._listed(kind, card, data) != debit:
            raise self._steps.reader.failure("NO-APPLICATION")
        self._select(card, debit)
        self._sent_before(kind, card)
        values: Values = {}
        files = self._steps.behaviour.files_of_use(kind.environment, kind.files)
        for file in (data.file(name) for name in files if data.file(name).application == kind.environment):
            record = self._record(card, file, data)
            for field in kind.fields:
                found = data_object(record, field.object_tag) if field.object_tag else None
                if found is not None:
                    values[f"object:{field.object_tag:X}"] = found.hex().upper().rstrip("F")
        return values

    def _listed(self, kind: TerminalKind, card: Card, data: CardSpec) -> bytes | None:
        # Over the contacts the directory is a file of the environment, in the field it stands in the environment's FCI.
        slot = card.channel.slot
        name = self._steps.behaviour.directory(slot, kind.directories.get(slot))
        if name is None:
            return None
        fci = self._select(card, data.applications[name].aid)
        files = [data.file(each) for each in kind.files if data.file(each).application == name]
        listed = self._record(card, files[0], data) if files else fci
        entry = data_object(listed, ENTRY)
        return None if entry is None else data_object(entry, NAME)

    def _record(self, card: Card, file: FileSpec, data: CardSpec) -> bytes:
        command = data.command("READ-RECORD")
        return card.channel.must(bytes((command.cla, command.ins, FIRST_RECORD, file.sfi << 3 | WHOLE_RECORD, 0)))

    # --- of all ---

    def _search(self, kind: TerminalKind) -> int:
        slots = self._steps.behaviour.kind_slots(kind.slots)
        return next((number for number, found in self._steps.spec.searches.items() if found == slots), 0)

    def _found(self, kind: TerminalKind) -> Card:
        self._without_sam(kind)
        card = self._steps.reader.find(self._search(kind))
        for name in self._steps.behaviour.environments_before(kind.environment):
            card.channel.select_name(card_data(WIDEST_CARD).applications[name].aid)
        return card

    def _without_sam(self, kind: TerminalKind) -> None:
        if self._steps.behaviour.asks_for_sam() and self._steps.sam()[0] is None:
            raise self._steps.reader.failure("SAM-ABSENT")

    def _sent_before(self, kind: TerminalKind, card: Card) -> None:
        for command in self._steps.behaviour.sent_before(kind.environment):
            card.channel.send(command)

    def _select(self, card: Card, name: bytes) -> bytes:
        fci, sw = card.channel.select_name(name)
        if not card.channel.is_ok(sw) and not self._steps.behaviour.goes_on_without_application():
            absent = self._steps.card_spec.command("SELECT").statuses["not-found"].matches(sw)
            raise (
                self._steps.reader.failure("NO-APPLICATION")
                if absent
                else Failure(self._steps.reader.code_of_status(sw))
            )
        return fci
