"""Reference encryptors ready to use."""

import time
from functools import lru_cache

from emulator.hsm.app import HsmService, build
from emulator.hsm.authority import Institution, Rights
from emulator.hsm.behaviour import HsmBehaviour
from emulator.hsm.desk import Desk, Log
from emulator.hsm.hsm import ReferenceHsm
from emulator.keys import DEFAULT_SEED, root_key
from emulator.persons import person
from emulator.service import Clock
from emulator.supply import KeySupply
from emulator.variant import Variant
from onecard.spec.card import CardSpec
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, load_spec

KEY_VERSION = 1
"""The encryptor computes with the first of the three versions of each key (profile: the strings name none)."""
TESTER = Institution("onecard-tester", "synthetic-api-key")
"""The tester's institution, which may do everything."""
COUNTER, SELF_SERVICE = "counter", "self-service"
"""Channels of the restricted institution; the second is for external authentication only."""


@lru_cache(maxsize=1)
def specification() -> Spec:
    """The data of this installation, which do not change: read once."""
    return load_spec()


@lru_cache(maxsize=8)
def _interface(profile: str) -> InterfaceSpec:
    found = specification().resolve_profile(profile)
    if not isinstance(found, InterfaceSpec) or found.kind != "hsm":
        raise ValueError(f"{profile} is not a profile of an encryptor")
    return found


@lru_cache(maxsize=8)
def _card(profile: str) -> CardSpec:
    return specification().card_of_profile(profile)


def hsm(
    profile: str, *, seed: str = DEFAULT_SEED, variant: Variant | None = None, supply: KeySupply | None = None
) -> ReferenceHsm:
    """The reference encryptor of a project profile: of the region of the first person of ``seed``, with test roots.

    ``supply``: other keys, of their own region; raises MissingKey for one that it lacks. Raises
    onecard.spec.errors.SpecError for an unknown profile or broken data, ValueError for one of another kind.
    """
    altered = variant or Variant()
    spec = hsm_spec(altered.spec or _interface(profile))
    if altered.behaviour is not None and not isinstance(altered.behaviour, HsmBehaviour):
        raise TypeError(f"the behaviour of an encryptor is an HsmBehaviour, not {altered.behaviour!r}")
    cards = {algorithm.card: _card(algorithm.card) for algorithm in spec.algorithms.values()}
    codes = {card.algorithm.code for card in cards.values()}
    return ReferenceHsm(
        spec,
        cards,
        {
            key.key: root_key(seed, key.key, KEY_VERSION)
            if supply is None
            else supply.common_root(key.key, KEY_VERSION, codes, key.levels)
            for key in spec.keys.values()
        },
        person(seed, 0).region if supply is None else supply.region,
        altered.behaviour,
    )


def synthetic_institutions(spec: HsmSpec, region: str) -> tuple[Institution, ...]:
    """The institutions of an encryptor of which nothing else is said, all synthetic.

    The tester's may do everything. A second one may use two services for the cards of one city, and name one key to
    each service, through two channels where requests name any. A third one has a limit of five requests a minute.
    """
    one = frozenset(("02",))
    # A key may be named whose service may not be used: the two rights are looked at one by one.
    held = (spec.keys.get(name) for name in ("HSM/UKSSSE", "HSM/STK", "HSM/DPK"))
    addresses = [key.address for key in held if key is not None and key.address is not None]
    channels = ((COUNTER, Rights()), (SELF_SERVICE, Rights(services=one)))
    return (
        TESTER,
        Institution(
            "onecard-restricted",
            "synthetic-restricted-key",
            Rights(one | {"01"}, frozenset(addresses), (region[:4],)),
            channels if spec.channel_header is not None else (),
        ),
        Institution("onecard-limited", "synthetic-limited-key", per_minute=5),
    )


def desk(
    made: ReferenceHsm, clock: Clock, *, institutions: tuple[Institution, ...] | None = None, log: Log | None = None
) -> Desk:
    """An encryptor with its callers (default: the test institutions) and its audit log (default: none)."""
    known = synthetic_institutions(made.spec, made.region) if institutions is None else institutions
    # The test clock may be set forward, and the time of day may be set back: rates are counted by a clock that is not.
    return Desk(made, known, now=lambda: time.monotonic_ns() // 1_000_000 + clock.ahead * 1000, log=log)


def service(
    profile: str,
    *,
    seed: str = DEFAULT_SEED,
    variant: Variant | None = None,
    control_token: str | None = None,
    clock: Clock | None = None,
    supply: KeySupply | None = None,
    institutions: tuple[Institution, ...] | None = None,
    log: Log | None = None,
) -> HsmService:
    """The same behind HTTP; its desk serves other transports as well. Without a token no control interface.

    Raises ValueError where the id of an institution stands twice, or there is none.
    """
    own = clock or Clock()
    made = desk(hsm(profile, seed=seed, variant=variant, supply=supply), own, institutions=institutions, log=log)
    return build(made, control_token=control_token, clock=own)
