"""What the reference adapters of services and terminals have in common."""

from functools import cache

from emulator.variant import Variant
from onecard.errors import UserError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.targets.base import TargetAbsent, TargetOptions

TEST_TOKEN = "onecard-test-control"
"""Opens the control interface of a reference in this process, which nobody else can reach."""


@cache
def interface_data(kind: str, profile: str) -> InterfaceSpec:
    """The data of a project profile of ``kind``, resolved once.

    Raises TargetAbsent for an unknown one, naming those there are.
    """
    spec = load_spec()
    known = sorted(name for name, found in spec.profiles.items() if found.target == kind)
    if profile not in known:
        names = ", ".join(known)
        raise TargetAbsent(
            zh=f"没有名为“{profile}”的内置参考（{kind}）；可用：{names}",
            en=f"there is no embedded reference {profile!r} of kind {kind}; known: {names}",
        )
    found = spec.profile(profile)
    return spec.interface(kind, found.ics, profile)


def asked_for(kind: str, rest: str, options: TargetOptions) -> tuple[str, Variant | None]:
    """Profile and variant of ``reference:REST``; raises UserError without a profile."""
    profile = rest or options.profile
    if not profile:
        raise UserError(
            zh=f"reference: 需要配置名，如 reference:{kind}-default",
            en=f"reference: needs a profile, as in reference:{kind}-default",
        )
    if options.variant is not None and not isinstance(options.variant, Variant):
        raise TypeError(f"not a variant of a {kind}: {options.variant!r}")
    return profile, options.variant
