"""What goes in and out of the platform's core, whatever carries it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onecard.spec.platform import Refusal


@dataclass(frozen=True, slots=True)
class Institution:
    """A caller: identifier, key, role in the admission rules, and whether it is suspended."""

    id: str
    key: str
    role: str
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the controls see it. ``event``: the card event asked for, None for other operations."""

    institution: Institution
    operation: str
    channel: str
    card_no: str
    item: str
    scene: str
    sequence: str
    flow: str
    event: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """A completed step of a flow; ``flow`` is the sequence number of the flow's first call."""

    institution: str
    flow: str
    card_no: str
    item: str
    operation: str


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and JSON object of an answer."""

    status: int
    body: Mapping[str, Any]


class Refused(Exception):
    """Ends a call with a refusal of the data; nothing of it is kept."""

    def __init__(self, refusal: Refusal, path: str | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.path = path

    def answer(self) -> Answer:
        """The refusal as an answer: code, the control that refused, the place of a malformed field, the text."""
        refusal = self.refusal
        body: dict[str, Any] = {"code": refusal.code, "message": {"zh": refusal.text.zh, "en": refusal.text.en}}
        if refusal.control is not None:
            body["control"] = refusal.control
        if self.path is not None:
            body["path"] = self.path
        return Answer(refusal.status, body)


def call_of(institution: Institution, operation: str, body: Mapping[str, Any]) -> Call:
    """The call of a request that the interface document accepted."""
    call = body["call"]
    return Call(
        institution=institution,
        operation=operation,
        channel=call["channel"],
        card_no=call["cardNo"],
        item=call["item"],
        scene=call["scene"],
        sequence=call["busiSeq"],
        flow=call.get("flow", call["busiSeq"]),
        event=body.get("event"),
    )
