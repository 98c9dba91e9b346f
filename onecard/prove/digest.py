"""What a result depends on: the mutant's own definition, and everything that all mutants share."""

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module, metadata
from pathlib import Path
from types import MappingProxyType

import emulator
import onecard
from emulator.mutants.model import mutants_in
from emulator.mutants.registry import KINDS
from onecard.prove.specification import SpecificationSubject
from onecard.prove.subject import Subject
from onecard.spec.location import data_root

_DATA = ("specs", "suites", "vectors")
# These show results and take no part in them.
_PRESENTING = frozenset(("cli", "views", "show"))
_MUTANTS = "mutants"
_IMPORTED = re.compile(r"^from (emulator\.mutants\.[\w.]+) import", re.MULTILINE)


class Digests:
    """Digests of mutants, of one kind, as the code and the data are now."""

    def __init__(self, kind: str) -> None:
        self._homes = _homes(kind)
        self._known: dict[str, str] = {}
        self.shared = _shared()
        self._mutants = self._written()

    def of(self, subject: Subject) -> str:
        """The digest on which the result of one mutant hangs."""
        if subject.id not in self._known:
            self._known[subject.id] = self._of(subject)
        return self._known[subject.id]

    def still_hold(self) -> bool:
        """Whether nothing was edited meanwhile: workers read modules and data when they first need them."""
        return _shared() == self.shared and self._written() == self._mutants

    def _written(self) -> list[bytes]:
        return [_content(file) for file in sorted(set(self._homes.values()))]

    def _of(self, subject: Subject) -> str:
        digest = hashlib.sha256(self.shared.encode())
        digest.update(repr((subject.id, sorted(subject.requirements), subject.profiles)).encode())
        if isinstance(subject, SpecificationSubject):
            digest.update(repr(subject.value).encode())
        else:
            for file in sorted(_with_imports(self._homes[subject.id])):
                digest.update(_content(file))
        return digest.hexdigest()


def _homes(kind: str) -> Mapping[str, Path]:
    """The module in which each behaviour mutant of a kind is written."""
    modules = import_module(f"emulator.mutants.{kind}").MODULES if kind in KINDS else ()
    found = {each.id: Path(str(module.__file__)) for module in modules for each in mutants_in(module)}
    return MappingProxyType(found)


def _with_imports(file: Path) -> Iterator[Path]:
    """A module of mutants and those modules of mutants that it takes something from."""
    waiting, seen = [file], {file}
    while waiting:
        each = waiting.pop()
        yield each
        named = _IMPORTED.findall(each.read_text(encoding="utf-8"))
        found = {Path(str(import_module(name).__file__)) for name in named} - seen
        seen |= found
        waiting += sorted(found)


def _shared() -> str:
    """Digest of what every mutant meets: references, suites, oracle, harness, data, libraries, this Python."""
    digest = hashlib.sha256(repr((sys.version, sorted(_libraries()))).encode())
    own, reference = (Path(str(package.__file__)).parent for package in (onecard, emulator))
    for root, files in (
        (own, _below(own, _PRESENTING)),
        (reference, _below(reference, frozenset((_MUTANTS,)))),
        (reference, (reference / _MUTANTS / name for name in ("model.py", "registry.py"))),
        *((data_root(tree), _below(data_root(tree), frozenset())) for tree in _DATA),
    ):
        for file in files:
            digest.update(f"{file.relative_to(root).as_posix()}\n".encode() + _content(file))
    return digest.hexdigest()


def _below(root: Path, without: frozenset[str]) -> Iterable[Path]:
    found = (file for file in root.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return sorted(file for file in found if file.relative_to(root).parts[0] not in without)


def _content(file: Path) -> bytes:
    # Line ends are git's business.
    content = file.read_bytes().replace(b"\r\n", b"\n")
    return len(content).to_bytes(8, "big") + content


def _libraries() -> Iterator[tuple[str, str]]:
    for found in metadata.distributions():
        yield str(found.metadata["Name"]), found.version
