"""Cards to test and a terminal's view of them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from emulator.card.behaviour import CardBehaviour
from emulator.card.card import ReferenceCard
from emulator.card.factory import reference_card
from onecard.spec.card import CardSpec
from onecard.spec.load import Spec, load_spec
from tests.emulator.bench import Bench

BenchMaker = Callable[..., Bench]


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="session")
def card_specs(spec: Spec) -> dict[str, CardSpec]:
    return {name: spec.card_of_profile(name) for name in ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui")}


@pytest.fixture
def bench(card_specs: dict[str, CardSpec]) -> BenchMaker:
    """A powered card of a profile; keyword arguments are items of the ICS with ``card.`` left out."""

    def make(
        profile: str = "card-3.0", behaviour: CardBehaviour | None = None, holder: int = 0, **items: bool | int | str
    ) -> Bench:
        ics = {**card_specs[profile].ics, **{f"card.{name}": value for name, value in items.items()}}
        applications = dict(card_specs[profile].applications)
        if "ssse_is_mf" in items:
            applications["SSSE"] = replace(applications["SSSE"], is_mf=bool(items["ssse_is_mf"]))
        declared = replace(card_specs[profile], ics=ics, applications=applications)
        card: ReferenceCard = reference_card(profile, spec=declared, behaviour=behaviour, holder=holder)
        card.power_on()
        return Bench(card)

    return make
