"""Every decision of the PSAM that real products get wrong, as one small method each.

As they stand they are right; a mutant is a subclass that overrides a few of them. Methods receive what the decision
needs, and the right value where one was computed already.
"""

from collections.abc import Callable, Sequence

from emulator.psam.loading_behaviour import LoadingBehaviour, OwnKeyBehaviour
from emulator.psam.purchase_behaviour import PurchaseBehaviour
from emulator.psam.state import Chain, Position, Session
from emulator.psam.transport_behaviour import TransportBehaviour
from onecard.spec.psam_command import CipherMode


class TransmissionBehaviour:
    """Reset, dispatch, status words and T=0."""

    def atr(self, right: bytes) -> bytes:
        """The answer to reset."""
        return right

    def session_after_reset(self, before: Session | None) -> Session | None:
        """The session key after a warm reset."""
        return None

    def status(self, command: str, condition: str, right: int) -> int:
        """The status word of a refusal; ``command`` is the id in the data, PSAM/GENERAL for those of no command."""
        return right

    def accepts_class(self, cla: int) -> bool:
        """Whether a class byte that no command has is taken as that of the command with the same INS."""
        return False

    def announced_length(self, command: str, actual: int) -> int:
        """The length said in 61xx."""
        return actual

    def reported_length(self, command: str, actual: int) -> int:
        """The length said in 6Cxx."""
        return actual

    def drops_waiting(self, command: str) -> bool:
        """Whether a command makes waiting data unobtainable."""
        return command != "PSAM/GET-RESPONSE"


class FileBehaviour:
    """SELECT, READ BINARY, GET CHALLENGE."""

    def fci(self, datum: str, right: bytes) -> bytes:
        """The file control information of an environment or of the application."""
        return right

    def name_matches(self, asked: bytes, name: bytes) -> bool:
        """Whether the DF with ``name`` is meant by ``asked``."""
        return asked == name

    def finds_application(self, environment: str, by: str) -> bool:
        """Whether the application is found in an environment ``by`` fid or name."""
        return True

    def position_after_failed_select(self, before: Position) -> Position | None:
        """Where the PSAM stands after a SELECT that found nothing; None takes the SELECT for successful."""
        return before

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        """Whether P1 and P2 are allowed; ``right`` is what the data say."""
        return right

    def file_found(self, file: str, here: bool) -> bool:
        """Whether a file is found; ``here``: it lies in the current DF."""
        return here

    def content(self, file: str, right: bytes) -> bytes:
        """What READ BINARY reads."""
        return right

    def offset(self, p1: int, p2: int, right: int) -> int:
        """Where reading begins."""
        return right

    def accepts_offset(self, offset: int, size: int) -> bool:
        """Whether reading may begin at ``offset`` of a file of ``size`` bytes."""
        return offset < size

    def accepts_challenge_length(self, length: int, right: bool) -> bool:
        """Whether a random value of this length is given in the current environment."""
        return right

    def challenge(self, length: int, random: Callable[[int], bytes]) -> bytes:
        """A random value."""
        return random(length)


class KeyBehaviour:
    """DELIVERY SESSION KEY."""

    def key_found(self, usage: int, number: int, in_application: bool, right: str | None) -> str | None:
        """The id of the key that usage and number mean; None when there is none."""
        return right if in_application else None

    def accepts_delivery_length(self, length: int, right: bool) -> bool:
        """Whether Lc is a session factor and whole factors."""
        return right

    def accepts_levels(self, given: int, expected: int) -> bool:
        """Whether the number of factors fits the usage byte."""
        return given == expected

    def order(self, factors: Sequence[bytes], right: Sequence[bytes]) -> Sequence[bytes]:
        """The factors in order of application; ``factors`` as they stand in the command."""
        return right

    def root(self, key: str, right: bytes) -> bytes:
        """The root key that is used."""
        return right

    def session_key(self, key: bytes, factor: bytes, right: bytes) -> bytes:
        """The session key made of ``factor`` under the diversified ``key``."""
        return right

    def session_after_failed_delivery(self, before: Session | None) -> Session | None:
        """The session key after a delivery that was refused."""
        return None


class CipherBehaviour:
    """CIPHER DATA and the life of the session key."""

    def session_to_use(self, session: Session | None) -> Session | None:
        """The session key that is used; None when there is none."""
        return session

    def session_after_use(self, session: Session) -> Session | None:
        """The session key after a computation."""
        left = session.uses - 1
        return Session(session.key, session.usage, left) if left > 0 else None

    def session_after_select(self, session: Session | None, same: bool) -> Session | None:
        """The session key after a DF was selected; ``same``: it was the current one."""
        return session if same else None

    def accepts_cipher_length(self, length: int, block: int, limit: int, right: bool) -> bool:
        """Whether the data are whole blocks and not too long."""
        return right

    def allows(self, usage: int, does: str, right: bool) -> bool:
        """Whether a key of this usage may encipher or make a MAC."""
        return right

    def enciphered(self, key: bytes, data: bytes, right: bytes) -> bytes:
        """The answer of an encipherment."""
        return right

    def mac(self, key: bytes, data: bytes, right: bytes) -> bytes:
        """The answer of a MAC computation over initial value and data."""
        return right


class ChainBehaviour:
    """A computation of CIPHER DATA in parts."""

    def accepts_part(self, chain: Chain | None, mode: CipherMode, right: bool) -> bool:
        """Whether a part of this mode may come now; ``chain``: the computation that was begun."""
        return right

    def breaks_chain(self, command: str) -> bool:
        """Whether a command ends a computation that was begun, and with it the session key."""
        return command not in ("PSAM/CIPHER-DATA", "PSAM/GET-RESPONSE")

    def session_after_refusal(self, session: Session | None) -> Session | None:
        """The session key after a refused CIPHER DATA: a computation that was begun ends with it."""
        return None if session is not None and session.chain is not None else session

    def counts_parts(self) -> bool:
        """Whether each part of a computation counts as a use of the session key."""
        return False

    def chain_state(self, right: bytes, initial: bytes) -> bytes:
        """What the next part of a MAC begins with; ``initial``: what this one began with."""
        return right

    def part_enciphered(self, right: bytes) -> bytes:
        """The answer to a part of an encipherment that is not the last."""
        return right

    def part_of_mac(self, state: bytes) -> bytes:
        """The answer to a part of a MAC that is not the last."""
        return b""


class PsamBehaviour(
    TransmissionBehaviour,
    FileBehaviour,
    KeyBehaviour,
    CipherBehaviour,
    ChainBehaviour,
    OwnKeyBehaviour,
    LoadingBehaviour,
    PurchaseBehaviour,
    TransportBehaviour,
):
    """The right behaviour."""
