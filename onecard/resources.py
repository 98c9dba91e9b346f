"""Digests of the product's data trees: equal in the checkout, in the wheel and on Windows."""

from pathlib import Path

from cryptography.hazmat.primitives import hashes

from onecard.spec.location import data_root

_IGNORED = frozenset(("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"))
_SUFFIXES = frozenset((".yaml", ".json", ".py", ".j2", ".css", ".js"))


def tree_files(root: Path) -> list[tuple[str, Path]]:
    """The data files of a tree as sorted (POSIX path, file) pairs, caches left out."""
    found = [
        (path.relative_to(root).as_posix(), path)
        for path in root.rglob("*")
        if path.suffix in _SUFFIXES and path.is_file() and not _IGNORED.intersection(path.relative_to(root).parts)
    ]
    return sorted(found)


def folder_digest(root: Path) -> str:
    """``sm3:`` digest over the sorted (path, LF-normalised bytes) pairs of a folder, each preceded by its length."""
    digest = hashes.Hash(hashes.SM3())
    for name, path in tree_files(root):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return "sm3:" + digest.finalize().hex()


def tree_digest(tree: str) -> str:
    """Digest of one of the product's trees: ``specs``, ``vectors``, ``suites`` or ``reports``."""
    return folder_digest(data_root(tree))
