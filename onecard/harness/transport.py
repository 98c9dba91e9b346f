"""The transport application as a case works with it: the case plays terminal, host and issuer."""

from dataclasses import dataclass

from onecard.harness.apdu_subject import Response
from onecard.harness.card import CardUnderTest
from onecard.harness.verdict import Inconclusive
from onecard.oracle import transport as computation
from onecard.spec.card_transport import Transaction, Transport, transport_of
from onecard.spec.text import Text

TERMINAL = bytes.fromhex("990000000001")
TERMINAL_SEQUENCE = bytes.fromhex("00000011")
DATE, TIME = bytes.fromhex("20260101"), bytes.fromhex("120000")
CREDIT = "credit"
GET_BALANCE, INITIALIZE, DEBIT, CREDIT_FOR_LOAD = (
    "TRANSPORT-GET-BALANCE",
    "TRANSPORT-INITIALIZE",
    "TRANSPORT-DEBIT",
    "TRANSPORT-CREDIT",
)


@dataclass(frozen=True)
class TransportBegun:
    """An initialised transaction: what was sent and what the card answered, by name, and its session key."""

    transaction: Transaction
    fields: dict[str, bytes]

    @property
    def amount(self) -> int:
        """In fen."""
        return int.from_bytes(self.fields["amount"], "big")

    @property
    def balance(self) -> int:
        """The balance before, as the card told it."""
        return int.from_bytes(self.fields["balance"], "big")


