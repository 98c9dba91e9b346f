"""Changes of the data after which cards are still right ones: what rules leave open is no mistake."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import cast

from onecard.spec.expr import Environment
from onecard.spec.load import Spec
from onecard.spec.resolve import holds

Node = Mapping[str, object]
_FILES, _CODES, _EXTENSIONS, _APPLICATIONS = "files", "codes", "extension-rules", "applications"
_MEASUREMENTS, _STYLE, _BY_EYE, _ENVIRONMENT = "measurements", "style", "VISUAL/", "SSSE"
_CHECKS, _DIRECTORIES, _READINGS = "checks", "directories", "readings"
_EVERY_TYPE = frozenset(("an", "cn", "b"))
_NEVER, _REGION = "never", "CHECK/REGION"
_ANY_DIGITS = frozenset((_REGION, "CHECK/YEAR"))
# Codings of the parts of a number whose content the rules leave to the issuer.
_OPEN = frozenset(("any", "filled"))
_CERTIFICATES, _INTERNAL = "CERT", "internal"
_ANY: frozenset[object] = frozenset(
    ("free", "never", "key UKSSSE", "key RKSSSE", "transparent", "linear-variable", "linear-fixed", "cyclic")
)


EVERY_VALUE = object()
"""Among the values of a leaf: all there are."""
ANYTHING: frozenset[object] = frozenset((EVERY_VALUE,))


@dataclass(frozen=True)
class _Tags:
    """Tags of the rules: none has two uses in a file, nor, where the rules keep theirs, in ``areas`` and its own."""

    files: list[Node]
    extensions: list[Node]
    areas: frozenset[str]
    declared: tuple[Environment, ...]

    def free(self, item: Node, file: Node) -> frozenset[object]:
        """Tags that an issuer's own item may have in place of ``item``, on every card that has it."""
        return frozenset(range(0x100)).difference(
            *(self._taken(file, ics) for ics in self.declared if holds(file, ics) and holds(item, ics))
        )

    def _taken(self, file: Node, ics: Environment) -> set[object]:
        kept = any(holds(node, ics) for node in self.extensions)
        closed = {*self.areas, file.get("application")} if kept else set()
        using = [other for other in self.files if other is file or other.get("application") in closed]
        items = [item for other in using if holds(other, ics) for item in cast(list[Node], other.get("items", []))]
        return {item.get("tag") for item in items if holds(item, ics)}


def conforming(spec: Spec, kind: str) -> dict[str, frozenset[object]]:
    """By the path of a leaf, values of it that make no wrong card; a list as a tuple."""
    data = [(datum.section, datum.node) for datum in spec.data_of(kind)]
    tables = {str(node["id"]): node for section, node in data if section == _CODES}
    files = [node for section, node in data if section == _FILES]
    extensions = [node for section, node in data if section == _EXTENSIONS]
    first = min((cast(int, node["first-file"]) for node in extensions), default=None)
    found: dict[str, frozenset[object]] = {}
    applications = [node for section, node in data if section == _APPLICATIONS]
    found |= _alone(applications)
    local = _local(applications, extensions)
    areas = {str(node["id"]) for node in applications if _ENVIRONMENT in (node["id"], node.get("parent"))} - local
    declared = tuple(profile.ics for profile in spec.profiles.values() if profile.target == kind)
    tags = _Tags(files, extensions, frozenset(areas), declared)
    # No source has the rule by which a directory is updated: any is right that asks for something.
    found |= {f"{node['id']}.update": _ANY - {"free"} for section, node in data if section == _DIRECTORIES}
    found |= dict(chain.from_iterable(_places(node) for section, node in data if section == _CHECKS))
    found |= _read_otherwise([node for section, node in data if section == _READINGS])
    found |= dict(chain.from_iterable(_measured(node) for section, node in data if section == _MEASUREMENTS))
    found |= {
        f"{other['id']}.nominal": ANYTHING for section, node in data if section == _STYLE for other in _others(node)
    }
    for file in files:
        # An issuer's own file may stand where a generation of the rules has none.
        if first is not None and cast(int, file.get("fid", 0)) >= first:
            found[f"{file['id']}.when"] = frozenset(("true",))
        if file.get("application") == _CERTIFICATES and "size" in file:
            found[f"{file['id']}.size"] = _sizes(file)
        if file.get("structure") == _INTERNAL and file.get("read") == _NEVER:
            # What is closed twice, by its structure and by its rules, is closed by either.
            found |= {f"{file['id']}.{key}": _ANY for key in ("read", "update", "structure")}
        found[f"{file['id']}.record-order"] = _orders(file, local)
        for item in cast(list[Node], file.get("items", [])):
            if item.get("presence") == "optional":
                # It may be absent; and an issuer's own item may stand there, under a tag that no rule uses.
                found[f"{item['id']}.when"] = frozenset(("false",))
                found[f"{item['id']}.tag"] = tags.free(item, file)
        for item in _items(file):
            found[f"{item['id']}.type"] = _types(item, file, tables)
            # Text of ASCII characters is text in GBK.
            found[f"{item['id']}.charset"] = frozenset(("ascii",)) if item.get("charset") == "gbk" else frozenset()
            if item.get("codes") in tables:
                right = tables[str(item["codes"])]
                found[f"{item['id']}.codes"] = frozenset(
                    name for name, other in tables.items() if _within(other, right)
                )
    return found


