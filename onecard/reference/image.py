"""A personalised card image as a target: ``image:FILE``."""

from pathlib import Path

from onecard.emulate.kept import SCHEME, KeptCard
from onecard.errors import UserError
from onecard.reference.apdu import ReferenceTarget
from onecard.targets.base import CardTarget, TargetOptions


def open_target(rest: str, options: TargetOptions) -> CardTarget:
    """The target ``image:FILE``. Raises UserError for a file that is no card image."""
    if not rest:
        raise UserError(
            zh=f"{SCHEME}: 需要文件名，如 {SCHEME}:card.json", en=f"{SCHEME}: needs a file, as in {SCHEME}:card.json"
        )
    return ReferenceTarget(f"{SCHEME}:{rest}", KeptCard(Path(rest)))
