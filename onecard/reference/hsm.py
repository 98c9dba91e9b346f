"""The embedded reference encryptor: a service, a target in this process, and what it declares of itself."""

from collections.abc import Mapping
from functools import lru_cache

from emulator.hsm import factory
from emulator.hsm.app import HsmService
from emulator.hsm.authority import Institution
from emulator.hsm.desk import Log
from emulator.keys import DEFAULT_SEED, root_key
from emulator.persons import person
from emulator.service import CONTROL_PATH, Clock
from emulator.supply import KeySupply
from emulator.variant import Variant
from onecard.reference.common import TEST_TOKEN, asked_for, interface_data
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import ExchangeTarget, Message, TargetOptions

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
    institutions: tuple[Institution, ...] | None = None,
    log: Log | None = None,
) -> HsmService:
    """The reference encryptor as a service; without ``control_token`` it has no control interface.

    ``supply``: other keys than the test keys of ``seed``. ``institutions``: its callers, synthetic ones by default.
    ``log``: its audit log. Raises TargetAbsent for an unknown profile.
    """
    _data(profile)
    return factory.service(
        profile,
        seed=seed,
        variant=variant,
        control_token=control_token,
        clock=clock,
        supply=supply,
        institutions=institutions,
        log=log,
    )


def open_target(rest: str, options: TargetOptions) -> ExchangeTarget:
    """The target ``reference:PROFILE``; raises UserError without a profile, TargetAbsent for an unknown one."""
    profile, variant = asked_for(KIND, rest, options)
    made = service(profile, options.seed or DEFAULT_SEED, control_token=TEST_TOKEN, variant=variant)
    return HsmTarget(made, description=f"reference:{profile}", timeout=options.timeout)


class HsmTarget(AsgiTarget):
    """The encryptor in this process: its application, and its TCP interface without a socket."""

    def __init__(self, service: HsmService, *, description: str, timeout: float) -> None:
        super().__init__(service.app, description=description, timeout=timeout)
        self._service = service

    def exchange(self, request: Message) -> Message:
        """One exchange; a frame goes to the TCP interface."""
        return self._frames(request) if request["do"] == "frame" else super().exchange(request)

    def _frames(self, request: Message) -> Message:
        talk = self._service.conversation()
        received = b"".join(talk.feed(bytes.fromhex(piece)) for piece in request["sent"])
        return {"received": received.hex().upper()}


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
            **_callers(_data(profile), person(seed, 0).region),
            "control": {"path": CONTROL_PATH, "token": TEST_TOKEN},
        },
    }


def _callers(spec: HsmSpec, region: str) -> Mapping[str, object]:
    tester, restricted, limited = factory.synthetic_institutions(spec, region)
    rights = restricted.rights
    told: dict[str, object] = {
        "id": restricted.id,
        "key": restricted.key,
        "services": sorted(rights.services or ()),
        "addresses": sorted(rights.addresses or ()),
        "regions": list(rights.regions or ()),
    }
    if restricted.channels:
        (own, _), (narrow, narrower) = restricted.channels
        told |= {"channel": own, "narrow": {"channel": narrow, "services": sorted(narrower.services or ())}}
    return {
        "credentials": {"id": tester.id, "key": tester.key},
        "restricted": told,
        "limited": {"id": limited.id, "key": limited.key, "per-minute": limited.per_minute},
    }