def _measured(node: Node) -> Iterator[tuple[str, frozenset[object]]]:
    # A laboratory that measures less has made no other card.
    yield f"{node['id']}.when", frozenset(("false",))
    if str(node["id"]).startswith(_BY_EYE):
        # An eye counts what is missing: on a right card nothing, however much may be.
        yield f"{node['id']}.max", ANYTHING
    if "max" in node:
        # Between two limits it is the upper one that is moved: with a lower lower one the middle is still within.
        yield f"{node['id']}.min", ANYTHING


def _others(element: Node) -> Iterator[Node]:
    """Further readings of an element's dimensions: a card shows any one of them, the reference the first."""
    for dimension in cast(list[Node], element.get("dimensions", [])):
        yield from cast(list[Node], dimension.get("alternatives", []))


def _read_otherwise(topics: list[Node]) -> dict[str, frozenset[object]]:
    """Codes that one of the sources has, where sources differ about the ranges of a table."""
    found: dict[str, frozenset[object]] = {}
    for topic in topics:
        ranges = [node["value"] for node in cast(list[Node], topic["readings"]) if isinstance(node["value"], list)]
        spans = [(len(low), range(int(low), int(high) + 1)) for read in ranges for low, high in read]
        codes = (str(code).zfill(width) for width, span in spans for code in span)
        found[f"{topic['topic']}.ranges"] = frozenset(((code, code),) for code in codes)
    return found


def _alone(applications: list[Node]) -> dict[str, frozenset[object]]:
    """An application alone in its environment may be one itself: its FCI then says more, and nothing else changes."""
    parents = Counter(str(node.get("parent")) for node in applications)
    inner = [node for node in applications if node.get("level") == "application"]
    return {f"{node['id']}.level": frozenset(("environment",)) for node in inner if parents[str(node["parent"])] == 1}


def _local(applications: list[Node], extensions: list[Node]) -> frozenset[str]:
    """Extension applications: local standards give them items, and no order."""
    first = min((cast(int, node["first-application"]) for node in extensions), default=None)
    fids = {str(node["id"]): node.get("fid") for node in applications}
    return frozenset(name for name, fid in fids.items() if first is not None and isinstance(fid, int) and fid >= first)


