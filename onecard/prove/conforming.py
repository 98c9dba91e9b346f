"""Changes of the data after which cards are still right ones: what rules leave open is no mistake."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import cast

from onecard.spec.load import Spec

Node = Mapping[str, object]
_FILES, _CODES, _EXTENSIONS, _APPLICATIONS = "files", "codes", "extension-rules", "applications"
_EVERY_TYPE = frozenset(("an", "cn", "b"))
_NEVER, _REGION = "never", "CHECK/REGION"
_CERTIFICATES, _INTERNAL = "CERT", "internal"
_ANY: frozenset[object] = frozenset(
    ("free", "never", "key UKSSSE", "key RKSSSE", "transparent", "linear-variable", "linear-fixed", "cyclic")
)


def conforming(spec: Spec, kind: str) -> dict[str, frozenset[object]]:
    """By the path of a leaf, values of it that make no wrong card."""
    data = [(datum.section, datum.node) for datum in spec.data_of(kind)]
    tables = {str(node["id"]): node for section, node in data if section == _CODES}
    files = [node for section, node in data if section == _FILES]
    first = min((cast(int, node["first-file"]) for section, node in data if section == _EXTENSIONS), default=None)
    found: dict[str, frozenset[object]] = {}
    used = {item.get("tag") for file in files for item in _items(file)}
    found |= _alone([node for section, node in data if section == _APPLICATIONS])
    for file in files:
        # An issuer's own file may stand where a generation of the rules has none.
        if first is not None and cast(int, file.get("fid", 0)) >= first:
            found[f"{file['id']}.when"] = frozenset(("true",))
        if file.get("application") == _CERTIFICATES and "size" in file:
            found[f"{file['id']}.size"] = _sizes(file)
        if file.get("structure") == _INTERNAL and file.get("read") == _NEVER:
            # What is closed twice, by its structure and by its rules, is closed by either.
            found |= {f"{file['id']}.{key}": _ANY for key in ("read", "update", "structure")}
        for item in cast(list[Node], file.get("items", [])):
            if item.get("presence") == "optional":
                # It may be absent; and an issuer's own item may stand there, under a tag that no rule uses.
                found[f"{item['id']}.when"] = frozenset(("false",))
                found[f"{item['id']}.tag"] = frozenset(range(0x100)) - used
        for item in _items(file):
            found[f"{item['id']}.type"] = _types(item, file)
            # Text of ASCII characters is text in GBK.
            found[f"{item['id']}.charset"] = frozenset(("ascii",)) if item.get("charset") == "gbk" else frozenset()
            if item.get("codes") in tables:
                right = tables[str(item["codes"])]
                found[f"{item['id']}.codes"] = frozenset(
                    name for name, other in tables.items() if _within(other, right)
                )
    return found


def _alone(applications: list[Node]) -> dict[str, frozenset[object]]:
    """An application alone in its environment may be one itself: its FCI then says more, and nothing else changes."""
    parents = Counter(str(node.get("parent")) for node in applications)
    inner = [node for node in applications if node.get("level") == "application"]
    return {f"{node['id']}.level": frozenset(("environment",)) for node in inner if parents[str(node["parent"])] == 1}


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


def _types(item: Node, file: Node) -> frozenset[object]:
    if "charset" in item:
        # The type then says the filler alone, and items in use are filled in either way.
        return _EVERY_TYPE
    if item.get("type") == "cn" and "codes" not in item and item.get("check", _REGION) == _REGION:
        # Digits in ASCII are digits in BCD too; those of a division code begin with 31 to 36, which are provinces.
        return frozenset(("an",))
    written = file.get("update") != _NEVER
    # Any bytes are binary data; of what the card writes itself the values are known.
    return _EVERY_TYPE if item.get("type") == "b" and written else frozenset()


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
