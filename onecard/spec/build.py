"""From plain data to frozen dataclasses.

Documents were checked against their JSON Schema before: shapes are known here.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TypeVar, cast

from onecard.spec import card as c
from onecard.spec import model as m
from onecard.spec.errors import SpecError
from onecard.spec.expr import Environment, UndeclaredItem, Value, evaluate, parse
from onecard.spec.resolve import Workshop, holds, resolved
from onecard.spec.text import Text

Node = Mapping[str, object]
T = TypeVar("T")
# The longest data of a command without extended length, where the data give no bound of their own.
LONGEST = 255

KNOWN_SECTIONS = (
    *("algorithms", "applications", "atr", "checks", "codes", "commands", "computations", "files"),
    *("general-statuses", "key-versions", "keys", "padding", "pins", "status-words", "t0"),
)
"""Sections of the card's parts that CardSpec gives as dataclasses; it holds all others as tables."""


def text_of(node: object) -> Text:
    """``{zh, en}`` as Text."""
    both = cast(Mapping[str, str], node)
    return Text(zh=both["zh"], en=both["en"])


def nodes(value: object) -> list[Node]:
    """A list of mappings; an absent one is empty."""
    return cast(list[Node], value or [])


def basis_of(node: object) -> m.Basis:
    """A basis with its further supports."""
    raw = cast(Mapping[str, object], node)
    reason = raw.get("reason")
    return m.Basis(
        cls=m.BasisClass(cast(str, raw["class"])),
        document=cast(str | None, raw.get("document")),
        clause=cast(str | None, raw.get("clause")),
        programs=cast(int | None, raw.get("programs")),
        note=cast(str | None, raw.get("note")),
        reason=text_of(reason) if reason is not None else None,
        also=tuple(basis_of(other) for other in nodes(raw.get("also"))),
    )


def requirement_of(node: Node, part: Node, place: str) -> m.Requirement:
    """A requirement; document, actor and basis fall back to those of its part."""
    source = cast(str, node["applies"])
    excluded = cast(str | None, node.get("excluded"))
    note = node.get("excluded-note")
    return m.Requirement(
        id=cast(str, node["id"]),
        part=cast(str, part["id"]),
        document=cast(str, node.get("document") or part["document"]),
        clause=cast(str | None, node.get("clause")),
        statement=text_of(node["statement"]),
        keyword=m.Keyword(cast(str, node["keyword"])),
        actor=cast(str, node.get("actor") or part["actor"]),
        basis=basis_of(node.get("basis") or part["basis"]),
        applies=parse(source),
        applies_source=source,
        about=tuple(cast(list[str], node["about"])),
        needs=frozenset(
            cast(list[str], [node["needs"]] if isinstance(node.get("needs"), str) else node.get("needs") or [])
        ),
        excluded=m.Exclusion(excluded) if excluded is not None else None,
        excluded_note=text_of(note) if note is not None else None,
        official_items=tuple(cast(list[str], node.get("official-items") or [])),
        hints=tuple(m.Hint(cast(str, hint["received"]), text_of(hint)) for hint in nodes(node.get("hints"))),
        place=place,
    )


def document_of(node: Node) -> m.Document:
    """An entry of the bibliography."""
    return m.Document(
        id=cast(str, node["id"]),
        title=text_of(node["title"]),
        issued=cast(str | None, node.get("issued")),
        in_force=cast(str | None, node.get("in-force")),
        status=cast(str, node["status"]),
        text_public=cast(str, node["text-public"]),
        basis=basis_of(node["basis"]),
        clauses=tuple(
            m.Clause(cast(str, clause["number"]), text_of(clause["title"])) for clause in nodes(node.get("clauses"))
        ),
        untitled_clauses=tuple(cast(list[str], node.get("untitled-clauses") or [])),
    )


def questionnaire_of(node: Node) -> m.Questionnaire:
    """A questionnaire with its items."""
    return m.Questionnaire(
        id=cast(str, node["id"]),
        target=cast(str, node["target"]),
        items=tuple(
            m.IcsItem(
                id=cast(str, item["id"]),
                type=cast(str, item["type"]),
                values=tuple(cast(list[str], item.get("values") or [])),
                minimum=cast(int | None, item.get("min")),
                maximum=cast(int | None, item.get("max")),
                question=text_of(item["question"]),
                explain=text_of(item["explain"]),
            )
            for item in nodes(node["items"])
        ),
    )


