"""Every decision of the card that real implementations get wrong, as one small method each.

The core asks these methods and takes their answer; as they stand they are right. A mutant or a variant of the card is a
subclass that overrides a few of them, so the core holds no code of any mutant. Methods receive what the decision needs
and the right value where one was computed already.
"""

from collections.abc import Callable, Sequence

from emulator.card import access, addressing
from emulator.card.behaviours.field import FieldBehaviour
from emulator.card.behaviours.files import BinaryBehaviour, RecordStructureBehaviour
from emulator.card.behaviours.maintenance import BlockingBehaviour, MessagingBehaviour, PinMaintenanceBehaviour
from emulator.card.behaviours.memory import MemoryBehaviour
from emulator.card.certificate.behaviour import CertificateBehaviour
from emulator.card.financial.behaviour import FinancialBehaviour
from emulator.card.purse.behaviour import PurseBehaviour
from emulator.card.state import Position, SecurityState
from emulator.card.transport.behaviour import TransportBehaviour
from onecard.spec.card import FileSpec, Mode

PIN = "PIN"
"""The name under which the PIN's counter is asked about; keys have the names of the data (UKSSSE, ...)."""


class ResetBehaviour:
    """Answer to reset, and what survives reset and power-off."""

    def historical(self, right: bytes) -> bytes:
        """The 13 historical bytes shown in the ATR (the keys stay diversified by the right ones)."""
        return right

    def atr(self, right: bytes) -> bytes:
        """The answer to a cold reset."""
        return right

    def warm_atr(self, right: bytes) -> bytes:
        """The answer to a warm reset."""
        return right

    def position_after_reset(self, before: Position, initial: Position) -> Position:
        """Where the card stands after a reset."""
        return initial

    def security_after_reset(self, before: SecurityState) -> SecurityState:
        """What stays proved after a warm reset."""
        return SecurityState()

    def security_after_power_off(self, before: SecurityState) -> SecurityState:
        """What stays proved after the supply was taken away, and so after a cold reset."""
        return SecurityState()

    def waiting_after_reset(self, waiting: bytes) -> bytes:
        """What GET RESPONSE may still fetch after a reset."""
        return b""


class TransmissionBehaviour:
    """Dispatch, lengths, status words and T=0."""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        """The whole answer, data and status; None stays silent."""
        return right

    def status(self, command: str, condition: str, right: int) -> int:
        """The status word of a refusal. ``command`` is the id in the data or GENERAL, ``condition`` its name there."""
        return right

    def offers_commands_of_others(self, application: str) -> bool:
        """Whether a command that ``application`` does not have is looked for in the other environments of the card."""
        return False

    def accepts_class(self, cla: int) -> bool:
        """Whether a class byte that no command has is taken as that of the command with the same INS."""
        return False

    def mend(self, command: str, apdu: bytes) -> bytes | None:
        """A well-formed command in place of one whose Lc and length disagree; None refuses it."""
        return None

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        """Whether Lc (case 3, 4) or Le (case 2) is allowed for the command; ``right`` is what the data say."""
        return right

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        """Whether P1 and P2 are allowed for the command; ``right`` is what the rules say."""
        return right

    def announces(self, command: str) -> bool:
        """Whether the answer of a case-4 command waits for GET RESPONSE (61xx) instead of following at once."""
        return True

    def announced_length(self, command: str, actual: int) -> int:
        """The length said in 61xx."""
        return actual

    def drops_waiting(self, command: str) -> bool:
        """Whether a command makes waiting data unobtainable; ``command`` is GENERAL for an unknown one."""
        return command != "GET-RESPONSE"

    def waiting_after_wrong_length(self, waiting: bytes) -> bytes:
        """What waits after GET RESPONSE was answered with 6Cxx."""
        return waiting

    def rest_after_part(self, rest: bytes) -> bytes:
        """What waits after GET RESPONSE fetched a part."""
        return rest

    def accepts_expected_length(self, command: str, expected: int, actual: int, right: bool) -> bool:
        """Whether data of ``actual`` bytes is given although Le says ``expected`` (0 for 00 and for none)."""
        return right

    def reported_length(self, command: str, expected: int, actual: int) -> int:
        """The length said in 6Cxx."""
        return actual


