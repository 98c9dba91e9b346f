"""Mutants of the partner, by area."""

from emulator.mutants.partner import business, envelope, messages, notification

MODULES = (envelope, messages, business, notification)
"""Where they stand, in the order of the proof."""
