"""Target ``pcsc:INDEX-OR-PART-OF-NAME``: a card in a PC/SC reader, real or virtual."""

import json
from dataclasses import dataclass
from pathlib import Path

from onecard.spec.text import Text
from onecard.targets import pcsc_worker
from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetError, TargetOptions, TargetRefused
from onecard.targets.process import LineWorker, WorkerEnded, WorkerSilent

# Starting Python and loading pyscard on a busy machine; nothing of the card is involved.
START_LIMIT = 30.0
# The service powers the card up at connection and may wait for another reader first.
OPEN_LIMIT = 5.0
ORPHAN_LIMIT_EXTRA = 10.0


class SlotIsEmpty(TargetAbsent):
    """The reader is there, and no card in it."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """An answer of the worker that starts with '!'."""

    kind: str
    code: int
    detail: str


# What each kind of failure means to the user. {target}, {detail} and {code} are filled in.
_WORDS = {
    pcsc_worker.NO_LIBRARY: Text(
        zh="{target}：没有安装 pyscard（{detail}）。请运行 pip install 'onecard-conformance[pcsc]'；"
        "Debian/Ubuntu 先安装 pcscd libpcsclite-dev swig 和 C 编译器（apt-get install pcscd libpcsclite-dev swig gcc）",
        en="{target}: pyscard is not installed ({detail}). Run pip install 'onecard-conformance[pcsc]'; on Debian and "
        "Ubuntu first apt-get install pcscd libpcsclite-dev swig gcc",
    ),
    pcsc_worker.NO_SERVICE: Text(
        zh="{target}：PC/SC 服务没有运行（{code}）。请启动它：Linux 上运行 pcscd，Windows 上启动“智能卡”服务",
        en="{target}: the PC/SC service is not running ({code}). Start it: pcscd on Linux, the Smart Card service on "
        "Windows",
    ),
    pcsc_worker.NO_READERS: Text(
        zh="{target}：没有找到任何读卡器。请连接读卡器并检查驱动",
        en="{target}: no reader was found. Plug one in and check its driver",
    ),
    pcsc_worker.NO_SUCH_READER: Text(
        zh="{target}：没有这个读卡器。现有读卡器：{detail}",
        en="{target}: there is no such reader. Readers present: {detail}",
    ),
    pcsc_worker.AMBIGUOUS: Text(
        zh="{target}：有多个读卡器符合，请写编号或更完整的名称。现有读卡器：{detail}",
        en="{target}: several readers match; give an index or more of the name. Readers present: {detail}",
    ),
    pcsc_worker.IN_USE: Text(
        zh="{target}：读卡器正被另一个程序使用（{code}）。请关闭该程序后重试",
        en="{target}: the reader is in use by another program ({code}). Close that program and try again",
    ),
    pcsc_worker.NO_CARD: Text(
        zh="{target}：读卡器里没有卡片（{code}）",
        en="{target}: there is no card in the reader ({code})",
    ),
    pcsc_worker.REMOVED: Text(
        zh="{target}：卡片或读卡器在测试中被拔出（{code}）",
        en="{target}: the card or the reader was removed during the run ({code})",
    ),
    pcsc_worker.MUTE: Text(
        zh="{target}：卡片对复位没有应答（{code} {detail}）",
        en="{target}: the card did not answer the reset ({code} {detail})",
    ),
    pcsc_worker.REFUSED: Text(
        zh="{target}：读卡器没有完成这次交换（{code} {detail}）；不能据此判断卡片",
        en="{target}: the reader did not carry out the exchange ({code} {detail}); this says nothing about the card",
    ),
}
# Once the run has begun; whatever is missing here is refused by the reader.
_DURING_RUN: dict[str, type[TargetError]] = {
    pcsc_worker.NO_SERVICE: CardRemoved,
    pcsc_worker.NO_READERS: CardRemoved,
    pcsc_worker.NO_SUCH_READER: CardRemoved,
    pcsc_worker.NO_CARD: CardRemoved,
    pcsc_worker.REMOVED: CardRemoved,
    pcsc_worker.MUTE: SilentTarget,
}


def open_target(rest: str, options: TargetOptions) -> "PcscTarget":
    """``rest``: index of the reader from 0, part of its name, or empty when there is only one."""
    return PcscTarget(rest, timeout=options.timeout)


class PcscTarget:
    """A card in a reader, held exclusively. ``protocol`` is "T=0" or "T=1" once connected.

    After silence or removal ``power_on`` connects anew; the other calls fail.
    """

    def __init__(self, selector: str, *, timeout: float) -> None:
        self.description = f"pcsc:{selector}"
        self.protocol = ""
        self._selector = selector
        self._timeout = timeout
        self._reader = ""
        self._worker: LineWorker | None = None
        self._resting: LineWorker | None = None

    def connect(self) -> None:
        if self._worker is not None:
            return
        rested, self._resting = self._resting, None
        worker = rested or LineWorker(str(Path(pcsc_worker.__file__)), [str(self._timeout + ORPHAN_LIMIT_EXTRA)])
        try:
            opened: bytes | _Failure = b"" if rested else _parse(worker.hear(START_LIMIT))
            if isinstance(opened, bytes):
                request = b"open " + json.dumps(self._selector).encode("ascii")
                opened = _parse(worker.ask(request, max(self._timeout, OPEN_LIMIT)))
        except WorkerSilent:
            raise TargetAbsent(
                zh=f"{self.description}：PC/SC 服务没有应答；可能另一张卡片正占住它，请取出该卡或重启服务",
                en=f"{self.description}: the PC/SC service does not answer; another card may be blocking it: "
                "remove that card or restart the service",
            ) from None
        except WorkerEnded as ended:
            raise TargetAbsent(
                zh=f"{self.description}：PC/SC 辅助进程意外结束（代码 {ended.exit_code}）",
                en=f"{self.description}: the PC/SC helper process ended unexpectedly (code {ended.exit_code})",
            ) from None
        except BaseException:
            worker.kill()
            raise
        if isinstance(opened, _Failure):
            worker.finish()
            words = self._words(opened)
            absent = SlotIsEmpty if opened.kind == pcsc_worker.NO_CARD else TargetAbsent
            raise absent(zh=words.zh, en=words.en)
        answer = json.loads(opened)
        self._reader, self.protocol = answer["reader"], answer["protocol"]
        self._worker = worker

    def power_on(self) -> bytes:
        if self._worker is None:
            self._connect_again()
        return self._ask(b"on")

    def reset(self) -> bytes:
        return self._ask(b"reset")

    def transmit(self, command: bytes) -> bytes:
        # The virtual reader takes a command of one byte as power control; no reader carries an empty one.
        if len(command) < 2:
            raise TargetRefused(
                zh=f"{self.description}：读卡器不能传送 {len(command)} 字节的命令；与卡片无关",
                en=f"{self.description}: a reader cannot carry a command of {len(command)} byte(s); this says nothing "
                "about the card",
            )
        return self._ask(command.hex().encode("ascii"))

    def release(self) -> None:
        """Let go of card and reader at once; the helper process stays for the next ``connect``. Never raises."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        try:
            worker.ask(b"shut", max(self._timeout, OPEN_LIMIT))
        except (WorkerSilent, WorkerEnded):
            return
        self._resting = worker

    def close(self) -> None:
        workers = (self._worker, self._resting)
        self._worker = self._resting = None
        for worker in workers:
            if worker is not None:
                worker.finish()

    def reader_name(self) -> str:
        return f"{self._reader} ({self.protocol})" if self._reader else self.description

    def _connect_again(self) -> None:
        seen_before = bool(self._reader)
        try:
            self.connect()
        except TargetAbsent as absent:
            if seen_before:
                raise CardRemoved(zh=absent.text.zh, en=absent.text.en) from absent
            raise

    def _ask(self, request: bytes) -> bytes:
        if self._worker is None:
            raise CardRemoved(
                zh=f"{self.description}：与卡片的连接已结束，需要重新上电",
                en=f"{self.description}: the connection to the card has ended; power on again",
            )
        try:
            answer = _parse(self._worker.ask(request, self._timeout))
        except WorkerSilent:
            self._worker = None
            raise SilentTarget(
                zh=f"{self.description}：{self._timeout:g} 秒内没有应答，连接已关闭",
                en=f"{self.description}: no answer within {self._timeout:g} s; the connection was closed",
            ) from None
        except WorkerEnded as ended:
            self._worker = None
            raise TargetError(
                zh=f"{self.description}：PC/SC 辅助进程意外结束（代码 {ended.exit_code}）",
                en=f"{self.description}: the PC/SC helper process ended unexpectedly (code {ended.exit_code})",
            ) from None
        if isinstance(answer, bytes):
            return bytes.fromhex(answer.decode("ascii"))
        words = self._words(answer)
        raise _DURING_RUN.get(answer.kind, TargetRefused)(zh=words.zh, en=words.en)

    def _words(self, failure: _Failure) -> Text:
        values = {"target": self.description, "detail": failure.detail, "code": f"0x{failure.code:08X}"}
        words = _WORDS[failure.kind]
        return Text(zh=words.zh.format(**values), en=words.en.format(**values))


def _parse(line: bytes) -> bytes | _Failure:
    if line[:1] == b"=":
        return line[1:]
    return _Failure(**json.loads(line[1:]))
