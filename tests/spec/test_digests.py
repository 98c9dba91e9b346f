"""Digests of the data trees: equal wherever the same files lie."""

from pathlib import Path

import pytest

from onecard.resources import folder_digest, tree_digest, tree_files


def _tree(root: Path, newline: bytes = b"\n") -> Path:
    (root / "b").mkdir(parents=True)
    (root / "a.yaml").write_bytes(b"x: 1" + newline + b"y: 2" + newline)
    (root / "b" / "c.json").write_bytes(b"{}" + newline)
    return root


def test_line_ends_and_caches_do_not_count(tmp_path: Path) -> None:
    unix, windows = _tree(tmp_path / "unix"), _tree(tmp_path / "windows", b"\r\n")
    (windows / "__pycache__").mkdir()
    (windows / "__pycache__" / "z.py").write_bytes(b"cache")
    (windows / "notes.txt~").write_bytes(b"scratch")
    assert folder_digest(unix) == folder_digest(windows)


@pytest.mark.parametrize("change", ["content", "name", "more", "less", "moved"])
def test_everything_else_counts(tmp_path: Path, change: str) -> None:
    before, after = _tree(tmp_path / "before"), _tree(tmp_path / "after")
    match change:
        case "content":
            (after / "a.yaml").write_bytes(b"x: 1\ny: 3\n")
        case "name":
            (after / "a.yaml").rename(after / "aa.yaml")
        case "more":
            (after / "d.yaml").write_bytes(b"")
        case "less":
            (after / "b" / "c.json").unlink()
        case "moved":
            (after / "b" / "c.json").rename(after / "c.json")
    assert folder_digest(before) != folder_digest(after)


def test_bytes_do_not_move_between_files(tmp_path: Path) -> None:
    for name, first, second in (("one", b"ab", b"c"), ("two", b"a", b"bc")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_bytes(first)
        (tmp_path / name / "b.yaml").write_bytes(second)
    assert folder_digest(tmp_path / "one") != folder_digest(tmp_path / "two")


def test_files_come_in_one_order(tmp_path: Path) -> None:
    assert [name for name, _ in tree_files(_tree(tmp_path / "t"))] == ["a.yaml", "b/c.json"]


def test_product_trees_have_digests_of_their_own() -> None:
    found = {tree: tree_digest(tree) for tree in ("specs", "vectors", "suites", "reports")}
    assert len(set(found.values())) == 4
    assert all(len(digest) == len("sm3:") + 64 for digest in found.values())
