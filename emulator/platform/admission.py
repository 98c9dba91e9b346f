"""The six controls 机构 渠道 卡 服务事项 场景环境 流程, each by itself; their order stands in the data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.messages import Call
from onecard.spec.platform import PlatformSpec, Refusal


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a call is looked at. ``card_state``: None for an unknown card.

    ``in_flow``: the step before was completed, or there is none. ``fresh``: the sequence number was not used yet.
    """

    call: Call
    card_state: str | None
    in_flow: bool
    fresh: bool


def _institution(_spec: PlatformSpec, facts: Facts) -> bool:
    return facts.call.institution.suspended


def _channel(spec: PlatformSpec, facts: Facts) -> bool:
    role = spec.roles[facts.call.institution.role]
    return facts.call.channel not in role.channels or facts.call.channel not in spec.channels


def _card(spec: PlatformSpec, facts: Facts) -> bool:
    item = spec.items.get(facts.call.item)
    return facts.card_state is None or (item is not None and facts.card_state not in item.states)


def _item(spec: PlatformSpec, facts: Facts) -> bool:
    call, item = facts.call, spec.items.get(facts.call.item)
    if item is None or call.item not in spec.roles[call.institution.role].items:
        return True
    return call.operation not in item.flow or (call.event is not None and call.event not in item.events)


def _scene(spec: PlatformSpec, facts: Facts) -> bool:
    item, of_channel = spec.items.get(facts.call.item), spec.channels.get(facts.call.channel)
    allowed = [scenes for scenes in (item.scenes if item else None, of_channel) if scenes is not None]
    known = any(facts.call.scene in scenes for scenes in spec.channels.values())
    return not known or any(facts.call.scene not in scenes for scenes in allowed)


def _flow(_spec: PlatformSpec, facts: Facts) -> bool:
    return not (facts.fresh and facts.in_flow)


_REFUSES: Mapping[str, Callable[[PlatformSpec, Facts], bool]] = MappingProxyType(
    {
        "institution": _institution,
        "channel": _channel,
        "card": _card,
        "item": _item,
        "scene": _scene,
        "flow": _flow,
    }
)


def first_refusal(spec: PlatformSpec, facts: Facts, behaviour: PlatformBehaviour) -> Refusal | None:
    """The first control that refuses, None when the call is admitted."""
    for refusal in behaviour.order(spec.controls):
        control = str(refusal.control)
        if behaviour.refuses(control, facts.call, _REFUSES[control](spec, facts)):
            return refusal
    return None