def _orders(file: Node, local: frozenset[str]) -> frozenset[object]:
    """Orders of records that are right too: without the last where that is optional, any in extension applications."""
    # (An order for each declaration is a list of conditions.)
    order = tuple(tag for tag in cast(list[object], file.get("record-order", [])) if isinstance(tag, str))
    optional = {f"{item['tag']:02X}" for item in _items(file) if item.get("presence") == "optional" and "tag" in item}
    shorter = {order[:-1]} if order[-1:] and order[-1] in optional else set()
    exchanged = {(*order[1::-1], *order[2:])} if file.get("application") in local else set()
    return frozenset(shorter | exchanged)


def _sizes(file: Node) -> frozenset[object]:
    """Keys and certificates end where their coding says: a file may be larger, and where it is written in parts, as
    large as its issuer wants.
    """
    size = cast(int, file["size"])
    larger = {size + 1, size | 0x10}
    return frozenset(larger if file.get("update") == _NEVER else {*larger, size - 1, size ^ 0x10})


def _items(node: Node) -> Iterator[Node]:
    for key in ("items", "layout", "inner"):
        for item in cast(list[Node], node.get(key, [])):
            yield item
            yield from _items(item)


def _types(item: Node, file: Node, tables: Mapping[str, Node]) -> frozenset[object]:
    if "charset" in item:
        # The type then says the filler alone, and items in use are filled in either way.
        return _EVERY_TYPE
    if item.get("type") == "cn" and "codes" not in item and item.get("check", _REGION) in _ANY_DIGITS:
        # Digits in ASCII are digits in BCD too: those of a division code begin with 31 to 36, which are provinces, and
        # those of a year make a later one.
        return frozenset(("an",))
    if item.get("type") == "cn" and item.get("codes") in tables:
        return frozenset(("an",) if _as_text(tables[str(item["codes"])], cast(int, item["length"])) else ())
    written = file.get("update") != _NEVER
    # Any bytes are binary data; of what the card writes itself the values are known.
    return _EVERY_TYPE if item.get("type") == "b" and written else frozenset()


def _as_text(table: Node, length: int) -> bool:
    """Whether every code in ASCII, cut to an item of ``length`` bytes, is a code of the table in BCD too."""
    named = cast(Mapping[str, object], table.get("values", {}))
    low_high = cast(list[list[str]], table.get("ranges", []))
    if "parts" in table or not all(code.isdigit() for code in (*named, *chain.from_iterable(low_high))):
        return False
    between = (str(code).zfill(len(low)) for low, high in low_high for code in range(int(low), int(high) + 1))
    codes = {*named, *between}
    return {"".join(f"3{digit}" for digit in code[:length]) for code in codes} <= codes


def _places(check: Node) -> Iterator[tuple[str, frozenset[object]]]:
    """Of the parts of a number that may be any bytes, places and lengths that leave the other parts alone."""
    fields = cast(list[Node], check.get("fields", []))
    spans = {str(field["id"]): range(cast(int, field["offset"]), _end(field)) for field in fields}
    open_ones = {str(field["id"]) for field in fields if field["coding"] in _OPEN}
    closed = {place for name, span in spans.items() if name not in open_ones for place in span}
    for name in open_ones:
        first, length = spans[name].start, len(spans[name])
        moved = range(first - length + 1, first + length)
        yield f"{name}.offset", frozenset(at for at in moved if closed.isdisjoint(range(at, at + length)))
        yield f"{name}.length", frozenset(range(1, length))
        yield f"{name}.coding", frozenset(("any", "bcd", "region"))


def _end(field: Node) -> int:
    return cast(int, field["offset"]) + cast(int, field["length"])


def _within(other: Node, right: Node) -> bool:
    """Whether every code of a table stands in the right one."""
    if "parts" in other or "parts" in right:
        return False
    low_high = cast(list[list[str]], right.get("ranges", []))

    def known(low: str, high: str) -> bool:
        return any(len(low) == len(first) and first <= low and high <= last for first, last in low_high)

    named = cast(Mapping[str, object], right.get("values", {}))
    single = all(code in named or known(code, code) for code in cast(Mapping[str, object], other.get("values", {})))
    return single and all(known(low, high) for low, high in cast(list[list[str]], other.get("ranges", [])))
