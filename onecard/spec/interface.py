"""The data of every kind of target but the card, resolved for one declaration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from onecard.spec.errors import SpecError
from onecard.spec.expr import Environment, Value
from onecard.spec.resolve import applicable

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InterfaceSpec:
    """Data by section and id: ``when`` is applied, conditional values are chosen.

    The typed view of a kind (``onecard.spec.terminal`` and its like) reads it; two are equal when their data are.
    """

    kind: str
    profile: str
    ics: Mapping[str, Value]
    tables: Mapping[str, Mapping[str, Node]]

    def table(self, section: str) -> Mapping[str, Node]:
        """The data of one section by id; raises SpecError when the specification has none."""
        if section not in self.tables:
            raise SpecError(
                zh=f"{self.kind} 的规范数据缺少 {section}", en=f"the data of {self.kind} lack the section {section}"
            )
        return self.tables[section]

    def datum(self, section: str, identifier: str) -> Node:
        """One datum; raises SpecError naming section and id."""
        table = self.table(section)
        if identifier not in table:
            raise SpecError(
                zh=f"{self.kind} 的规范数据 {section} 中没有 {identifier}",
                en=f"the data of {self.kind} have no {identifier} in {section}",
            )
        return table[identifier]


def interface_of(
    kind: str, profile: str, ics: Environment, data: Mapping[str, Sequence[Mapping[str, object]]]
) -> InterfaceSpec:
    """Resolve the sections of a kind; raises SpecError where a choice has not exactly one value."""
    tables = {section: cast(Mapping[str, Node], applicable(found, ics)) for section, found in data.items()}
    return InterfaceSpec(kind, profile, dict(ics), tables)
