"""Statements and their provenance: documents, bases, requirements, questionnaires, profiles."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from onecard.spec.expr import Expr, Value
from onecard.spec.text import Text


class BasisClass(StrEnum):
    """Who says so. ``report`` and ``inference`` occur for titles and dates in the bibliography only."""

    PUBLISHED = "published"
    NOTICE = "notice"
    DRAFT = "draft"
    FIELD = "field"
    PROFILE = "profile"
    REPORT = "report"
    INFERENCE = "inference"


class Keyword(StrEnum):
    """Strength of a requirement."""

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"


class Exclusion(StrEnum):
    """The closed list of reasons for which a requirement is not tested."""

    LABORATORY = "laboratory"
    UNPUBLISHED_ALGORITHM = "unpublished-algorithm"
    TEXT_NOT_PUBLIC = "text-not-public"
    NOT_OBSERVABLE = "not-observable"


@dataclass(frozen=True, slots=True)
class Basis:
    """Provenance of a datum or requirement: class, witness document or number of programs, reason of a profile
    choice, and further supports.
    """

    cls: BasisClass
    document: str | None = None
    clause: str | None = None
    programs: int | None = None
    note: str | None = None
    reason: Text | None = None
    also: tuple["Basis", ...] = ()

    @property
    def decides(self) -> bool:
        """Whether a failure decides the verdict without a claim of the project profile (design: field needs two
        programs).
        """
        if self.cls is BasisClass.FIELD:
            return (self.programs or 0) >= 2
        return self.cls in (BasisClass.PUBLISHED, BasisClass.NOTICE, BasisClass.DRAFT)

    def label(self) -> str:
        """Short form for reports, e.g. ``field (2 programs)`` or ``draft (2011-5)``."""
        if self.cls is BasisClass.FIELD:
            return f"field ({self.programs} program{'s' if self.programs != 1 else ''})"
        return f"{self.cls} ({self.document})" if self.document else str(self.cls)


@dataclass(frozen=True, slots=True)
class Hint:
    """A likely cause, shown when the received bytes (hex) begin or end so."""

    received: str
    text: Text


@dataclass(frozen=True, slots=True)
class Requirement:
    """One statement that a device conforms to or not.

    ``document`` and ``clause`` are the issued standard's, clause only where visible or of the notice or draft named
    by the basis.
    """

    id: str
    part: str
    document: str
    clause: str | None
    statement: Text
    keyword: Keyword
    actor: str
    basis: Basis
    applies: Expr
    applies_source: str
    about: tuple[str, ...]
    needs: frozenset[str]
    excluded: Exclusion | None
    excluded_note: Text | None
    official_items: tuple[str, ...]
    hints: tuple[Hint, ...]
    place: str

    @property
    def testable(self) -> bool:
        """Whether cases can and must exist for it."""
        return self.excluded is None


@dataclass(frozen=True, slots=True)
class Clause:
    """A visible clause title of a document."""

    number: str
    title: Text


@dataclass(frozen=True, slots=True)
class Document:
    """An entry of the bibliography."""

    id: str
    title: Text
    issued: str | None
    in_force: str | None
    status: str
    text_public: str
    basis: Basis
    clauses: tuple[Clause, ...]
    untitled_clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IcsItem:
    """One question of a questionnaire. ``type`` is bool, int, enum or version."""

    id: str
    type: str
    values: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    question: Text
    explain: Text


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What the vendor of one kind of target declares (ICS proforma)."""

    id: str
    target: str
    items: tuple[IcsItem, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A project profile: the declarations of the embedded reference of one kind."""

    id: str
    target: str
    name: Text
    basis: Basis
    ics: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of the data that drives behaviour: its path (``SSSE/EF06.read``), the value, and the basis of its
    datum; ``section``: what kind of datum it is (``keys``, ``files``, …).
    """

    path: str
    value: object
    basis: Basis
    place: str
    section: str = ""
