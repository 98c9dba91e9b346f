"""Mutants of the e-card service, by area."""

from emulator.mutants.ecard import callers, codes, issue, states, verification

MODULES = (callers, issue, states, codes, verification)