def profile_of(node: Node) -> m.Profile:
    """A project profile."""
    return m.Profile(
        id=cast(str, node["id"]),
        target=cast(str, node["target"]),
        name=text_of(node["name"]),
        basis=basis_of(node["basis"]),
        ics=cast(Mapping[str, Value], node["ics"]),
    )


class CardBuilder:
    """Resolves the card's data for one declaration."""

    def __init__(
        self, data: Mapping[str, Sequence[Node]], ics: Environment, profile: str, workshop: Workshop | None = None
    ) -> None:
        self._ics = ics
        self._profile = profile
        self._workshop = workshop or Workshop()
        self._declaration = tuple(sorted(ics.items()))
        self._data = {section: self._applicable(found) for section, found in data.items()}

    def _applicable(self, found: Sequence[Node]) -> dict[str, Node]:
        """The nodes that apply, resolved, by id."""
        every = (self._workshop.of(node, "resolved", self._declaration, self._resolved) for node in found)
        return {cast(str, node["id"]): node for node in every if node is not None}

    def _resolved(self, node: Node) -> Node | None:
        return cast(Node, resolved(node, self._ics, str(node["id"]))) if holds(node, self._ics) else None

    def build(self) -> c.CardSpec:
        """The resolved card; raises SpecError where the data leave something undefined for this declaration."""
        versions = self._single("key-versions")
        declared = cast(int, self._declared("card.key_versions"))
        authentication = self._computation("authentication-data")
        padding = self._single("padding")
        t0 = self._single("t0")
        return c.CardSpec(
            profile=self._profile,
            ics=dict(self._ics),
            algorithm=self._algorithm(),
            atr=self._atr(self._single("atr")),
            t0=c.T0(more_data=_int(t0, "more-data"), wrong_le=_int(t0, "wrong-le")),
            general=self._general(self._single("general-statuses")),
            applications=self._table("applications", self._application),
            files=self._table("files", _file),
            codes=self._table("codes", _codes),
            commands=self._table("commands", _command),
            status_words=tuple(
                c.NamedStatus(status_of(cast(str, n["sw"])), text_of(n["name"])) for n in self._section("status-words")
            ),
            keys=self._table("keys", _key),
            key_versions=tuple(cast(list[int], versions["versions"])[:declared]),
            default_key_version=_int(versions, "default"),
            pin=_pin(self._single("pins")),
            diversification=_diversification(self._computation("diversification")),
            session_key=c.SessionKey(random_pad=_int(self._computation("session-key"), "random-pad")),
            authentication_data=c.AuthenticationData(
                length=_int(authentication, "length"),
                pad=_int(authentication, "pad"),
                fold=cast(str, authentication["fold"]),
            ),
            checks=self._table("checks", self._check),
            padding=c.Padding(an=_int(padding, "an"), cn=_int(padding, "cn")),
            tables={section: found for section, found in self._data.items() if section not in KNOWN_SECTIONS},
        )

    def _declared(self, item: str) -> Value:
        if item not in self._ics:
            raise UndeclaredItem(item)
        return self._ics[item]

    def _section(self, name: str) -> list[Node]:
        return list(self._data.get(name, {}).values())

    def _single(self, name: str) -> Node:
        return self._only(self._section(name), name)

    def _computation(self, kind: str) -> Node:
        return self._only([node for node in self._section("computations") if node["kind"] == kind], kind)

    @staticmethod
    def _only(found: Sequence[Node], name: str) -> Node:
        if len(found) != 1:
            raise SpecError(
                zh=f"规范数据中 {name} 应恰有一项，实有 {len(found)} 项",
                en=f"the data hold {len(found)} of {name}, there must be one",
            )
        return found[0]

    def _table(self, name: str, make: Callable[[Node], T]) -> dict[str, T]:
        return {
            cast(str, node["id"]): self._workshop.of(node, name, self._declaration, make)
            for node in self._section(name)
        }

    def _algorithm(self) -> c.Algorithm:
        code = self._declared("card.algorithm")
        for node in self._section("algorithms"):
            if node["code"] == code:
                return c.Algorithm(
                    cast(str, node["id"]),
                    str(code),
                    _int(node, "identifier"),
                    _int(node, "block"),
                    _int(node, "key-length"),
                )
        raise SpecError(
            zh=f"算法 {code} 未公开，本工具无法实现，相关卡片不可测",
            en=f"the algorithm {code} is not published and cannot be implemented: such a card is not testable",
        )

    def _atr(self, node: Node) -> c.Atr:
        return c.Atr(
            initial_character=_int(node, "initial-character"),
            plain_formats=tuple(cast(list[int], node["plain-formats"])),
            indicated_formats=tuple(cast(list[int], node["indicated-formats"])),
            tb1=_int(node, "tb1"),
            td1=_int(node, "td1"),
            td2=_int(node, "td2"),
            historical_length=_int(node, "historical-length"),
            reference=cast(str, node["reference"]),
            historical=tuple(
                c.HistoricalField(
                    cast(str, f["id"]),
                    text_of(f["name"]),
                    _int(f, "offset"),
                    _int(f, "length"),
                    cast(str, f.get("coding", "any")),
                )
                for f in nodes(node["historical"])
            ),
        )

    def _general(self, node: Node) -> c.General:
        return c.General(*(status_of(cast(str, node[key])) for key in ("ok", "class", "instruction", "malformed")))

    def _application(self, node: Node) -> c.Application:
        fci = cast(Node, node["fci"])
        optional = ("proprietary-tag", "directory-tag", "issuer-tag", "algorithm-tag")
        proprietary, directory, issuer, algorithm = (cast(int | None, fci.get(key)) for key in optional)
        objects = tuple(
            c.FciObject(cast(str, each["id"]), _int(each, "tag"), _fci_value(each), cast(str | None, each.get("file")))
            for each in nodes(fci.get("objects"))
        )
        return c.Application(
            id=cast(str, node["id"]),
            name=text_of(node["name"]),
            level=cast(str, node["level"]),
            parent=cast(str, node["parent"]),
            fid=cast(int, node.get("fid", 0)),
            aid=bytes.fromhex(cast(str, node.get("aid", ""))),
            label=cast(str, node.get("label", "")),
            is_mf="is-mf" in node and evaluate(parse(cast(str, node["is-mf"])), self._ics),
            fci=c.Fci(_int(fci, "template"), _int(fci, "name-tag"), proprietary, directory, issuer, algorithm, objects),
        )

    @staticmethod
    def _check(node: Node) -> c.Check:
        return c.Check(
            id=cast(str, node["id"]),
            name=text_of(node["name"]),
            kind=cast(str, node["kind"]),
            length=cast(int, node.get("length", 0)),
            weights=tuple(cast(list[int], node.get("weights") or [])),
            modulus=cast(int, node.get("modulus", 0)),
            characters=cast(str, node.get("characters", "")),
            letters=cast(bool, node.get("letters", False)),
            first_letter=cast(bool, node.get("first-letter", False)),
            fields=tuple(
                c.CheckField(
                    cast(str, f["id"]),
                    _int(f, "offset"),
                    _int(f, "length"),
                    cast(str, f["coding"]),
                    _hex(f, "value") if "value" in f else None,
                )
                for f in nodes(node.get("fields"))
            ),
            value=cast(str, node.get("values", "")),
        )


