"""File addresses and the results of reading by them."""

from collections.abc import Sequence

from emulator.terminal.behaviour import Addressed
from onecard.spec.terminal import FileAddress

HEXADECIMAL = frozenset("0123456789ABCDEFabcdef")


def addressed(form: FileAddress, text: str) -> Addressed | None:
    """Files and tags that an address names; None where it is not in its format."""
    *files, rest = text.split(form.end)
    parts = [file.split(form.separator) for file in files]
    if rest or not parts or any(len(part) < 3 or part[-1] or not _tags(part[1:-1]) for part in parts):
        return None
    return [(part[0], tuple(int(tag, 16) for tag in part[1:-1])) for part in parts]


def file_id(form: FileAddress, name: str) -> str | None:
    """The file in the card's data that a name of an address means; None for one that is not in SSSE."""
    root = next((root for root in form.roots if name.startswith(root)), None)
    return None if root is None else f"SSSE/{name[len(root) :]}"


def written_file(form: FileAddress, name: str, values: Sequence[str]) -> str:
    """One file of the result."""
    return "".join(part + form.separator for part in (name, *values)) + form.end


def values_of(form: FileAddress, text: str, wanted: Addressed) -> list[list[str]] | None:
    """The values of pWriteData for the files and tags of an address; None where they do not go together."""
    *files, rest = text.split(form.end)
    parts = [file.split(form.separator) for file in files]
    if rest or len(parts) != len(wanted):
        return None
    for part, (name, tags) in zip(parts, wanted, strict=True):
        if part[0] != name or part[-1] or len(part) != len(tags) + 2:
            return None
    return [part[1:-1] for part in parts]


def _tags(parts: Sequence[str]) -> bool:
    return all(len(part) == 2 and HEXADECIMAL.issuperset(part) for part in parts)
