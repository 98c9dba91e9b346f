"""A C program, the library, the terminal process, pcscd and its virtual reader with a card and a PSAM in two slots."""

import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from emulator.card.factory import reference_card
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from emulator.psam.factory import psam
from emulator.transport.base import SmartCard
from onecard.emulate.slots import PcscSlots
from tests.driver.support import DATE, library_in, program, ran, serving
from tests.support.command import onecard, started
from tests.support.pcscd import VirtualReader
from tests.targets.serving import card_in_slot

pytestmark = [pytest.mark.pcsc, pytest.mark.compiler]

READERS = {"card": "Virtual PCD 00 00", "psam": "Virtual PCD 00 01"}
LIMIT = 2.0


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("caller")
    return program("caller.c", library_in(folder), folder)


def _read(caller: Path, reader: VirtualReader, *cards: SmartCard | None, times: int = 1) -> list[tuple[int, str]]:
    with ExitStack() as stack:
        for port, card in zip(reader.ports, cards, strict=False):
            if card is not None:
                stack.enter_context(card_in_slot(card, port))
        service = stack.enter_context(serving(PcscSlots(READERS, LIMIT, lambda: DATE)))
        return [ran(caller, "iReadCardBas", "1", link=service.link)[0] for _ in range(times)]


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
def test_cards_of_every_generation(caller: Path, reader: VirtualReader, profile: str) -> None:
    card, holder = reference_card(profile), person(DEFAULT_SEED, 0)
    found = _read(caller, reader, card, psam("psam-sm4"), times=3)
    assert len(set(found)) == 1
    code, text = found[0]
    fields = text.split("|")
    assert (code, fields[0], fields[4]) == (0, holder.region, holder.name)
    assert fields[1].startswith(holder.number_body)
    assert len(fields[5]) == 26
    assert fields[5] in card.power_on().hex().upper()
    assert fields[6].startswith(profile.removeprefix("card-"))
    assert fields[9].startswith(holder.region[:4]), "the number of the terminal is in the PSAM"


def test_empty_slots(caller: Path, reader: VirtualReader) -> None:
    assert _read(caller, reader, None, psam("psam-sm4")) == [(-2, "无卡")]
    assert _read(caller, reader, reference_card("card-2.0"), None) == [(-2201, "无 PSAM 卡")]


def test_a_card_that_never_answers(caller: Path, reader: VirtualReader) -> None:
    """The call ends by the time limit; once the card is taken out, the readers serve the next one."""
    with serving(PcscSlots(READERS, LIMIT, lambda: DATE)) as service, card_in_slot(psam("psam-sm4"), reader.ports[1]):
        with card_in_slot(_Silent(reference_card("card-2.0"), 5), reader.ports[0]):
            begun = time.monotonic()
            code, _ = ran(caller, "iReadCardBas", "1", link=service.link)[0]
            assert code in (-2, -3, -4)
            assert time.monotonic() - begun < 10 * LIMIT
        with card_in_slot(reference_card("card-2.0"), reader.ports[0]):
            assert ran(caller, "iReadCardBas", "1", link=service.link)[0][0] == 0


class _Silent:
    """A card that keeps silent from one of its answers on."""

    def __init__(self, card: SmartCard, after: int) -> None:
        self._card = card
        self._left = after

    def power_on(self) -> bytes:
        return self._card.power_on()

    def reset(self) -> bytes:
        return self._card.reset()

    def power_off(self) -> None:
        self._card.power_off()

    def process(self, command: bytes) -> bytes | None:
        self._left -= 1
        return self._card.process(command) if self._left >= 0 else None


def test_the_command(caller: Path, reader: VirtualReader, tmp_path: Path) -> None:
    """As a user has it: the terminal process of the command line, and its link file beside the library."""
    library = tmp_path / "lib"
    assert onecard("driver", "build", "--out", "lib", cwd=tmp_path).returncode == 0
    partner = program("caller.c", library / "libSSCardDriver.so", tmp_path)
    link = library / "SSCardDriver.link"
    with ExitStack() as stack:
        stack.enter_context(card_in_slot(reference_card("card-3.0"), reader.ports[0]))
        stack.enter_context(card_in_slot(psam("psam-sm4"), reader.ports[1]))
        process = started("emulate", "terminal", "--driver", "--link", "lib", cwd=tmp_path, log=tmp_path / "log")
        try:
            deadline = time.monotonic() + 60
            while not link.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            assert link.stat().st_mode & 0o077 == 0
            code, text = ran(partner, "iReadCardBas", "3", link=None)[0]
        finally:
            process.terminate()
            assert process.wait(20) == 0
    assert (code, text.count("|")) == (0, 11)
    assert not link.exists()
    assert text.split("|")[1] not in (tmp_path / "log").read_text(encoding="utf-8")
