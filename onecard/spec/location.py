"""Where the product's data trees lie: inside the package (wheel) or beside it (checkout)."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def data_root(tree: str) -> Path:
    """Folder of a data tree (``specs``, ``vectors``, ``suites``, ``reports``); the wheel's copy goes first."""
    inside = _PACKAGE / tree
    return inside if inside.is_dir() else _PACKAGE.parent / tree
