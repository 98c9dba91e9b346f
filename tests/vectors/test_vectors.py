"""vectors/ is not stale, and the emulator's side refuses what the vectors call invalid."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.vectors import make
from tests.vectors.built import BUILT
from tests.vectors.recompute import recomputed

FILES = sorted(path.stem for path in make.VECTORS.glob("*.json") if path.name != "schema.json")
# The emulator checks its operands where the card's commands do, not in the computations.
UNCHECKED = frozenset(("WrongRandomLength",))


def cases_of(result: str) -> Iterator[Any]:
    for name in FILES:
        for group in json.loads((make.VECTORS / f"{name}.json").read_text(encoding="utf-8"))["testGroups"]:
            if recomputed(group["type"], group.get("algorithm")) is None:
                continue
            for test in group["tests"]:
                if test["result"] == result:
                    found = (group["type"], group.get("algorithm"), test)
                    yield pytest.param(*found, id=f"{name}-{test['tcId']}")


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_stale(name: str) -> None:
    path = make.VECTORS / f"{name}.json"
    assert make.made_of(path) == path.read_text(encoding="utf-8")


def test_every_built_file_is_there() -> None:
    assert BUILT.keys() <= set(FILES)


@pytest.mark.parametrize(("type_", "algorithm", "test"), list(cases_of("invalid")))
def test_the_emulator_computes_something_else(type_: str, algorithm: str | None, test: Mapping[str, Any]) -> None:
    compute = recomputed(type_, algorithm)
    assert compute is not None
    try:
        outputs = compute(test)
    except (ValueError, AssertionError, IndexError):
        return
    if UNCHECKED.isdisjoint(test["flags"]):
        assert any(test[name] != value for name, value in outputs.items())


def test_a_changed_output_is_noticed_and_written_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("session-key", "check-value"):
        text = (make.VECTORS / f"{name}.json").read_text(encoding="utf-8")
        wrong = json.loads(text)
        test = next(each for each in wrong["testGroups"][0]["tests"] if each["result"] == "valid")
        output = "session" if name == "session-key" else "check"
        test[output] = "00" * (len(test[output]) // 2)
        (tmp_path / f"{name}.json").write_text(make.text_of(wrong), encoding="utf-8")
    monkeypatch.setattr(make, "VECTORS", tmp_path)
    assert make.main(["--check"]) == 1
    assert make.main([]) == 0
    assert make.main(["--check"]) == 0
    monkeypatch.undo()
    for name in ("session-key", "check-value"):
        right = (make.VECTORS / f"{name}.json").read_text(encoding="utf-8")
        assert (tmp_path / f"{name}.json").read_text(encoding="utf-8") == right
