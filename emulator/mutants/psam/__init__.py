"""Behaviour mutants of the PSAM, by what they break."""

from emulator.mutants.psam import (
    chaining,
    cipher,
    files,
    keys,
    loading,
    purchase,
    purchase_state,
    transmission,
    transport,
    transport_state,
)

MODULES = (files, keys, cipher, chaining, loading, purchase, purchase_state, transmission, transport, transport_state)
