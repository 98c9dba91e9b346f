"""Watches readers without touching their cards: whether a card is there, and whether a program is connected to it."""

import json
import time
from pathlib import Path

from onecard.targets import pcsc_worker
from onecard.targets.base import TargetAbsent, TargetError
from onecard.targets.process import LineWorker, WorkerEnded, WorkerSilent

START_LIMIT = 30.0
ANSWER_LIMIT = 5.0
NOTICE_LIMIT = 8.0
"""Seconds in which the service must notice that a card came or went; it looks every 0.4 s."""
_PAUSE = 0.02


class ReaderWatch:
    """A helper process of its own, so that a PC/SC service that hangs is told, not waited for."""

    def __init__(self) -> None:
        self._worker: LineWorker | None = None

    def state(self, reader: str) -> tuple[bool, bool]:
        """Whether a card is present, and whether it is in use. Raises TargetAbsent: no such reader; TargetError."""
        try:
            answer = self._running().ask(b"state " + json.dumps(reader).encode("ascii"), ANSWER_LIMIT)
        except (WorkerSilent, WorkerEnded):
            self._worker = None
            raise TargetError(zh="PC/SC 服务没有应答", en="the PC/SC service does not answer") from None
        found = json.loads(answer[1:])
        if answer[:1] != b"=":
            raise _absent(reader, found)
        return bool(found["present"]), bool(found["in_use"])

    def wait(self, reader: str, *, present: bool) -> None:
        """Wait until the service has noticed a card that came or went; raises TargetError where it does not."""
        deadline = time.monotonic() + NOTICE_LIMIT
        while self.state(reader)[0] is not present:
            if time.monotonic() > deadline:
                raise TargetError(
                    zh=f"PC/SC 服务没有注意到 {reader} 的卡片{'放入' if present else '取出'}",
                    en=f"the PC/SC service did not notice that the card of {reader} {'came' if present else 'went'}",
                )
            time.sleep(_PAUSE)

    def close(self) -> None:
        """End the helper process; may be called again."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.finish()

    def _running(self) -> LineWorker:
        if self._worker is None:
            worker = LineWorker(str(Path(pcsc_worker.__file__)), ["0"])
            greeting = worker.hear(START_LIMIT)
            if greeting[:1] != b"=":
                worker.kill()
                raise _absent("", json.loads(greeting[1:]))
            self._worker = worker
        return self._worker


def _absent(reader: str, failure: dict[str, object]) -> TargetAbsent:
    kind, detail = failure.get("kind"), failure.get("detail")
    if kind == pcsc_worker.NO_LIBRARY:
        return TargetAbsent(
            zh=f"虚拟读卡器需要 pyscard（{detail}）：pip install 'onecard-conformance[pcsc]'",
            en=f"the virtual reader needs pyscard ({detail}): pip install 'onecard-conformance[pcsc]'",
        )
    return TargetAbsent(
        zh=f"没有虚拟读卡器“{reader}”（{kind} {detail}）：请运行 pcscd 并安装 vsmartcard-vpcd",
        en=f"there is no virtual reader {reader!r} ({kind} {detail}): run pcscd with vsmartcard-vpcd",
    )
