"""READ RECORD of the reference card through a real pcscd, against a card that answers a constant, in the same run.

    python bench/pcsc_read_record.py [--profile card-3.0] [--rounds 15] [--exchanges 400] [--json]

Both cards sit in the two slots of the virtual reader, each in a process of its own; rounds alternate between them, so
that both see the same machine. "raw" calls PC/SC directly; "target" goes through the product's own pcsc: target, its
watchdog process included. Goal: ratio (reference / constant, medians of raw) at least 0.5.
"""

import argparse
import contextlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import support

from emulator.card.factory import reference_card
from emulator.transport.base import SmartCard
from emulator.transport.vpcd import VirtualReaderClient
from onecard.targets.base import TargetOptions
from onecard.targets.pcsc import open_target
from tests.support import pcscd

GOAL = 0.5
SELECT_SSSE = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
SELECT_EF05 = bytes.fromhex("00A4020002EF05")
READ_BY_IDENTIFIER = bytes.fromhex("00B20100")

Exchange = Callable[[bytes], bytes]


class ConstantCard:
    """Gives ``answer`` to everything: what the way to the card costs by itself."""

    def __init__(self, atr: bytes, answer: bytes) -> None:
        self._atr, self._answer = atr, answer

    def power_on(self) -> bytes:
        return self._atr

    def reset(self) -> bytes:
        return self._atr

    def power_off(self) -> None:
        """Nothing to lose."""

    def process(self, _command: bytes) -> bytes:
        return self._answer


def prepared(exchange: Exchange) -> tuple[bytes, bytes]:
    """Select EF05 and read its first item; the READ RECORD with the exact Le, and its answer."""
    for command in (SELECT_SSSE, SELECT_EF05):
        status = exchange(command)[-2:]
        if status[0] not in (0x61, 0x90):
            raise SystemExit(f"{command.hex()} was answered {status.hex()}")
    command = READ_BY_IDENTIFIER + b"\x00"
    response = exchange(command)
    if response[0] == 0x6C:
        command = READ_BY_IDENTIFIER + response[1:2]
        response = exchange(command)
    if response[-2:] != b"\x90\x00":
        raise SystemExit(f"READ RECORD was answered {response.hex()}")
    return command, response


def keep_in_slot(make: Callable[..., SmartCard], arguments: tuple[object, ...], port: int) -> None:
    VirtualReaderClient(make(*arguments), lambda _: None, port=port).run()


@contextlib.contextmanager
def occupied(make: Callable[..., SmartCard], arguments: tuple[object, ...], port: int) -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(target=keep_in_slot, args=(make, arguments, port))
    process.start()
    try:
        pcscd.wait_for_card(port, present=True, limit=30)
        yield
    finally:
        process.terminate()
        process.join()


@contextlib.contextmanager
def raw_connection(index: int) -> Iterator[Exchange]:
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    _, names = scard.SCardListReaders(context, [])
    code, card, _ = scard.SCardConnect(context, names[index], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0)
    if code != scard.SCARD_S_SUCCESS:
        raise SystemExit(scard.SCardGetErrorMessage(code))

    def exchange(command: bytes) -> bytes:
        code, response = scard.SCardTransmit(card, scard.SCARD_PCI_T0, list(command))
        if code != scard.SCARD_S_SUCCESS:
            raise SystemExit(scard.SCardGetErrorMessage(code))
        return bytes(response)

    try:
        yield exchange
    finally:
        scard.SCardDisconnect(card, scard.SCARD_UNPOWER_CARD)
        scard.SCardReleaseContext(context)


@contextlib.contextmanager
def target_connection(index: int) -> Iterator[Exchange]:
    target = open_target(str(index), TargetOptions())
    target.connect()
    try:
        target.power_on()
        yield target.transmit
    finally:
        target.close()


def compare(connect: Callable[[int], Any], rounds: int, exchanges: int, expected: bytes) -> dict[str, Any]:
    """Alternating rounds on slot 0 (reference) and slot 1 (constant)."""
    with connect(0) as reference, connect(1) as constant:
        command, _ = prepared(reference)
        seconds: dict[str, list[float]] = {"reference": [], "constant": []}
        for number in range(rounds + 1):
            for name, exchange in (("reference", reference), ("constant", constant)):
                start = time.perf_counter()
                for _ in range(exchanges):
                    if exchange(command) != expected:
                        raise SystemExit(f"the {name} card changed its answer")
                if number:  # the first round warms up
                    seconds[name].append(time.perf_counter() - start)
    result: dict[str, Any] = {name: support.figures(runs, exchanges) for name, runs in seconds.items()}
    result["ratio"] = round(result["reference"]["per_second"] / result["constant"]["per_second"], 3)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description="READ RECORD through PC/SC: reference card against a constant card")
    parser.add_argument("--profile", default="card-3.0")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--exchanges", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    missing = pcscd.missing_part()
    if missing is not None:
        raise SystemExit(missing)

    model = reference_card(options.profile)
    atr = model.power_on()
    _, expected = prepared(lambda command: model.process(command) or b"\x00\x00")
    with (
        pcscd.virtual_reader() as reader,
        occupied(reference_card, (options.profile,), reader.ports[0]),
        occupied(ConstantCard, (atr, expected), reader.ports[1]),
    ):
        result = {
            "profile": options.profile,
            "response_bytes": len(expected),
            "goal": GOAL,
            "raw": compare(raw_connection, options.rounds, options.exchanges, expected),
            "target": compare(target_connection, options.rounds, options.exchanges, expected),
        }
    lines = [f"READ RECORD of {options.profile}, {len(expected)} bytes, {options.rounds} rounds of {options.exchanges}"]
    for way in ("raw", "target"):
        figures = result[way]
        for name in ("reference", "constant"):
            row = figures[name]
            lines.append(
                f"  {way:<7}{name:<10}{row['per_second']:>9.0f}/s   best {row['best']:.0f}, worst {row['worst']:.0f},"
                f" {row['microseconds']:.0f} us each"
            )
        lines.append(f"  {way:<7}ratio     {figures['ratio']:>9.2f}")
    met = result["raw"]["ratio"] >= GOAL
    lines.append(f"goal {GOAL:.2f}: {'met' if met else 'MISSED'}")
    support.show(result, as_json=options.json, lines=lines)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
