"""The terminal's data: they hold together with those of card and PSAM, and broken data are told."""

from dataclasses import replace

import pytest

from emulator.mutants.registry import mutants_of
from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.spec.terminal import terminal_spec
from tests.terminal.bench import PROFILE, installed


def _interface(profile: str) -> InterfaceSpec:
    found = installed().resolve_profile(profile)
    assert isinstance(found, InterfaceSpec)
    return found


TERMINAL = terminal_spec(_interface(PROFILE))


def test_keys_in_the_psam_are_those_of_its_own_data() -> None:
    held = {key.key: (key.usage, key.number) for key in psam_spec(_interface("psam-sm4")).keys.values()}
    for key in TERMINAL.sam_keys.values():
        assert held.get(key.key, (key.usages[0], key.key_id)) == (key.usages[0], key.key_id)
    # The tester's PSAM holds these besides: the project's data of a PSAM do not have them.
    assert set(TERMINAL.sam_keys) - set(held) == {"PUK", "STK"}


def test_environments_are_those_of_the_psam() -> None:
    environments = {found.algorithm: found.aid for found in psam_spec(_interface("psam-sm4")).environments}
    names = {"3des": 0x01, "sm4": 0x03}
    for code, identifier in names.items():
        algorithm = TERMINAL.algorithm(identifier)
        assert algorithm is not None
        assert algorithm.environment == environments[code]


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
def test_generations_and_algorithms_are_those_of_the_cards(profile: str) -> None:
    card = installed().card_of_profile(profile)
    generation = TERMINAL.generation(card.checks["CHECK/VERSION"].value)
    assert generation is not None
    assert generation.authenticate == card.file("SSSE/EF06").read.key
    algorithm = TERMINAL.algorithm(card.algorithm.identifier)
    assert algorithm is not None
    assert algorithm.block == card.algorithm.block


def test_codes_of_status_words_follow_the_rule() -> None:
    words = {name: code for name, code in TERMINAL.codes.items() if len(name) == 4 and name[0] in "69"}
    assert len(words) == 20
    assert all(code == TERMINAL.status_code(int(name, 16)) for name, code in words.items())


def test_codes_of_the_table() -> None:
    literal = {"NO-CARD": -2, "PARAMETER": -14, "INTERNAL": -21, "SAM-ABSENT": -2201, "6A88": -27272, "9302": -37634}
    assert {name: TERMINAL.codes[name] for name in literal} == literal
    assert TERMINAL.fallback == (-2201, -2202, -2203, -27272, -24)


def test_broken_data_are_told() -> None:
    whole = _interface(PROFILE)
    with pytest.raises(SpecError, match="strings"):
        terminal_spec(replace(whole, tables={name: t for name, t in whole.tables.items() if name != "strings"}))
    outcomes = {**whole.tables["outcomes"], "TERMINAL/OUTCOME/NO-CARD": {"codes": ["TERMINAL/CODE/NOBODY"]}}
    with pytest.raises(SpecError, match="NOBODY"):
        terminal_spec(replace(whole, tables={**whole.tables, "outcomes": outcomes}))


def test_every_testable_requirement_has_a_mutant_of_its_own() -> None:
    testable = {r.id for r in installed().requirements.values() if r.actor == "terminal" and r.testable}
    mutants = mutants_of("terminal")
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    assert {mutant.breaks for mutant in mutants} == testable
