"""Conforming variants: every kind has some, and what conforms not raises an alarm."""

from dataclasses import replace

import pytest

from emulator.psam.behaviour import PsamBehaviour
from onecard.harness.kinds import KINDS
from onecard.prove.freedoms.model import Freedom
from onecard.prove.variants import VARIANTS, try_variant, variants_of
from onecard.spec.lint import value_fits
from onecard.spec.load import Spec


def test_ids_are_unique_and_every_profile_has_freedoms(spec: Spec) -> None:
    assert len({each.id for each in VARIANTS}) == len(VARIANTS)
    assert {each.kind for each in VARIANTS} == set(KINDS)
    assert [name for name, found in spec.profiles.items() if not variants_of(found.target, name)] == []


@pytest.mark.parametrize("freedom", VARIANTS, ids=lambda freedom: freedom.id)
def test_declares_what_the_questionnaire_knows(freedom: Freedom, spec: Spec) -> None:
    questions = {item.id: item for item in spec.questionnaires[freedom.kind].items}
    assert freedom.freedom.zh
    assert freedom.freedom.en
    assert all(value_fits(questions[name], value) for name, value in freedom.declared.items())


class Flattened(PsamBehaviour):
    """Every refusal is 6F00."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6F00


def test_what_is_no_freedom_is_an_alarm(spec: Spec) -> None:
    freedom = next(each for each in VARIANTS if each.id == "psam/no-read-key")
    assert try_variant(spec, "psam", "psam-sm4", freedom).alarms == ()
    assert try_variant(spec, "psam", "psam-sm4", replace(freedom, behaviour=Flattened)).alarms
