"""Writes vectors/: ``python -m tests.vectors.make``, or with ``--check`` only says which files are stale.

Some files are built whole from their inputs; of the others the outputs of every valid test are computed again. All
values come from the emulator's side; the oracle and OpenSSL are held against them (tests/oracle).
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.vectors.built import BUILT
from tests.vectors.recompute import recomputed

VECTORS = Path(__file__).parents[2] / "vectors"


def text_of(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def again(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the outputs of its valid tests computed again."""
    for group in document["testGroups"]:
        compute = recomputed(group["type"], group.get("algorithm"))
        if compute is None:
            continue
        for test in group["tests"]:
            if test["result"] == "valid":
                test.update(compute(test))
    return document


def made_of(path: Path) -> str:
    """One file of vectors as it should be."""
    build = BUILT.get(path.stem)
    return text_of(build() if build is not None else again(json.loads(path.read_text(encoding="utf-8"))))


def stale() -> dict[Path, str]:
    """Files that differ from what should be there, or are missing, and their right text."""
    paths = {path for path in VECTORS.glob("*.json") if path.name != "schema.json"}
    paths |= {VECTORS / f"{name}.json" for name in BUILT}
    right = {path: made_of(path) for path in sorted(paths)}
    return {
        path: text for path, text in right.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    }


def main(arguments: list[str]) -> int:
    found = stale()
    for path, text in found.items():
        sys.stdout.write(f"{path}\n")
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
