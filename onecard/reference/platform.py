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
from onecard.errors import UserError
from onecard.spec.card import CardSpec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, load_spec
from onecard.spec.openapi import load_interface
from onecard.spec.platform import PlatformSpec, platform_spec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import ExchangeTarget, TargetAbsent, TargetOptions

KIND = "platform"
CARDS = "card-3.0"
"""Whose numbers the platform's cards have."""

TEST_TOKEN = "onecard-test-control"
"""Opens the control interface of a reference in this process, which nobody else can reach."""


@lru_cache(maxsize=1)
def _specification() -> Spec:
    # Immutable data of this installation, read once.
    return load_spec()


@lru_cache(maxsize=4)
def _data(profile: str) -> tuple[InterfaceSpec, PlatformSpec, CardSpec]:
    spec = _specification()
    known = sorted(name for name, found in spec.profiles.items() if found.target == KIND)
    if profile not in known:
        names = ", ".join(known)
        raise TargetAbsent(
            zh=f"没有名为“{profile}”的参考平台；可用：{names}",
            en=f"there is no reference platform {profile!r}; known: {names}",
        )
    resolved = spec.resolve_profile(profile)
    assert isinstance(resolved, InterfaceSpec)
    return resolved, platform_spec(resolved), spec.card_of_profile(CARDS)


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
    profile = rest or options.profile
    if not profile:
        raise UserError(
            zh="reference: 需要配置名，如 reference:platform-default",
            en="reference: needs a profile, as in reference:platform-default",
        )
    if options.variant is not None and not isinstance(options.variant, Variant):
        raise TypeError(f"not a variant of the platform: {options.variant!r}")
    made = service(profile, options.seed or DEFAULT_SEED, control_token=TEST_TOKEN, variant=options.variant)
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
