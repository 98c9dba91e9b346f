"""Every decision of the e-card service that real implementations get wrong, as one small method each.

The core asks these methods and takes their answer; as they stand they are right. A mutant is a subclass that overrides
a few of them. Methods receive what the decision needs and the right value where one was computed already.
"""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.ecard.register import CardRecord, Ecard
from onecard.spec.ecard import CardState, CodeField, CodeFormat, Field, Mask, Operation, Refusal
from onecard.spec.text import Text


class CallerBehaviour:
    """Who calls, and with what."""

    def role(self, key: str | None, credentials: Mapping[str, str], right: str | None) -> str | None:
        """The role behind a caller's key (None: no key was sent); None refuses it."""
        return right

    def role_may(self, role: str, operation: Operation, right: bool) -> bool:
        """Whether a role may call an operation."""
        return right

    def field_holds(self, field: Field, value: object, right: bool) -> bool:
        """Whether a field of a request has the right form."""
        return right

    def default(self, field: Field) -> str | None:
        """What stands for a field that is missing; None refuses the request."""
        return None

    def message(self, refusal: Refusal, given: Mapping[str, str], right: Text) -> Text:
        """What a refusal tells; ``given`` is what was sent."""
        return right

    def answer(self, operation: Operation, record: CardRecord | None, right: dict[str, Any]) -> dict[str, Any]:
        """The body of a good answer; ``record`` of the card in question."""
        return right

    def status(self, operation: Operation, right: int) -> int:
        """The HTTP status of a good answer."""
        return right


class IssueBehaviour:
    """First-level issue."""

    def unknown_card(self, given: Mapping[str, str]) -> CardRecord | None:
        """The record of a card that the service does not know; None refuses it."""
        return None

    def differs(self, field: Field, right: bool) -> bool:
        """Whether a field of the request differs from the card's record."""
        return right

    def proof_holds(self, given: bytes, expected: bytes, right: bool) -> bool:
        """Whether the card's authentication data are right."""
        return right

    def proof_used(self, right: bool) -> bool:
        """Whether this internal authentication was used before."""
        return right

    def state_lets_issue(self, state: CardState, right: bool) -> bool:
        """Whether an e-card may be issued from a card in this state."""
        return right

    def existing(self, right: Ecard | None) -> Ecard | None:
        """The e-card that the card has already."""
        return right


class StateBehaviour:
    """The card's state and what hangs on it."""

    def unknown_ecard(self, essc_no: str) -> Ecard | None:
        """The e-card for a number that the service does not know; None refuses it."""
        return None

    def reported(self, code: str, normal: CardState) -> CardState | None:
        """The state for a code that the data do not have; None refuses it."""
        return None

    def may_leave(self, state: CardState, right: bool) -> bool:
        """Whether a report leads out of a state."""
        return right

    def state_after(self, before: CardState, reported: CardState) -> CardState:
        """The card's state after a report."""
        return reported

    def authorised_after(self, authorised: bool, reported: CardState) -> bool:
        """Whether the holder's authorisation outlives a report of state."""
        return False

    def may_authorise(self, state: CardState, right: bool) -> bool:
        """Whether the holder may authorise use in this state."""
        return right

    def authorisation(self) -> bool:
        """Whether an authorisation is kept."""
        return True

    def use_refused(self, operation: str, record: CardRecord, right: str | None) -> str | None:
        """Why an e-card is not usable for CODE or VERIFY: the name of the refusal; None when it is usable."""
        return right


class CodeBehaviour:
    """Making and verifying dynamic codes."""

    def nonce(self, now: int, right: bytes) -> bytes:
        """The random value of a new code."""
        return right

    def expires(self, issued: int, right: int) -> int:
        """The time of expiry that the answer tells."""
        return right

    def field_bytes(self, field: CodeField, right: bytes) -> bytes:
        """A field of a new code."""
        return right

    def text(self, format_: CodeFormat, body: bytes, right: str) -> str:
        """The text of a new code."""
        return right

    def signed(self, prefix: bytes, body: bytes, right: bytes) -> bytes:
        """The bytes that are signed."""
        return right

    def signature_form(self, right: bytes) -> bytes:
        """The signature as it stands in the code."""
        return right

    def published(self, right: list[dict[str, str]]) -> list[dict[str, str]]:
        """The public keys that are given out."""
        return right

    def decoded(self, format_: CodeFormat, text: str, right: bytes | None) -> bytes | None:
        """The bytes of a code; None for one that is malformed."""
        return right

    def lookup_first(self) -> bool:
        """Whether the e-card is looked up before the signature is checked."""
        return False

    def signature_holds(self, body: bytes, verify: Callable[[bytes], bool], right: bool) -> bool:
        """Whether the signature is right; ``verify`` checks it over other bytes."""
        return right

    def key_known(self, right: bool) -> bool:
        """Whether the key id of a code is that of a key of the service."""
        return right

    def expired(self, age: int, validity: int, right: bool) -> bool:
        """Whether a code of this age in seconds has expired."""
        return right

    def used(self, right: bool) -> bool:
        """Whether a code was verified before."""
        return right

    def used_key(self, text: str, right: bytes) -> bytes:
        """By what a verified code is remembered."""
        return right

    def masked(self, mask: Mask, value: str, right: str) -> str:
        """A field as the verifier sees it."""
        return right


class EcardBehaviour(CallerBehaviour, IssueBehaviour, StateBehaviour, CodeBehaviour):
    """The right e-card service."""
