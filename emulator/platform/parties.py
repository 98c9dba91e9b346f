"""The parties of an activation: social security, bank, transport. Each is a small system of its own with a state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Request = Mapping[str, str]
Port = Callable[[str, Request], Mapping[str, str]]
"""The platform's way out: (party, {action, activationId, cardNo}) -> {result: ok|failed}; raises NoAnswer."""

REFUSE, LOSE = MODES = ("refuse", "lose")
"""Planned failures: the party refuses, or does it and its answer is lost."""


class NoAnswer(Exception):
    """The party did not answer: whether it acted is unknown."""


@dataclass
class Failure:
    """A failure that a test plans for the next requests of an action."""

    action: str
    mode: str
    times: int


@dataclass
class Party:
    """A reference party: which cards are active with it. The same request twice (same activation) acts once."""

    name: str
    active: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def answer(self, request: Request) -> Mapping[str, str]:
        """Carry out a request; raises NoAnswer where that is planned."""
        action = request["action"]
        self.asked.append(action)
        failure = self._planned(action)
        if failure is not None and failure.mode == REFUSE:
            return {"result": "failed"}
        if action == "activate":
            self.active.add(request["cardNo"])
        else:
            self.active.discard(request["cardNo"])
        if failure is not None:
            raise NoAnswer(self.name)
        return {"result": "ok"}

    def _planned(self, action: str) -> Failure | None:
        for failure in self.failures:
            if failure.action == action and failure.times > 0:
                failure.times -= 1
                return failure
        return None


class Parties:
    """The reference parties behind one port."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._parties: dict[str, Party] = {}
        self.reset()

    def __call__(self, party: str, request: Request) -> Mapping[str, str]:
        """The port."""
        return self._parties[party].answer(request)

    def reset(self) -> None:
        """Nothing is active, nothing fails."""
        self._parties = {name: Party(name) for name in self._names}

    def plan(self, party: str, failure: Failure) -> None:
        """Let a party fail; raises KeyError for an unknown one."""
        self._parties[party].failures.append(failure)

    def view(self) -> dict[str, dict[str, list[str]]]:
        """By party: the active cards, and the actions asked for in order."""
        return {
            name: {"active": sorted(party.active), "asked": list(party.asked)} for name, party in self._parties.items()
        }
