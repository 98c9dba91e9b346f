"""``reference:PROFILE`` for every kind of target."""

from dataclasses import replace
from importlib import import_module

from emulator.variant import Variant
from onecard.errors import UserError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.targets.base import Target, TargetOptions

KINDS = ("card", "psam", "hsm", "terminal", "ecard", "platform", "partner")
"""Kinds with an embedded reference: each has a module of its name beside this one."""


def open_target(rest: str, options: TargetOptions) -> Target:
    """The embedded reference of the kind that the options, or else the profile, name; raises UserError."""
    kind = options.kind or _kind_of(rest or options.profile or "")
    if kind not in KINDS:
        raise UserError(zh=f"没有 {kind} 的内置参考", en=f"there is no embedded reference for {kind}")
    if isinstance(options.variant, InterfaceSpec):
        # Data alone (those of an overlay): they drive the reference, and it is set up by them.
        options = replace(options, variant=Variant(spec=options.variant, declared=options.variant))
    target: Target = import_module(f"onecard.reference.{kind}").open_target(rest, options)
    return target


def _kind_of(profile: str) -> str:
    """Profiles begin with their kind; one that is unknown is for the card's adapter to refuse."""
    found = profile.partition("-")[0]
    return found if found in KINDS and profile in load_spec().profiles else "card"
