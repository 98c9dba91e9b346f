"""What a run knows and how it reaches its target, from a declaration: the same for campaigns, proofs and pytest."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from onecard.harness.context import RunContext
from onecard.planning.declaration import Ics, Ixit
from onecard.planning.keysource import key_source
from onecard.planning.plan import TARGETS_HAVE, TERMINALS_HAVE
from onecard.spec.load import Spec
from onecard.targets.base import Target
from onecard.targets.registry import open_instrument, open_target
from onecard.targets.replay import recorded_target


def context_of(spec: Spec, ics: Ics, ixit: Ixit, nonce: bytes, number: int = 1) -> RunContext:
    """The context of one run. Raises UserError or SpecError for a declaration that does not fit the data."""
    target = spec.resolve(ics.kind, ics.items, ics.profile)
    keys = key_source(ixit, target)
    return RunContext(number, ics.kind, ics.profile, target, ics.items, keys, nonce, spec, ixit.parameters)


def target_of(target: str, ics: Ics, ixit: Ixit, variant: object | None = None) -> Target:
    """The target, not yet connected, with the tester's instrument where the kind has one.

    ``variant``: an altered reference. Raises UserError.
    """
    return open_target(
        target,
        timeout=ixit.timeout,
        context={
            "kind": ics.kind,
            "profile": ics.profile,
            "parameters": ixit.parameters,
            "instrument": open_instrument(ics.kind, ixit.parameters),
            "variant": variant,
        },
    )


TERMINAL = "terminal"
_KEYPAD = frozenset(("keypad",))
RECORDED = frozenset(("reader-state", "keypad", "unplugging"))
"""What stands in recorded messages, so that a replay of them has it as well."""


KEYPADS: Mapping[str, str] = MappingProxyType({"library": "library", "ws": "websocket"})
"""Adapters whose terminals may have a keypad that reads a file (onecard.targets.keypad_file): the parameter of the IXIT
whose ``keypad`` names it.
"""


def what_has(target: str, kind: str, parameters: Mapping[str, Any]) -> frozenset[str]:
    """What a target has of that which requirements may need, by the name of its adapter, the kind of what stands behind
    it and the IXIT's parameters; a replay, of its origin's.
    """
    adapter, _, rest = target.partition(":")
    if adapter != "replay":
        declared = parameters.get(KEYPADS.get(adapter, ""), {})
        has = TARGETS_HAVE.get(adapter, frozenset()) | (_KEYPAD if "keypad" in declared else frozenset())
        return has | TERMINALS_HAVE.get(adapter, frozenset()) if kind == TERMINAL else has
    origin = recorded_target(rest)
    return frozenset() if origin in (None, target) else what_has(str(origin), kind, parameters) & RECORDED
