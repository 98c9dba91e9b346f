"""``onecard emulate card`` and ``psam``: the reference in the virtual PC/SC reader, or behind a TCP port."""

import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TextIO

from emulator.card.factory import reference_card
from emulator.keys import DEFAULT_SEED
from emulator.psam.factory import psam
from emulator.transport.base import SmartCard
from emulator.transport.server import CardServer
from emulator.transport.vpcd import SLOT_PORTS, VirtualReaderClient
from onecard.emulate.kept import KeptCard
from onecard.emulate.runner import EventLog, Link, run_until_stopped
from onecard.emulate.supplied import supplied_card, supplied_psam
from onecard.errors import UserError
from onecard.planning.keyset import KeySet
from onecard.spec.text import Language, Text

Mode = Literal["pcsc", "tcp"]

_PCSC_NOTICE = Text(
    zh="注意：虚拟读卡器（vpcd）在本机所有网络接口上监听 35963、35964 端口，请用防火墙挡住外部连接。按 Ctrl-C 结束",
    en="Note: the virtual reader (vpcd) listens on all network interfaces, ports 35963 and 35964: keep them behind a "
    "firewall. Ctrl-C ends this command",
)


Declare = Callable[[str, int], None]
"""Told where each emulated card is before it can be used: target string, and its synthetic person (0 or 1)."""


def emulate_card(
    *,
    profile: str,
    kind: str = "card",
    mode: Mode,
    slots: Sequence[int] = (0,),
    host: str = "127.0.0.1",
    port: int | None = None,
    seed: str | None = None,
    language: Language = "zh",
    out: TextIO | None = None,
    stop: threading.Event | None = None,
    declare: Declare | None = None,
    image: Path | None = None,
    keys: KeySet | None = None,
) -> int:
    """Emulate until Ctrl-C or SIGTERM; returns the exit code 0. ``kind``: "card" or "psam".

    ``image``: the card of this file instead, which keeps what is written to it (one slot only). ``keys``: of this set
    instead of the test keys of ``seed``.

    ``mode`` "pcsc": one card a slot of the virtual reader at ``host`` (``slots``: 0, 1 or both). ``mode`` "tcp": one
    card that listens on ``host``:``port`` (0: the system chooses; the line "listening" names it). The cards
    in slots 0 and 1 belong to the synthetic persons 0 and 1 of ``seed``. One line an event goes to ``out`` (default:
    stderr). ``stop`` ends it from another thread. Raises UserError: wrong slot, port taken; SpecError: unknown
    profile.
    """
    log = EventLog(out if out is not None else sys.stderr, language)
    make, told = _maker(kind, image, keys), declare or (lambda target, holder: None)
    if mode == "tcp":
        links: list[Link] = [_listening(make(profile, seed or DEFAULT_SEED, 0), log, host, port or 0, kind, told)]
    else:
        links = _in_slots(lambda slot: make(profile, seed or DEFAULT_SEED, slot), log, host, slots)
        for slot in sorted(set(slots)):
            told(f"pcsc:{slot}", slot)
        log.say(_PCSC_NOTICE)
    run_until_stopped(links, stop=stop)
    return 0


def _maker(kind: str, image: Path | None, keys: KeySet | None) -> Callable[[str, str, int], SmartCard]:
    if keys is not None:
        return partial(_SUPPLIED[kind], keys)
    if image is None:
        return _MAKERS[kind]
    kept = KeptCard(image)
    return lambda profile, seed, slot: kept


def _card(profile: str, seed: str, slot: int) -> SmartCard:
    return reference_card(profile, seed, holder=slot)


def _psam(profile: str, seed: str, _slot: int) -> SmartCard:
    return psam(profile, seed=seed)


_SUPPLIED: dict[str, Callable[[KeySet, str, str, int], SmartCard]] = {"card": supplied_card, "psam": supplied_psam}
_MAKERS: dict[str, Callable[[str, str, int], SmartCard]] = {"card": _card, "psam": _psam}
_NAMES = {"card": Text(zh="卡片", en="the card"), "psam": Text(zh="PSAM 卡", en="the PSAM")}


def _in_slots(make: Callable[[int], SmartCard], log: EventLog, host: str, slots: Sequence[int]) -> list[Link]:
    chosen = sorted(set(slots))
    if not chosen or not set(chosen) <= set(range(len(SLOT_PORTS))):
        raise UserError(
            zh=f"虚拟读卡器只有 0 和 1 两个卡槽（给出 {list(slots)}）",
            en=f"the virtual reader has the slots 0 and 1 only (given: {list(slots)})",
        )
    return [VirtualReaderClient(make(slot), log, host=host, port=SLOT_PORTS[slot]) for slot in chosen]


def _listening(card: SmartCard, log: EventLog, host: str, port: int, kind: str, told: Declare) -> Link:
    try:
        server = CardServer(card, log, host=host, port=port)
    except (OSError, OverflowError) as error:
        raise UserError(
            zh=f"不能在 {host}:{port} 上监听（{error}）。请换一个端口，或检查地址",
            en=f"cannot listen on {host}:{port} ({error}). Choose another port, or check the address",
        ) from error
    shown = f"[{host}]" if ":" in host else host
    target = f"tcp:{shown}:{server.port}"
    told(target, 0)
    log.say(
        Text(
            zh=f"{_NAMES[kind].zh}在 {target} 上监听。按 Ctrl-C 结束",
            en=f"{_NAMES[kind].en} is listening on {target}. Ctrl-C ends this command",
        )
    )
    return server
