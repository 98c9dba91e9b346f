"""Decisions of the platform that real products get wrong, as one small method each, right as they stand."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.platform.messages import Call, Step
from onecard.spec.platform import Mask, Refusal


class AdmissionBehaviour:
    """Who may call, and what."""

    def key_matches(self, right: str | None, given: str) -> bool:
        """Whether a key is the institution's; ``right`` is None for an unknown institution."""
        return right is not None and hmac.compare_digest(right.encode(), given.encode())

    def accepts(self, problem: str | None) -> bool:
        """Whether a request is taken; ``problem``: where it is not as the interface document asks."""
        return problem is None

    def order(self, controls: Sequence[Refusal]) -> Sequence[Refusal]:
        """The order in which the controls are evaluated."""
        return controls

    def refuses(self, control: str, call: Call, right: bool) -> bool:
        """Whether a control refuses a call."""
        return right

    def named(self, control: str) -> str:
        """The control that the answer of a refusal names."""
        return control

    def same_flow(self, done: Step, wanted: Step) -> bool:
        """Whether a completed step is the predecessor that a call needs; operation and number match already."""
        return done == wanted

    def keeps_sequence_of_refused(self) -> bool:
        """Whether a refused call uses up its sequence number."""
        return False


class ServiceBehaviour:
    """Repeated calls, holders and card states."""

    def repeats(self, kept: str, given: str) -> bool:
        """Whether a call with a used sequence number is the same call; both are digests of the content."""
        return kept == given

    def answers_repeat_from_store(self) -> bool:
        """Whether a repeated call gets the answer that was kept, rather than being carried out again."""
        return True

    def holder_matches(self, known: Mapping[str, str], given: Mapping[str, str]) -> bool:
        """Whether name and number are those of the card's holder."""
        return known == given

    def mismatch_told(self, known: Mapping[str, str], given: Mapping[str, str]) -> str | None:
        """The place that the answer of a mismatch gives away; None says nothing beyond the code."""
        return None

    def masked(self, field: str, plain: str, mask: Mask) -> str:
        """A name or number as answers show it."""
        hidden = len(plain) - mask.keep_first - mask.keep_last
        if hidden <= 0:
            return plain
        return plain[: mask.keep_first] + mask.filler * hidden + plain[mask.keep_first + hidden :]

    def shaped(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body of a successful answer."""
        return body

    def shown_code(self, state: str, code: str) -> str:
        """The code shown of a card state."""
        return code

    def next_state(self, state: str, event: str, right: str | None) -> str | None:
        """The state after an event; None refuses it."""
        return right

    def expired(self, now: int, until: int) -> bool:
        """Whether a temporary loss is over."""
        return now >= until

    def event_done(self, event: str) -> bool:
        """Whether an event that was accepted is stored."""
        return True


class ActivationBehaviour:
    """The saga."""

    def result(self, party: str, action: str, right: str) -> str:
        """How a party's step ended: ok, failed or lost."""
        return right

    def next(self, state: str, result: str, right: str) -> str:
        """The state that follows."""
        return right

    def asks(self, party: str, action: str) -> bool:
        """Whether a party is really asked for an action."""
        return True

    def card_event(self, action: str, event: str | None) -> str | None:
        """What happens to the card when a step is done."""
        return event

    def resumes(self, state: str) -> bool:
        """Whether a resumption goes on with the step that waits."""
        return True

    def may_start(self, earlier: Sequence[str], right: bool) -> bool:
        """Whether an activation may start; ``earlier``: states of the card's earlier activations."""
        return right

    def log(self, entries: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """The log as it is shown."""
        return entries


class PlatformBehaviour(AdmissionBehaviour, ServiceBehaviour, ActivationBehaviour):
    """All decisions."""
