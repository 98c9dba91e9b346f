"""Access conditions of files, as a table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.card.state import SecurityState
from onecard.spec.card import Access, AccessRule

Judgement = Callable[[str | None, SecurityState], bool]

_JUDGEMENTS: Mapping[Access, Judgement] = MappingProxyType(
    {
        Access.FREE: lambda key, state: True,
        Access.NEVER: lambda key, state: False,
        Access.KEY: lambda key, state: key in state.keys,
        Access.PIN: lambda key, state: state.pin,
        Access.PIN_OR_KEY: lambda key, state: state.pin or key in state.keys,
        Access.PIN_AND_KEY: lambda key, state: state.pin and key in state.keys,
    }
)


def granted(rule: AccessRule, state: SecurityState) -> bool:
    """Whether ``state`` satisfies ``rule``."""
    return _JUDGEMENTS[rule.access](rule.key, state)
