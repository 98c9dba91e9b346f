"""What goes wrong on a bench: a full disk, a pulled card, a wrong PIN or key. One message, and no evidence lost."""

import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from onecard.evidence import keyfile
from onecard.evidence.bundle import read, verify_bundle
from onecard.evidence.sealing import Sealer
from onecard.harness.campaign import Order, run_campaign
from onecard.harness.replay import replay
from onecard.planning.declaration import Ixit
from tests.harness.running import request, spec
from tests.support.cards import EXTERNAL_AUTHENTICATE, VERIFY, WatchedCard, on_port, watched_card
from tests.support.command import declare, onecard

LIMIT = 600_000
TRIES = 3


def _small_disk() -> None:
    """No file may grow beyond LIMIT bytes: writing ends with an error, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def test_a_full_disk(tmp_path: Path) -> None:
    words = ("certify", "card", "--profile", "card-1.0", "--out", "out", "--lang", "en")
    full = onecard(*words, cwd=tmp_path, before=_small_disk)
    bundle = tmp_path / "out" / "run.bundle"
    assert full.returncode == 3, full.stdout + full.stderr
    assert "Traceback" not in full.stderr + full.stdout
    told = [line for line in full.stderr.splitlines() if "run.bundle" in line]
    assert len(told) == 1, full.stderr
    assert "--resume" in told[0]
    assert "File too large" in told[0]
    assert bundle.stat().st_size <= LIMIT
    assert bundle.read_bytes().endswith(b"\n"), "the last line is whole"
    left = read(bundle)
    assert left.torn == 0
    finished = [event.body["case"] for event in left.events if event.kind == "end"]
    assert len(finished) > 10
    resumed = onecard(*words, "--resume", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert verify_bundle(bundle).exit_code == 0
    assert read(bundle).events[: len(left.events)] == left.events
    assert onecard("replay", "out/run.bundle", cwd=tmp_path).returncode == 0


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    """Not even the header fits: nothing was sent, and no empty bundle stays behind to be mistaken for evidence."""

    def no_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    full = onecard(
        "certify", "card", "--profile", "card-1.0", "--out", "out", "--lang", "en", cwd=tmp_path, before=no_disk
    )
    assert full.returncode == 2, full.stdout + full.stderr
    assert "File too large" in full.stderr
    assert "Traceback" not in full.stderr
    assert not (tmp_path / "out" / "run.bundle").exists()


def test_a_card_pulled_in_the_middle(tmp_path: Path) -> None:
    card = watched_card("card-1.0")
    with on_port(card) as server:
        words = [*declare(tmp_path, "card-1.0", f"tcp:127.0.0.1:{server.port}"), "--out", "out", "--lang", "en"]
        # While a case is at work: the card goes away before it answers.
        card.at = lambda n: server.stop() if n == 1200 else None
        pulled = onecard(*words, cwd=tmp_path)
    assert pulled.returncode == 3, pulled.stdout + pulled.stderr
    assert "the connection ended" in pulled.stdout
    assert "INCOMPLETE" in pulled.stdout
    assert "Traceback" not in pulled.stderr
    left = read(tmp_path / "out" / "run.bundle")
    assert left.footer is not None
    assert not left.complete
    card.at = None
    with on_port(card, server.port):
        resumed = onecard(*words, "--resume", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert verify_bundle(tmp_path / "out" / "run.bundle").exit_code == 0
    image = card.card.image
    assert image.pin_tries == TRIES
    assert set(image.key_tries.values()) == {TRIES}


def test_an_absent_card_sends_nothing(tmp_path: Path) -> None:
    with on_port(watched_card("card-1.0")) as server:
        port = server.port
    words = declare(tmp_path, "card-1.0", f"tcp:127.0.0.1:{port}")
    run = onecard(*words, "--out", "out", "--lang", "en", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert f"tcp:127.0.0.1:{port}: cannot connect" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not (tmp_path / "out" / "run.bundle").exists()


def _other_pin(ixit: Ixit) -> Ixit:
    return replace(ixit, pin="654321")


def _other_keys(ixit: Ixit) -> Ixit:
    keys = {name: dict.fromkeys(versions, "00" * 16) for name, versions in ixit.key_source["keys"].items()}
    return replace(ixit, key_source={**ixit.key_source, "keys": keys})


def _run(
    out: Path, card: WatchedCard, ixit: Ixit, *, resume: bool = False, stop_at: int | None = None, port: int = 0
) -> int:
    """One run on ``card`` with a wrong IXIT; never a pass. Returns the port."""
    first = card.exchanges
    card.at = lambda n: signal.raise_signal(signal.SIGINT) if stop_at is not None and n == first + stop_at else None
    with on_port(card, port) as server:
        ask = replace(request("card-1.0", f"tcp:127.0.0.1:{server.port}"), ixit=ixit)
        result = run_campaign(Order(spec(), [ask], out, bytes(16), resume=resume))
        assert result.verdict != "pass"
        return server.port


def _each_key_once(card: WatchedCard) -> bool:
    """Each counted key was tried once; a key without a counter at most twice, which costs the card nothing."""
    keys = [key for key in card.card.spec.keys.values() if key.function == "external-authentication"]
    counted = [key for key in keys if key.counted]
    tried = {key.id: card.card.image.key_tries[key.id] for key in counted} == {key.id: TRIES - 1 for key in counted}
    free = len(keys) - len(counted)
    return tried and len(counted) <= card.failed[EXTERNAL_AUTHENTICATE] <= len(counted) + 2 * free


def test_a_wrong_pin_is_tried_once(tmp_path: Path) -> None:
    card = watched_card("card-1.0")
    _run(tmp_path, card, _other_pin(request("card-1.0").ixit))
    assert card.failed[VERIFY] == 1
    assert card.card.image.pin_tries == TRIES - 1
    assert card.lowest == TRIES - 1


def test_wrong_keys_are_tried_once_each(tmp_path: Path) -> None:
    card = watched_card("card-1.0")
    found = card.memory()
    _run(tmp_path, card, _other_keys(request("card-1.0").ixit))
    assert _each_key_once(card)
    assert card.lowest == TRIES - 1
    assert card.card.image.files == found.files


@pytest.mark.parametrize(("wrong", "kind"), [(_other_pin, VERIFY), (_other_keys, EXTERNAL_AUTHENTICATE)])
def test_what_was_refused_is_not_tried_again_after_a_resume(tmp_path: Path, wrong: object, kind: int) -> None:
    """Each resume would otherwise cost a try, until the card is blocked."""
    assert callable(wrong)
    card = watched_card("card-1.0")
    ixit = wrong(request("card-1.0").ixit)
    port = _run(tmp_path, card, ixit, stop_at=300)
    for _ in range(2):
        _run(tmp_path, card, ixit, resume=True, stop_at=300, port=port)
    _run(tmp_path, card, ixit, resume=True, port=port)
    assert card.failed[VERIFY] == 1 if kind == VERIFY else _each_key_once(card)
    assert card.lowest == TRIES - 1
    bundle = read(tmp_path / "run.bundle")
    result = replay(spec(), bundle, Sealer(keyfile.read_key(tmp_path / "run.key")))
    assert result.divergences == []
