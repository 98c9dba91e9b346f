"""The embedded reference encryptor: a service, a target in this process, and what it declares of itself."""

from collections.abc import Mapping
from functools import lru_cache

from emulator.hsm import factory
from emulator.keys import DEFAULT_SEED, root_key
from emulator.persons import person
from emulator.service import CONTROL_PATH, Clock, Service
from emulator.supply import KeySupply
from emulator.variant import Variant
from onecard.reference.common import TEST_TOKEN, asked_for, interface_data
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import ExchangeTarget, TargetOptions

KIND = "hsm"


@lru_cache(maxsize=4)
def _data(profile: str) -> HsmSpec:
    return hsm_spec(interface_data(KIND, profile))


def service(
    profile: str,
    seed: str = DEFAULT_SEED,
    *,
    control_token: str | None = None,
    clock: Clock | None = None,
    variant: Variant | None = None,
    supply: KeySupply | None = None,
) -> Service:
    """The reference encryptor as a service; without ``control_token`` it has no control interface.

    ``supply``: other keys than the test keys of ``seed``. Raises TargetAbsent for an unknown profile.
    """
    _data(profile)
    return factory.service(profile, seed=seed, variant=variant, control_token=control_token, clock=clock, supply=supply)


def open_target(rest: str, options: TargetOptions) -> ExchangeTarget:
    """The target ``reference:PROFILE``; raises UserError without a profile, TargetAbsent for an unknown one."""
    profile, variant = asked_for(KIND, rest, options)
    made = service(profile, options.seed or DEFAULT_SEED, control_token=TEST_TOKEN, variant=variant)
    return AsgiTarget(made.app, description=f"reference:{profile}", timeout=options.timeout)


def reference_ixit(profile: str, seed: str = DEFAULT_SEED, holder: int = 0) -> Mapping[str, object]:
    """How to reach the reference encryptor: the entry point of group ``onecard.declarations``.

    ``holder`` plays no part: an encryptor serves the cards of a region. Raises TargetAbsent for an unknown profile.
    """
    names = sorted({key.key for key in _data(profile).keys.values()})
    return {
        "format": 1,
        "kind": "ixit",
        "target": f"reference:{profile}",
        "synthetic": True,
        "pin": None,
        "key-source": {
            "kind": "root-keys",
            "region": person(seed, 0).region,
            "keys": {
                name: {str(factory.KEY_VERSION): root_key(seed, name, factory.KEY_VERSION).hex().upper()}
                for name in names
            },
        },
        "parameters": {
            "credentials": {"id": factory.CREDENTIALS.id, "key": factory.CREDENTIALS.key},
            "control": {"path": CONTROL_PATH, "token": TEST_TOKEN},
        },
    }
