"""Decisions of the transport application that real cards get wrong."""

from collections.abc import Sequence

from emulator.card.state import SecurityState


class TransportBehaviour:
    """Purse transactions and maintenance by MAC."""

    def balance_shown(self, reading: str, balance: int, overdraft: int, right: int) -> int:
        """The balance that GET BALANCE or an initialisation tells; ``reading`` is what is asked for."""
        return right

    def balance_answer(self, query: str, right: bytes) -> bytes:
        """The answer to GET BALANCE."""
        return right

    def knows_index(self, wanted: int, index: int) -> bool:
        """Whether the key index of an initialisation names the key ``index``."""
        return wanted == index

    def affordable(self, balance: int, overdraft: int, amount: int) -> bool:
        """Whether the purse can pay ``amount``."""
        return amount <= balance + overdraft

    def transaction_random(self, transaction: str, random: bytes) -> bytes:
        """The random value of an initialisation."""
        return random

    def initialised(self, transaction: str, right: bytes) -> bytes:
        """The answer to an initialisation."""
        return right

    def transaction_open(self, wanted: Sequence[str], transaction: str | None) -> str | None:
        """The transaction that a command goes on with: the initialised one, where the command is one of its own."""
        return transaction if transaction in wanted else None

    def ends_transaction(self, command: str, right: bool) -> bool:
        """Whether another command ends an initialised transaction."""
        return right

    def transaction_after_refusal(self, transaction: str) -> str | None:
        """The transaction that is still open after its DEBIT or CREDIT was refused."""
        return None

    def transaction_after_selection(self, transaction: str | None) -> str | None:
        """The transaction that is still open after an application was selected, or the card reset."""
        return None

    def transport_session(self, transaction: str, right: bytes) -> bytes:
        """The session key of a transaction."""
        return right

    def accepts_purse_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        """Whether MAC1 of a purchase, or MAC2 of a load, is right."""
        return computed == given

    def balance_after(self, transaction: str, before: int, amount: int, right: int) -> int:
        """The balance after a transaction."""
        return right

    def sequence_after(self, transaction: str, before: int) -> int:
        """The sequence number after a transaction."""
        return before + 1

    def tac_balance(self, before: int, after: int) -> int:
        """The balance over which the TAC of a load is made: the one after loading."""
        return after

    def transaction_answer(self, transaction: str, mac2: bytes, tac: bytes, right: bytes) -> bytes:
        """The answer to DEBIT or CREDIT."""
        return right

    def transaction_logged(self, transaction: str, record: bytes) -> bytes | None:
        """The record of the log; None keeps no record."""
        return record

    def cache_written_at_once(self) -> bool:
        """Whether the cache command writes to the file itself."""
        return False

    def caches_committed(self, caches: Sequence[bytes]) -> int:
        """How many of the cached records a successful compound purchase writes."""
        return len(caches)

    def caches_of_new_transaction(self, before: Sequence[bytes]) -> int:
        """How many cached records of an abandoned compound purchase a new one begins with."""
        return 0

    def finds_cached_record(self, identifier: int, asked: int) -> bool:
        """Whether the record with ``identifier`` (its second byte) is the one that the cache command asks for."""
        return identifier == asked

    def proof_matches(self, proof: bytes, wanted: bytes) -> bool:
        """Whether the transaction kept is the one of this type and sequence number."""
        return proof.startswith(wanted)

    def proof_given(self, right: bytes) -> bytes:
        """MAC and TAC of the transaction kept."""
        return right

    def transport_key(self, root: bytes, own: bytes) -> bytes:
        """The card's own key, diversified from ``root``."""
        return own

    def maintenance_challenge(self, state: SecurityState) -> bytes | None:
        """The challenge of a maintenance command; None when there is none."""
        return state.challenge

    def challenge_after_maintenance(self, state: SecurityState) -> SecurityState:
        """A challenge serves once, whatever the MAC's outcome."""
        return state.with_challenge(None)

    def maintenance_initial(self, right: bytes) -> bytes:
        """The initial value of a maintenance MAC."""
        return right

    def accepts_maintenance_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        """Whether the MAC of a maintenance command is right."""
        return computed == given

    def secured_octets(self, old: bytes, new: bytes) -> bytes:
        """What a secured update leaves in the file."""
        return new

    def octets_after_bad_mac(self, old: bytes, new: bytes) -> bytes:
        """What a secured update with a wrong MAC leaves in the file."""
        return old

    def blocked_after(self, right: bool) -> bool:
        """Whether the application is blocked after APPLICATION BLOCK with the right MAC."""
        return right

    def application_blocked(self, command: str, blocked: bool) -> bool:
        """Whether a command of a blocked application is refused."""
        return blocked
