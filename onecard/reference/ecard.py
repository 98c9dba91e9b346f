"""The embedded reference e-card service: a service, a target in this process, and what it declares of itself."""

from collections.abc import Mapping
from functools import lru_cache

from emulator.crypto import sm3
from emulator.ecard.app import Setting, build
from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.directory import directory
from emulator.keys import DEFAULT_SEED, root_key
from emulator.service import CONTROL_PATH, Clock, Service
from emulator.variant import Variant
from onecard.reference.common import TEST_TOKEN, asked_for, interface_data
from onecard.spec.card import CardSpec
from onecard.spec.ecard import EcardSpec, ecard_spec
from onecard.spec.load import Spec, load_spec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import ExchangeTarget, TargetOptions

KIND = "ecard"
HOLDERS = ("sm4", "3des", "sm4", "sm4")
"""Algorithms of the cards that the reference knows, one synthetic holder each."""


@lru_cache(maxsize=4)
def _data(profile: str) -> tuple[EcardSpec, Mapping[str, CardSpec]]:
    spec = load_spec()
    true = ecard_spec(interface_data(KIND, profile))
    return true, {name: spec.card_of_profile(name) for name in _card_profiles(spec)}


def _card_profiles(spec: Spec) -> tuple[str, ...]:
    return tuple(sorted(name for name, found in spec.profiles.items() if found.target == "card"))


def _holders(true: EcardSpec, cards: Mapping[str, CardSpec], seed: str) -> tuple[dict[str, str], ...]:
    return directory(tuple(cards[true.proofs[algorithm].card] for algorithm in HOLDERS), seed)


def _credentials(true: EcardSpec, seed: str) -> dict[str, str]:
    return {role: sm3(f"onecard test key of the role|{seed}|{role}".encode())[:16].hex() for role in true.roles}


def service(
    profile: str,
    seed: str = DEFAULT_SEED,
    *,
    control_token: str | None = None,
    clock: Clock | None = None,
    variant: Variant | None = None,
) -> Service:
    """The reference e-card service; without ``control_token`` it has no control interface.

    Raises TargetAbsent for an unknown profile.
    """
    true, cards = _data(profile)
    variant = variant or Variant()
    behaviour = variant.behaviour or EcardBehaviour()
    if not isinstance(behaviour, EcardBehaviour):
        raise TypeError(f"not a behaviour of the e-card service: {behaviour!r}")
    setting = Setting(
        directory=_holders(true, cards, seed),
        credentials=_credentials(true, seed),
        cards=cards,
        root=lambda name, version: root_key(seed, name, version),
        token=control_token,
    )
    driven_by = ecard_spec(variant.spec) if variant.spec is not None else true
    return build(driven_by, setting, behaviour=behaviour, clock=clock, random=variant.random)


def open_target(rest: str, options: TargetOptions) -> ExchangeTarget:
    """The target ``reference:PROFILE``, a fresh service; raises UserError without a profile."""
    profile, variant = asked_for(KIND, rest, options)
    made = service(profile, options.seed or DEFAULT_SEED, control_token=TEST_TOKEN, variant=variant)
    return AsgiTarget(made.app, description=f"reference:{profile}", timeout=options.timeout)


def reference_ixit(
    profile: str, seed: str = DEFAULT_SEED, holder: int = 0, control_token: str = TEST_TOKEN
) -> Mapping[str, object]:
    """How to reach the reference e-card service: the entry point of group ``onecard.declarations``.

    ``holder`` plays no part: the service knows several cards.
    """
    true, cards = _data(profile)
    holders = _holders(true, cards, seed)
    proofs = true.proofs.values()
    keys = {
        proof.key: {str(version): root_key(seed, proof.key, version).hex().upper() for version in sorted(versions)}
        for proof in proofs
        if (versions := {each.version for each in proofs if each.key == proof.key})
    }
    return {
        "format": 1,
        "kind": "ixit",
        "target": f"reference:{profile}",
        "synthetic": True,
        "pin": None,
        "key-source": {"kind": "root-keys", "region": holders[0]["aab301"], "keys": keys},
        "parameters": {
            "control": {"path": CONTROL_PATH, "token": control_token},
            "credentials": _credentials(true, seed),
            "cards": list(holders),
        },
    }
