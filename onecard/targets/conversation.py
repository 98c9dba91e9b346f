"""The tester's side of a terminal's function call: questions answered by the instrument, all of it kept."""

import time

from onecard.errors import UserError
from onecard.targets.base import Configured, Instrument, Message, TargetError

MOST_QUESTIONS = 2000
"""No function of the interface needs a tenth of it: a terminal that asks for ever must end."""


class Conversation:
    """The questions of one call in order, with their answers."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self.trace: list[Message] = []
        self._began = time.monotonic()

    def ask(self, question: Message) -> Message:
        """The instrument's answer; raises TargetError when a call asks without end."""
        if len(self.trace) >= MOST_QUESTIONS:
            raise TargetError(
                zh=f"终端在一次调用中已发出 {MOST_QUESTIONS} 次请求，视为不会结束",
                en=f"the terminal has asked {MOST_QUESTIONS} times during one call and does not come to an end",
            )
        answer = self._instrument.answer(question)
        self.keep(question, answer)
        return answer

    def keep(self, question: Message, answer: Message) -> None:
        """Note an exchange in the trace; ``t``: seconds since the call began."""
        self.trace.append({"ask": question, "answer": answer, "t": round(time.monotonic() - self._began, 4)})


def required(instrument: Instrument | None) -> Instrument:
    """The instrument; raises UserError without one: a terminal cannot be tested without the tester's card."""
    if instrument is None:
        raise UserError(zh="测试终端需要测试仪（卡片与 PSAM 卡）", en="a terminal needs the tester's card and PSAM")
    return instrument


def other_exchange(instrument: Configured, request: Message) -> Message:
    """What every terminal target answers alike: ``instrument`` and ``receive``. ValueError for anything else."""
    if request["do"] == "instrument":
        return instrument.configure(request["settings"])
    if request["do"] == "receive":
        return {"trace": []}
    raise ValueError(f"a terminal does not take {request['do']!r}")
