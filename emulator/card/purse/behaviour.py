"""Decisions of a purse that real cards get wrong."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from emulator.card.purse.image import Proof

IDLE = "idle"
W = TypeVar("W")


class PurseBehaviour:
    """States, computations and bookkeeping of purse transactions."""

    def purse_allows(self, state: str, command: str, right: bool) -> bool:
        """Whether a command is allowed in a state."""
        return right

    def purse_state_after(self, command: str, before: str, right: str) -> str:
        """The state after a command that succeeded."""
        return right

    def purse_state_after_failure(self, before: str) -> str:
        """The state after a command that failed or was not allowed."""
        return IDLE

    def purse_state_after_select(self, before: str) -> str:
        """The state after an application was selected."""
        return IDLE

    def purse_state_after_reset(self, before: str) -> str:
        """The state after a reset."""
        return IDLE

    def purse_random(self, fresh: bytes, last: bytes) -> bytes:
        """The random value of an initialisation; ``last`` is that of the one before (empty at first)."""
        return fresh

    def purse_version(self, index: int, versions: Sequence[int], right: int | None) -> int | None:
        """The key version of an index; None answers "index not supported"."""
        return right

    def purse_version_shown(self, version: int) -> int:
        """The key version in the answer."""
        return version

    def purse_initialised(self, transaction: str, right: bytes) -> bytes:
        """The answer of an initialisation."""
        return right

    def purse_covers(self, balance: int, account: int) -> bool:
        """Whether the balance pays for a purchase."""
        return account <= balance

    def purse_takes(self, balance: int, amount: int, limit: int) -> bool:
        """Whether an amount fits into the balance."""
        return balance + amount <= limit

    def purse_session(self, transaction: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        """The session key."""
        return right

    def purse_inputs(self, transaction: str, gives: str, right: tuple[str, ...]) -> tuple[str, ...]:
        """What a session key, MAC or TAC is computed from, by name."""
        return right

    def purse_mac(self, transaction: str, gives: str, right: bytes) -> bytes:
        """MAC1 of a load or MAC2 of a purchase, as the card gives it."""
        return right

    def purse_accepts_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        """Whether the MAC of the other side is right."""
        return computed == given

    def purse_tac(self, transaction: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        """The transaction code."""
        return right

    def purse_balance_after(self, transaction: str, before: int, right: int) -> int:
        """The balance after a transaction."""
        return right

    def purse_serial_after(self, transaction: str, before: int) -> int:
        """The transaction counter after a transaction."""
        return before + 1

    def purse_year_begins(self, difference: int, length: int) -> bool:
        """Whether a new payment year begins; ``difference``: of the date and the start of the year."""
        return difference >= length

    def purse_sum_after(self, before: int, amount: int, new_year: bool) -> int:
        """A sum of the year after a purchase."""
        return amount if new_year else before + amount

    def purse_log_record(self, right: bytes) -> bytes:
        """The log record of a transaction; empty writes none."""
        return right

    def purse_log(self, record: bytes, old: tuple[bytes, ...], capacity: int) -> tuple[bytes, ...]:
        """The log after a transaction, newest first."""
        return (record, *old)[:capacity]

    def purse_writes(self, writes: Sequence[W]) -> Iterable[Sequence[W]]:
        """What is written together: all of a transaction is one change."""
        return (writes,)

    def purse_kept_after_refusal(self, writes: Sequence[W]) -> Sequence[W]:
        """What a transaction with a wrong MAC writes all the same: nothing."""
        return ()

    def purse_balance_readable(self, pin_set: bool, pin_verified: bool) -> bool:
        """Whether balances may be read."""
        return pin_verified or not pin_set

    def purse_balance_read(self, p2: int, right: bytes) -> bytes:
        """The answer of GET BALANCE."""
        return right

    def purse_proof(self, proofs: Mapping[str, Proof], transaction: str, serial: bytes) -> Proof | None:
        """The proof of a transaction; None where it is not available."""
        found = proofs.get(transaction)
        return found if found is not None and found.serial == serial else None

    def purse_proof_kept(self, right: Proof) -> Proof:
        """What is kept to prove a transaction."""
        return right

    def purse_day_updatable(self, granted: bool) -> bool:
        """Whether the starting day may be updated."""
        return granted

    def purse_day_stored(self, given: bytes, old: bytes) -> bytes:
        """The starting day after its update."""
        return given
