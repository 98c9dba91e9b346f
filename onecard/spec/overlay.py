"""Overlays: whoever holds a licensed text replaces values, statements and bases without touching code."""

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from onecard.spec.document import Path_, RawDocument, read_document
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec, check_schema, load_spec
from onecard.spec.model import BasisClass


def find(document: RawDocument, identifier: str) -> Path_ | None:
    """Path of the node with ``id`` equal to ``identifier`` in a document."""

    def search(node: object, path: Path_) -> Path_ | None:
        if isinstance(node, Mapping):
            if node.get("id") == identifier and path:
                return path
            children = list(node.items())
        elif isinstance(node, list):
            children = list(enumerate(node))
        else:
            return None
        for key, child in children:
            found = search(child, (*path, key))
            if found is not None:
                return found
        return None

    return search(document.data, ())


def with_values(spec: Spec, identifier: str, values: Mapping[str, object]) -> Spec:
    """A specification in which keys of one datum have other values; keys are dotted paths within it.

    Raises KeyError for an unknown id or path.
    """
    documents = list(spec.documents_raw)
    for index, document in enumerate(documents):
        path = find(document, identifier)
        if path is None:
            continue
        data = copy.deepcopy(document.data)
        node: object = data
        for step in path:
            node = cast(dict[object, object], node)[step]
        for dotted, value in values.items():
            _set(node, dotted.split("."), value)
        documents[index] = RawDocument(file=document.file, data=data, lines=document.lines)
        return Spec(documents_raw=tuple(documents), overlays=spec.overlays)
    raise KeyError(identifier)


def _set(node: object, steps: list[str], value: object) -> None:
    for step in steps[:-1]:
        node = node[int(step)] if isinstance(node, list) else cast(dict[str, object], node)[step]
    last = steps[-1]
    if isinstance(node, list):
        node[int(last)] = value
    else:
        cast(dict[str, object], node)[last] = value


def apply_overlay(spec: Spec, overlay: RawDocument) -> Spec:
    """The specification with an overlay applied.

    Every change carries its basis; raises SpecError where a target is unknown, or a value or basis is not as
    the schema asks.
    """
    for index, change in enumerate(cast(list[dict[str, object]], overlay.data["changes"])):
        target = str(change["target"])
        path: Path_ = ("changes", index)
        basis = cast(Mapping[str, object], change["basis"])
        if basis["class"] in (BasisClass.REPORT, BasisClass.INFERENCE):
            raise overlay.error(
                (*path, "basis"),
                zh="覆盖的依据不能是 report 或 inference",
                en="the basis of a change cannot be report or inference",
            )
        values = {**cast(Mapping[str, object], change.get("set") or {}), "basis": basis}
        before = spec
        try:
            spec = with_values(spec, target, values)
        except (KeyError, IndexError, ValueError, TypeError):
            raise overlay.error(
                path, zh=f"找不到 {target} 或其中的键", en=f"there is no {target}, or not the key named under it"
            ) from None
        for old, new in zip(before.documents_raw, spec.documents_raw, strict=True):
            if new is not old:
                _still_fits(new, target, overlay, path)
    return Spec(documents_raw=spec.documents_raw, overlays=(*spec.overlays, str(overlay.data["id"])))


def _still_fits(changed: RawDocument, target: str, overlay: RawDocument, path: Path_) -> None:
    try:
        check_schema(changed)
    except SpecError as error:
        raise overlay.error(
            path, zh=f"{target} 改后不符合格式：{error.text.zh}", en=f"{target} would be malformed: {error.text.en}"
        ) from None


def load_overlaid(overlays: Iterable[Path], root: Path | None = None) -> Spec:
    """The specification with overlay files applied in order; raises SpecError as load_spec and apply_overlay do."""
    spec = load_spec(root)
    for path in overlays:
        document = read_document(path)
        check_schema(document, "overlay")
        spec = apply_overlay(spec, document)
    return spec
