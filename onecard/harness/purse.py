"""The other side of the card's medical purse: what the host of a load and the PSAM of a purchase do.

Commands are built from the data, every MAC is computed by the oracle with keys of the key source.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from onecard.harness.apdu_subject import Response
from onecard.harness.card import LEAST_TRIES, CardUnderTest
from onecard.harness.verdict import Inconclusive
from onecard.oracle import purse as computation
from onecard.oracle.purse import Books
from onecard.spec.card import Command
from onecard.spec.card_purse import LOAD, PURCHASE, PurseSpec, names, p1_p2, purse_of
from onecard.spec.text import Text

TERMINAL = bytes.fromhex("112233445566")
TERMINAL_SERIAL = bytes.fromhex("00000721")
NOON = bytes.fromhex("120000")
FIRST_YEAR = 2026
_MAC = "MAC"
_INITIALIZE = {LOAD: "INITIALIZE-FOR-LOAD", PURCHASE: "INITIALIZE-FOR-PURCHASE"}
_COMPLETE = {LOAD: "CREDIT-FOR-LOAD", PURCHASE: "DEBIT-FOR-PURCHASE"}
_OURS = {LOAD: "mac2", PURCHASE: "mac1"}
_SERIALS = {LOAD: "load-serial", PURCHASE: "purchase-serial"}


@dataclass(frozen=True, slots=True)
class Begun:
    """A transaction that an initialisation began: its fields by name, and the card's answer."""

    transaction: str
    fields: Mapping[str, bytes]
    response: Response

    @property
    def version(self) -> int:
        """The key version that the card names."""
        return self.fields["version"][0]


