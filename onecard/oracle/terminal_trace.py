"""What a terminal sent and was answered, read from the transcript: exchanges, items, authentications.

The transcript alone speaks: questions ``{"transmit": {slot, apdu}}`` and ``{"ask": "power-on", slot}`` with their
answers. Way of reading (by tag, number or SFI, one record or all) and order are the terminal's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from onecard.oracle.errors import OracleError
from onecard.oracle.tlv import fci_decode, simple_tlv_decode
from onecard.spec.card import CardSpec
from onecard.spec.terminal import TerminalSpec

CARD_SLOTS, SAM_SLOT = ("card", "contactless"), "psam"
PROOF = 8


class Traffic(Protocol):
    """One question of the terminal and the tester's answer."""

    @property
    def ask(self) -> Mapping[str, Any]:
        """What the terminal asked."""

    @property
    def answer(self) -> Mapping[str, Any]:
        """What it was answered."""


MF_FID = b"\x3f\x00"
"""File identifier of the MF (ISO/IEC 7816-4)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A command with its whole answer: 61xx and 6Cxx are followed. ``sw`` None: there was no answer."""

    slot: str
    command: bytes
    data: bytes
    sw: int | None


@dataclass(frozen=True, slots=True)
class InternalAuthentication:
    """What the card proved: ``proof`` over ``original`` under the session key of ``random``."""

    random: bytes
    original: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class ExternalAuthentication:
    """What was proved to the card. ``challenge``: the card's last one before, None without."""

    key_id: int
    proof: bytes
    original: bytes
    challenge: bytes | None
    sw: int | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A DELIVERY SESSION KEY to the PSAM, and what the PSAM then computed with it: (data, reply).

    ``macs``: MACs made by it; the first block of their data is the initial value.
    """

    environment: bytes
    usage: int
    key_id: int
    data: bytes
    sw: int | None
    computed: tuple[tuple[bytes, bytes], ...] = ()
    macs: tuple[tuple[bytes, bytes], ...] = ()


@dataclass
class Observed:
    """Everything that one or more calls showed.

    ``items``: values of the card's records by tag; ``clock``: whether the date was asked for.
    """

    exchanges: tuple[Exchange, ...]
    historical: bytes = b""
    identifier: int | None = None
    items: dict[int, bytes] = field(default_factory=dict)
    item_at: dict[int, int] = field(default_factory=dict)
    challenges: list[bytes] = field(default_factory=list)
    internal: list[InternalAuthentication] = field(default_factory=list)
    external: list[ExternalAuthentication] = field(default_factory=list)
    external_at: list[int] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    terminal_number: str | None = None

    @property
    def statuses(self) -> frozenset[int]:
        """Every status word that card or PSAM answered."""
        return frozenset(one.sw for one in self.exchanges if one.sw is not None)

    @property
    def region(self) -> str:
        """The issuing region: six digits of the identification code; raises MissingItem."""
        return self.item(0x01)[:3].hex()

    def item(self, tag: int) -> bytes:
        """The value of an item that the terminal read; raises MissingItem."""
        if tag not in self.items:
            raise MissingItem(
                zh=f"终端没有从卡片读到数据项 {tag:02X}", en=f"the terminal did not read item {tag:02X} from the card"
            )
        return self.items[tag]


class MissingItem(OracleError):
    """An item that the result needs was never read."""


def exchanges_of(trace: Sequence[Traffic], card: CardSpec) -> tuple[Exchange, ...]:
    """The exchanges of a trace, with GET RESPONSE and repetition after 6Cxx joined to their command."""
    found: list[Exchange] = []
    fetch = card.command("GET-RESPONSE")
    for one in trace:
        sent = one.ask.get("transmit")
        if not isinstance(sent, Mapping):
            continue
        slot, command = str(sent["slot"]), bytes.fromhex(str(sent["apdu"]))
        raw = bytes.fromhex(str(one.answer.get("response", "")))
        data, sw = raw[:-2], int.from_bytes(raw[-2:], "big") if len(raw) >= 2 else None
        last = next((i for i in reversed(range(len(found))) if found[i].slot == slot), None)
        if last is not None and _continues(found[last], command, card, bytes((fetch.cla, fetch.ins))):
            found[last] = Exchange(slot, found[last].command, found[last].data + data, sw)
        else:
            found.append(Exchange(slot, command, data, sw))
    return tuple(found)


def _continues(before: Exchange, command: bytes, card: CardSpec, fetch: bytes) -> bool:
    if before.sw is None:
        return False
    waiting = before.sw >> 8 == card.t0.more_data and command[:2] == fetch
    return waiting or (before.sw >> 8 == card.t0.wrong_le and command[:4] == before.command[:4])


def observe(spec: TerminalSpec, card: CardSpec, *traces: Sequence[Traffic]) -> Observed:
    """What the traces of one or more calls show, in order."""
    whole = [one for trace in traces for one in trace]
    seen = Observed(exchanges_of(whole, card))
    for one in whole:
        if one.ask.get("ask") == "power-on" and one.ask.get("slot") in CARD_SLOTS and "atr" in one.answer:
            seen.historical = _historical(bytes.fromhex(one.answer["atr"]), card.atr.historical_length)
    reader = _Reader(spec, card, seen)
    for place, exchange in enumerate(seen.exchanges):
        reader.take(place, exchange)
    return seen


class _Reader:
    """Walks through exchanges; keeps what later ones depend on."""

    def __init__(self, spec: TerminalSpec, card: CardSpec, seen: Observed) -> None:
        self._spec = spec
        self._card = card
        self._seen = seen
        # After power-on the PSAM stands at its MF, which is the DES environment (2011-9).
        self._mf = next((a.environment for a in spec.algorithms if a.block == 8), b"")
        self._environment = self._mf
        self._sam_file: int | None = None
        commands = {name: (c.cla, c.ins) for name, c in card.commands.items()}
        self._by_header = {
            commands["SELECT"]: self._select,
            commands["READ-RECORD"]: self._record,
            commands["GET-CHALLENGE"]: self._challenge,
            commands["INTERNAL-AUTHENTICATE"]: self._internal,
            commands["EXTERNAL-AUTHENTICATE"]: self._external,
        }
        sam = {name: (c.cla, c.ins) for name, c in spec.sam_commands.items()}
        self._by_sam_header = {
            commands["SELECT"]: self._sam_select,
            sam["READ-BINARY"]: self._sam_read,
            sam["DELIVER"]: self._deliver,
            sam["CIPHER"]: self._cipher,
        }

    def take(self, place: int, one: Exchange) -> None:
        """Look at one exchange."""
        table = self._by_sam_header if one.slot == SAM_SLOT else self._by_header
        look = table.get((one.command[0], one.command[1])) if len(one.command) >= 4 else None
        if look is not None:
            look(place, one)

    def _ok(self, one: Exchange) -> bool:
        return one.sw is not None and self._card.general.ok.matches(one.sw)

    # --- the card ---

    def _select(self, place: int, one: Exchange) -> None:
        if self._ok(one) and one.command[5:].startswith(self._card.applications["SSSE"].aid):
            try:
                self._seen.identifier = fci_decode(one.data).algorithm
            except OracleError:
                self._seen.identifier = None

    def _record(self, place: int, one: Exchange) -> None:
        if not self._ok(one):
            return
        try:
            records = simple_tlv_decode(one.data)
        except OracleError:
            return
        for record in records:
            self._seen.items[record.tag] = record.value
            self._seen.item_at[record.tag] = place

    def _challenge(self, place: int, one: Exchange) -> None:
        if self._ok(one):
            self._seen.challenges.append(one.data)

    def _internal(self, place: int, one: Exchange) -> None:
        if self._ok(one):
            data = _data(one.command)
            self._seen.internal.append(InternalAuthentication(data[:PROOF], data[PROOF : 2 * PROOF], one.data))

    def _external(self, place: int, one: Exchange) -> None:
        data = _data(one.command)
        last = self._seen.challenges[-1] if self._seen.challenges else None
        found = ExternalAuthentication(one.command[3], data[:PROOF], data[PROOF : 2 * PROOF], last, one.sw)
        self._seen.external.append(found)
        self._seen.external_at.append(place)

    # --- the PSAM ---

    def _sam_select(self, place: int, one: Exchange) -> None:
        if not self._ok(one):
            return
        name = _data(one.command)
        self._sam_file = int.from_bytes(name, "big") if len(name) == 2 else None
        if name == MF_FID:
            self._environment = self._mf
        if name in [algorithm.environment for algorithm in self._spec.algorithms]:
            self._environment = name

    def _sam_read(self, place: int, one: Exchange) -> None:
        file = self._spec.sam.number_file
        by_sfi = one.command[2] == 0x80 | file & 0x1F
        if self._ok(one) and (by_sfi or self._sam_file == file):
            self._seen.terminal_number = one.data.hex().upper()

    def _deliver(self, place: int, one: Exchange) -> None:
        found = Delivery(self._environment, one.command[2], one.command[3], _data(one.command), one.sw)
        self._seen.deliveries.append(found)

    def _cipher(self, place: int, one: Exchange) -> None:
        if not self._ok(one) or not self._seen.deliveries:
            return
        last, made = self._seen.deliveries[-1], (_data(one.command), one.data)
        commands = self._spec.sam_commands
        if one.command[2] == commands["CIPHER"].p1:
            self._seen.deliveries[-1] = replace(last, computed=(*last.computed, made))
        elif "MAC" in commands and one.command[2] == commands["MAC"].p1:
            self._seen.deliveries[-1] = replace(last, macs=(*last.macs, made))


def _data(command: bytes) -> bytes:
    return command[5 : 5 + command[4]] if len(command) > 5 else b""


def _historical(atr: bytes, length: int) -> bytes:
    # TCK follows the historical bytes where the interface bytes announce another protocol than T=0 (ISO/IEC 7816-3).
    more, offset, others = atr[1] & 0xF0, 2, False
    while more & 0x80:
        offset += (more & 0xF0).bit_count()
        if offset > len(atr):
            break
        others = others or atr[offset - 1] & 0x0F != 0
        more = atr[offset - 1] & 0xF0
    end = len(atr) - 1 if others else len(atr)
    return atr[max(0, end - length) : end]
