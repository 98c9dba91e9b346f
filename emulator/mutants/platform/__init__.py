"""Mutants of the platform, by area."""

from emulator.mutants.platform import activation, admission, calls, holder, states

MODULES = (admission, calls, holder, states, activation)