class PurseHost:
    """Does transactions with one card, or stops half-way."""

    def __init__(self, card: CardUnderTest) -> None:
        self.card = card
        self.purse: PurseSpec = purse_of(card.spec)

    # --- commands ---

    def spec_of(self, command_id: str) -> Command:
        """A command's data."""
        return self.card.spec.command(command_id)

    def command(
        self, command_id: str, data: bytes = b"", *, p1: int | None = None, p2: int | None = None, le: int | None = None
    ) -> bytes:
        """A command of the purse, with the P1 and P2 of the data unless others are given."""
        command = self.spec_of(command_id)
        right = p1_p2(command)
        header = bytes(
            (command.cla, command.ins, right[0] if p1 is None else p1, (right[1] or 0) if p2 is None else p2)
        )
        return header + (bytes((len(data),)) + data if le is None else bytes((le,)))

    def data(self, command_id: str, fields: Mapping[str, bytes]) -> bytes:
        """The data of a command."""
        return b"".join(fields[name] for name in names(self.spec_of(command_id), "data"))

    def split(self, command_id: str, answer: bytes) -> dict[str, bytes]:
        """The fields of a command's answer."""
        found, start = {}, 0
        for name in names(self.spec_of(command_id), "answer"):
            found[name] = answer[start : start + self.purse.lengths[name]]
            start += self.purse.lengths[name]
        return found

    def length(self, command_id: str) -> int:
        """Bytes of a command's answer."""
        return sum(self.purse.lengths[name] for name in names(self.spec_of(command_id), "answer"))

    # --- preamble ---

    def ready(self) -> None:
        """The purse's application, with the PIN verified."""
        self.card.select_world(self.spec_of(_INITIALIZE[LOAD]).where[0])
        self.card.present_pin()

    def books(self) -> Books:
        """What the purse shows, read anew; it is idle afterwards where GET BALANCE keeps the state."""
        load = self.begin(LOAD, {"amount": 1}).fields
        purchase = self.begin(PURCHASE, {}).fields
        return Books(
            balance=_number(purchase["balance"]),
            self_paid_sum=_number(purchase["self-paid-sum"]),
            pooled_sum=_number(purchase["pooled-sum"]),
            pay_year=computation.year(purchase["pay-year"]),
            starting_day=computation.decimal(self.starting_day()),
            load_serial=_number(load["load-serial"]),
            purchase_serial=_number(purchase["purchase-serial"]),
            newest=self.newest(),
        )

    def balance(self, p2: int) -> Response:
        """GET BALANCE with the Le of the data."""
        answer = next((each.answer for each in self.purse.balances if each.p2 == p2), ())
        le = sum(self.purse.lengths[name] for name in answer)
        return self.card.send(self.command("GET-BALANCE", p2=p2, le=le))

    def starting_day(self) -> bytes:
        """The starting day, mmdd in BCD."""
        command = self.command("GET-STARTING-DAY", le=self.length("GET-STARTING-DAY"))
        step = Text("取起始日", "read the starting day")
        return self.card.preamble(self.card.send(command), step, self.length("GET-STARTING-DAY")).data

    def newest(self) -> bytes | None:
        """The newest record of the log; None where there is none, and without a PIN: what opens it then is open."""
        if not self.card.ics["card.pin"]:
            return None
        self.card.select_file(self.purse.log)
        response = self.card.send(self.card.apdu.read_record(1, 4))
        if self.card.spec.command("READ-RECORD").statuses["record-not-found"].matches(response.sw):
            return None
        return self.card.preamble(response, Text("读最新交易明细", "read the newest log record")).data

    # --- transactions ---

    def initialize(self, transaction: str, amounts: Mapping[str, int], index: int = 1) -> bytes:
        """The INITIALIZE command; amounts by name, those not given are 0."""
        return self.command(_INITIALIZE[transaction], self.data(_INITIALIZE[transaction], self._terms(amounts, index)))

    def _terms(self, amounts: Mapping[str, int], index: int) -> dict[str, bytes]:
        every = ("amount", "account", "self-paid", "pooled")
        octets = {name: amounts.get(name, 0).to_bytes(self.purse.lengths[name], "big") for name in every}
        return {**octets, "index": bytes((index,)), "terminal": TERMINAL}

    def begin(self, transaction: str, amounts: Mapping[str, int], index: int = 1) -> Begun:
        """Initialise a transaction, as a preamble."""
        response = self.card.send(self.initialize(transaction, amounts, index))
        step = Text("交易初始化", f"initialise a {transaction}")
        self.card.preamble(response, step, self.length(_INITIALIZE[transaction]))
        return self.begun(transaction, amounts, response, index)

    def begun(self, transaction: str, amounts: Mapping[str, int], response: Response, index: int = 1) -> Begun:
        """The transaction that an INITIALIZE command began."""
        fields = self._terms(amounts, index) | self.split(_INITIALIZE[transaction], response.data)
        fields["type"] = bytes((self.purse.types[transaction],))
        fields["serial"] = fields[_SERIALS[transaction]]
        fields["terminal-serial"] = TERMINAL_SERIAL
        if transaction == LOAD:
            after = _number(fields["balance"]) + _number(fields["amount"])
            width = self.purse.lengths["balance"]
            fields |= {"balance-after": (after % (1 << 8 * width)).to_bytes(width, "big"), "account": fields["amount"]}
        return Begun(transaction, fields, response)

    def mac(self, begun: Begun, gives: str, time: bytes = b"", *, key: str | None = None) -> bytes:
        """MAC1 or MAC2 of a transaction at ``time`` (7 bytes of BCD), under a session key of its own key."""
        rules, fields = self.card.rules, {**begun.fields, "time": time}
        secret = self.card.key(key or self.purse.key(begun.transaction), begun.version)
        (random,), (inputs,) = (
            computation.inputs_of(self.purse, begun.transaction, what) for what in ("session", gives)
        )
        session = computation.session_key(rules, secret, random, fields)
        return computation.mac(rules, session, inputs, fields)

    def tacs(self, begun: Begun, time: bytes) -> frozenset[bytes]:
        """The TACs that a transaction may have."""
        key = self.card.key(self.purse.tac_key, begun.version)
        fields = {**begun.fields, "time": time}
        lists = computation.inputs_of(self.purse, begun.transaction, "tac")
        return frozenset(computation.tac(self.card.rules, key, inputs, fields) for inputs in lists)

    def completion(self, begun: Begun, time: bytes, mac: bytes | None = None) -> bytes:
        """CREDIT or DEBIT; ``mac`` in place of the right one."""
        ours = _OURS[begun.transaction]
        right = self.mac(begun, ours, time) if mac is None else mac
        command = _COMPLETE[begun.transaction]
        return self.command(command, self.data(command, {**begun.fields, "time": time, ours: right}))

    def complete(self, begun: Begun, time: bytes) -> Response:
        """CREDIT or DEBIT with the right MAC."""
        return self.card.send(self.completion(begun, time))

    def answer(self, begun: Begun, response: Response) -> dict[str, bytes]:
        """The fields of the answer to CREDIT or DEBIT."""
        return self.split(_COMPLETE[begun.transaction], response.data)

    def refused_mac(self, begun: Begun, time: bytes, mac: bytes) -> Response:
        """CREDIT or DEBIT with a wrong MAC; not sent to a card that counts such failures and has few tries left."""
        if self.card.was_refused(_MAC):
            raise Inconclusive(
                zh="卡片对交易 MAC 错误计数且次数将尽，不再试错",
                en="the card counts wrong MACs of transactions and has few tries left; none is sent any more",
            )
        response = self.card.send(self.completion(begun, time, mac))
        if response.sw & 0xFFF0 == 0x63C0 and response.sw & 0x0F <= LEAST_TRIES:
            self.card.noted(_MAC, response)
        return response

    def fund(self, amount: int) -> None:
        """See that the balance is ``amount`` fen at least."""
        missing = amount - _number(self.begin(PURCHASE, {}).fields["balance"])
        if missing > 0:
            begun = self.begin(LOAD, {"amount": missing})
            self.card.preamble(self.complete(begun, self.time(FIRST_YEAR * 10000 + 101)), Text("圈存", "load"))

    # --- time ---

    @staticmethod
    def time(date: int) -> bytes:
        """Noon of a date (the number yyyymmdd), in BCD."""
        return bytes.fromhex(f"{date:08d}") + NOON

    @staticmethod
    def first_day(books: Books, years: int = 0) -> int:
        """The first day of the payment year ``years`` on; a card without a payment year begins with FIRST_YEAR."""
        day = max(books.starting_day, 101)
        return ((books.pay_year or FIRST_YEAR) + years) * 10000 + day

    @staticmethod
    def day_before(date: int) -> int:
        """The calendar day before."""
        before = dt.date(date // 10000, date // 100 % 100, date % 100) - dt.timedelta(days=1)
        return int(f"{before:%Y%m%d}")


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")
