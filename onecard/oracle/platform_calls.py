"""Calls to a platform: paths from the interface document, callers and cards from the declaration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from onecard.oracle.platform import UNKNOWN_CARD, Attempt, ways
from onecard.spec.interface import InterfaceSpec
from onecard.spec.openapi import Interface, load_interface
from onecard.spec.platform import PlatformSpec, platform_spec

SEQUENCE_BYTES = 10
CONTROL = "control"
"""The parameter that says where the control interface lies: with it every case begins anew."""

MAY_CHANGE = "cards-may-change"
"""The parameter by which the platform's operator lets cards be left in other states, where nothing brings them back."""

CHANGING = frozenset(("applyCardEvent", "activateCard", "resumeActivation"))
"""Operations that change a card."""


class Answer(Protocol):
    """An answer, as far as the desk itself looks into one."""

    def find(self, path: str) -> Any: ...


R_co = TypeVar("R_co", bound=Answer, covariant=True)


class Random(Protocol):
    """The tester's randomness."""

    def bytes(self, count: int) -> bytes: ...


class Subject(Protocol[R_co]):
    """What sends the calls: a platform under test."""

    @property
    def spec(self) -> InterfaceSpec: ...

    @property
    def random(self) -> Random: ...

    def parameter(self, name: str) -> Any: ...

    def has_parameter(self, name: str) -> bool: ...

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R_co: ...


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the declaration, and the state in which each case finds it."""

    card_no: str
    state: str
    name: str
    number: str

    @property
    def holder(self) -> dict[str, str]:
        """The holder as authenticateHolder takes him."""
        return {"name": self.name, "number": self.number}


class Desk(Generic[R_co]):
    """Makes and sends calls. ``data``: the platform's data; ``interface``: the interface document.

    ``absent``: what to raise, with a text in both languages, where the declaration has no such institution or card.
    """

    def __init__(self, subject: Subject[R_co], absent: Callable[..., Exception]) -> None:
        self._subject = subject
        self._absent = absent
        self.data: PlatformSpec = platform_spec(subject.spec)
        self.interface: Interface = load_interface("platform")

    def institution(self, role: str, *, suspended: bool = False) -> Mapping[str, Any]:
        """An institution of the declaration with this role."""
        for found in self._subject.parameter("institutions"):
            if found["role"] == role and found["suspended"] is suspended:
                return dict(found)
        raise self._absent(
            zh=f"IXIT 没有角色为 {role}{'、已暂停' if suspended else ''}的机构",
            en=f"the IXIT has no {'suspended ' if suspended else ''}institution with the role {role}",
        )

    def cards(self, state: str) -> list[Card]:
        """The declared cards in a state, at least one.

        Where nothing brings them back to it after a case, each is asked for first.
        """
        found = [
            Card(entry["cardNo"], entry["state"], entry["name"], entry["number"])
            for entry in self._subject.parameter("cards")
            if entry["state"] == state
        ]
        if not self._subject.has_parameter(CONTROL):
            found = [card for card in found if self._unchanged(card)]
        if not found:
            raise self._absent(
                zh=f"IXIT 没有状态为 {state} 的卡，或已被先前的用例改变",
                en=f"the IXIT has no card in the state {state}, or an earlier case has changed it",
            )
        return found

    def _unchanged(self, card: Card) -> bool:
        return bool(self.attempt(self.good("card-query"), card).find("state") == card.state)

    def _may_change(self) -> bool:
        if self._subject.has_parameter(CONTROL):
            return True
        return self._subject.has_parameter(MAY_CHANGE) and self._subject.parameter(MAY_CHANGE) is True

    def card(self, state: str) -> Card:
        """The first declared card in a state."""
        return self.cards(state)[0]

    def fresh(self) -> str:
        """A sequence number not used before."""
        return self._subject.random.bytes(SEQUENCE_BYTES).hex().upper()

    def headers(self, institution: Mapping[str, Any]) -> dict[str, str]:
        """The credentials of an institution."""
        return {"x-org-id": str(institution["id"]), "authorization": f"Bearer {institution['key']}"}

    def body(
        self, attempt: Attempt, card_no: str, sequence: str, flow: str | None, **content: object
    ) -> dict[str, Any]:
        """The body of a call; ``content`` is what stands beside ``call``."""
        call = {
            "channel": attempt.channel,
            "cardNo": card_no,
            "item": attempt.item,
            "scene": attempt.scene,
            "busiSeq": sequence,
        }
        return {"call": call if flow is None else {**call, "flow": flow}, **content}

    def send(
        self, operation: str, institution: Mapping[str, Any], body: object = None, text: str | None = None
    ) -> R_co:
        """Send a body (or a text as it stands) to an operation."""
        where = self.interface.operation(operation)
        return self._subject.request(where.method, where.path, json=body, body=text, headers=self.headers(institution))

    def attempt(
        self,
        attempt: Attempt,
        card: Card | None,
        *,
        flow: str | None = None,
        sequence: str | None = None,
        **content: object,
    ) -> R_co:
        """Send an attempt for a card (None: one that does not exist). ``event`` of the attempt goes along.

        Not sent where it could leave a card changed that nothing brings back and that may not change.
        """
        if card is not None and attempt.operation in CHANGING and not self._may_change():
            raise self._absent(
                zh=f"IXIT 既无 {CONTROL}，也未以 {MAY_CHANGE} 允许改变卡状态",
                en=f"the IXIT has no {CONTROL} and does not let cards change ({MAY_CHANGE})",
            )
        if attempt.event is not None:
            content["event"] = attempt.event
        body = self.body(attempt, card.card_no if card else UNKNOWN_CARD, sequence or self.fresh(), flow, **content)
        return self.send(attempt.operation, self.institution(attempt.role, suspended=attempt.suspended), body)

    def good(
        self, item: str, operation: str | None = None, role: str | None = None, event: str | None = None
    ) -> Attempt:
        """An attempt that every control admits: by the first role, channel and scene that have the item.

        ``operation``: the first of the item's flow unless told. The card's state is the first that the item takes.
        """
        for name in self.data.roles if role is None else (role,):
            for channel, scene in ways(self.data, name, item) if item in self.data.roles[name].items else ():
                state = next(state for state in self.data.items[item].states if state in self.data.states)
                step = operation or self.data.items[item].flow[0]
                return Attempt(name, step, channel, state, item, scene, event)
        raise self._absent(zh=f"没有角色可用事项 {item}", en=f"no role may use the item {item}")

    def authenticate(self, card: Card, item: str, *, role: str | None = None, sequence: str | None = None) -> R_co:
        """The first step of an item's flow; its sequence number is the flow's."""
        return self.attempt(self.good(item, role=role), card, sequence=sequence, holder=card.holder)
