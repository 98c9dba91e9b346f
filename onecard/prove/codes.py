"""Return codes of which a terminal gives any one: which of them a proof can show, and by what terminal.

The reference gives the first of the codes that may tell an outcome. A changed one further on shows on a terminal that
gives that one, which conforms as well while its code is right.
"""

from collections.abc import Mapping
from typing import Any, cast

from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec
from onecard.spec.terminal import terminal_spec

KIND = "terminal"
CODE = "TERMINAL/CODE/"


class _Gives(TerminalBehaviour):
    """Tells every outcome that ``code`` may tell by it."""

    def __init__(self, interface: InterfaceSpec, code: str) -> None:
        spec = terminal_spec(interface)
        self._code = spec.codes[code.removeprefix(CODE)]
        self._outcomes = {name for name, node in _outcomes(interface).items() if code in node}

    def outcome_code(self, outcome: str, right: int) -> int:
        return self._code if outcome in self._outcomes else right


def shown_by(altered: InterfaceSpec, identifier: str) -> TerminalBehaviour | None:
    """The behaviour of a terminal that gives the code ``identifier`` wherever it may; None where the datum is none."""
    return _Gives(altered, identifier) if identifier.startswith(CODE) else None


def never_given(spec: Spec, kind: str) -> frozenset[str]:
    """Codes of failures that no outcome has: no function of this interface gives them, a tester just knows them."""
    if kind != KIND:
        return frozenset()
    data = [(datum.section, cast("Mapping[str, Any]", datum.node)) for datum in spec.data_of(kind)]
    given = {str(code) for section, node in data if section == "outcomes" for code in node["codes"]}
    told = {str(node["id"]) for section, node in data if section == "return-codes" and node["code"] < 0}
    return frozenset(told - given)


def _outcomes(interface: InterfaceSpec) -> dict[str, tuple[str, ...]]:
    return {name.rpartition("/")[2]: tuple(node["codes"]) for name, node in interface.table("outcomes").items()}
