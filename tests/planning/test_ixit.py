"""IXIT files: fields, secrets that stay secret, and what of them reaches the tests."""

import re
from collections.abc import Mapping

import pytest

from onecard.errors import UserError
from onecard.planning.declaration import Ixit, ixit_text, no_ixit, read_ixit, reference_ixit
from onecard.planning.keysource import key_source
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec
from tests.planning.conftest import Write

KEY = "00112233445566778899AABBCCDDEEFF"
HEAD = "format: 1\nkind: ixit\ntarget: pcsc:0\n"
NONE = "key-source: {kind: none}\n"


def _card_keys(name: str = "IRK", version: str = "1", key: str = KEY) -> str:
    return f'key-source:\n  kind: card-keys\n  keys:\n    {name}: {{"{version}": "{key}"}}\n'


def test_all_fields(write: Write) -> None:
    text = f'{HEAD}timeout: 2.5\npin: "123456"\nidentification: "{KEY.lower()}"\n{_card_keys()}'
    ixit = read_ixit(write("ixit.yaml", text))
    assert (ixit.target, ixit.timeout, ixit.pin, ixit.identification) == ("pcsc:0", 2.5, "123456", KEY)
    assert ixit.key_source == {"kind": "card-keys", "keys": {"IRK": {"1": KEY}}}
    assert ixit.synthetic is False


def test_defaults(write: Write) -> None:
    ixit = read_ixit(write("ixit.yaml", f"format: 1\nkind: ixit\n{NONE}"))
    assert ixit == no_ixit()
    assert (ixit.timeout, ixit.pin, ixit.facts()) == (5.0, None, {"ixit.root_keys": False})


@pytest.mark.parametrize(
    ("text", "line", "where"),
    [
        (f'{HEAD}pin: "123"\n{NONE}', 4, "pin"),
        (f'{HEAD}pin: "12345678901234567"\n{NONE}', 4, "pin"),
        (f'{HEAD}pin: "12a456"\n{NONE}', 4, "pin"),
        (f"{HEAD}pin: 123456\n{NONE}", 4, "pin"),
        (f"{HEAD}timeout: 0\n{NONE}", 4, "timeout"),
        (f"{HEAD}timeout: 121\n{NONE}", 4, "timeout"),
        (f"{HEAD}timeout: soon\n{NONE}", 4, "timeout"),
        (f"{HEAD}timeout: .nan\n{NONE}", 4, "timeout"),
        (f"{HEAD}identification: 1234\n{NONE}", 4, "identification"),
        (f"{HEAD}password: x\n{NONE}", 1, ""),
        (HEAD, 1, ""),
        (f"{HEAD}key-source: {{kind: guess}}\n", 4, "key-source"),
        (f"{HEAD}{_card_keys(key=KEY[:-1])}", 7, "key-source.keys.IRK.1"),
        (f"{HEAD}{_card_keys(key=KEY + '00')}", 7, "key-source.keys.IRK.1"),
        (f"{HEAD}{_card_keys(key='G' * 32)}", 7, "key-source.keys.IRK.1"),
        (f"{HEAD}{_card_keys(version='4')}", 7, "key-source.keys.IRK"),
        (f"{HEAD}key-source:\n  kind: card-keys\n  keys: {{}}\n", 6, "key-source.keys"),
    ],
)
def test_wrong_fields_are_named(write: Write, text: str, line: int, where: str) -> None:
    path = write("ixit.yaml", text)
    with pytest.raises(SpecError) as caught:
        read_ixit(path)
    error = caught.value
    assert error.file == str(path)
    assert error.where.startswith(where.split(".", maxsplit=1)[0])
    assert error.line is not None
    assert (error.line, error.where) == (line, where) or where.startswith("key-source")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f'{HEAD}pin: "12345X"\n{NONE}', "12345X"),
        (f"{HEAD}pin: 987654\n{NONE}", "987654"),
        (f"{HEAD}{_card_keys(key=KEY[:-1])}", KEY[:-1]),
        (f"{HEAD}{_card_keys(key='XY' + KEY)}", KEY),
        (f'{HEAD}{_card_keys()}  region: "{KEY}"\n', KEY),
        (f"{HEAD}key-source: {{kind: card-key, keys: {{IRK: {{'1': '{KEY}'}}}}}}\n", KEY),
        (f"{HEAD}pin: &p '112233'\nidentification: *p\n{NONE}", "112233"),
    ],
)
def test_secrets_do_not_get_into_messages(write: Write, text: str, secret: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_ixit(write("ixit.yaml", text))
    assert secret not in caught.value.text.en + caught.value.text.zh + str(caught.value)


def test_secrets_do_not_get_into_repr(write: Write) -> None:
    ixit = read_ixit(write("ixit.yaml", f'{HEAD}pin: "123456"\n{_card_keys()}'))
    assert KEY not in repr(ixit)
    assert "123456" not in repr(ixit)


def test_missing_file_is_named(write: Write) -> None:
    with pytest.raises(SpecError, match=r"ixit\.yaml: there is no such file"):
        read_ixit(write("other", "").with_name("ixit.yaml"))


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
def test_a_written_ixit_reads_back(write: Write, profile: str) -> None:
    reference = reference_ixit("card", profile)
    again = read_ixit(write("ixit.yaml", ixit_text(reference, "tcp:127.0.0.1:7816")))
    assert (again.target, again.pin, again.identification) == (
        "tcp:127.0.0.1:7816", reference.pin, reference.identification,
    )  # fmt: skip
    assert again.key_source == reference.key_source
    assert again.facts() == {"ixit.root_keys": True}
    assert (reference.synthetic, again.synthetic) == (True, True)


def test_no_reference_of_an_unknown_kind() -> None:
    with pytest.raises(UserError, match="no embedded reference for kettle"):
        reference_ixit("kettle", "card-3.0")


def _ixit(source: Mapping[str, object]) -> Ixit:
    return Ixit(target=None, timeout=5.0, pin="123456", identification=None, key_source=source)


@pytest.mark.parametrize("kind", ["card-keys", "root-keys"])
def test_key_that_the_card_does_not_have(spec: Spec, kind: str) -> None:
    source = {"kind": kind, "region": "340100", "keys": {"RKSSSE": {"1": KEY}}}
    with pytest.raises(UserError, match=r"unknown key RKSSSE; keys of this card: IRK, .*UKSSSE") as caught:
        key_source(_ixit(source), spec.card_of_profile("card-1.0"))
    assert "RKSSSE" in caught.value.text.zh
    assert key_source(_ixit(source), spec.card_of_profile("card-3.0")).pin() == bytes.fromhex("123456")


def test_key_of_another_length_than_the_algorithm_has(spec: Spec) -> None:
    with pytest.raises(UserError, match=re.escape("IRK version 2 of the IXIT must have 16 bytes")) as caught:
        key_source(
            _ixit({"kind": "card-keys", "keys": {"IRK": {"1": KEY, "2": KEY[:16]}}}), spec.card_of_profile("card-3.0")
        )
    assert KEY[:16] not in caught.value.text.en
