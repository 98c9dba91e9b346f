"""Behaviour mutants of the card, by what they break."""

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

MODULES = (
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
