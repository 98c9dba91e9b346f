"""The transport purse as its terminal, host and issuer compute it: keys, MAC1, MAC2, TAC, maintenance MAC, answers.

The rules come from programs that serve such cards; which inputs a value is made of stands in the specification's data.
Always 3DES, whatever the card's own algorithm. Keys of 16 bytes, everything big-endian as it stands in commands.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from onecard.oracle import purse
from onecard.oracle.blocks import Algorithm, cbc_last_block, encrypt_block, pad_80, xor
from onecard.oracle.errors import ComputationError, DecodeError
from onecard.oracle.session import DRAFT_RULES, diversify
from onecard.spec.card_transport import MaintenanceMac, Transaction, TransportFactor

RULES: Final = DRAFT_RULES[Algorithm.TDES]
BLOCK: Final = 8
SIZES: Final[Mapping[str, int]] = {
    "balance": 4,
    "sequence": 2,
    "overdraft": 3,
    "key-version": 1,
    "algorithm": 1,
    "random": 4,
    "mac1": 4,
    "amount": 4,
    "type": 1,
    "terminal": 6,
    "terminal-sequence": 4,
    "date": 4,
    "time": 3,
}
"""Bytes of the elements of answers and log records."""

Fields = Mapping[str, bytes]


class WrongElements(DecodeError):
    """An answer or a log record has not the length of its elements."""


class WrongFactor(ComputationError):
    """A file is too short for the diversification factor that it should give."""


def elements(names: Sequence[str], octets: bytes) -> dict[str, bytes]:
    """The elements of an answer or log record by name. Raises WrongElements for another length than theirs."""
    expected = sum(SIZES[name] for name in names)
    if len(octets) != expected:
        raise WrongElements(
            offset=min(expected, len(octets)),
            zh=f"应为 {expected} 字节，实为 {len(octets)} 字节",
            en=f"{expected} bytes are required here, not {len(octets)}",
        )
    found: dict[str, bytes] = {}
    for name in names:
        found[name], octets = octets[: SIZES[name]], octets[SIZES[name] :]
    return found


def card_key(root: bytes, factors: Sequence[TransportFactor], contents: Mapping[str, bytes]) -> bytes:
    """The card's key below ``root``, by factors taken from ``contents`` of its files. Raises WrongFactor."""
    return diversify(RULES, root, [_factor(rule, contents) for rule in factors])


def _factor(rule: TransportFactor, contents: Mapping[str, bytes]) -> bytes:
    made = contents[rule.file][rule.offset : rule.offset + rule.length] + rule.suffix
    if len(made) != BLOCK:
        raise WrongFactor(
            zh=f"{rule.file} 给出的分散因子为 {len(made)} 字节，应为 {BLOCK}",
            en=f"the factor that {rule.file} gives has {len(made)} bytes instead of {BLOCK}",
        )
    return made


def session_key(transaction: Transaction, key: bytes, fields: Fields) -> bytes:
    """The 8-byte session key of a transaction."""
    return purse.session_key(RULES, key, transaction.session, fields)


def mac1(transaction: Transaction, session: bytes, fields: Fields) -> bytes:
    """MAC1, 4 bytes: the card's of a load, the terminal's of a purchase."""
    return purse.mac(RULES, session, transaction.mac1, fields)


def mac2(transaction: Transaction, session: bytes, fields: Fields) -> bytes:
    """MAC2, 4 bytes: the host's of a load, the card's of a purchase."""
    return purse.mac(RULES, session, transaction.mac2, fields)


def tac(transaction: Transaction, key: bytes, fields: Fields) -> bytes:
    """The transaction code, 4 bytes, under the TAC key itself (its halves exclusive-ored)."""
    return purse.tac(RULES, key, transaction.tac, fields)


def log_record(transaction: Transaction, fields: Fields) -> bytes:
    """The record that the transaction leaves in the log."""
    return purse.assemble(transaction.log, fields)


def maintenance_mac(rule: MaintenanceMac, key: bytes, challenge: bytes, data: bytes) -> bytes:
    """The MAC of a maintenance command over ``data``: header (Lc counts the MAC) and command data.

    CBC from ``challenge`` and the rule's padding: single DES, the last block as the rule says. Raises WrongBlockLength.
    """
    initial = challenge[: rule.challenge] + rule.pad
    padded = pad_80(Algorithm.TDES, data)
    head, tail = padded[:-BLOCK], padded[-BLOCK:]
    chained = cbc_last_block(Algorithm.TDES, key[:BLOCK], initial, head)
    last = key if rule.last_block == "3des" else key[:BLOCK]
    return encrypt_block(Algorithm.TDES, last, xor(chained, tail))[: rule.length]
