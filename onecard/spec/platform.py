"""The platform's data, typed: card states, admission rules, the saga of activation, masks, refusals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from onecard.spec.build import text_of
from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec, Node
from onecard.spec.text import Text

T = TypeVar("T")

OK, FAILED, LOST = RESULTS = ("ok", "failed", "lost")
"""How a party's step may end: done, refused, or without an answer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a call is refused: HTTP status, code of the answer, text; ``control`` names one of the six, or is None."""

    code: str
    status: int
    text: Text
    control: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event does to a card in some state."""

    event: str
    to: str


@dataclass(frozen=True, slots=True)
class Timer:
    """An event that happens by itself ``days`` after a card came into ``state``."""

    state: str
    event: str
    days: int


@dataclass(frozen=True, slots=True)
class Item:
    """A service item. ``flow``: operations in the order of its steps; ``events``: card events that it offers."""

    item: str
    flow: tuple[str, ...]
    events: tuple[str, ...]
    states: tuple[str, ...]
    scenes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """What an institution may use."""

    role: str
    channels: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SagaState:
    """A state of an activation. In a state with a ``party`` its ``action`` is asked for, and ``after`` gives the next
    state by result; ``card_event`` happens to the card when the party did it. A state without a party is final.
    """

    state: str
    party: str | None
    action: str
    after: Mapping[str, str]
    card_event: str | None

    @property
    def final(self) -> bool:
        """Whether nothing follows."""
        return self.party is None


@dataclass(frozen=True, slots=True)
class Mask:
    """How many characters of a field are shown at either end; the others are ``filler``."""

    keep_first: int
    keep_last: int
    filler: str


@dataclass(frozen=True, slots=True)
class PlatformSpec:
    """The platform for one declaration.

    ``states``: code by name of the state. ``transitions``: by (state, event). ``controls``: refusals in the order of
    evaluation. ``channels``: scenes by channel.
    """

    states: Mapping[str, str]
    transitions: Mapping[tuple[str, str], Transition]
    timers: Mapping[str, Timer]
    controls: tuple[Refusal, ...]
    errors: Mapping[str, Refusal]
    channels: Mapping[str, tuple[str, ...]]
    items: Mapping[str, Item]
    roles: Mapping[str, Role]
    saga: Mapping[str, SagaState]
    saga_start: str
    masks: Mapping[str, Mask]

    def control(self, name: str) -> Refusal:
        """The refusal of one control; raises SpecError."""
        for refusal in self.controls:
            if refusal.control == name:
                return refusal
        raise SpecError(zh=f"没有管控 {name}", en=f"there is no control {name}")

    def error(self, name: str) -> Refusal:
        """A refusal that is not one of a control; raises SpecError."""
        if name not in self.errors:
            raise SpecError(zh=f"没有错误 {name}", en=f"there is no error {name}")
        return self.errors[name]


def platform_spec(interface: InterfaceSpec) -> PlatformSpec:
    """The typed view of resolved data; raises SpecError naming what is broken."""
    starts = [str(node["state"]) for node in interface.table("activation").values() if node.get("initial")]
    if len(starts) != 1:
        raise SpecError(
            zh=f"激活应恰有一个初始状态，现有 {len(starts)} 个", en=f"activation has {len(starts)} first states"
        )
    spec = PlatformSpec(
        states=_by(interface, "card-states", "state", lambda node: str(node["code"])),
        transitions=_transitions(interface),
        timers=_by(interface, "timers", "state", lambda node: _timer(interface, node)),
        controls=_controls(interface),
        errors=_by(interface, "errors", "error", _refusal),
        channels=_by(interface, "channels", "channel", lambda node: tuple(node["scenes"])),
        items=_by(interface, "items", "item", _item),
        roles=_by(interface, "roles", "role", _role),
        saga=_by(interface, "activation", "state", _saga_state),
        saga_start=starts[0],
        masks=_by(interface, "masks", "field", _mask),
    )
    _check(spec)
    return spec


def _by(interface: InterfaceSpec, section: str, key: str, make: Callable[[Node], T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for identifier, node in interface.table(section).items():
        name = str(node[key])
        if name in found:
            raise SpecError(zh=f"{identifier}：{name} 重复", en=f"{identifier}: {name} stands twice")
        found[name] = make(node)
    return found


def _transitions(interface: InterfaceSpec) -> dict[tuple[str, str], Transition]:
    found: dict[tuple[str, str], Transition] = {}
    for identifier, node in interface.table("transitions").items():
        for state in node["from"]:
            key = (str(state), str(node["event"]))
            if key in found:
                raise SpecError(zh=f"{identifier}：{key} 重复", en=f"{identifier}: {key} stands twice")
            found[key] = Transition(key[1], str(node["to"]))
    return found


def _controls(interface: InterfaceSpec) -> tuple[Refusal, ...]:
    found = _by(interface, "controls", "control", lambda node: _refusal(node, str(node["control"])))
    order = [str(name) for name in interface.datum("admission", "ADMISSION")["order"]]
    for name in order:
        if name not in found:
            raise SpecError(
                zh=f"管控次序中的 {name} 不存在", en=f"the order names the control {name}, which is not there"
            )
    return tuple(found[name] for name in order)


def _timer(interface: InterfaceSpec, node: Node) -> Timer:
    item = str(node["days-item"])
    if not isinstance(interface.ics.get(item), int):
        raise SpecError(zh=f"声明中没有 {item}", en=f"the declaration has no {item}")
    return Timer(str(node["state"]), str(node["event"]), int(interface.ics[item]))


def _refusal(node: Node, control: str | None = None) -> Refusal:
    return Refusal(str(node["code"]), int(node["status"]), text_of(node["name"]), control)


def _item(node: Node) -> Item:
    return Item(
        str(node["item"]), tuple(node["flow"]), tuple(node["events"]), tuple(node["states"]), tuple(node["scenes"])
    )


def _role(node: Node) -> Role:
    return Role(str(node["role"]), tuple(node["channels"]), tuple(node["items"]))


def _saga_state(node: Node) -> SagaState:
    after = {result: str(node[f"on-{result}"]) for result in RESULTS if f"on-{result}" in node}
    party = node.get("party")
    if party is not None and len(after) != len(RESULTS):
        raise SpecError(
            zh=f"激活状态 {node['state']} 未规定全部结果", en=f"the state {node['state']} lacks what follows a result"
        )
    return SagaState(
        str(node["state"]),
        party,
        str(node.get("action", "")),
        after if party is not None else {},
        node.get("card-event"),
    )


def _mask(node: Node) -> Mask:
    return Mask(int(node["keep-first"]), int(node["keep-last"]), str(node["filler"]))


def _check(spec: PlatformSpec) -> None:
    """Names that lead nowhere would be silently impossible transitions."""
    followers = [(state.state, to) for state in spec.saga.values() for to in state.after.values()]
    for state, to in followers:
        if to not in spec.saga:
            raise SpecError(
                zh=f"激活状态 {state} 之后的 {to} 不存在", en=f"{to}, which follows {state}, does not exist"
            )
    for (state, event), transition in spec.transitions.items():
        for name in (state, transition.to):
            if name not in spec.states:
                raise SpecError(zh=f"事件 {event} 用到未知状态 {name}", en=f"{event} names the unknown state {name}")
