"""The application flows of a card as data: steps in order, each a command and what it must answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from onecard.spec.build import text_of
from onecard.spec.card import CardSpec
from onecard.spec.text import Text

OK = "ok"


@dataclass(frozen=True, slots=True)
class Step:
    """A step: ``does`` says with what the ``command`` is sent; ``expects``: ok, or names of its status words."""

    id: str
    name: Text
    command: str
    does: str
    expects: tuple[str, ...]

    def statuses(self, spec: CardSpec) -> tuple[str, ...]:
        """The status words that the step may answer; ``query.set`` and ``query.none`` are those of the PIN query."""
        command = spec.command(self.command)
        named = {name: status.text for name, status in command.statuses.items()} | {OK: spec.general.ok.text}
        if command.query is not None:
            named |= {"query.set": command.query.set.text, "query.none": command.query.none.text}
        return tuple(named[each] for each in self.expects)


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow; ``after``: the flow that must have been run through before, None for none."""

    id: str
    name: Text
    after: str | None
    steps: tuple[Step, ...]


def flows_of(spec: CardSpec) -> Mapping[str, Flow]:
    """The flows of a card by id."""
    return {name: _flow(cast("Mapping[str, Any]", node)) for name, node in spec.table("flows").items()}


def whole(spec: CardSpec, flow: str) -> tuple[Step, ...]:
    """The steps of a flow behind those of the flows before it. Raises KeyError for an unknown one."""
    found = flows_of(spec)[flow]
    return (*(whole(spec, found.after) if found.after else ()), *found.steps)


def _flow(node: Mapping[str, Any]) -> Flow:
    return Flow(
        id=node["id"],
        name=text_of(node["name"]),
        after=node.get("after"),
        steps=tuple(
            Step(
                id=step["id"],
                name=text_of(step["name"]),
                command=step["command"],
                does=step["does"],
                expects=tuple(step["expects"].split(" or ")),
            )
            for step in node["steps"]
        ),
    )
