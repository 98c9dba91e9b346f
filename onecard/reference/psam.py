"""The embedded reference PSAM as a target, and what it declares of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from emulator.psam.factory import KEY_VERSION, psam, psam_image, serial_number, specification, terminal_number
from emulator.psam.state import PsamImage
from emulator.variant import Variant
from onecard.errors import UserError
from onecard.reference.apdu import PSAM, ReferenceTarget
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import PsamSpec, psam_spec
from onecard.targets.base import CardTarget, TargetAbsent, TargetOptions

KIND = "psam"


@lru_cache(maxsize=8)
def _data(profile: str) -> PsamSpec:
    spec = specification()
    known = sorted(name for name, found in spec.profiles.items() if found.target == KIND)
    if profile not in known:
        names = ", ".join(known)
        raise TargetAbsent(
            zh=f"没有名为“{profile}”的参考 PSAM；可用：{names}",
            en=f"there is no reference PSAM {profile!r}; known: {names}",
        )
    resolved = spec.resolve_profile(profile)
    assert isinstance(resolved, InterfaceSpec)
    return psam_spec(resolved)


def open_target(rest: str, options: TargetOptions) -> CardTarget:
    """The target ``reference:PROFILE``, with a fresh PSAM; raises UserError without a profile.

    ``options.variant``: a Variant. Raises TargetAbsent for an unknown profile.
    """
    profile = rest or options.profile
    if not profile:
        raise UserError(
            zh="reference: 需要配置名，如 reference:psam-sm4", en="reference: needs a profile, as in reference:psam-sm4"
        )
    if options.variant is not None and not isinstance(options.variant, Variant):
        raise TypeError(f"not a variant of the PSAM: {options.variant!r}")
    _data(profile)
    made = psam(profile, seed=options.seed or DEFAULT_SEED, variant=options.variant)
    return ReferenceTarget(f"reference:{profile}", made, PSAM)


def reference_ixit(profile: str, seed: str = DEFAULT_SEED, holder: int = 0) -> Mapping[str, object]:
    """How to reach and open the reference PSAM of ``profile``: the entry point of group ``onecard.declarations``.

    ``holder`` plays no part: a PSAM belongs to a terminal. Raises TargetAbsent for an unknown profile.
    """
    image = psam_image(_data(profile), seed)
    keys = {**image.keys, **image.own}
    key = _data(profile).purchase.key
    versions = {str(version): value.hex().upper() for version, value in image.purchase.items()}
    purchase = {key.key: versions} if key is not None and versions else {}
    transport = _transport(_data(profile), image)
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
                **purchase,
                **transport.keys,
                **{name: {str(KEY_VERSION): key.hex().upper()} for name, key in sorted(keys.items())},
            },
        },
        "parameters": {
            "terminal-number": terminal_number(seed),
            "serial-number": serial_number(seed),
            **transport.parameters,
        },
    }


@dataclass(frozen=True, slots=True)
class _Transport:
    """What the IXIT says of the transport application."""

    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)


def _transport(spec: PsamSpec, image: PsamImage) -> _Transport:
    data = spec.transport
    if data is None or data.mac_key is None or data.purchase_key is None:
        return _Transport()
    (maintenance,) = image.transport.keys.values()
    purchase = {str(version): value.hex().upper() for version, value in image.transport.purchase.items()}
    keys = {data.mac_key.key: {str(KEY_VERSION): maintenance.hex().upper()}, data.purchase_key.key: purchase}
    return _Transport(keys, {"transport-application": data.reference.hex().upper()})
