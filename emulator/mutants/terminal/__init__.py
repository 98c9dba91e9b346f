"""Behaviour mutants of the terminal."""

from emulator.mutants.terminal import (
    addresses,
    auth_type,
    authentication,
    debit,
    debit_steps,
    encryptor,
    finding,
    items_steps,
    kinds,
    pin,
    pin_entry,
    pin_messages,
    pin_steps,
    release,
    results,
    script,
    writing,
)

MODULES = (
    finding,
    authentication,
    encryptor,
    results,
    release,
    script,
    addresses,
    auth_type,
    writing,
    pin,
    pin_entry,
    pin_messages,
    pin_steps,
    debit,
    debit_steps,
    items_steps,
    kinds,
)
"""In the order of a reading."""
