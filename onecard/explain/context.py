"""What is known of the card's state at a point of a trace, and what names in a command refer to there."""

from dataclasses import dataclass
from typing import Final

from onecard.explain.octets import Octets
from onecard.spec.card import Application, CardSpec, Command, FileSpec, KeySpec

MF: Final = "MF"
SSSE: Final = "SSSE"
MF_FID: Final = 0x3F00
"""File identifier of the MF, ISO/IEC 7816-4."""


@dataclass(frozen=True, slots=True)
class Context:
    """``application`` and ``file`` are ids of the specification or None.

    ``certain`` tells whether None means "none is current" (after a reset) or "not known". ``answered`` is the command
    whose answer a GET RESPONSE fetches.
    """

    application: str | None = None
    file: str | None = None
    certain: bool = False
    answered: Octets = ()


UNKNOWN: Final = Context()
"""Nothing is known: one command without its trace."""


def after_reset(spec: CardSpec | None) -> Context:
    """The MF is current and no EF."""
    return Context(application=mf_of(spec), certain=True)


def mf_of(spec: CardSpec | None) -> str:
    """The application that is the MF itself, or MF."""
    applications = spec.applications.values() if spec is not None else ()
    return next((application.id for application in applications if application.is_mf), MF)


def command_of(spec: CardSpec | None, sent: Octets, context: Context = UNKNOWN) -> Command | None:
    """The command with this instruction byte: that with the right class goes first, then one of the current application
    (SSSE where none is known), then one whose own P1 this is.
    """
    cla, ins, p1 = (*sent[:3], None, None, None)[:3]
    if spec is None or ins is None:
        return None
    alike = [command for command in spec.commands.values() if command.ins == ins]
    nearest = [command for command in alike if command.cla == cla] or alike
    if len(nearest) <= 1:
        return next(iter(nearest), None)
    here = {command.id for command in spec.commands_in(context.application or SSSE)}
    return max(nearest, key=lambda each: (each.id in here, each.parameters.get("p1", p1) == p1))


def application_by_name(spec: CardSpec, name: bytes) -> Application | None:
    """The application of this DF name: its AID, or without one its label."""
    return next((application for application in spec.applications.values() if application.df_name == name), None)


def application_by_fid(spec: CardSpec, context: Context, fid: int) -> Application | None:
    """The application of this file identifier: one beside, above or under the current one goes first."""
    alike = [application for application in spec.applications.values() if application.fid == fid]
    near = spec.lineage(context.application or SSSE)
    return max(alike, key=lambda each: (each.id in near or each.parent in near, each.parent == SSSE), default=None)


def file_by_fid(spec: CardSpec, context: Context, fid: int) -> FileSpec | None:
    """The EF of this file identifier in the current application."""
    return _one([file for file in _files(spec, context) if file.fid == fid])


def file_by_sfi(spec: CardSpec, context: Context, sfi: int) -> FileSpec | None:
    """The EF of this short file identifier in the current application."""
    return _one([file for file in _files(spec, context) if file.sfi == sfi])


def file_label(file: FileSpec) -> str:
    """``EF06``; a file outside SSSE with its application, ``DF04 EF08``: the same numbers stand in many."""
    shown = f"{file.fid:04X}" if file.fid else file.id.rpartition("/")[2]
    return shown if file.application == SSSE else f"{file.application} {shown}"


def current_file(spec: CardSpec | None, context: Context) -> FileSpec | None:
    """The current EF, if it is known and in the specification."""
    return spec.files.get(context.file) if spec is not None and context.file is not None else None


def key_by_id(spec: CardSpec, context: Context, function: str, key_id: int) -> KeySpec | None:
    """The key of this identifier and function in the current application."""
    alike = [key for key in spec.keys.values() if key.function == function and key.key_id == key_id]
    here = [key for key in alike if key.application == context.application]
    return next(iter(here or alike), None)


def _files(spec: CardSpec, context: Context) -> list[FileSpec]:
    return [file for file in spec.files.values() if context.application in (None, file.application)]


def _one(found: list[FileSpec]) -> FileSpec | None:
    # Several applications hold an EF of this number: without the current one it stays open which is meant.
    return found[0] if len(found) == 1 else None
