"""Data for one declaration: ``when`` applied, conditional values chosen."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar, cast

from onecard.spec.errors import SpecError
from onecard.spec.expr import Environment, Expr, evaluate, parse

Node = Mapping[str, object]
T = TypeVar("T")

_CONDITIONAL = frozenset(("when", "value"))


@lru_cache(maxsize=1024)
def _parsed(source: str) -> Expr:
    # A few dozen conditions stand at thousands of places.
    return parse(source)


def holds(node: Node, ics: Environment) -> bool:
    """Whether a node's ``when`` holds for a declaration; one without has none to hold."""
    return "when" not in node or evaluate(_parsed(str(node["when"])), ics)


def resolved(value: object, ics: Environment, where: str) -> object:
    """``value`` with the nodes that do not apply left out and every ``[{when, value}, …]`` replaced by its one value.

    Raises SpecError, naming ``where``, when not exactly one of the values applies.
    """
    if isinstance(value, Mapping):
        return {key: resolved(child, ics, f"{where}.{key}") for key, child in value.items() if key != "when"}
    if not isinstance(value, list) or not any(isinstance(child, Mapping) for child in value):
        return value
    if all(isinstance(child, Mapping) and child.keys() == _CONDITIONAL for child in value):
        return resolved(_chosen(value, ics, where), ics, where)
    return [resolved(child, ics, where) for child in value if not isinstance(child, Mapping) or holds(child, ics)]


def _chosen(options: Sequence[Node], ics: Environment, where: str) -> object:
    held = [option["value"] for option in options if holds(option, ics)]
    if len(held) != 1:
        raise SpecError(
            zh=f"{where}：有 {len(held)} 个取值适用，应恰有一个",
            en=f"{where}: {len(held)} values apply, there must be exactly one",
        )
    return held[0]


def applicable(nodes: Sequence[Node], ics: Environment) -> dict[str, Node]:
    """The nodes of a section that apply, resolved, by id."""
    return {str(node["id"]): cast(Node, resolved(node, ics, str(node["id"]))) for node in nodes if holds(node, ics)}


class Workshop:
    """Keeps what was made of each node for each declaration: data altered in one place are made anew there only.

    Nodes are known by identity and are held on to, so an identity is never used twice.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[int, str, Hashable], tuple[Node, object]] = {}

    def of(self, node: Node, what: str, declaration: Hashable, make: Callable[[Node], T]) -> T:
        """``make(node)``, or what it gave before for this node, ``what`` and ``declaration``."""
        key = (id(node), what, declaration)
        if key not in self._made:
            self._made[key] = (node, make(node))
        return cast(T, self._made[key][1])
