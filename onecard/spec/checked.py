"""Which specification trees were found good before: a mark in the user's cache for the very bytes of all documents and
schemas. A tree without a mark is checked; a cache that cannot be read or written only costs time.
"""

import contextlib
import hashlib
import os
from pathlib import Path


def mark_of(base: Path) -> str:
    """The mark of a tree as it is: digest over the paths and bytes of its documents and schemas, and the checker."""
    digest = hashlib.sha256(_checker().encode())
    for path in sorted((*base.rglob("*.yaml"), *base.rglob("*.json"))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(base).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _checker() -> str:
    """The code that checks: another version of it must look for itself."""
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in ("load.py", "document.py"))).hexdigest()


def cache_folder() -> Path | None:
    """The folder of this program in the user's cache, made or not; None where there is no user's folder."""
    folder = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    with contextlib.suppress(RuntimeError):
        return (Path(folder) if folder else Path.home() / ".cache") / "onecard"
    return None


def _file(mark: str) -> Path | None:
    folder = cache_folder()
    return None if folder is None else folder / f"specs-{mark}"


def is_known(mark: str) -> bool:
    """Whether this tree was found good before."""
    file = _file(mark)
    return file is not None and file.is_file()


def remember(mark: str) -> None:
    """Remember that this tree is good."""
    file = _file(mark)
    if file is not None:
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
