"""Answers of targets that speak in messages: replies of a service, results of a function call."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from onecard.evidence.canonical import canonical_value
from onecard.harness.verdict import PreambleFailed, writable
from onecard.targets.base import Message

if TYPE_CHECKING:
    from onecard.harness.subject import Subject

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
"""The form of an error code; anything longer or freer may be data."""

_SHOWN = 300
"""So many characters of an answer are shown in a check; the evidence holds the whole."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What the device asked of the tester's instrument, and what that answered."""

    ask: Message
    answer: Message


def incoming_of(message: Message) -> tuple[Incoming, ...]:
    """The incoming traffic that an exchange brought along."""
    return tuple(Incoming(each["ask"], each["answer"]) for each in message.get("trace", ()))


def shortened(text: str) -> str:
    """A text on one line, its beginning if it is long."""
    flat = " ".join(writable(text).split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}… ({len(text)} characters)"


@dataclass(frozen=True)
class Reply:
    """A service's answer to a request. ``event``: number of the exchange in the evidence."""

    subject: "Subject"
    event: int
    request: Message
    message: Message

    @property
    def judged(self) -> bytes:
        """What a check looks at: the whole answer."""
        return canonical_value(self.message)

    @property
    def status(self) -> int:
        """The HTTP status."""
        status: int = self.message["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        """Headers by lower-case name (those that the target keeps)."""
        headers: dict[str, str] = self.message["headers"]
        return headers

    @property
    def text(self) -> str:
        """The body as text; a body that is not UTF-8 as hex."""
        text: str = self.message["body"] if "body" in self.message else self.message["body_hex"]
        return text

    @cached_property
    def json(self) -> Any:
        """The body parsed, None when it is no complete JSON text."""
        if self.message.get("truncated") or "body" not in self.message:
            return None
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    def find(self, path: str) -> Any:
        """The value at a dotted path; None when there is none."""
        value = self.json
        for step in path.split("."):
            if isinstance(value, list) and step.isdigit() and int(step) < len(value):
                value = value[int(step)]
            elif isinstance(value, dict):
                value = value.get(step)
            else:
                return None
        return value

    def get(self, path: str) -> Any:
        """The value at a dotted path that a later step needs; PreambleFailed when there is none."""
        value = self.find(path)
        if value is None:
            raise PreambleFailed(zh=f"应答缺少 {path}：{self.brief()}", en=f"the answer lacks {path}: {self.brief()}")
        return value

    def brief(self) -> str:
        """Status and error code: what tells of nobody."""
        code = self.find("code")
        return f"{self.status}, code {code}" if isinstance(code, str) and _CODE.fullmatch(code) else str(self.status)

    def shown(self) -> str:
        """Status and beginning of the body."""
        if self.message.get("truncated"):
            return f"{self.status}, more than the tester takes ({self.headers.get('content-type', 'no content type')})"
        kind = self.headers.get("content-type", "no content type")
        plain = "" if kind.startswith("application/json") else f"({kind}) "
        return f"{self.status} {plain}{shortened(self.text)}"


@dataclass(frozen=True)
class Octets:
    """What came back over a connection of its own, to its end."""

    subject: "Subject"
    event: int
    message: Message

    @property
    def judged(self) -> bytes:
        """What a check looks at: all that came."""
        return canonical_value(self.message)

    @property
    def data(self) -> bytes:
        """The bytes that came."""
        return bytes.fromhex(self.message["received"])

    def shown(self) -> str:
        """So many bytes, and how they begin."""
        return f"{len(self.data)} bytes: {shortened(self.data.decode('utf-8', 'replace'))}"


@dataclass(frozen=True)
class CallResult:
    """What a function of a terminal returned, what it wrote, and what it asked of card and PSAM on its way."""

    subject: "Subject"
    event: int
    request: Message
    message: Message

    @property
    def judged(self) -> bytes:
        """What a check looks at: the whole answer with its trace."""
        return canonical_value(self.message)

    @property
    def value(self) -> int:
        """The return value: 0 success, below 0 an error code."""
        value: int = self.message["return"]
        return value

    @property
    def out(self) -> str:
        """The output string."""
        out: str = self.message["out"]
        return out

    @property
    def held(self) -> tuple[str, ...] | None:
        """The slots that the terminal still holds after the call; None where the target cannot tell."""
        return tuple(self.message["held"]) if "held" in self.message else None

    @property
    def unplugged(self) -> bool:
        """Whether the tester took the reader away for this call in a way that no trace shows."""
        return self.message.get("reader") == "unplugged"

    @cached_property
    def trace(self) -> tuple[Incoming, ...]:
        """Everything asked of the tester's side during the call, in order."""
        return incoming_of(self.message)

    def shown(self) -> str:
        """Return value and output."""
        return f"{self.value}, {shortened(self.out)!r}"
