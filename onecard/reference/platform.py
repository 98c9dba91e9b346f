"""The embedded reference platform: a service, a target in this process, and what it declares of itself."""

from collections.abc import Mapping
from functools import lru_cache

from emulator.keys import DEFAULT_SEED
from emulator.platform.app import build
from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.database import IN_MEMORY
from emulator.platform.seeds import cards_of, institutions_of
from emulator.service import CONTROL_PATH, Clock, Service
from emulator.variant import Variant
from onecard.reference.common import TEST_TOKEN, asked_for, interface_data
from onecard.spec.card import CardSpec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.spec.openapi import load_interface
from onecard.spec.platform import PlatformSpec, platform_spec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import ExchangeTarget, TargetOptions

KIND = "platform"
CARDS = "card-3.0"
"""Whose numbers the platform's cards have."""


@lru_cache(maxsize=4)
def _data(profile: str) -> tuple[InterfaceSpec, PlatformSpec, CardSpec]:
    resolved = interface_data(KIND, profile)
    return resolved, platform_spec(resolved), load_spec().card_of_profile(CARDS)


def service(
    profile: str,
    seed: str = DEFAULT_SEED,
    *,
    control_token: str | None = None,
    clock: Clock | None = None,
    variant: Variant | None = None,
    database: str = IN_MEMORY,
) -> Service:
    """The reference platform as a service. ``database``: any URL that SQLAlchemy knows, SQLite in memory by default.

    Raises TargetAbsent for an unknown profile.
    """
    _, true, card = _data(profile)
    variant = variant or Variant()
    behaviour = variant.behaviour or PlatformBehaviour()
    if not isinstance(behaviour, PlatformBehaviour):
        raise TypeError(f"not a behaviour of the platform: {behaviour!r}")
    issued = platform_spec(variant.declared) if variant.declared is not None else true
    return build(
        platform_spec(variant.spec) if variant.spec is not None else true,
        load_interface(KIND),
        institutions_of(issued, seed),
        cards_of(issued, card, seed),
        clock=clock,
        behaviour=behaviour,
        random=variant.random,
        control_token=control_token,
        database=database,
    )


def open_target(rest: str, options: TargetOptions) -> ExchangeTarget:
    """The target ``reference:PROFILE``, with a fresh database; raises UserError without a profile."""
    profile, variant = asked_for(KIND, rest, options)
    made = service(profile, options.seed or DEFAULT_SEED, control_token=TEST_TOKEN, variant=variant)
    return AsgiTarget(made.app, description=f"reference:{profile}", timeout=options.timeout)


def reference_ixit(
    profile: str, seed: str = DEFAULT_SEED, holder: int = 0, control_token: str = TEST_TOKEN
) -> Mapping[str, object]:
    """How to reach the reference platform: the entry point of group ``onecard.declarations``.

    ``holder`` plays no part: the platform's cards have holders of their own.
    """
    _, true, card = _data(profile)
    institutions = [
        {"id": each.id, "key": each.key, "role": each.role, "suspended": each.suspended}
        for each in institutions_of(true, seed).values()
    ]
    cards = [
        {"cardNo": each.card_no, "state": each.state, "name": each.name, "number": each.number}
        for each in cards_of(true, card, seed)
    ]
    return {
        "format": 1,
        "kind": "ixit",
        "target": f"reference:{profile}",
        "synthetic": True,
        "pin": None,
        "key-source": {"kind": "none"},
        "parameters": {
            "control": {"path": CONTROL_PATH, "token": control_token},
            "institutions": institutions,
            "cards": cards,
        },
    }
