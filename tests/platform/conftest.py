"""The platform's data and a reference in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.platform.app import build
from emulator.platform.database import IN_MEMORY
from emulator.platform.seeds import cards_of, institutions_of
from emulator.service import Clock
from onecard.spec.card import CardSpec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, load_spec
from onecard.spec.openapi import Interface, load_interface
from onecard.spec.platform import PlatformSpec, platform_spec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import Message

TOKEN = "test-token"
SEED = "tests"


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="session")
def resolved(spec: Spec) -> InterfaceSpec:
    found = spec.resolve_profile("platform-default")
    assert isinstance(found, InterfaceSpec)
    return found


@pytest.fixture(scope="session")
def data(resolved: InterfaceSpec) -> PlatformSpec:
    return platform_spec(resolved)


@pytest.fixture(scope="session")
def card_data(spec: Spec) -> CardSpec:
    return spec.card_of_profile("card-3.0")


@pytest.fixture(scope="session")
def interface() -> Interface:
    return load_interface("platform")


@dataclass
class Running:
    """A reference platform behind a target."""

    target: AsgiTarget
    data: PlatformSpec
    card_data: CardSpec

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> Message:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.target.exchange({"do": "http", "method": method, "path": path, "headers": names, "body": body})

    def credentials(self, role: str = "hrss-hall") -> dict[str, Any]:
        institution = institutions_of(self.data, SEED)[f"TEST-{role.upper()}"]
        return {"x_org_id": institution.id, "authorization": f"Bearer {institution.key}"}

    def card_no(self, state: str) -> str:
        return next(card.card_no for card in cards_of(self.data, self.card_data, SEED) if card.state == state)


def running(
    data: PlatformSpec, card_data: CardSpec, interface: Interface, database: str = IN_MEMORY, clock: Clock | None = None
) -> Running:
    service = build(
        data,
        interface,
        institutions_of(data, SEED),
        cards_of(data, card_data, SEED),
        clock=clock,
        control_token=TOKEN,
        database=database,
    )
    target = AsgiTarget(service.app, description="test")
    target.connect()
    return Running(target, data, card_data)


@pytest.fixture
def platform(data: PlatformSpec, card_data: CardSpec, interface: Interface) -> Iterator[Running]:
    made = running(data, card_data, interface)
    yield made
    made.target.close()
