"""What a purse transaction is computed from, and what it leaves on the card.

Source: the draft of 2011, part 7 (flows of load and purchase, TAC, payment year) and part 4 (MAC without the header).
The inputs are lists of the specification's data, so the transport purse is computed here too. Big-endian throughout.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from onecard.oracle import session as computation
from onecard.oracle.errors import ComputationError
from onecard.spec.card_purse import PurseSpec

Fields = Mapping[str, bytes]

BALANCE_AFTER: Final = "balance-after"
EARLIEST: Final = 1980
LATEST: Final = 2199

_SOURCE: Final = re.compile(r"=(?P<literal>(?:[0-9A-F]{2})+)|(?P<name>[a-z0-9-]+?)(?::last-(?P<last>[1-9]))?")


class UnknownInput(ComputationError):
    """A list of inputs names what the transaction does not have."""


def assemble(inputs: Sequence[str], fields: Fields) -> bytes:
    """``inputs`` in order: ``amount`` a field, ``terminal-serial:last-2`` its last bytes, ``=8000`` bytes as written.

    Raises UnknownInput.
    """
    return b"".join(_octets(source, fields) for source in inputs)


def _octets(source: str, fields: Fields) -> bytes:
    match = _SOURCE.fullmatch(source)
    name = match["name"] or "" if match else ""
    if match and match["literal"]:
        return bytes.fromhex(match["literal"])
    if match is None or name not in fields:
        raise UnknownInput(zh=f"交易中没有输入项 {source}", en=f"the transaction has no input {source}")
    value = fields[name]
    return value[len(value) - int(match["last"]) :] if match["last"] else value


def session_key(rules: computation.Rules, key: bytes, inputs: Sequence[str], fields: Fields) -> bytes:
    """The session key of a transaction: the assembled inputs as the random value. Raises WrongOperandLength."""
    return computation.session_key(rules, key, assemble(inputs, fields))


def mac(rules: computation.Rules, session: bytes, inputs: Sequence[str], fields: Fields) -> bytes:
    """MAC1 or MAC2, 4 bytes: over the data elements alone, from a zero block."""
    return computation.mac4(rules, session, assemble(inputs, fields), computation.zero_block(rules))


def tac(rules: computation.Rules, key: bytes, inputs: Sequence[str], fields: Fields) -> bytes:
    """The transaction code, 4 bytes, under the 16-byte TAC key itself (no session key)."""
    return computation.tac(rules, key, assemble(inputs, fields))


@dataclass(frozen=True, slots=True)
class Books:
    """What a purse shows of itself: amounts in fen, transaction counters, the newest log record (None: none yet)."""

    balance: int
    self_paid_sum: int
    pooled_sum: int
    pay_year: int
    starting_day: int
    load_serial: int
    purchase_serial: int
    newest: bytes | None

    def year_start(self) -> int:
        """The first day of the payment year as the number yyyymmdd."""
        return self.pay_year * 10000 + self.starting_day

    def __str__(self) -> str:
        """For people: amounts in fen."""
        newest = f", newest record {self.newest.hex().upper()}" if self.newest is not None else ""
        return (
            f"balance {self.balance}, own payments {self.self_paid_sum}, pooled {self.pooled_sum}, "
            f"year {self.pay_year}, starting day {self.starting_day:04d}, load counter {self.load_serial}, "
            f"purchase counter {self.purchase_serial}{newest}"
        )


def decimal(octets: bytes) -> int:
    """The number of BCD digits. Raises NotDigits."""
    if not octets.hex().isdigit():
        raise computation.NotDigits(zh=f"{octets.hex().upper()} 不是 BCD", en=f"{octets.hex().upper()} is not BCD")
    return int(octets.hex())


def year(octets: bytes) -> int:
    """The payment year, in BCD or (as the draft leaves the coding open) binary; 0 on a card without a transaction."""
    digits = octets.hex()
    if digits.isdigit() and (int(digits) == 0 or EARLIEST <= int(digits) <= LATEST):
        return int(digits)
    return int.from_bytes(octets, "big")


def after_load(books: Books, amount: int) -> Books:
    """The books after a load, without the log."""
    return replace(books, balance=books.balance + amount, load_serial=books.load_serial + 1)


def after_purchase(
    books: Books, account: int, self_paid: int, pooled: int, date: int, *, year_length: int = 10000
) -> Books:
    """The books after a purchase on ``date`` (the number yyyymmdd), without the log.

    From a difference of ``year_length`` between the date and the start of the payment year on a new year begins.
    """
    begins = date - books.year_start() >= year_length
    first = date // 10000 if date % 10000 >= books.starting_day else date // 10000 - 1
    return replace(
        books,
        balance=books.balance - account,
        self_paid_sum=self_paid if begins else books.self_paid_sum + self_paid,
        pooled_sum=pooled if begins else books.pooled_sum + pooled,
        pay_year=first if begins else books.pay_year,
        purchase_serial=books.purchase_serial + 1,
    )


def log_records(purse: PurseSpec, fields: Fields) -> frozenset[bytes]:
    """The log records that may stand for a transaction: whole or (personal account alone) short, and with its serial
    before or after the counter went on, which the draft leaves open.
    """
    serial = fields["serial"]
    following = ((int.from_bytes(serial, "big") + 1) % (1 << 8 * len(serial))).to_bytes(len(serial), "big")
    return frozenset(
        assemble(inputs, {**fields, "serial": each})
        for inputs in (purse.log_record, purse.short_log_record)
        for each in (serial, following)
    )


def inputs_of(purse: PurseSpec, transaction: str, gives: str) -> tuple[tuple[str, ...], ...]:
    """The lists of inputs that the data allow for a computation: more than one where the sources leave it open."""
    rule = purse.computation(transaction, gives)
    if rule.other_balance is None:
        return (rule.inputs,)
    other = tuple(rule.other_balance if each == BALANCE_AFTER else each for each in rule.inputs)
    return (rule.inputs, other)
