"""The tester's other side of a service under test: what the service calls, answered by an instrument and kept."""

import threading
import time

from onecard.targets.base import Instrument, Message, TargetError

BROKEN: Message = {"status": 500, "headers": {"content-type": "text/plain"}, "body": "the tester's instrument failed"}


class OtherSide:
    """Answers requests of the service under test through ``instrument`` and keeps both directions in order.

    Requests may come in any thread.
    """

    def __init__(self, instrument: Instrument | None) -> None:
        self._instrument = instrument
        self._arrived = threading.Condition()
        self._trace: list[Message] = []
        self._fault: str | None = None

    @property
    def present(self) -> bool:
        """Whether there is an instrument at all."""
        return self._instrument is not None

    def configure(self, settings: Message) -> Message:
        """Set the instrument for a case; what came before is forgotten. ValueError without an instrument."""
        with self._arrived:
            self._trace.clear()
            self._fault = None
            return self._needed().configure(settings)

    def incoming(self, request: Message) -> Message:
        """The answer {status, headers, body} to a request {method, path, headers, body} of the service under test."""
        ask: Message = {"http": request}
        answer: Message | None = None
        # One at a time: the instrument keeps state and the evidence an order.
        with self._arrived:
            try:
                answer = self._needed().answer(ask)
            finally:
                if answer is None:
                    self._fault = f"{request.get('method')} {request.get('path')}"
                self._trace.append({"ask": ask, "answer": BROKEN if answer is None else answer})
                self._arrived.notify_all()
        return answer

    def receive(self, count: int, within: float) -> Message:
        """``{"trace": […]}``: the next ``count`` requests and their answers, or those that came ``within`` seconds.

        Raises TargetError where the instrument itself failed: nothing can be said about the service then.
        """
        deadline = time.monotonic() + within
        with self._arrived:
            while len(self._trace) < count and (remaining := deadline - time.monotonic()) > 0:
                self._arrived.wait(remaining)
            if self._fault is not None:
                raise TargetError(
                    zh=f"测试仪一侧在应答 {self._fault} 时出错；与被测系统无关",
                    en=f"the tester's own side failed while answering {self._fault}; this says nothing about the "
                    "system under test",
                )
            taken, self._trace = self._trace[:count], self._trace[count:]
        return {"trace": taken}

    def _needed(self) -> Instrument:
        if self._instrument is None:
            raise ValueError("this kind of target has no instrument on the tester's side")
        return self._instrument
