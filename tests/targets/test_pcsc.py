"""``pcsc:`` through a real pcscd and its virtual reader."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetOptions, TargetRefused
from onecard.targets.capability import probe_capability
from onecard.targets.pcsc import PcscTarget, open_target
from tests.support.pcscd import VirtualReader
from tests.targets.serving import card_in_slot
from tests.targets.toy import ATR, WARM_ATR, ToyCard

pytestmark = pytest.mark.pcsc

READ = bytes.fromhex("00B2080014")
OK = READ[::-1] + b"\x90\x00"


@contextmanager
def _connected(spec: str, timeout: float = 5.0) -> Iterator[PcscTarget]:
    target = open_target(spec.removeprefix("pcsc:"), TargetOptions(timeout=timeout))
    target.connect()
    try:
        yield target
    finally:
        target.close()


def test_cold_reset_warm_reset_and_command(reader: VirtualReader) -> None:
    card = ToyCard()
    with card_in_slot(card, reader.ports[0]), _connected(reader.targets[0]) as target:
        card.events.clear()
        assert target.power_on() == ATR
        assert card.events == ["off", "on"]
        assert target.reset() == WARM_ATR
        assert card.events == ["off", "on", "reset"]
        assert target.transmit(READ) == OK
        assert (target.protocol, target.reader_name()) == ("T=0", "Virtual PCD 00 00 (T=0)")


def test_both_slots_at_once(reader: VirtualReader) -> None:
    cards = ToyCard(), ToyCard()
    with (
        card_in_slot(cards[0], reader.ports[0]),
        card_in_slot(cards[1], reader.ports[1]),
        _connected(reader.targets[0]) as first,
        _connected(reader.targets[1]) as second,
    ):
        first.power_on()
        second.power_on()
        for round_ in range(50):
            assert first.transmit(bytes([0, round_]))[:2] == bytes([round_, 0])
            assert second.transmit(bytes([1, round_]))[:2] == bytes([round_, 1])
    assert [card.commands for card in cards] == [50, 50]


def test_part_of_a_name(reader: VirtualReader) -> None:
    with card_in_slot(ToyCard(), reader.ports[1]), _connected("pcsc:pcd 00 01") as target:
        assert target.reader_name() == "Virtual PCD 00 01 (T=0)"


def test_status_bytes_of_t0_are_seen(reader: VirtualReader) -> None:
    card = ToyCard()
    with card_in_slot(card, reader.ports[0]), _connected(reader.targets[0]) as target:
        target.power_on()
        card.misbehave = lambda _: b"\x61\x1e"
        capability = probe_capability(target, bytes.fromhex("00A4040002AABB"))
        assert capability.raw_t0


@pytest.mark.parametrize("length", [2, 258, 300, 4096])
def test_long_and_short_responses_arrive_whole(reader: VirtualReader, length: int) -> None:
    card = ToyCard()
    response = bytes(index & 0xFF for index in range(length))
    card.misbehave = lambda _: response
    with card_in_slot(card, reader.ports[0]), _connected(reader.targets[0]) as target:
        assert target.transmit(READ) == response


def test_a_silent_card_ends_in_time_and_the_other_slot_is_usable_after_it(reader: VirtualReader) -> None:
    silent, other = ToyCard(), ToyCard()
    with card_in_slot(other, reader.ports[1]):
        with card_in_slot(silent, reader.ports[0]), _connected(reader.targets[0], timeout=0.5) as target:
            target.power_on()
            silent.misbehave = lambda _: None
            started = time.monotonic()
            with pytest.raises(SilentTarget) as caught:
                target.transmit(READ)
            assert 0.5 <= time.monotonic() - started < 4
            assert caught.value.exit_code == 3
            with pytest.raises(CardRemoved):
                target.transmit(READ)
        # The silent card's socket is closed now: the service serves the other slot again.
        with _connected(reader.targets[1]) as second:
            second.power_on()
            assert second.transmit(READ) == OK


def test_a_silent_card_can_be_inserted_anew_and_powered_on(reader: VirtualReader) -> None:
    card = ToyCard()
    target = open_target("0", TargetOptions(timeout=0.5))
    with card_in_slot(card, reader.ports[0]):
        target.connect()
        target.power_on()
        card.misbehave = lambda _: None
        with pytest.raises(SilentTarget):
            target.transmit(READ)
    card.misbehave = None
    with card_in_slot(card, reader.ports[0]):
        assert target.power_on() == ATR
        assert target.transmit(READ) == OK
        target.close()


def test_a_card_pulled_in_the_middle(reader: VirtualReader) -> None:
    card = ToyCard()
    with card_in_slot(card, reader.ports[0]) as client, _connected(reader.targets[0]) as target:
        target.power_on()

        def pull(_: bytes) -> None:
            client.stop()

        card.misbehave = pull
        for _ in range(2):
            with pytest.raises(CardRemoved) as caught:
                target.transmit(READ)
            assert caught.value.exit_code == 3
        with pytest.raises(CardRemoved):
            target.power_on()


def test_a_card_pulled_between_commands_and_another_inserted(reader: VirtualReader) -> None:
    with _slot_after_slot(reader) as (target, second):
        with pytest.raises(CardRemoved):
            target.transmit(READ)
        with card_in_slot(second, reader.ports[0]):
            assert target.power_on() == ATR
            assert target.transmit(READ) == OK
    assert second.commands == 1


@contextmanager
def _slot_after_slot(reader: VirtualReader) -> Iterator[tuple[PcscTarget, ToyCard]]:
    with card_in_slot(ToyCard(), reader.ports[0]):
        target = open_target("0", TargetOptions())
        target.connect()
        target.power_on()
    try:
        yield target, ToyCard()
    finally:
        target.close()


def test_no_card_in_the_reader(reader: VirtualReader) -> None:
    target = open_target("1", TargetOptions())
    with pytest.raises(TargetAbsent, match="no card") as caught:
        target.connect()
    assert caught.value.exit_code == 2
    target.close()


@pytest.mark.parametrize(
    ("rest", "words"), [("7", "no such reader"), ("omnikey", "no such reader"), ("PCD", "several")]
)
def test_no_such_reader_or_several(reader: VirtualReader, rest: str, words: str) -> None:
    with pytest.raises(TargetAbsent, match=words) as caught:
        open_target(rest, TargetOptions()).connect()
    assert "Virtual PCD 00 00" in caught.value.text.zh
    assert caught.value.exit_code == 2


def test_a_reader_that_another_program_holds(reader: VirtualReader) -> None:
    with (
        card_in_slot(ToyCard(), reader.ports[0]),
        _connected(reader.targets[0]),
        pytest.raises(TargetAbsent, match="in use by another program"),
    ):
        open_target("0", TargetOptions()).connect()


@pytest.mark.parametrize("command", [b"", b"\x00"])
def test_a_command_that_would_be_power_control_is_not_sent(reader: VirtualReader, command: bytes) -> None:
    card = ToyCard()
    with card_in_slot(card, reader.ports[0]), _connected(reader.targets[0]) as target:
        target.power_on()
        card.events.clear()
        with pytest.raises(TargetRefused):
            target.transmit(command)
        assert target.transmit(READ) == OK
        assert card.events == []


def test_a_worker_that_dies_is_told(reader: VirtualReader) -> None:
    with card_in_slot(ToyCard(), reader.ports[0]), _connected(reader.targets[0]) as target:
        target.power_on()
        worker = target._worker
        assert worker is not None
        worker._process.kill()
        with pytest.raises(Exception, match="ended unexpectedly"):
            target.transmit(READ)
        assert target.power_on() == ATR


def test_no_rights_stay_open_after_close(reader: VirtualReader) -> None:
    card = ToyCard()
    with card_in_slot(card, reader.ports[0]):
        with _connected(reader.targets[0]) as target:
            target.power_on()
            card.events.clear()
        deadline = time.monotonic() + 5
        while "off" not in card.events and "reset" not in card.events and time.monotonic() < deadline:
            time.sleep(0.02)
        assert card.events[:1] in (["off"], ["reset"])


def test_a_tester_that_is_killed_leaves_no_hanging_worker(reader: VirtualReader) -> None:
    """kill -9 of the tester during an exchange with a silent card: the worker's own alarm ends it."""
    script = (
        "import sys\n"
        "from onecard.targets import pcsc\n"
        "from onecard.targets.base import TargetOptions\n"
        "pcsc.ORPHAN_LIMIT_EXTRA = 0.0\n"
        "target = pcsc.open_target('0', TargetOptions(timeout=1.0))\n"
        "target.connect()\n"
        "target.power_on()\n"
        "print(target._worker._process.pid, flush=True)\n"
        "target._timeout = 60\n"
        "target.transmit(bytes(5))\n"
    )
    card = ToyCard()
    reached = threading.Event()

    def stay_silent(_: bytes) -> None:
        reached.set()

    card.misbehave = stay_silent
    with card_in_slot(card, reader.ports[0]):
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as tester:
            assert tester.stdout is not None
            pid = int(tester.stdout.readline())
            assert reached.wait(10)
            tester.kill()
        deadline = time.monotonic() + 10
        while _runs(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
