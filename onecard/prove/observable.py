"""Which changes of the data no case can hold against a card, because of what the data themselves say."""

from collections.abc import Iterable
from typing import cast

from onecard.spec.leaves import branches
from onecard.spec.load import Spec

_COMMANDS, _OPEN = "commands", "open-statuses"
_NOWHERE = 0


def left_open(spec: Spec, kind: str) -> frozenset[str]:
    """Status words of commands that a card chooses: no source fixes them, so another refusal conforms as well."""
    commands = [datum.node for datum in spec.data_of(kind) if datum.section == _COMMANDS]
    return frozenset(
        f"{node['id']}.statuses.{condition}"
        for node in commands
        for condition in cast(Iterable[str], node.get(_OPEN, ()))
    )


def never_shown(spec: Spec, kind: str, leaves: Iterable[str]) -> frozenset[str]:
    """Leaves that a requirement which no case can verify names more closely than any that one can.

    A counter's end after 65,535 transactions, say: the requirement about it is excluded with its reason, and one that
    speaks of the whole command does not bring it within reach.
    """
    own = [found for found in spec.requirements.values() if found.actor == kind]
    reachable = {about for found in own if found.testable for about in found.about}
    beyond = {about for found in own if not found.testable for about in found.about}
    return frozenset(leaf for leaf in leaves if _nearest(leaf, beyond) > _nearest(leaf, reachable))


def _nearest(leaf: str, abouts: set[str]) -> int:
    # The longest branch that is named is the closest.
    return max((len(branch) for branch in branches(leaf) if branch in abouts), default=_NOWHERE)
