"""The till before a PSAM: medical purchases with a card that the case draws and the oracle computes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from onecard.harness.apdu_subject import Response
from onecard.harness.card import LEAST_TRIES
from onecard.harness.expect import expect
from onecard.harness.psam import PsamUnderTest
from onecard.harness.verdict import Inconclusive
from onecard.oracle.psam_purchase import PurchaseSide
from onecard.spec.card_purse import PURCHASE, purse_of
from onecard.spec.psam_purchase import PurchaseKey
from onecard.spec.text import Text

CARDS: Mapping[str, str] = MappingProxyType({"3des": "card-2.0", "sm4": "card-3.0"})
"""Whose data say what a card tells the terminal: type of transaction, algorithm identifier."""
TIME = bytes.fromhex("20260131123456")
ANSWER = 8
SEQUENCE = 4
RIGHT_VERSION = 1
"""Of the purchase key, where a case says no other."""
COUNTED, BLOCKED = 0x63C0, 0x6983
_MAC2 = "MAC2"
_DRAWN: Mapping[str, int] = MappingProxyType(
    {"random": 4, "purchase-serial": 2, "account": 4, "self-paid": 4, "pooled": 4}
)


@dataclass(frozen=True, slots=True)
class Initialised:
    """A purchase that was initialised: its fields with the answered sequence, and its factors, highest level first."""

    fields: Mapping[str, bytes]
    factors: tuple[bytes, ...]
    response: Response

    @property
    def sequence(self) -> int:
        """The terminal sequence."""
        return int.from_bytes(self.fields["terminal-serial"], "big")

    @property
    def mac1(self) -> bytes:
        """MAC1 as it was answered."""
        return self.response.data[SEQUENCE:]


class PsamTill:
    """Purchases in one environment; begins with the application being selected."""

    def __init__(self, psam: PsamUnderTest, algorithm: str) -> None:
        self._psam = psam
        self._algorithm = algorithm
        self.side = psam.opened(algorithm)
        self.purchase = PurchaseSide(self.side)

    @property
    def key(self) -> PurchaseKey:
        """The purchase key; Inconclusive for a PSAM without one."""
        key = self.purchase.purchase.key
        if key is None:
            raise Inconclusive(zh="该 PSAM 没有消费密钥", en="this PSAM has no purchase key")
        return key

    @property
    def levels(self) -> int:
        """How many factors the purchase key takes."""
        return self.key.levels

    def terms(self, version: int = RIGHT_VERSION, **changed: bytes) -> dict[str, bytes]:
        """The fields of a purchase with a drawn card; ``changed`` in place of drawn ones."""
        card = self._psam.card_of(CARDS[self._algorithm])
        drawn = {name: self._psam.random.bytes(length) for name, length in _DRAWN.items()}
        said = {
            "type": bytes((purse_of(card).types[PURCHASE],)),
            "time": TIME,
            "version": bytes((version,)),
            "algorithm": bytes((card.algorithm.identifier,)),
        }
        return {**drawn, **said, **changed}

    def factors(self, count: int | None = None) -> tuple[bytes, ...]:
        """Drawn factors, as many as the key takes or ``count``."""
        return tuple(self._psam.random.bytes(8) for _ in range(self.levels if count is None else count))

    def command(self, fields: Mapping[str, bytes], factors: tuple[bytes, ...]) -> bytes:
        """INIT SAM FOR PURCHASE."""
        return self.purchase.init(self.purchase.data(fields, factors))

    def initialise(self, version: int = RIGHT_VERSION) -> Initialised:
        """A purchase with a drawn card; raises PreambleFailed."""
        fields, factors = self.terms(version), self.factors()
        response = self._psam.send(self.command(fields, factors))
        self._psam.preamble(response, Text("消费初始化", "initialise a purchase"), ANSWER)
        return self.initialised(fields, factors, response)

    def numbered(self) -> Initialised:
        """The same, where the sequence in the answer is what the case tests: a success without it fails."""
        fields, factors = self.terms(), self.factors()
        response = self._psam.send(self.command(fields, factors))
        self._psam.preamble(response, Text("消费初始化", "initialise a purchase"))
        expect(response).length(ANSWER)
        return self.initialised(fields, factors, response)

    def initialised(self, fields: Mapping[str, bytes], factors: tuple[bytes, ...], response: Response) -> Initialised:
        """What an answer of 8 bytes says, with the terminal number that the IXIT gives."""
        terminal = bytes.fromhex(str(self._psam.parameter("terminal-number")))
        answered = {"terminal-serial": response.data[:SEQUENCE], "terminal": terminal}
        return Initialised({**fields, **answered}, factors, response)

    def mac1(self, begun: Initialised) -> bytes:
        """MAC1 by the oracle; Inconclusive without the root key."""
        return self.purchase.mac1(self._root(begun), begun.factors, begun.fields)

    def mac2(self, begun: Initialised) -> bytes:
        """The card's MAC2 by the oracle; Inconclusive without the root key."""
        return self.purchase.mac2(self._root(begun), begun.factors, begun.fields)

    def credit(self, mac2: bytes) -> Response:
        """CREDIT SAM FOR PURCHASE."""
        return self._psam.send(self.purchase.credit(mac2))

    def refused_mac2(self, mac2: bytes) -> Response:
        """CREDIT SAM FOR PURCHASE that must be refused; a right purchase follows at the end of the case.

        Not sent to a PSAM that counts such failures and has few tries left, nor without the root. Raises Inconclusive.
        """
        if self._psam.was_refused(_MAC2):
            raise Inconclusive(
                zh="PSAM 对 MAC2 错误计数且次数将尽，不再试错",
                en="the PSAM counts wrong MAC2s and has few tries left; none is sent any more",
            )
        # Without the root no right purchase could follow.
        self._root_of(RIGHT_VERSION)
        self._psam.at_end("tries of MAC2", self._complete_right)
        response = self.credit(mac2)
        if response.sw == BLOCKED or (response.sw & 0xFFF0 == COUNTED and response.sw & 0x0F <= LEAST_TRIES):
            self._psam.noted(_MAC2, response)
        return response

    def _complete_right(self) -> None:
        till = PsamTill(self._psam, self._algorithm)
        response = till.credit(till.mac2(till.initialise()))
        self._psam.preamble(response, Text("以正确的 MAC2 确认", "complete a purchase with the right MAC2"))

    def stored_sequence(self) -> int:
        """What file 0019 holds; raises PreambleFailed."""
        side = self.side
        self._psam.preamble(
            self._psam.send(side.select_fid(side.spec.file("EF0019").fid)), Text("选择 0019", "select 0019")
        )
        response = self._psam.send(side.read_binary(0, SEQUENCE))
        return int.from_bytes(self._psam.preamble(response, Text("读 0019", "read 0019"), SEQUENCE).data, "big")

    def _root(self, begun: Initialised) -> bytes:
        return self._root_of(begun.fields["version"][0])

    def _root_of(self, version: int) -> bytes:
        return self._psam.root_key(self.key.key, version, self.side.algorithm.code)
