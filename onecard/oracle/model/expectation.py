"""What the model expects of an answer: alternatives of status word and data, each with the state that it leads to."""

from dataclasses import dataclass

from onecard.oracle.model.data import AnyData, ExpectedData
from onecard.oracle.model.state import Learn, State, learn_nothing
from onecard.spec.card import Status
from onecard.spec.text import Text


@dataclass(frozen=True, slots=True)
class Alternative:
    """One acceptable answer, the state after it, and what it teaches. ``status`` None: any status word."""

    status: Status | None
    data: ExpectedData
    state: State
    learn: Learn = learn_nothing

    def matches(self, response: bytes) -> bool:
        """Whether a response (data and two status bytes) is this answer."""
        sw = int.from_bytes(response[-2:])
        return (self.status is None or self.status.matches(sw)) and self.data.matches(response[:-2])

    def describe(self) -> Text:
        """The status word, and the data if there are any."""
        status = "xxxx" if self.status is None else self.status.text
        data = self.data.describe()
        return Text(zh=f"{data.zh} {status}".strip(), en=f"{data.en} {status}".strip())


@dataclass(frozen=True, slots=True)
class Prediction:
    """Every answer that the rules allow, in order of preference. ``left_open``: no rule fixes the answer."""

    alternatives: tuple[Alternative, ...]

    @property
    def left_open(self) -> bool:
        """Whether any answer is acceptable."""
        return any(answer.status is None and isinstance(answer.data, AnyData) for answer in self.alternatives)

    def match(self, response: bytes) -> Alternative | None:
        """The first alternative that the response is, None where it is none of them."""
        return next((answer for answer in self.alternatives if answer.matches(response)), None)

    def accepts(self, response: bytes) -> bool:
        """Whether the response (data and two status bytes) is acceptable."""
        return len(response) >= 2 and self.match(response) is not None

    def describe(self) -> Text:
        """The acceptable answers, for the trace of a failed case."""
        described = list(dict.fromkeys(answer.describe() for answer in self.alternatives))
        return Text(zh=" 或 ".join(text.zh for text in described), en=" or ".join(text.en for text in described))
