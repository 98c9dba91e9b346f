"""All mutants, by kind of target."""

from emulator.mutants.card import (
    authentication,
    challenge,
    holder_data,
    issuer_data,
    pin,
    reading,
    resetting,
    security,
    selection,
    sequence,
    statuses,
    transmission,
    updating,
)
from emulator.mutants.model import Mutant, mutants_in

_CARD = (
    resetting,
    transmission,
    selection,
    reading,
    updating,
    challenge,
    authentication,
    security,
    pin,
    issuer_data,
    holder_data,
    statuses,
    sequence,
)


def all_mutants() -> tuple[Mutant, ...]:
    """Every behaviour mutant; ids begin with the kind of target (``card/``)."""
    return tuple(found for module in _CARD for found in mutants_in(module))
