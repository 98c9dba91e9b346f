"""Published reader programs' sequences on the emulated card through ``onecard apdu`` give the person's data back."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from emulator.card.factory import reference_card
from emulator.persons import person
from onecard.oracle.codec import bcd_decode, date_decode, name_decode
from onecard.oracle.session import rules_of
from onecard.spec.load import load_spec
from tests.cli.running import environment
from tests.support.programs import PROGRAMS, Program, Reader, Refused, account_number

PROFILES = ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui")


def reader_of(profile: str, transmit: "Transmitter") -> Reader:
    """A program's reader with the test key that a third-generation card needs."""
    spec = load_spec().card_of_profile(profile)
    keys = reference_card(profile).image.keys
    return Reader(transmit, rules_of(spec), keys["RKSSSE"][1] if str(spec.ics["card.generation"]) >= "3.0" else None)


class Transmitter:
    """``onecard apdu`` as a process: a line out, a line in."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def line(self, text: str) -> str:
        """One line and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def __call__(self, command: bytes) -> bytes:
        answer = self.line(command.hex())
        assert not answer.startswith("!"), answer
        return bytes.fromhex(answer)


@pytest.fixture(scope="module", params=PROFILES)
def line_and_profile(request: pytest.FixtureRequest) -> Iterator[tuple[Transmitter, str]]:
    """One process a profile: ``reset`` between the programs, as a user would."""
    words = [sys.executable, "-m", "onecard", "apdu", "--profile", request.param]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        yield Transmitter(process), request.param
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_persons_data_come_back(line_and_profile: tuple[Transmitter, str], program: Program) -> None:
    transmit, profile = line_and_profile
    assert transmit.line("reset").startswith("3B")
    found, someone = program(reader_of(profile, transmit)), person("onecard", 0)
    assert name_decode(found[0x09], found.get(0x4E, b"")) == someone.name
    assert found[0x08].decode("ascii").startswith(someone.number_body)
    assert date_decode(found[0x0D]) == someone.birth
    assert date_decode(found[0x05]) == someone.issued
    assert bcd_decode(found[0x0C]) == someone.birthplace
    assert found[0x03].decode("ascii")[:3] == profile.split("-")[1]
    assert found[0x01][:3].hex() == someone.region


def test_without_the_key_a_third_generation_card_keeps_silent_about_its_holder(
    line_and_profile: tuple[Transmitter, str],
) -> None:
    transmit, profile = line_and_profile
    transmit.line("reset")
    keyless = Reader(transmit, rules_of(load_spec().card_of_profile(profile)), None)
    if profile.startswith("card-3"):
        with pytest.raises(Refused, match="6982"):
            PROGRAMS["by-identifier"](keyless)
    else:
        assert PROGRAMS["by-identifier"](keyless)


def test_a_bank_reader_finds_the_card_number(line_and_profile: tuple[Transmitter, str]) -> None:
    transmit, profile = line_and_profile
    transmit.line("reset")
    reader = reader_of(profile, transmit)
    if profile == "card-1.0":
        with pytest.raises(Refused):
            account_number(reader)
        return
    digits = account_number(reader)
    assert 13 <= len(digits) <= 19
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    assert (sum(int(digit) for digit in digits[::-2]) + sum(doubled)) % 10 == 0