def status_of(text: str) -> c.Status:
    """``63Cx`` as base 63C0 with mask FFF0."""
    return c.Status(
        text=text, base=int(text.replace("x", "0"), 16), mask=int("".join("0" if ch == "x" else "F" for ch in text), 16)
    )


def access_of(text: str) -> c.AccessRule:
    """``free``, ``never``, ``pin``, ``key K``, ``pin or key K``, ``pin and key K``."""
    head, _, key = text.partition("key ")
    return c.AccessRule(c.Access(f"{head}key" if key else text), key or None)


def _int(node: Node, key: str) -> int:
    return cast(int, node[key])


def _hex(node: Node, key: str) -> bytes:
    return bytes.fromhex(cast(str, node[key]))


def _fci_value(node: Node) -> bytes:
    if "value" in node:
        return _hex(node, "value")
    # Any value of this length will do; the reference has one.
    length = _int(node, "length")
    return _hex(node, "reference")[:length].ljust(length, b"\x00")


def _lengths(value: object) -> tuple[int, ...]:
    if isinstance(value, Mapping):
        return tuple(range(cast(int, value["min"]), cast(int, value.get("max", LONGEST)) + 1))
    return tuple(cast(list[int], value or []))


def _file(node: Node) -> c.FileSpec:
    records = cast(Mapping[str, int], node.get("records") or {})
    contactless = cast(str | None, node.get("contactless"))
    return c.FileSpec(
        id=cast(str, node["id"]),
        name=text_of(node["name"]),
        application=cast(str, node["application"]),
        fid=cast(int, node.get("fid", 0)),
        sfi=cast(int, node.get("sfi", 0)),
        structure=cast(str, node["structure"]),
        read=access_of(cast(str, node["read"])),
        update=access_of(cast(str, node["update"])),
        record_order=tuple(int(tag, 16) for tag in cast(list[str], node.get("record-order") or [])),
        items=tuple(_item(item) for item in nodes(node.get("items"))),
        layout=tuple(_item(item) for item in nodes(node.get("layout"))),
        record_count=records.get("count", records.get("reference", 0)),
        record_length=records.get("length", 0),
        size=cast(int, node.get("size", 0)),
        contactless=access_of(contactless) if contactless is not None else None,
        category=cast(str, node.get("class", "in-use")),
    )


