"""Ctrl-C and kill at any moment: the card is as it was, nothing recorded is lost, and the run can be finished."""

import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.card.variant import VariantSpec
from onecard.evidence import keyfile
from onecard.evidence.bundle import read, verify_bundle
from onecard.evidence.sealing import NullSealer, Sealer
from onecard.harness.campaign import CampaignResult, Order, run_campaign
from onecard.harness.replay import replay
from tests.harness.running import request, spec
from tests.support.cards import WatchedCard, on_port, watched_card
from tests.support.command import declare, onecard, started

SEED = 20260802
MOMENTS = 4
TRIES = 3


def _order(out: Path, profile: str, port: int, *, resume: bool = False) -> Order:
    return Order(
        spec(), [request(profile, f"tcp:127.0.0.1:{port}")], out, bytes.fromhex("5A" * 16), resume=resume
    )  # fmt: skip


def _tries_are_whole(card: WatchedCard) -> bool:
    image = card.card.image
    return image.pin_tries == TRIES and set(image.key_tries.values()) == {TRIES}


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["card-1.0"])
def test_a_card_is_left_as_found_whenever_it_is_interrupted(tmp_path: Path, profile: str) -> None:
    """A few moments a card, drawn over its whole run; each interrupted run is resumed and interrupted again later.

    The signal comes while the card answers, as from a user who presses Ctrl-C at any time.
    """
    card = watched_card(profile)
    found = card.memory()
    with on_port(card) as server:
        whole = run_campaign(_order(tmp_path / "whole", profile, server.port))
        assert (whole.verdict, card.memory() == found, card.lowest) == ("pass", True, TRIES - 1)

        draw = random.Random(f"{SEED} {profile}")
        # The very last exchanges are left out: a signal after the last case finds nothing to interrupt.
        moments = sorted(draw.sample(range(1, card.exchanges - 20), MOMENTS))
        gaps = [after - before for before, after in zip([0, *moments], moments, strict=False)]
        out = tmp_path / "interrupted"
        for number, gap in enumerate(gaps):
            last = card.exchanges + gap
            card.at = _interrupting(last)
            result = run_campaign(_order(out, profile, server.port, resume=number > 0))
            assert card.exchanges >= last
            assert card.memory() == found, f"interruption {number} at exchange {gap} of its run"
            _is_readable_and_unfinished(result)
        card.at = None
        result = run_campaign(_order(out, profile, server.port, resume=True))
        assert result.verdict == "pass"
        assert result.runs[0].unrestored == []
    assert card.memory() == found
    assert _tries_are_whole(card)
    assert card.lowest == TRIES - 1
    _holds(out)


def _interrupting(exchange: int) -> Callable[[int], None]:
    """Ctrl-C while the card answers its command number ``exchange``."""

    def at(number: int) -> None:
        if number == exchange:
            signal.raise_signal(signal.SIGINT)

    return at


def _is_readable_and_unfinished(result: CampaignResult) -> None:
    bundle = read(result.bundle)
    assert (result.verdict, result.verdict.exit_code) == ("incomplete", 3)
    assert result.runs[0].stopped is not None
    assert bundle.footer is not None
    assert not bundle.complete
    assert verify_bundle(result.bundle).exit_code == 3


def _holds(out: Path) -> None:
    assert verify_bundle(out / "run.bundle").exit_code == 0
    bundle = read(out / "run.bundle")
    key = out / "run.key"
    result = replay(spec(), bundle, Sealer(keyfile.read_key(key)) if key.exists() else NullSealer())
    assert (result.exit_code, result.verdict, result.divergences) == (0, "pass", [])


