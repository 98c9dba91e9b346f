"""The example of a partner's program in C: library, terminal process, real pcscd, a card and a PSAM in two slots."""

import shlex
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from emulator.card.factory import reference_card, variant_card
from emulator.card.image import CardImage
from emulator.card.pin_coding import pin_octets
from emulator.card.variant import VariantSpec
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from emulator.psam.factory import psam
from emulator.terminal.installation import card_data
from emulator.transport.base import SmartCard
from onecard.emulate.keypad import ScriptedKeypad
from onecard.emulate.slots import PcscSlots
from tests.driver.support import DATE, library_in, program, serving
from tests.support.command import LIMIT, environment
from tests.support.pcscd import VirtualReader
from tests.targets.serving import card_in_slot

pytestmark = [pytest.mark.pcsc, pytest.mark.compiler]

SOURCE = Path(__file__).parents[2] / "examples" / "driver-c" / "partner.c"
READERS = {"card": "Virtual PCD 00 00", "psam": "Virtual PCD 00 01"}
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
ISSUED_PIN, PIN = "123456", "135790"
TIME = "20251118185001"
ENCRYPTOR = shlex.join([sys.executable, "-m", "onecard", "emulate", "hsm", "--stdio"])


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partner")
    return program(SOURCE, library_in(folder), folder)


def printed(
    partner: Path, reader: VirtualReader, way: str, *cards: SmartCard, entries: dict[str, list[str]]
) -> list[tuple[str, int, str]]:
    """Function, code and text of each line that the program printed, which must have succeeded."""
    with ExitStack() as running:
        for port, card in zip(reader.ports, cards, strict=False):
            running.enter_context(card_in_slot(card, port))
        slots = PcscSlots(READERS, 5.0, lambda: DATE, ScriptedKeypad(entries))
        service = running.enter_context(serving(slots))
        ran = subprocess.run(
            [str(partner), way],
            check=False,
            capture_output=True,
            timeout=LIMIT,
            stdin=subprocess.DEVNULL,
            env=environment(ONECARD_DRIVER=service.link, ONECARD_ENCRYPTOR=ENCRYPTOR),
        )
    lines = [line.split(" ", 2) for line in ran.stdout.decode("gb18030").splitlines()]
    assert ran.returncode == 0, (lines, ran.stderr)
    return [(function, int(code), text) for function, code, text in lines]


@pytest.mark.parametrize("profile", GENERATIONS)
def test_by_psam(partner: Path, reader: VirtualReader, profile: str) -> None:
    """Reading, writing, PIN and purchase; what the program prints is what stands on the card."""
    holder = person(DEFAULT_SEED, 0)
    entries = {"enter": [ISSUED_PIN, ISSUED_PIN, ISSUED_PIN, PIN], "new": [PIN], "again": [PIN]}
    found = printed(partner, reader, "psam", reference_card(profile), psam("psam-sm4"), entries=entries)
    basic, items, wrote, again, verified, unpaid, changed, paid, records = found
    fields = basic[2].split("|")
    assert (fields[0], fields[4], fields[6]) == (holder.region, holder.name, profile.removeprefix("card-") + "0")
    assert items[2] == f"SSSEEF05|{fields[7]}|{fields[8]}|$SSSEEF06|{fields[1]}|{fields[4]}|$"
    assert (wrote[1], again[2]) == (0, "SSSEEF05|20450228|$")
    assert [verified[1], unpaid[1], changed[1]] == [0, -35, 0]
    serial, time, tac, rest = paid[2].split("|")
    assert (len(serial), time, len(tac), rest) == (8, TIME, 8, "")
    first = records[2].split("$")[0].split("|")
    assert first[1:5] == [TIME, "0.00", "6.78", "0.20"]
    assert first[5] == fields[9], "the number of the terminal is the PSAM's"


@pytest.mark.parametrize("profile", GENERATIONS)
def test_by_encryptor(partner: Path, reader: VirtualReader, profile: str) -> None:
    """Without a PSAM: reading and purchase in steps, the encryptor's part through a pipe."""
    holder = person(DEFAULT_SEED, 0)
    found = printed(partner, reader, "encryptor", _with_pin(profile), entries={"enter": [PIN]})
    names = [name for name, _, _ in found]
    steps = ["iReadCardBas_HSM_Step1", "encryptor", "iReadCardBas_HSM_Step2"]
    assert names == [*steps, "iDoDebit_HSM_Step1", "encryptor", "iDoDebit_HSM_Step2"]
    fields = found[2][2].split("|")
    assert (fields[4], fields[9]) == (holder.name, "000000000000"), "there is no PSAM to have a number"
    key, result = found[4][2].split("|"), found[5][2].split("|")
    assert result == [key[0], TIME, key[4], ""], "serial and TAC are those of the encryptor"


def _with_pin(profile: str) -> SmartCard:
    data = card_data(profile)

    def edit(image: CardImage) -> None:
        image.pin = pin_octets(PIN, data.pin)

    return variant_card(VariantSpec(edit=edit), spec=data, seed=DEFAULT_SEED)
