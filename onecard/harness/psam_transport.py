"""The gate before a PSAM: transport purchases and MACs with a card that the case draws and the oracle computes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from onecard.harness.apdu_subject import Response
from onecard.harness.card import LEAST_TRIES
from onecard.harness.expect import expect
from onecard.harness.psam import PsamUnderTest
from onecard.harness.transport import DATE, TIME
from onecard.harness.verdict import Inconclusive
from onecard.oracle.blocks import Algorithm, pad_80
from onecard.oracle.psam_transport import PsamTransportSide
from onecard.spec.card_transport import Transport, transport_of
from onecard.spec.psam_transport import PsamTransport, TransportMacKey, TransportPurchaseKey
from onecard.spec.text import Text

CARD = "card-3.0-anhui"
"""Whose data say what a card tells the terminal, and how it computes."""
ANSWER, SEQUENCE, FACTOR = 8, 4, 8
FID = 2
COUNTED, BLOCKED = 0x63C0, 0x6983
_MAC2 = "transport MAC2"
T = TypeVar("T")
_DRAWN = ("random", "sequence", "amount")
PURCHASE = "TRANSPORT-PURCHASE"
FINAL_CIPHERS = ("3des", "des")
"""Of the last block of a MAC: which one no source says."""


@dataclass(frozen=True, slots=True)
class GateBegun:
    """A purchase that was initialised: its fields with the answered sequence, and its factors, highest level first."""

    fields: Mapping[str, bytes]
    factors: tuple[bytes, ...]
    mac1: bytes

    @property
    def sequence(self) -> int:
        """The terminal sequence."""
        return int.from_bytes(self.fields["terminal-sequence"], "big")


class PsamGate:
    """The transport application of a PSAM; begins with its being selected, unless ``select`` is False."""

    def __init__(self, psam: PsamUnderTest, *, select: bool = True) -> None:
        self._psam = psam
        data, card = psam.data.transport, transport_of(psam.card_of(CARD))
        if data is None or card is None:
            raise Inconclusive(zh="该 PSAM 没有交通应用", en="this PSAM has no transport application")
        self.data: PsamTransport = data
        self.card: Transport = card
        self.side = PsamTransportSide(psam.data, data)
        if select:
            self._select()

    def select_command(self) -> bytes:
        """SELECT of the application as the IXIT names it: by file identifier or DF name."""
        named = bytes.fromhex(str(self._psam.parameter("transport-application")))
        terminal = self.side.side
        return terminal.select_fid(int.from_bytes(named, "big")) if len(named) == FID else terminal.select_name(named)

    def _select(self) -> None:
        self.leave()
        self._psam.preamble(
            self._psam.send(self.select_command()), Text("选择交通应用", "select the transport application")
        )

    def leave(self) -> None:
        """Select the master file."""
        self._psam.preamble(
            self._psam.send(self.side.side.select_fid(None)), Text("选择主文件", "select the master file")
        )

    # --- MACs ---

    @property
    def mac_key(self) -> TransportMacKey:
        """The maintenance key; Inconclusive for a PSAM without one."""
        return _given(self.data.mac_key)

    def factors(self, count: int = 2) -> tuple[bytes, ...]:
        """Drawn factors, highest level first: issuer, application serial."""
        rules = self.card.factors[max(0, len(self.card.factors) - count) :]
        made = tuple(self._psam.random.bytes(rule.length) + rule.suffix for rule in rules)
        return (*(self._psam.random.bytes(FACTOR) for _ in range(count - len(made))), *made)

    def deliver(self, factors: tuple[bytes, ...]) -> None:
        """The maintenance key of a card, delivered; raises PreambleFailed."""
        self._psam.preamble(self._psam.send(self.delivery(factors)), Text("计算初始化", "deliver the maintenance key"))

    def delivery(self, factors: tuple[bytes, ...]) -> bytes:
        """80 1A for the maintenance key."""
        return self.side.deliver(self.mac_key.usage, self.mac_key.version, self.side.factors(factors))

    def card_key(self, factors: tuple[bytes, ...]) -> bytes:
        """The card's maintenance key by the oracle; Inconclusive without the root."""
        return self.side.card_key(self._root(self.mac_key.key, self.card.purse.key_version), factors)

    def readings(self, key: bytes, octets: bytes) -> tuple[bytes, ...]:
        """The MACs of initial value and blocks by each cipher that the last block may have."""
        return tuple(self.side.mac(key, octets, cipher) for cipher in FINAL_CIPHERS)

    def challenged(self, data: bytes) -> bytes:
        """Initial value of a drawn challenge, and ``data`` (a command without its MAC), padded."""
        rule = self.card.messaging
        padded = pad_80(Algorithm.TDES, data)
        return self._psam.random.bytes(rule.challenge) + rule.pad + padded

    # --- purchases ---

    @property
    def purchase_key(self) -> TransportPurchaseKey:
        """The purchase key; Inconclusive for a PSAM without one."""
        return _given(self.data.purchase_key)

    def terms(self, kind: str = PURCHASE, **changed: bytes) -> dict[str, bytes]:
        """The fields of a purchase with a drawn card in a transaction of it; ``changed`` in place of drawn ones."""
        lengths = dict(self.data.fields)
        drawn = {name: self._psam.random.bytes(lengths[name]) for name in _DRAWN}
        said = {
            "type": bytes((self.card.transaction(kind).type,)),
            "date": DATE,
            "time": TIME,
            "key-version": bytes((self.card.purse.key_version,)),
            "algorithm": bytes((self.card.purse.identifier,)),
        }
        return {**drawn, **said, **{name.replace("_", "-"): value for name, value in changed.items()}}

    def command(self, fields: Mapping[str, bytes], factors: tuple[bytes, ...]) -> bytes:
        """80 70."""
        return self.side.init(self.side.terms(fields, factors))

    def initialise(self, kind: str = PURCHASE) -> GateBegun:
        """A purchase with a drawn card; raises PreambleFailed."""
        fields, factors = self.terms(kind), self.factors()
        response = self._psam.send(self.command(fields, factors))
        self._psam.preamble(response, Text("消费初始化", "initialise a purchase"), ANSWER)
        return self.begun(fields, factors, response)

    def numbered(self) -> GateBegun:
        """The same, where the sequence in the answer is what the case tests: a success without it fails."""
        fields, factors = self.terms(), self.factors()
        response = self._psam.send(self.command(fields, factors))
        self._psam.preamble(response, Text("消费初始化", "initialise a purchase"))
        expect(response).length(ANSWER)
        return self.begun(fields, factors, response)

    def begun(self, fields: Mapping[str, bytes], factors: tuple[bytes, ...], response: Response) -> GateBegun:
        """What an answer of 8 bytes says, with the terminal number that the IXIT gives."""
        own = "transport-terminal-number"
        name = own if self._psam.has_parameter(own) else "terminal-number"
        terminal = bytes.fromhex(str(self._psam.parameter(name)))
        answered = {"terminal-sequence": response.data[:SEQUENCE], "terminal": terminal}
        return GateBegun({**fields, **answered}, factors, response.data[SEQUENCE:])

    def mac1(self, begun: GateBegun) -> bytes:
        """MAC1 by the oracle; Inconclusive without the root."""
        return self.side.mac1(self._purchase_root(begun), begun.factors, begun.fields)

    def mac2(self, begun: GateBegun) -> bytes:
        """The card's MAC2 by the oracle; Inconclusive without the root."""
        return self.side.mac2(self._purchase_root(begun), begun.factors, begun.fields)

    def card_purchase_key(self, begun: GateBegun) -> bytes:
        """The card's purchase key by the oracle; Inconclusive without the root."""
        return self.side.card_key(self._purchase_root(begun), begun.factors)

    def credit(self, mac2: bytes) -> Response:
        """80 72."""
        return self._psam.send(self.side.credit(mac2))

    def refused_mac2(self, mac2: bytes) -> Response:
        """80 72 that must be refused; a right purchase follows at the end of the case.

        Not sent to a PSAM that counts such failures and has few tries left, nor without the root. Raises Inconclusive.
        """
        if self._psam.was_refused(_MAC2):
            raise Inconclusive(
                zh="PSAM 对 MAC2 错误计数且次数将尽，不再试错",
                en="the PSAM counts wrong MAC2s and has few tries left; none is sent any more",
            )
        # Without the root no right purchase could follow.
        self._root(self.purchase_key.key, self.card.purse.key_version)
        self._psam.at_end("tries of MAC2", self._complete_right)
        response = self.credit(mac2)
        if response.sw == BLOCKED or (response.sw & 0xFFF0 == COUNTED and response.sw & 0x0F <= LEAST_TRIES):
            self._psam.noted(_MAC2, response)
        return response

    def _complete_right(self) -> None:
        gate = PsamGate(self._psam)
        response = gate.credit(gate.mac2(gate.initialise()))
        self._psam.preamble(response, Text("以正确的 MAC2 确认", "complete a purchase with the right MAC2"))

    def _purchase_root(self, begun: GateBegun) -> bytes:
        return self._root(self.purchase_key.key, begun.fields["key-version"][0])

    def _root(self, name: str, version: int) -> bytes:
        return self._psam.root_key(name, version, self.side.side.algorithm.code)


def _given(key: T | None) -> T:
    if key is None:
        raise Inconclusive(zh="该 PSAM 没有此密钥", en="this PSAM has no such key")
    return key