_CHARSETS = {"an": "ascii", "cn": "bcd", "b": "binary", "B-TLV": "tlv"}


def _item(node: Node) -> c.Item:
    # A field of a record without tags is binary unless it says otherwise.
    kind = cast(str, node.get("type", "b"))
    return c.Item(
        id=cast(str, node["id"]),
        tag=cast(int, node.get("tag", 0)),
        name=text_of(node["name"]),
        type=kind,
        charset=cast(str, node.get("charset", _CHARSETS[kind])),
        length=_int(node, "length"),
        check=cast(str | None, node.get("check")),
        codes=cast(str | None, node.get("codes")),
        personal=cast(bool, node.get("personal", True)),
        optional=node.get("presence") == "optional",
        inner=tuple(_item(inner) for inner in nodes(node.get("inner"))),
    )


def _codes(node: Node) -> c.CodeTable:
    values = cast(Mapping[str, object], node.get("values") or {})
    ranges = cast(list[list[str]], node.get("ranges") or [])
    parts = cast(list[list[str]], node.get("parts") or [])
    # A code made of parts is one of each of them, one behind the other.
    ranges = ranges + ([[code, code] for code in map("".join, product(*parts))] if parts else [])
    return c.CodeTable(
        id=cast(str, node["id"]),
        name=text_of(node["name"]),
        values={code: text_of(meaning) for code, meaning in values.items()},
        ranges=tuple((low, high) for low, high in ranges),
    )


def _command(node: Node) -> c.Command:
    query = cast(Node | None, node.get("query"))
    sfi = cast(list[int], node.get("sfi-range") or [1, 30])
    return c.Command(
        id=cast(str, node["id"]),
        name=text_of(node["name"]),
        cla=_int(node, "cla"),
        ins=_int(node, "ins"),
        case=_int(node, "case"),
        lengths=_lengths(node.get("lengths")),
        statuses={name: status_of(sw) for name, sw in cast(Mapping[str, str], node["statuses"]).items()},
        modes=tuple(
            c.Mode(cast(str, mode["id"]), _int(mode, "mode"), cast(str, mode["by"]), cast(str, mode["takes"]))
            for mode in nodes(node.get("modes"))
        ),
        methods=tuple(
            c.SelectMethod(
                cast(str, way["id"]),
                _int(way, "p1"),
                cast(str, way["by"]),
                frozenset(cast(list[str], way["finds"])),
                _lengths(way["lengths"]),
            )
            for way in nodes(node.get("methods"))
        ),
        occurrences=cast(Mapping[str, int] | None, node.get("occurrences")),
        sfi_range=(sfi[0], sfi[1]),
        length_rule=cast(str | None, node.get("length-rule")),
        query=c.PinQuery(_int(query, "length"), status_of(cast(str, query["set"])), status_of(cast(str, query["none"])))
        if query
        else None,
        where=tuple(cast(list[str], node.get("where") or ["SSSE"])),
        parameters=cast(Mapping[str, object], node.get("parameters") or {}),
    )


def _key(node: Node) -> c.KeySpec:
    return c.KeySpec(
        id=cast(str, node["id"]),
        name=text_of(node["name"]),
        function=cast(str, node["function"]),
        application=cast(str, node["application"]),
        key_id=_int(node, "key-id" if "key-id" in node else "loaded-as"),
        levels=_int(node, "levels"),
        counted=cast(bool, node.get("counted", False)),
        grants=cast(str | None, node.get("grants")),
        tries=cast(int | None, node.get("tries")),
    )


def _pin(node: Node) -> c.PinSpec:
    return c.PinSpec(
        cast(str, node["packing"]),
        _int(node, "pad-nibble"),
        _int(node, "max-bytes"),
        _int(node, "min-digits"),
    )


def _diversification(node: Node) -> c.Diversification:
    levels = tuple(
        c.Factor(number, cast(str, level["source"]), _int(level, "start"), _int(level, "length"), _hex(level, "suffix"))
        for number, level in enumerate(nodes(node["levels"]), start=1)
    )
    return c.Diversification(levels=levels, second_half=cast(str, node["second-half"]))