class SelectionBehaviour:
    """SELECT: what is found, what is answered, what it changes."""

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        """Whether a DF with ``name`` is meant by ``asked``; ``partial``: the card declares partial names."""
        return asked == name or (partial and name.startswith(asked))

    def occurrences_left(self, matches: Sequence[str], current: str) -> Sequence[str]:
        """The applications that "next occurrence" may still give, when ``current`` is selected."""
        return matches[matches.index(current) + 1 :] if current in matches else matches

    def finds_file_generally(self, declared: bool) -> bool:
        """Whether SELECT with P1=00 finds EFs too."""
        return declared

    def file_in_reach(self, file: FileSpec | None, anywhere: FileSpec | None) -> FileSpec | None:
        """The EF selected by its identifier: ``file`` of the current application, not one from ``anywhere`` else."""
        return file

    def fci(self, application: str, right: bytes) -> bytes:
        """The file control information of an application; empty answers with the status alone."""
        return right

    def fci_objects(self, application: str, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """The data objects in the FCI template, in order."""
        return right

    def algorithm_identifier(self, right: int) -> int:
        """The identifier of the algorithm in the FCI."""
        return right

    def position_after_select(self, before: Position, selected: Position) -> Position:
        """Where the card stands after a DF or EF was selected."""
        return selected

    def position_after_failed_select(self, before: Position) -> Position:
        """Where the card stands after a SELECT that found nothing."""
        return before

    def security_after_failed_select(self, before: SecurityState) -> SecurityState:
        """What stays proved after a SELECT that found nothing."""
        return before

    def security_after_select(self, state: SecurityState, before: str, after: str) -> SecurityState:
        """What stays proved after an application was selected; the same one again changes nothing (profile)."""
        if before == after:
            return state
        return self.challenge_after_select(self.rights_after_select(state))

    def rights_after_select(self, state: SecurityState) -> SecurityState:
        """Another application was selected: key authentications end, the PIN stays verified until power-off."""
        return state.without_keys()

    def challenge_after_select(self, state: SecurityState) -> SecurityState:
        """Another application was selected: the challenge was given in the old one."""
        return state.with_challenge(None)

    def security_after_file(self, state: SecurityState) -> SecurityState:
        """What stays proved after an EF of the same application was selected."""
        return state


class RecordBehaviour:
    """READ RECORD and UPDATE RECORD."""

    def undefined_mode(self, mode: int, modes: Sequence[Mode]) -> Mode | None:
        """What an undefined mode number is taken for; None refuses it."""
        return None

    def accepts_sfi(self, sfi: int, right: bool) -> bool:
        """Whether a short file identifier is in the allowed range."""
        return right

    def position_after_sfi(self, before: Position, addressed: Position) -> Position:
        """Where the card stands after a file was addressed by its SFI."""
        return addressed

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        """Whether ``file`` may be read."""
        return access.granted(file.read, state)

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        """Whether ``file`` may be updated."""
        return access.granted(file.update, state)

    def reserved(self, number: int) -> bool:
        """Whether a record number (or identifier) is reserved: 00 and FF mean no record."""
        return number in (0x00, 0xFF)

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        """Index of the record that ``mode`` and ``p1`` mean; ``pointer`` is the current record."""
        return addressing.locate(identifiers, mode, p1, pointer)

    def range_order(self, mode: Mode, indices: Sequence[int]) -> Sequence[int]:
        """The records that modes 5 and 6 give, in order."""
        return indices

    def record_read(self, file: FileSpec, right: bytes) -> bytes:
        """The bytes of one record, or of a range, as they are read."""
        return right

    def pointer_after_record(self, mode: Mode, before: int | None, found: int) -> int | None:
        """The current record after ``found`` was read or updated: only access by identifier moves the pointer."""
        return found if mode.by == "identifier" else before

    def tlv_agrees(self, record: bytes) -> bool:
        """Whether the data of an update is one whole TLV."""
        return len(record) >= 2 and len(record) == 2 + record[1]

    def identifier_agrees(self, identifier: int, record: bytes) -> bool:
        """Whether a record addressed by identifier may be replaced by ``record``."""
        return record[0] == identifier

    def has_room(self, used: int, capacity: int) -> bool:
        """Whether records of ``used`` bytes in all fit into the file."""
        return used <= capacity

    def record_stored(self, old: bytes | None, new: bytes) -> bytes:
        """What an update leaves in the file; ``old`` is None for an appended record."""
        return new

    def record_after_refusal(self, condition: str, old: bytes, new: bytes) -> bytes:
        """What a refused update (condition security or tlv) leaves of the record that it meant."""
        return old


class AuthenticationBehaviour:
    """Challenge, keys, internal and external authentication, and the counters they share with the PIN."""

    def challenge_bytes(self, length: int, random: Callable[[int], bytes]) -> bytes:
        """A new challenge."""
        return random(length)

    def security_after_challenge(self, state: SecurityState, challenge: bytes) -> SecurityState:
        """The challenge given is kept for one use."""
        return state.with_challenge(challenge)

    def challenge_to_use(self, state: SecurityState) -> bytes | None:
        """The challenge of an external authentication; None when there is none."""
        return state.challenge

    def consume_challenge(self, state: SecurityState) -> SecurityState:
        """A challenge serves once, whatever the authentication's outcome."""
        return state.with_challenge(None)

    def key_found(self, candidates: Sequence[str], wanted: int, right: str | None) -> str | None:
        """The key named by P2; ``candidates`` are all keys in reach of the current application."""
        return right

    def key_version(self, stated: int | None, default: int) -> int:
        """The version meant; ``stated`` is the 17th byte or None."""
        return default if stated is None else stated

    def key_of_version(self, versions: Sequence[int], wanted: int) -> int | None:
        """The version used when ``wanted`` is asked for; None answers "key not found"."""
        return wanted if wanted in versions else None

    def session_random(self, random: bytes) -> bytes:
        """The random value from which the session key is made."""
        return random

    def session_key(self, key: bytes, random: bytes, right: bytes) -> bytes:
        """The session key."""
        return right

    def authentication_data(self, session: bytes, original: bytes, right: bytes) -> bytes:
        """The authentication data over ``original``."""
        return right

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        """Whether the data given prove the key."""
        return computed == given

    def counted(self, name: str, right: bool) -> bool:
        """Whether failures of this key (or PIN) are counted."""
        return right

    def blocked(self, name: str, tries: int) -> bool:
        """Whether no try is left."""
        return tries <= 0

    def tries_before_comparison(self, name: str, tries: int) -> int:
        """The counter is taken down before comparing, so that cutting the supply gains nothing."""
        return tries - 1

    def tries_after_failure(self, name: str, tries: int) -> int:
        """The counter after a failure; ``tries`` is the one already taken down."""
        return tries

    def tries_after_success(self, name: str, tries: int, limit: int) -> int:
        """The counter after a success: the maximum again."""
        return limit

    def tries_reported(self, name: str, tries: int) -> int:
        """The number in 63Cx."""
        return tries

    def security_after_authentication(self, state: SecurityState, key: str) -> SecurityState:
        """The right of one key is granted, of no other."""
        return state.with_key(key)

    def security_after_failed_authentication(self, state: SecurityState, key: str) -> SecurityState:
        """A failure takes away the right of its key (profile)."""
        return state.without_key(key)


class PinBehaviour:
    """VERIFY."""

    def pin_matches(self, stored: bytes, given: bytes) -> bool:
        """Whether the PIN given is the PIN stored: all bytes, padding included."""
        return stored == given

    def pin_long_enough(self, digits: int, minimum: int) -> bool:
        """Whether a PIN of so many digits can be right at all."""
        return digits >= minimum

    def tries_after_query(self, tries: int) -> int:
        """Asking for the counter leaves it alone."""
        return tries

    def security_after_query(self, state: SecurityState) -> SecurityState:
        """Asking for the counter proves nothing and takes nothing away."""
        return state

    def security_after_pin(self, state: SecurityState) -> SecurityState:
        """The PIN was right."""
        return state.with_pin(True)

    def security_after_failed_pin(self, state: SecurityState) -> SecurityState:
        """The PIN was wrong: an earlier success does not outlive it."""
        return state.with_pin(False)


class CardBehaviour(
    ResetBehaviour,
    TransmissionBehaviour,
    SelectionBehaviour,
    RecordBehaviour,
    BinaryBehaviour,
    RecordStructureBehaviour,
    AuthenticationBehaviour,
    PinBehaviour,
    PinMaintenanceBehaviour,
    MessagingBehaviour,
    BlockingBehaviour,
    PurseBehaviour,
    MemoryBehaviour,
    CertificateBehaviour,
    TransportBehaviour,
    FinancialBehaviour,
    FieldBehaviour,
):
    """The right behaviour of a card, to be overridden by mutants and variants."""
