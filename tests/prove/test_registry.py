"""The mutants as declared."""

from collections import Counter
from types import ModuleType

import pytest

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage
from emulator.card.variant import VariantSpec
from emulator.mutants.model import Mutant, image_mutant, mutant, mutants_in
from emulator.mutants.registry import KINDS, all_mutants, mutants_of
from emulator.variant import Variant
from onecard.prove import subject
from onecard.spec.expr import evaluate
from onecard.spec.load import Spec
from onecard.spec.text import Text

MUTANTS = all_mutants()


def test_ids_are_unique() -> None:
    assert [name for name, count in Counter(found.id for found in MUTANTS).items() if count > 1] == []


def test_every_testable_requirement_has_a_mutant_of_its_own(spec: Spec) -> None:
    for kind in KINDS:
        assert set(subject.testable(spec, kind)) == {found.breaks for found in mutants_of(kind)}, kind


@pytest.mark.parametrize("found", MUTANTS, ids=lambda found: found.id)
def test_mutant_is_told_whole(found: Mutant, spec: Spec) -> None:
    requirement = spec.requirement(found.breaks)
    assert found.id.startswith(f"{requirement.actor}/")
    assert found.because.zh
    assert found.because.en
    for name in found.profiles:
        environment = {**spec.profile(name).ics, "ixit.root_keys": True}
        assert evaluate(requirement.applies, environment), f"{found.breaks} does not apply to {name}"


@pytest.mark.parametrize("found", MUTANTS, ids=lambda found: found.id)
def test_each_reference_gets_a_behaviour_of_its_own(found: Mutant, spec: Spec) -> None:
    kind = spec.requirement(found.breaks).actor
    newest = [profile.id for profile in spec.profiles.values() if profile.target == kind][-1]
    true = spec.resolve_profile(found.profiles[0] if found.profiles else newest)
    first, second = found.variant(true), found.variant(true)
    assert first not in (VariantSpec(), Variant())
    assert first.behaviour is None or first.behaviour is not second.behaviour


def test_decorators_declare_and_subclasses_inherit_nothing() -> None:
    why = Text("因", "why")

    @mutant("card/one", breaks="R-1", because=why)
    class One(CardBehaviour):
        pass

    class Two(One):
        pass

    @image_mutant("card/three", breaks="R-3", because=why)
    def three(image: CardImage) -> None:
        image.pin = None

    module = ModuleType("sample")
    vars(module).update(One=One, Two=Two, three=three, number=3)
    assert [found.id for found in mutants_in(module)] == ["card/one", "card/three"]
