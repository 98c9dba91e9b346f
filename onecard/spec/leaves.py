"""The leaves of the data: each single value that drives behaviour, with a path that survives unrelated edits."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase, translate
from typing import cast

from onecard.spec import build
from onecard.spec.load import Datum, Spec
from onecard.spec.model import Basis, Leaf

# Keys that describe a datum and drive nothing, or only say which of several right ways the reference takes. The number
# under which a key is loaded serves those who load it: no command names the key.
_DESCRIPTIVE = frozenset(
    ("id", "name", "basis", "note", "document", "clause", "personal", "reference", "loaded-as", "open-statuses")
)
# Names of status words are shown to people; no behaviour hangs on them.
_DESCRIPTIVE_SECTIONS = frozenset(("status-words",))
_WILD = frozenset("*?[")


def leaves(spec: Spec, kind: str | None = None) -> list[Leaf]:
    """Every leaf of the data sections of one kind of target (without ``kind`` of all), in the documents' order."""
    found: list[Leaf] = []
    for datum in spec.data_of(kind):
        if datum.section not in _DESCRIPTIVE_SECTIONS:
            found.extend(_of_datum(datum))
    return found


def _of_datum(datum: Datum) -> Iterator[Leaf]:
    basis = build.basis_of(datum.node.get("basis") or datum.document.data["basis"])
    place = f"{datum.document.file}:{datum.document.line(datum.path)}"
    for leaf in _walk(datum.node, str(datum.node["id"]), basis, place):
        yield replace(leaf, section=datum.section)


def _walk(node: object, path: str, basis: Basis, place: str) -> Iterator[Leaf]:
    if isinstance(node, Mapping):
        own = build.basis_of(node["basis"]) if "basis" in node else basis
        for key, child in node.items():
            if key not in _DESCRIPTIVE:
                yield from _walk(child, f"{path}.{key}", own, place)
    elif isinstance(node, list) and any(isinstance(child, Mapping) for child in node):
        for index, child in enumerate(node):
            inner = str(cast(Mapping[str, object], child).get("id") or f"{path}.{index}")
            yield from _walk(child, inner, basis, place)
    else:
        yield Leaf(path=path, value=node, basis=basis, place=place)


def branches(leaf: str) -> list[str]:
    """The path of a leaf and of every branch above it, up to its datum."""
    found = [leaf]
    while "." in found[-1]:
        found.append(found[-1].rpartition(".")[0])
    return found


def is_pattern(about: str) -> bool:
    """Whether an ``about`` entry stands for more than one name."""
    return not _WILD.isdisjoint(about)


def matching(pattern: str, names: Iterable[str]) -> set[str]:
    """Those of ``names`` that a pattern stands for."""
    right = re.compile(translate(pattern)).match
    return {name for name in names if right(name)}


def covers(about: str, leaf: str) -> bool:
    """Whether an ``about`` entry names a leaf: the leaf itself, a datum or branch above it, or a pattern with
    ``*`` for either.
    """
    return any(fnmatchcase(branch, about) for branch in branches(leaf))
