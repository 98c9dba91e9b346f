"""The embedded reference partner: service, target in this process, the platform that it notifies, its declaration."""

import base64
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from emulator.envelope.codec import Party
from emulator.envelope.sm2 import PrivateKey, PublicKey
from emulator.keys import DEFAULT_SEED
from emulator.partner.app import Send, build
from emulator.partner.behaviour import PartnerBehaviour
from emulator.partner.keys import partner_keys
from emulator.partner.notify import WAYS, NotifyDesk
from emulator.service import CONTROL_PATH, Clock, Service
from emulator.variant import Variant
from onecard.reference.common import TEST_TOKEN, asked_for, interface_data
from onecard.spec.expr import Value
from onecard.spec.load import load_spec
from onecard.spec.partner import PartnerSpec, partner_spec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import ExchangeTarget, Instrument, Message, TargetOptions

KIND = "partner"
PROFILE = "partner-default"
NOTIFY_WITHIN = 1
"""Seconds that the reference asks for until its notification has come; it sends at once."""


@lru_cache(maxsize=16)
def _declared(items: frozenset[tuple[str, Value]]) -> PartnerSpec:
    return partner_spec(load_spec().interface(KIND, dict(items), PROFILE))


def service(
    profile: str,
    seed: str = DEFAULT_SEED,
    *,
    control_token: str | None = None,
    clock: Clock | None = None,
    outgoing: Send | None = None,
    callback: str | None = None,
    variant: Variant | None = None,
) -> Service:
    """The reference partner; without ``control_token`` it has no control interface.

    ``outgoing``: port to the platform, {method, path, headers, body} to {status, headers, body}; without it the
    notifications go by HTTP to ``callback``, or to the address that the control action of that name gives. Raises
    TargetAbsent for an unknown profile.
    """
    variant = variant or Variant()
    behaviour = variant.behaviour or PartnerBehaviour()
    if not isinstance(behaviour, PartnerBehaviour):
        raise TypeError(f"not a behaviour of the partner: {behaviour!r}")
    return build(
        partner_spec(variant.spec or interface_data(KIND, profile)),
        partner_keys(seed),
        clock=clock,
        control_token=control_token,
        callback=callback,
        send=outgoing,
        behaviour=behaviour,
        draw=variant.random,
    )


def open_target(rest: str, options: TargetOptions) -> ExchangeTarget:
    """The target ``reference:PROFILE``, a fresh partner; raises UserError without a profile."""
    profile, variant = asked_for(KIND, rest, options)

    def outgoing(request: Message) -> Message:
        return target.incoming(request)

    seed = options.seed or DEFAULT_SEED
    made = service(profile, seed, control_token=TEST_TOKEN, outgoing=outgoing, variant=variant)
    target = AsgiTarget(
        made.app, description=f"reference:{profile}", timeout=options.timeout, instrument=options.instrument
    )
    return target


def reference_ixit(
    profile: str, seed: str = DEFAULT_SEED, holder: int = 0, control_token: str = TEST_TOKEN
) -> Mapping[str, object]:
    """How to reach the reference partner: the entry point of group ``onecard.declarations``.

    ``holder`` plays no part: a partner takes any.
    """
    interface_data(KIND, profile)
    keys = partner_keys(seed)
    return {
        "format": 1,
        "kind": "ixit",
        "target": f"reference:{profile}",
        "synthetic": True,
        "pin": None,
        "key-source": {"kind": "none"},
        "parameters": {
            "app": {"id": keys.app_id, "secret": keys.secret},
            "platform": {"private-key": base64.b64encode(keys.platform.octets).decode("ascii")},
            "partner": {"public-key": base64.b64encode(keys.partner.public.octets).decode("ascii")},
            "notify-within": NOTIFY_WITHIN,
            "control": {"path": CONTROL_PATH, "token": control_token},
        },
    }


class PlatformInstrument:
    """The platform before a partner under test, as an Instrument; ``parameters`` are those of the IXIT."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        point = base64.b64decode(parameters["partner"]["public-key"])[-64:]
        self._party = Party(
            parameters["app"]["id"],
            parameters["app"]["secret"],
            PrivateKey(base64.b64decode(parameters["platform"]["private-key"])),
            PublicKey(point),
        )
        self._desk = self._prepared({})

    def configure(self, settings: Message) -> Message:
        """Take ``ics`` (the partner's declaration; default: the project profile) and ``answers`` (names of WAYS, the
        last one stays). Returns ``now``, milliseconds since 1970.
        """
        self._desk = self._prepared(settings)
        return {"now": _now()}

    def answer(self, ask: Message) -> Message:
        """The answer to {"http": {method, path, headers, body}} of the partner."""
        return self._desk.answer(ask["http"])

    def _prepared(self, settings: Message) -> NotifyDesk:
        items = settings.get("ics") or interface_data(KIND, PROFILE).ics
        answers = tuple(settings.get("answers") or ("ok",))
        unknown = set(answers) - WAYS.keys()
        if unknown:
            raise ValueError(f"no way of answering: {', '.join(sorted(unknown))}")
        return NotifyDesk(_declared(frozenset(items.items())), self._party, _now, answers)


def instrument(parameters: Mapping[str, Any]) -> Instrument:
    """The platform that a partner under test notifies: the entry point of group ``onecard.instruments``."""
    return PlatformInstrument(parameters)


def _now() -> int:
    return int(time.time() * 1000)
