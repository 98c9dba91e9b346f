"""Reference encryptors ready to use."""

from functools import lru_cache

from emulator.hsm.app import Credentials, build
from emulator.hsm.behaviour import HsmBehaviour
from emulator.hsm.hsm import ReferenceHsm
from emulator.keys import DEFAULT_SEED, root_key
from emulator.persons import person
from emulator.service import Clock, Service
from emulator.supply import KeySupply
from emulator.variant import Variant
from onecard.spec.card import CardSpec
from onecard.spec.hsm import hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, load_spec

KEY_VERSION = 1
"""The encryptor computes with the first of the three versions of each key (profile: the strings name none)."""
CREDENTIALS = Credentials("onecard-tester", "synthetic-api-key")
"""What the emulated encryptor asks its callers for."""


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


def service(
    profile: str,
    *,
    seed: str = DEFAULT_SEED,
    variant: Variant | None = None,
    control_token: str | None = None,
    clock: Clock | None = None,
    supply: KeySupply | None = None,
) -> Service:
    """The same behind HTTP, with the synthetic credentials of this module; without a token no control interface."""
    made = hsm(profile, seed=seed, variant=variant, supply=supply)
    return build(made, CREDENTIALS, control_token=control_token, clock=clock)