@pytest.mark.parametrize("part", [0.1, 0.7])
def test_ctrl_c_and_resume_by_command(tmp_path: Path, part: float) -> None:
    card = watched_card("card-1.0")
    found = card.memory()
    with on_port(card) as server:
        words = [*declare(tmp_path, "card-1.0", f"tcp:127.0.0.1:{server.port}"), "--out", "out", "--lang", "en"]
        ended = _stopped_at(words, tmp_path, card, int(4000 * part), signal.SIGINT)
        assert ended[0] == 3, ended
        assert "interrupted" in ended[1] + ended[2]
        assert "Traceback" not in ended[2]
        assert card.memory() == found
        footer = read(tmp_path / "out" / "run.bundle").footer
        assert footer is not None
        assert not footer.complete
        assert onecard("verify", "out/run.bundle", cwd=tmp_path).returncode == 3
        resumed = onecard(*words, "--resume", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stdout[-3000:] + resumed.stderr
    assert card.memory() == found
    _holds(tmp_path / "out")


def test_kill_loses_at_most_the_running_case(tmp_path: Path) -> None:
    card = watched_card("card-1.0")
    with on_port(card) as server:
        words = [*declare(tmp_path, "card-1.0", f"tcp:127.0.0.1:{server.port}"), "--out", "out", "--lang", "en"]
        ended = _stopped_at(words, tmp_path, card, 1500, signal.SIGKILL)
        assert ended[0] == -signal.SIGKILL
        left = read(tmp_path / "out" / "run.bundle")
        assert left.footer is None
        before = [event.body["case"] for event in left.events if event.kind == "end"]
        begun = [event.body["case"] for event in left.events if event.kind == "begin"]
        assert len(begun) - len(before) <= 1
        assert onecard("verify", "out/run.bundle", cwd=tmp_path).returncode == 1, "no footer: never holds"
        assert onecard("replay", "out/run.bundle", "--unseal", "out/run.key", cwd=tmp_path).returncode == 3
        resumed = onecard(*words, "--resume", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stdout[-3000:] + resumed.stderr
    after = [event.body["case"] for event in read(tmp_path / "out" / "run.bundle").events if event.kind == "begin"]
    repeated = {case for case in before if after.count(case) > 1}
    assert repeated <= {"setup"}, "finished cases are not run again"
    _holds(tmp_path / "out")


def _stopped_at(
    words: list[str], folder: Path, card: WatchedCard, exchange: int, number: signal.Signals
) -> tuple[int, str, str]:
    """Start certify and send it a signal once the card has seen ``exchange`` commands."""
    reached = threading.Event()
    card.at = lambda n: reached.set() if n == exchange else None
    process = started(*words, cwd=folder)
    try:
        assert reached.wait(60), "the run never came so far"
        time.sleep(random.Random(exchange).uniform(0, 0.01))
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        card.at = None
    return process.returncode, out, err


def test_another_card_cannot_finish_the_run(tmp_path: Path) -> None:
    """The same declaration, another card in the reader: nothing of the two may stand in one bundle."""
    first, second = watched_card("card-1.0"), watched_card("card-3.0", VariantSpec(holder=1))
    with on_port(first) as server:
        first.at = lambda n: signal.raise_signal(signal.SIGINT) if n == 200 else None
        order = _order(tmp_path, "card-1.0", server.port)
        assert run_campaign(order).verdict == "incomplete"
    before = read(tmp_path / "run.bundle")
    with on_port(second, server.port):
        words = declare(tmp_path, "card-1.0", f"tcp:127.0.0.1:{server.port}")
        resumed = onecard(
            *words, "--out", ".", "--nonce", "5A" * 16, "--resume", "--lang", "en", cwd=tmp_path
        )  # fmt: skip
    assert resumed.returncode == 2, resumed.stdout + resumed.stderr
    assert "is not the one tested before" in resumed.stderr
    after = read(tmp_path / "run.bundle")
    assert after.events[: len(before.events)] == before.events
    assert not [event for event in after.events[len(before.events) :] if event.case not in (None, "setup")]


def test_a_finished_run_is_not_resumed(tmp_path: Path) -> None:
    assert run_campaign(Order(spec(), [request("card-1.0")], tmp_path, bytes(16))).verdict == "pass"
    content = (tmp_path / "run.bundle").read_bytes()
    told = onecard(
        "certify", "card", "--profile", "card-1.0", "--out", ".", "--resume", "--lang", "en", cwd=tmp_path
    )  # fmt: skip
    assert told.returncode == 2
    assert "complete" in told.stderr
    again = onecard("certify", "card", "--profile", "card-1.0", "--out", ".", "--lang", "en", cwd=tmp_path)
    assert again.returncode == 2
    assert "exists" in again.stderr
    assert (tmp_path / "run.bundle").read_bytes() == content