class TransportDesk:
    """Terminal, host and issuer before the transport application of one card."""

    def __init__(self, card: CardUnderTest) -> None:
        data = transport_of(card.spec)
        if data is None:
            raise Inconclusive(zh="此卡没有交通应用", en="the card has no transport application")
        self.data: Transport = data
        self._card = card
        self._contents: dict[str, bytes] = {}

    # --- commands ---

    def select(self) -> bytes:
        """Select the application and read what its keys are diversified by; its FCI."""
        fci = self._card.select_world(self.data.purse.application)
        if self._card.keys_diversified:
            self._read_factors()
        return fci

    def command(self, name: str, p1: int, p2: int, data: bytes) -> bytes:
        """A command with data."""
        command = self._card.spec.command(name)
        return bytes((command.cla, command.ins, p1, p2, len(data))) + data

    def balance_command(self, p1: int = 0x00, p2: int = 0x02) -> bytes:
        """GET BALANCE."""
        command = self._card.spec.command(GET_BALANCE)
        return bytes((command.cla, command.ins, p1, p2, computation.SIZES["balance"]))

    def initialize_command(self, name: str, amount: int, index: int | None = None) -> bytes:
        """INITIALIZE for a transaction of the data, e.g. ``TRANSPORT-PURCHASE``."""
        transaction = self.data.transaction(name)
        key = self._card.spec.keys[transaction.key].key_id if index is None else index
        data = bytes((key,)) + amount.to_bytes(4, "big") + TERMINAL
        return self.command(INITIALIZE, transaction.p1, self._card.spec.command(INITIALIZE).number("p2"), data)

    def complete_command(self, begun: TransportBegun, *, spoil: bool = False) -> bytes:
        """DEBIT or CREDIT with the right MAC, or with one bit of it changed."""
        transaction = begun.transaction
        self._timed(begun)
        session = self.session(begun)
        credit = transaction.effect == CREDIT
        mac = (computation.mac2 if credit else computation.mac1)(transaction, session, begun.fields)
        if spoil:
            mac = bytes((mac[0] ^ 0x01,)) + mac[1:]
        command = self._card.spec.command(CREDIT_FOR_LOAD if credit else DEBIT)
        head = b"" if credit else TERMINAL_SEQUENCE
        data = head + DATE + TIME + mac
        return bytes((command.cla, command.ins, command.number("p1"), command.number("p2"), len(data))) + data

    def secured(self, name: str, p1: int, p2: int, body: bytes, challenge: bytes, *, spoil: bool = False) -> bytes:
        """A maintenance command with its MAC over ``challenge``, or with one bit of the MAC changed."""
        rule = self.data.messaging
        command = self._card.spec.command(name)
        header = bytes((command.cla, command.ins, p1, p2, len(body) + rule.length))
        mac = computation.maintenance_mac(rule, self.key(rule.key), challenge, header + body)
        if spoil:
            mac = bytes((mac[0] ^ 0x01,)) + mac[1:]
        return header + body + mac

    # --- preamble steps ---

    def balance(self) -> int:
        """The balance by GET BALANCE, in fen."""
        response = self._card.send(self.balance_command())
        step = Text("读余额", "get the balance")
        return int.from_bytes(self._card.preamble(response, step, computation.SIZES["balance"]).data, "big")

    def begin(self, name: str, amount: int) -> TransportBegun:
        """Initialise a transaction; its elements."""
        response = self._card.send(self.initialize_command(name, amount))
        length = sum(computation.SIZES[element] for element in self.data.transaction(name).answer)
        self._card.preamble(response, Text("交易初始化", "initialise the transaction"), length)
        return self.begun(name, amount, response)

    def begun(self, name: str, amount: int, response: Response) -> TransportBegun:
        """The elements of an initialised transaction. Raises WrongElements for an answer of another length."""
        transaction = self.data.transaction(name)
        fields = computation.elements(transaction.answer, response.data)
        fields |= {"amount": amount.to_bytes(4, "big"), "type": bytes((transaction.type,)), "terminal": TERMINAL}
        # A load does not tell the overdraft limit, which its log record holds.
        fields.setdefault("overdraft", bytes(computation.SIZES["overdraft"]))
        return TransportBegun(transaction, fields)

    def carry_out(self, name: str, amount: int) -> TransportBegun:
        """A whole transaction; its elements, with the TAC and MAC2 that it must have been answered with."""
        begun = self.begin(name, amount)
        response = self._card.send(self.complete_command(begun))
        self._card.preamble(response, Text("完成交易", "complete the transaction"))
        return begun

    def sequence(self, name: str) -> int:
        """The sequence number of the next transaction of this kind."""
        return int.from_bytes(self.begin(name, 0).fields["sequence"], "big")

    def record(self, file_id: str, number: int) -> Response:
        """A record of a file of the application by its number."""
        file = self._card.spec.file(file_id)
        return self._card.send(self._card.apdu.read_record(number, 4, file.sfi or 0, le=file.record_length))

    def content(self, file_id: str) -> Response:
        """A transparent file of the application, whole."""
        file = self._card.spec.file(file_id)
        return self._card.send(self._card.apdu.read_binary(0, file.size, file.sfi))

    # --- what must come ---

    def session(self, begun: TransportBegun) -> bytes:
        """The session key."""
        self._timed(begun)
        return computation.session_key(begun.transaction, self.key(begun.transaction.key), begun.fields)

    def expected_answer(self, begun: TransportBegun) -> bytes:
        """What DEBIT (TAC, MAC2) or CREDIT (TAC) must answer."""
        transaction, session = begun.transaction, self.session(begun)
        if transaction.effect == CREDIT:
            begun.fields["balance-after"] = (begun.balance + begun.amount).to_bytes(4, "big")
        code = computation.tac(transaction, self.key(transaction.tac_key), begun.fields)
        tail = b"" if transaction.effect == CREDIT else computation.mac2(transaction, session, begun.fields)
        return code + tail

    def expected_mac1(self, begun: TransportBegun) -> bytes:
        """MAC1 of a load initialisation."""
        return computation.mac1(begun.transaction, self.session(begun), begun.fields)

    def expected_record(self, begun: TransportBegun) -> bytes:
        """The record that the transaction leaves in the log."""
        self._timed(begun)
        return computation.log_record(begun.transaction, begun.fields)

    @staticmethod
    def _timed(begun: TransportBegun) -> None:
        begun.fields.update({"terminal-sequence": TERMINAL_SEQUENCE, "date": DATE, "time": TIME})

    # --- keys ---

    def key(self, name: str) -> bytes:
        """The card's key: below the test root by what its files say, or as the key source gives it."""
        given = self._card.key(name, self.data.purse.key_version)
        if not self._card.keys_diversified:
            return given
        factors = self.data.factors[len(self.data.factors) - self._card.spec.keys[name].levels :]
        return computation.card_key(given, factors, self._contents)

    def _read_factors(self) -> None:
        for factor in self.data.factors:
            if factor.file not in self._contents:
                size = self._card.spec.file(factor.file).size
                step = Text("读取分散因子", "read the factors")
                self._contents[factor.file] = self._card.preamble(self.content(factor.file), step, size).data
