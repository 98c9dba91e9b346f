"""All mutants, by kind of target."""

from importlib import import_module

from emulator.mutants.model import Mutant, mutants_in

KINDS = ("card", "psam", "hsm", "terminal", "ecard", "platform", "partner")
"""Kinds with mutants: each has a package of its name here, with the modules in ``MODULES``."""


def mutants_of(kind: str) -> tuple[Mutant, ...]:
    """The behaviour mutants of one kind; their ids begin with it (``card/``). None for a kind without a package."""
    if kind not in KINDS:
        return ()
    modules = import_module(f"emulator.mutants.{kind}").MODULES
    return tuple(found for module in modules for found in mutants_in(module))


def all_mutants() -> tuple[Mutant, ...]:
    """Every behaviour mutant."""
    return tuple(found for kind in KINDS for found in mutants_of(kind))
