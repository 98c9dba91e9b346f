"""The real specification with one thing changed."""

import shutil
from pathlib import Path

from onecard.spec.document import RawDocument, parse_document
from onecard.spec.load import Spec, check_schema
from onecard.spec.location import data_root


def edited(text: str, old: str, new: str) -> str:
    """``text`` with the one place of ``old`` changed; an edit that hits none or two is a mistake of the test."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def broken(spec: Spec, file: str, old: str, new: str) -> Spec:
    """The specification with one document of the real tree edited, and checked as the loader does."""
    path = data_root("specs") / file
    changed = parse_document(edited(path.read_text(encoding="utf-8"), old, new), f"specs/{file}")
    check_schema(changed)
    documents = [changed if raw.file == changed.file else raw for raw in spec.documents_raw]
    assert changed in documents
    return Spec(documents_raw=tuple(documents), overlays=spec.overlays)


def copied_tree(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the real tree in ``folder`` with one document edited."""
    root = folder / "specs"
    shutil.copytree(data_root("specs"), root)
    path = root / file
    path.write_text(edited(path.read_text(encoding="utf-8"), old, new), encoding="utf-8", newline="\n")
    return root


def overlay_of(changes: str, identifier: str = "test") -> RawDocument:
    """An overlay document, checked; ``changes`` is the YAML of its list, one change a line."""
    lines = "".join(f"  {line}\n" for line in changes.strip().splitlines())
    document = parse_document(
        f"format: 1\nkind: overlay\nid: {identifier}\ntitle: {{zh: 测试, en: test}}\nchanges:\n{lines}", "overlay.yaml"
    )
    check_schema(document, "overlay")
    return document
