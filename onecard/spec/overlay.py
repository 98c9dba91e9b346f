"""Overlays: whoever holds a licensed text replaces values, statements and bases without touching code."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from onecard.spec.document import Path_, RawDocument, read_document
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec, check_schema, load_spec
from onecard.spec.model import BasisClass


def with_values(spec: Spec, identifier: str, values: Mapping[str, object]) -> Spec:
    """A specification in which keys of one datum have other values; keys are dotted paths within it.

    Everything else is shared with ``spec``. Raises KeyError for an unknown id or path.
    """
    index, path = spec.places[identifier]
    documents = list(spec.documents_raw)
    document = documents[index]
    data: object = document.data
    for dotted, value in values.items():
        data = _replaced(data, [*path, *dotted.split(".")], value)
    documents[index] = RawDocument(file=document.file, data=cast(dict[str, object], data), lines=document.lines)
    return Spec(documents_raw=tuple(documents), overlays=spec.overlays, workshop=spec.workshop)


def _replaced(node: object, steps: Sequence[str | int], value: object) -> object:
    """A copy of ``node`` with another value at a path; only the containers on the way are copied."""
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(node, list):
        position = int(first)
        return [*node[:position], _replaced(node[position], rest, value), *node[position + 1 :]]
    if not isinstance(node, Mapping):
        raise KeyError(first)
    # A key that is new to the last container is set; one on the way must be there.
    inner = node[first] if rest else None
    return {**node, first: _replaced(inner, rest, value)}


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
