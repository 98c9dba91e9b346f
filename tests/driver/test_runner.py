"""A library in its runner process, without any reader; and what a file and a declaration say before it is loaded."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from emulator.terminal.installation import interface_data
from onecard.spec.errors import SpecError
from onecard.spec.location import data_root
from onecard.spec.terminal import terminal_spec
from onecard.spec.terminal_library import library_spec
from onecard.targets.base import TargetAbsent
from onecard.targets.library_file import LibraryFile, library_file
from onecard.targets.library_program import Fault, LibraryProgram, Returned, Setup, default_python
from onecard.targets.library_setup import DEFAULT_SLOTS, SlotPlace, setup_of
from tests.driver.support import PROFILE, data, embedded, faulty, library_in, serving

LIMIT = 3.0


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    library = library_in(tmp_path_factory.mktemp("right"))
    with serving(embedded()) as service:
        library.with_name("SSCardDriver.link").write_text(service.link, encoding="ascii")
        yield library


def _setup(path: Path, right: Path) -> Setup:
    environment = {"ONECARD_TEST_DRIVER": str(right)}
    return Setup(library_file(path), "cdecl", default_python(), LIMIT, environment)


@pytest.mark.compiler
@pytest.mark.parametrize(
    ("kind", "told"),
    [("CRASHES", "ended"), ("HANGS", "silent"), ("UNTERMINATED", "unterminated"), ("OVERRUNS", "beyond"),
     ("GARBAGE", "coding")],
)  # fmt: skip
def test_faults(right: Path, tmp_path: Path, kind: str, told: str) -> None:
    program = LibraryProgram(_setup(faulty(kind, tmp_path), right), data())
    found = program.call("iReadCardBas", {"iType": 1})
    assert isinstance(found, Fault)
    assert found.kind == told
    after = program.call("iReadCardBas", {"iType": 1})
    assert isinstance(after, Fault), "the process has ended"


@pytest.mark.compiler
def test_calls(right: Path, tmp_path: Path) -> None:
    program = LibraryProgram(_setup(faulty("LACKS_STEPS", tmp_path), right), data())
    try:
        missing = program.call("iReadCardBas_HSM_Step1", {"iType": 1})
        assert isinstance(missing, Fault)
        assert missing.kind == "missing"
        found = program.call("iReadCardBas", {"iType": 1})
        assert isinstance(found, Returned), "a missing function ends nothing"
        assert (found.code, found.out.count("|")) == (0, 11)
        for name, arguments in (("iNothing", {"iType": 1}), ("iReadCardBas", {"iType": 1, "pKey": ""})):
            with pytest.raises(ValueError, match=name):
                program.call(name, arguments)
    finally:
        program.kill()


@pytest.mark.compiler
def test_text_arguments_arrive_in_their_order(right: Path) -> None:
    program = LibraryProgram(_setup(right, right), data())
    given = {"iType": 1, "iAuthType": 1, "pCardInfo": "张三|", "pFileAddr": "SSSEEF05|07|$"}
    try:
        assert program.call("iReadCard", given) == Returned(-22, "传入数据与卡片不符")
    finally:
        program.kill()


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    setup = Setup(LibraryFile(tmp_path / "x.so", 64, ""), "cdecl", str(tmp_path / "python"), LIMIT)
    with pytest.raises(TargetAbsent, match="cannot be started"):
        LibraryProgram(setup, data())


def test_an_interpreter_that_is_none(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho no greeting\n", encoding="ascii")
    python.chmod(0o755)
    with pytest.raises(TargetAbsent, match="does not load"):
        LibraryProgram(Setup(LibraryFile(tmp_path / "x.so", 64, ""), "cdecl", str(python), LIMIT), data())


PE = b"MZ" + bytes(0x3A) + (0x80).to_bytes(4, "little") + bytes(0x40) + b"PE\0\0"


@pytest.mark.parametrize(
    ("octets", "bits"),
    [
        (b"\x7fELF\x01" + bytes(60), 32),
        (b"\x7fELF\x02" + bytes(60), 64),
        (b"\x7fELF", None),
        (PE + b"\x4c\x01", 32),
        (PE + b"\x64\x86", 64),
        (PE + b"\x00\x00", None),
        (b"MZ" + bytes(0x7E), None),
        (b"\xcf\xfa\xed\xfe" + bytes(60), 64),
        (b"\xce\xfa\xed\xfe" + bytes(60), 32),
    ],
)
def test_the_width_of_a_file(tmp_path: Path, octets: bytes, bits: int | None) -> None:
    path = tmp_path / "library"
    path.write_bytes(octets)
    assert library_file(path).bits == bits


def test_files_that_are_no_libraries(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("#!/bin/sh\n", encoding="ascii")
    (tmp_path / "empty").touch()
    for name in ("text", "empty", "absent", "."):
        with pytest.raises(TargetAbsent):
            library_file(tmp_path / name)


def test_the_setup_of_an_ixit() -> None:
    plain = setup_of({})
    assert (plain.convention, plain.slots, plain.python) == ("cdecl", DEFAULT_SLOTS, None)
    assert plain.unplugged is not None
    given = {
        "convention": "stdcall",
        "python": "/opt/python32",
        "slots": {"card": {"port": 1, "reader": "A"}, "contactless": {"port": 2, "reader": "B"}},
        "unplugged": None,
    }
    schema = json.loads((data_root("specs") / "schema" / "ixit-terminal.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"library": given})
    assert not validator.is_valid({"library": {**given, "convention": "fastcall"}})
    assert not validator.is_valid({"library": {"slots": {"psam": {"port": 1, "reader": "A"}}}})
    made = setup_of(given)
    assert made.slots == {"card": SlotPlace(1, "A"), "contactless": SlotPlace(2, "B")}
    assert (made.convention, made.python, made.unplugged) == ("stdcall", "/opt/python32", None)


def test_functions_and_signatures_agree() -> None:
    for function in terminal_spec(interface_data(PROFILE)).functions.values():
        signature = data().signatures[function.call]
        assert tuple(one.name for one in signature.inputs) == function.arguments
        assert signature.id.rpartition("/")[2] == function.id.rpartition("/")[2]


def test_broken_data_are_told() -> None:
    whole = interface_data(PROFILE)
    with pytest.raises(SpecError, match="signatures"):
        library_spec(replace(whole, tables={name: t for name, t in whole.tables.items() if name != "signatures"}))
    first = "TERMINAL/SIGNATURE/READ-BASIC"
    for parameters in (["pOutInfo", "iType"], ["iType"], ["iType", "pNothing"]):
        changed = {**whole.tables["signatures"], first: {**whole.tables["signatures"][first], "parameters": parameters}}
        with pytest.raises(SpecError):
            library_spec(replace(whole, tables={**whole.tables, "signatures": changed}))
