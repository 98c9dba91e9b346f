"""The embedded reference encryptor: a service, a target in this process, and what it declares of itself."""

from collections.abc import Mapping
from functools import lru_cache

from emulator.hsm import factory
from emulator.keys import DEFAULT_SEED, root_key
from emulator.persons import person
from emulator.service import CONTROL_PATH, Clock, Service
from emulator.variant import Variant
from onecard.errors import UserError
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import ExchangeTarget, TargetAbsent, TargetOptions

KIND = "hsm"
TEST_TOKEN = "onecard-test-control"
"""Opens the control interface of a reference in this process, which nobody else can reach."""


@lru_cache(maxsize=4)
def _data(profile: str) -> HsmSpec:
    spec = factory.specification()
    known = sorted(name for name, found in spec.profiles.items() if found.target == KIND)
    if profile not in known:
        names = ", ".join(known)
        raise TargetAbsent(
            zh=f"没有名为“{profile}”的参考加密机；可用：{names}",
            en=f"there is no reference encryptor {profile!r}; known: {names}",
        )
    resolved = spec.resolve_profile(profile)
    assert isinstance(resolved, InterfaceSpec)
    return hsm_spec(resolved)


def service(
    profile: str,
    seed: str = DEFAULT_SEED,
    *,
    control_token: str | None = None,
    clock: Clock | None = None,
    variant: Variant | None = None,
) -> Service:
    """The reference encryptor as a service; without ``control_token`` it has no control interface.

    Raises TargetAbsent for an unknown profile.
    """
    _data(profile)
    return factory.service(profile, seed=seed, variant=variant, control_token=control_token, clock=clock)


def open_target(rest: str, options: TargetOptions) -> ExchangeTarget:
    """The target ``reference:PROFILE``; raises UserError without a profile, TargetAbsent for an unknown one."""
    profile = rest or options.profile
    if not profile:
        raise UserError(
            zh="reference: 需要配置名，如 reference:hsm-default",
            en="reference: needs a profile, as in reference:hsm-default",
        )
    if options.variant is not None and not isinstance(options.variant, Variant):
        raise TypeError(f"not a variant of the encryptor: {options.variant!r}")
    made = service(profile, options.seed or DEFAULT_SEED, control_token=TEST_TOKEN, variant=options.variant)
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
