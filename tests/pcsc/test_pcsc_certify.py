"""A card certified over real PC/SC: pcscd, its virtual reader, and the card that ``onecard emulate`` puts in it."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.evidence import keyfile
from onecard.evidence.bundle import read, verify_bundle
from onecard.evidence.sealing import Sealer
from onecard.harness.replay import replay
from onecard.planning.declaration import Ixit
from onecard.spec.load import load_spec
from tests.pcsc.conftest import Emulate
from tests.support.cards import watched_card
from tests.support.command import declare, onecard
from tests.support.pcscd import VirtualReader
from tests.targets.serving import card_in_slot

pytestmark = pytest.mark.pcsc

SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
FCI = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103"
DECLARED = ("--ics", "declared/ics.yaml", "--ixit", "declared/ixit.yaml")


@pytest.mark.parametrize("profile", ["card-3.0", "card-1.0"])
def test_certified_over_pcsc(emulated: Emulate, tmp_path: Path, profile: str) -> None:
    with emulated("--profile", profile, "--declare", "declared"):
        ixit = tmp_path / "declared" / "ixit.yaml"
        told = ixit.read_text(encoding="utf-8")
        assert "synthetic: true" in told
        # As a vendor's card is tested, whose evidence is sealed.
        ixit.write_text(told.replace("synthetic: true", "synthetic: false"), encoding="utf-8")
        run = onecard("certify", "card", *DECLARED, "--json", "--out", "out", cwd=tmp_path)
    assert run.stdout, run.stderr
    summary = json.loads(run.stdout)
    assert (run.returncode, summary["verdict"]) == (0, "pass"), run.stdout + run.stderr
    assert (summary["profile"], summary["target"]) == (profile, "pcsc:0")
    assert summary["cases"]["pass"] > 150
    bundle = read(tmp_path / "out" / "run.bundle")
    opened = next(event for event in bundle.events if event.kind == "run")
    assert opened.body["reader"].startswith("Virtual PCD 00 00")
    identity = next(event for event in bundle.events if event.kind == "identity")
    assert identity.body["raw_t0"] is True, "T=0 status bytes are seen through this reader"
    assert verify_bundle(tmp_path / "out" / "run.bundle").exit_code == 0
    again = replay(load_spec(), bundle, Sealer(keyfile.read_key(tmp_path / "out" / "run.key")))
    assert (again.exit_code, again.verdict) == (0, "pass")


def test_opensc_prints_the_fci(emulated: Emulate) -> None:
    if shutil.which("opensc-tool") is None:
        pytest.skip("opensc-tool is not installed (apt-get install opensc)")
    with emulated():
        run = subprocess.run(
            ["opensc-tool", "-r", "0", "-s", SELECT + "00"], capture_output=True, text=True, timeout=60, check=False
        )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "SW1=0x90, SW2=0x00" in run.stdout
    printed = "".join(line[:48].replace(" ", "") for line in run.stdout.splitlines()[2:])
    assert printed[: len(FCI)] == FCI, run.stdout


def test_raw_pyscard_sees_the_announced_length(emulated: Emulate) -> None:
    from smartcard.CardConnection import CardConnection
    from smartcard.System import readers

    with emulated():
        connection = readers()[0].createConnection()
        connection.connect(CardConnection.T0_protocol)
        try:
            assert connection.transmit(list(bytes.fromhex(SELECT))) == ([], 0x61, 0x1E)
            data, *status = connection.transmit([0x00, 0xC0, 0x00, 0x00, 0x1E])
        finally:
            connection.disconnect()
    assert (len(data), status) == (30, [0x90, 0x00])
    assert bytes(data).hex().upper() == FCI


def test_both_slots_at_once(emulated: Emulate, tmp_path: Path) -> None:
    """Two cards of two holders, certified at the same time: two identities, two passes."""
    runs: dict[int, subprocess.CompletedProcess[str]] = {}

    def certify(slot: int) -> None:
        folder = tmp_path / f"slot-{slot}"
        folder.mkdir()
        words = declare(folder, "card-1.0", f"pcsc:{slot}", _of_region(person(DEFAULT_SEED, slot).region))
        runs[slot] = onecard(*words, "--json", "--out", "out", cwd=folder)

    with emulated("--profile", "card-1.0", "--slot", "both", slots=(0, 1)):
        threads = [threading.Thread(target=certify, args=(slot,)) for slot in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [runs[slot].returncode for slot in (0, 1)] == [0, 0], [run.stdout + run.stderr for run in runs.values()]
    found = [json.loads(runs[slot].stdout) for slot in (0, 1)]
    assert [summary["target"] for summary in found] == ["pcsc:0", "pcsc:1"]
    assert len({summary["identity"]["identification"] for summary in found}) == 2


def _of_region(region: str) -> Callable[[Ixit], Ixit]:
    """The root keys' factors are those of a card of ``region``."""
    return lambda ixit: replace(ixit, key_source={**ixit.key_source, "region": region})


def test_a_card_pulled_in_the_middle(reader: VirtualReader, tmp_path: Path) -> None:
    card = watched_card("card-1.0")
    words = [*declare(tmp_path, "card-1.0", "pcsc:0"), "--out", "out", "--lang", "en"]
    with card_in_slot(card, reader.ports[0]) as client:
        card.at = lambda n: client.stop() if n == 700 else None
        pulled = onecard(*words, cwd=tmp_path)
    assert pulled.returncode == 3, pulled.stdout + pulled.stderr
    assert "INCOMPLETE" in pulled.stdout
    assert "Traceback" not in pulled.stderr
    assert read(tmp_path / "out" / "run.bundle").footer is not None
    card.at = None
    with card_in_slot(card, reader.ports[0]):
        resumed = onecard(*words, "--resume", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert verify_bundle(tmp_path / "out" / "run.bundle").exit_code == 0
    image = card.card.image
    assert image.pin_tries == image.pin_limit
    assert set(image.key_tries.values()) == {image.key_limit}


def test_an_absent_reader_sends_nothing(reader: VirtualReader, tmp_path: Path) -> None:
    words = [*declare(tmp_path, "card-1.0", "pcsc:Omnikey"), "--out", "out", "--lang", "en"]
    run = onecard(*words, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert "no such reader" in run.stderr
    assert "Virtual PCD 00 00" in run.stderr
    assert not (tmp_path / "out").exists() or not (tmp_path / "out" / "run.bundle").exists()
