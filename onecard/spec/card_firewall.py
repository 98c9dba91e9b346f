"""The matrix of the firewall: each environment of the card, each command of another, each state."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from onecard.spec.card import CardSpec, Command

ENVIRONMENT = "environment"
ANYWHERE = "any"


@dataclass(frozen=True, slots=True)
class Cell:
    """In ``environment``, brought to ``state``, the ``command`` (id) of another environment is refused."""

    environment: str
    command: str
    state: str

    @property
    def name(self) -> str:
        """As the matrix names it."""
        return f"{self.environment}-{self.command}-{self.state}"


def environments(spec: CardSpec) -> list[str]:
    """The environments of the card, by id."""
    return [application.id for application in spec.applications.values() if application.level == ENVIRONMENT]


def within(spec: CardSpec, environment: str) -> list[str]:
    """The environment and all applications in it."""
    return [name for name in spec.applications if environment in spec.lineage(name)]


def commands_of(spec: CardSpec, environment: str) -> list[Command]:
    """The commands that the environment or an application in it has, and that are not the whole card's."""
    inside = set(within(spec, environment))
    return [command for command in spec.commands.values() if not inside.isdisjoint(command.where)]


def foreign(spec: CardSpec, environment: str) -> Iterator[Command]:
    """The commands of other environments that this one does not have under the same class and instruction.

    Where two environments share class and instruction each answers by its own rules: those are cases of their own.
    """
    own = commands_of(spec, environment)
    headers = {(command.cla, command.ins) for command in own}
    for other in environments(spec):
        if other != environment:
            yield from (each for each in commands_of(spec, other) if (each.cla, each.ins) not in headers)


def states(spec: CardSpec, environment: str) -> list[str]:
    """The states to which the environment can be brought on this card."""
    rows = spec.table("firewall-states").values()
    named = [str(row["state"]) for row in rows if environment in cast(list[str], row["environments"])]
    possible = {
        "pin": spec.ics["card.pin"] or environment != "SSSE",
        "purse-open": environment != "SSSE" or spec.ics["card.medical_offline"],
    }
    return [state for state in named if possible.get(state, True)]


def cells(spec: CardSpec) -> list[Cell]:
    """The whole matrix; empty for a card of one environment."""
    return [
        Cell(environment, command.id, state)
        for environment in environments(spec)
        for state in states(spec, environment)
        for command in foreign(spec, environment)
    ]
