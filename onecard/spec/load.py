"""The whole specification: documents read, checked, merged, overlaid; resolved for a declaration on demand."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import cast

from jsonschema import Draft202012Validator

from onecard.spec import build, checked
from onecard.spec.card import CardSpec
from onecard.spec.document import Path_, RawDocument, read_document
from onecard.spec.errors import SpecError
from onecard.spec.expr import Environment
from onecard.spec.interface import InterfaceSpec, interface_of
from onecard.spec.location import data_root
from onecard.spec.model import Document, Profile, Questionnaire, Requirement
from onecard.spec.resolve import Workshop

CARD_PART = "part"
PART_SUFFIX = "-part"
"""Parts of every other kind of target say of which kind: ``psam-part``, ``terminal-part``; their sections are free."""
NOT_PARTS = frozenset(("openapi.yaml",))
"""Documents of a form of their own, read by whom they concern."""

TargetSpec = CardSpec | InterfaceSpec
"""The data of a target, resolved for one declaration."""


@dataclass(frozen=True, slots=True)
class Datum:
    """A node of data with where it stands, for error messages and for the enumeration of leaves."""

    section: str
    node: Mapping[str, object]
    document: RawDocument
    path: Path_


@dataclass(frozen=True)
class Spec:
    """The specification. ``card()`` resolves it for a declaration; everything else is common to all."""

    documents_raw: tuple[RawDocument, ...]
    overlays: tuple[str, ...] = ()
    workshop: Workshop = field(default_factory=Workshop, repr=False, compare=False)
    _of_kind: dict[str, list[RawDocument]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_kind: dict[str, list[RawDocument]] = {}
        for document in self.documents_raw:
            by_kind.setdefault(str(document.data["kind"]), []).append(document)
        object.__setattr__(self, "_of_kind", by_kind)

    @property
    def _parts(self) -> tuple[str, ...]:
        """Kinds of document that are parts of a standard."""
        return tuple(kind for kind in self._of_kind if kind == CARD_PART or kind.endswith(PART_SUFFIX))

    @cached_property
    def places(self) -> Mapping[str, tuple[int, Path_]]:
        """Where each node with an id stands: the number of its document, and the path in it; the first of its id."""
        found: dict[str, tuple[int, Path_]] = {}

        def walk(number: int, node: object, path: Path_) -> None:
            if isinstance(node, Mapping):
                if path and isinstance(node.get("id"), str):
                    found.setdefault(str(node["id"]), (number, path))
                for key, child in node.items():
                    walk(number, child, (*path, key))
            elif isinstance(node, list):
                for index, child in enumerate(node):
                    walk(number, child, (*path, index))

        for number, document in enumerate(self.documents_raw):
            walk(number, document.data, ())
        return found

    def _nodes(self, kind: str, section: str) -> Iterable[tuple[RawDocument, Path_, Mapping[str, object]]]:
        for document in self._of_kind.get(kind, ()):
            for index, node in enumerate(build.nodes(document.data.get(section))):
                yield document, (section, index), node

    @cached_property
    def data(self) -> Mapping[str, list[Datum]]:
        """Every datum of the card by section, over all its parts."""
        sections = {
            name: None
            for document in self._of_kind.get(CARD_PART, ())
            for name, value in document.data.items()
            if isinstance(value, list) and name != "requirements"
        }
        return {
            name: [Datum(name, node, raw, path) for raw, path, node in self._nodes(CARD_PART, name)]
            for name in (*build.KNOWN_SECTIONS, *(name for name in sections if name not in build.KNOWN_SECTIONS))
        }

    @cached_property
    def interfaces(self) -> Mapping[str, Mapping[str, list[Datum]]]:
        """Every datum of the other kinds of target: by kind, then by section."""
        found: dict[str, dict[str, list[Datum]]] = {}
        for part in self._parts:
            if part == CARD_PART:
                continue
            sections: dict[str, list[Datum]] = {}
            for document in self._of_kind[part]:
                for name, value in document.data.items():
                    if name != "requirements" and isinstance(value, list):
                        sections.setdefault(name, []).extend(
                            Datum(name, node, document, (name, index)) for index, node in enumerate(build.nodes(value))
                        )
            found[part.removesuffix(PART_SUFFIX)] = sections
        return found

    def data_of(self, kind: str | None = None) -> Iterable[Datum]:
        """Every datum of one kind of target; without ``kind`` of all."""
        kinds = {"card": self.data, **self.interfaces}
        for name, sections in kinds.items():
            if kind in (None, name):
                for found in sections.values():
                    yield from found

    @cached_property
    def requirements(self) -> Mapping[str, Requirement]:
        """Requirements by id, in the order of the documents; raises SpecError for an id that stands twice or a bad
        expression.
        """
        found: dict[str, Requirement] = {}
        every = (entry for part in self._parts for entry in self._nodes(part, "requirements"))
        for raw, path, node in every:
            identifier = str(node["id"])
            if identifier in found:
                raise raw.error(
                    path, zh=f"要求编号 {identifier} 重复", en=f"the requirement id {identifier} stands twice"
                )
            try:
                found[identifier] = build.requirement_of(node, raw.data, f"{raw.file}:{raw.line(path)}")
            except SpecError as error:
                raise raw.error((*path, "applies"), zh=error.text.zh, en=error.text.en) from None
        return found

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """The bibliography by id."""
        return {str(node["id"]): build.document_of(node) for _, _, node in self._nodes("bibliography", "documents")}

    @cached_property
    def questionnaires(self) -> Mapping[str, Questionnaire]:
        """Questionnaires by kind of target."""
        return {
            str(raw.data["target"]): build.questionnaire_of(raw.data) for raw in self._of_kind.get("questionnaire", ())
        }

    @cached_property
    def profiles(self) -> Mapping[str, Profile]:
        """Project profiles by id."""
        found = sorted(self._of_kind.get("profile", ()), key=lambda raw: str(raw.data["id"]))
        return {str(raw.data["id"]): build.profile_of(raw.data) for raw in found}

    def card(self, ics: Environment, profile: str) -> CardSpec:
        """The card for one declaration."""
        merged = {name: [datum.node for datum in found] for name, found in self.data.items()}
        return build.CardBuilder(merged, ics, profile, self.workshop).build()

    def resolve(self, kind: str, ics: Environment, profile: str) -> TargetSpec:
        """The data of one kind of target for one declaration; raises SpecError for a kind without data."""
        if kind == "card":
            return self.card(ics, profile)
        return self.interface(kind, ics, profile)

    def interface(self, kind: str, ics: Environment, profile: str) -> InterfaceSpec:
        """The data of a kind other than the card for one declaration; raises SpecError for a kind without data."""
        if kind not in self.interfaces:
            raise SpecError(zh=f"没有 {kind} 的规范数据", en=f"the specification has no data of {kind}")
        merged = {name: [datum.node for datum in found] for name, found in self.interfaces[kind].items()}
        return interface_of(kind, profile, ics, merged)

    def resolve_profile(self, profile: str) -> TargetSpec:
        """What a project profile declares; raises SpecError for an unknown profile."""
        found = self.profile(profile)
        return self.resolve(found.target, found.ics, profile)

    def card_of_profile(self, profile: str) -> CardSpec:
        """The card that a project profile declares; raises SpecError for an unknown profile."""
        return self.card(self.profile(profile).ics, profile)

    def profile(self, profile: str) -> Profile:
        """A project profile; raises SpecError naming the known ones."""
        if profile not in self.profiles:
            known = ", ".join(sorted(self.profiles))
            raise SpecError(
                zh=f"没有配置 {profile}；已有：{known}", en=f"there is no profile {profile}; known: {known}"
            )
        return self.profiles[profile]

    def requirement(self, identifier: str) -> Requirement:
        """A requirement; raises SpecError."""
        if identifier not in self.requirements:
            raise SpecError(zh=f"没有要求 {identifier}", en=f"there is no requirement {identifier}")
        return self.requirements[identifier]


@cache
def schema(kind: str) -> Mapping[str, object]:
    """The JSON Schema of one kind of document."""
    return cast(Mapping[str, object], json.loads(_schema_file(kind).read_text(encoding="utf-8")))


def _schema_file(kind: str) -> Path:
    return data_root("specs") / "schema" / f"{kind}.schema.json"


def check_schema(document: RawDocument, kind: str | None = None, *, secret: bool = False) -> None:
    """Check a document against its schema; raises SpecError with file, line and path of the first problem.

    With ``secret`` the message keeps the document's values to itself.
    """
    declared = document.data.get("kind")
    if kind is None and not isinstance(declared, str):
        raise document.error((), zh="缺少 kind", en="the key `kind` is missing")
    if kind is None and not _schema_file(str(declared)).is_file():
        raise document.error(("kind",), zh=f"未知的文件种类 {declared}", en=f"unknown kind of document: {declared}")
    if kind is not None and declared != kind:
        raise document.error(("kind",), zh=f"kind 应为 {kind}", en=f"kind must be {kind}")
    check_part(document, (), document.data, kind or str(declared), secret=secret)
    if declared == CARD_PART:
        _check_sections(document, secret=secret)


def _check_sections(document: RawDocument, *, secret: bool) -> None:
    """Sections that the schema of parts does not know have a schema of their own each."""
    known = cast(Mapping[str, object], schema(CARD_PART)["properties"])
    for name, value in document.data.items():
        if name in known:
            continue
        if not has_schema(f"card-{name}"):
            raise document.error((name,), zh=f"未知的数据段 {name}", en=f"unknown section of data: {name}")
        check_part(document, (name,), value, f"card-{name}", secret=secret)


def has_schema(name: str) -> bool:
    """Whether there is a schema of this name."""
    return _schema_file(name).is_file()


def check_part(document: RawDocument, at: Path_, node: object, name: str, *, secret: bool = False) -> None:
    """Check what stands at a path of a document against a schema; raises SpecError as check_schema does."""
    problems = sorted(
        _validator(name).iter_errors(node), key=lambda problem: document.line((*at, *problem.absolute_path))
    )
    if problems:
        problem = problems[0]
        while problem.context:
            problem = max(problem.context, key=lambda inner: len(inner.absolute_path))
        told = f"{problem.validator} {problem.validator_value}" if secret else problem.message
        raise document.error(
            (*at, *problem.absolute_path), zh=f"不符合格式：{told}", en=f"not as the schema asks: {told}"
        )


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def load_spec(root: Path | None = None) -> Spec:
    """Read the specification tree (the product's own by default), without overlays.

    The product's own is read once a process. Raises SpecError naming file, line and path for broken YAML or a document
    that its schema refuses.
    """
    return _installed(data_root("specs")) if root is None else _read(root)


@cache
def _installed(base: Path) -> Spec:
    # Checking every document against its schema takes most of the time; the very same bytes were found good before.
    mark = checked.mark_of(base)
    known = checked.is_known(mark)
    spec = _read(base, check=not known)
    if not known:
        checked.remember(mark)
    return spec


def _read(base: Path, *, check: bool = True) -> Spec:
    documents = []
    for path in sorted(base.rglob("*.yaml")):
        if path.name in NOT_PARTS:
            continue
        document = read_document(path, f"specs/{path.relative_to(base).as_posix()}")
        if check:
            check_schema(document)
        documents.append(document)
    if not documents:
        raise SpecError(zh="没有找到规范文件", en="no specification documents were found", file=str(base))
    return Spec(documents_raw=tuple(documents))
