"""What the code writes and what reports/schema says are one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from onecard.evidence import Sealer, Writer, mask_exchange
from tests.evidence.samples import write_bundle

SCHEMAS = Path(__file__).parents[2] / "reports" / "schema"


@pytest.fixture
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / "evidence.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_the_schemas_are_schemas(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_every_line_fits(tmp_path: Path, validator: Draft202012Validator) -> None:
    path = tmp_path / "run.bundle"
    write_bundle(path, complete=False)
    sealer = Sealer(bytes(32))
    writer, _ = Writer.resume(path, lambda header: None)
    writer.append("apdu", mask_exchange(sealer, bytes.fromhex("0020000003123456"), b"\x90\x00", frozenset()), "c")
    writer.close_with_footer({}, complete=True)
    with Writer.create(tmp_path / "sealed.bundle", {"sealing": sealer.describe(), "synthetic": False}):
        pass
    lines = path.read_bytes().splitlines() + (tmp_path / "sealed.bundle").read_bytes().splitlines()
    assert len(lines) == 9
    for line in lines:
        assert list(validator.iter_errors(json.loads(line))) == []


Change = Callable[[dict[str, object]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.pop("prev"),
        lambda line: line.update(prev="sm3:00"),
        lambda line: line.update(n=0),
        lambda line: line.update(other={}),
        lambda line: line.update(apdu={"c": "0g", "r": ""}),
        lambda line: line.pop("apdu"),
    ],
)
def test_a_line_of_another_form_does_not_fit(tmp_path: Path, validator: Draft202012Validator, change: Change) -> None:
    line = json.loads(write_bundle(tmp_path / "run.bundle").splitlines()[2])
    assert validator.is_valid(line)
    change(line)
    assert not validator.is_valid(line)
