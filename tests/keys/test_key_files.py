"""``onecard keys set|ceremony|check|encrypt``: what is written, what is refused, and where the message points."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from onecard.errors import UserError
from onecard.planning.ceremony import combined
from onecard.planning.keyfile import encrypted, keys_in
from onecard.planning.keyset import KeySet, document_of, key_set_of, yaml_of
from onecard.planning.password import PasswordSource
from onecard.spec.document import parse_document
from onecard.spec.errors import SpecError
from onecard.spec.hierarchy import KeyHierarchy, installed_hierarchy
from tests.cli.running import Line
from tests.keys.conftest import PASSWORD, REGION, SEED

Change = Callable[[dict[str, Any]], None]


def altered(path: Path, change: Change) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")


def first(name: str, value: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        document["keys"][0][name] = value

    return change


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def no_key_in(text: str, whole: KeySet) -> None:
    assert not any(key.value.hex().upper() in text.upper() for key in whole.keys.values())


def test_sets_are_written_once_for_their_owner(line: Line, whole: KeySet) -> None:
    ran = line("keys", "set", "--seed", SEED, "--region", REGION, "--out", "s", lang="en")
    assert ran.code == 0
    assert "synthetic test keys" in ran.err
    assert "SSF33 is not published" in ran.err
    assert "SM1 is not published" in ran.err
    names = ("national", "province", "city", "card")
    assert ran.out.split() == [str(Path("s") / f"{name}.yaml") for name in names]
    for name in names:
        document = yaml.safe_load(Path(f"s/{name}.yaml").read_text(encoding="utf-8"))
        assert document["synthetic"] is True
        assert "never for cards in use" in document["note"]
        if os.name == "posix":
            assert mode(Path(f"s/{name}.yaml")) == 0o600
    assert sum(len(yaml.safe_load(path.read_text(encoding="utf-8"))["keys"]) for path in Path("s").iterdir()) == len(
        whole.keys
    )
    line("keys", "set", "--seed", "other", "--out", "s", lang="en").refused("exists and is not overwritten")
    assert line("keys", "check", "s/national.yaml", "s/province.yaml", "s/city.yaml").code == 0
    assert line("keys", "set", "--seed", "other", "--out", "s", "--force").code == 0


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--algorithm", "ssf33", "cannot be tested and is not imitated"),
        ("--algorithm", "sm1", "is not published"),
        ("--algorithm", "aes", "there is no algorithm aes"),
        ("--region", "3413", "six digits"),
        ("--historical", "00", "26 hexadecimal digits"),
    ],
)
def test_what_no_set_is_made_of(line: Line, option: str, value: str, said: str) -> None:
    line("keys", "set", option, value, "--out", "s", lang="en").refused(said)
    assert not Path("s").exists()


def test_a_wrong_check_value_is_named(line: Line, folder: Path, whole: KeySet) -> None:
    altered(folder / "city.yaml", first("check", "000000"))
    ran = line("keys", "check", folder / "city.yaml", lang="en")
    assert ran.code == 1
    assert "city.yaml:" in ran.out
    assert "(keys[0].check)" in ran.out
    no_key_in(ran.out + ran.err, whole)


def test_a_key_that_is_not_its_upper_ones_is_named(line: Line, folder: Path) -> None:
    document = yaml.safe_load((folder / "city.yaml").read_text(encoding="utf-8"))
    one, two = document["keys"][0], document["keys"][1]
    for member in ("value", "check"):
        one[member], two[member] = two[member], one[member]
    (folder / "city.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    assert line("keys", "check", folder / "city.yaml").code == 0
    ran = line("keys", "check", folder / "national.yaml", folder / "province.yaml", folder / "city.yaml", lang="en")
    assert ran.code == 1
    assert "diversified" in ran.out


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("algorithm", "ssf33", "keys[0].algorithm): SSF33 is not published"),
        ("algorithm", "aes", "keys[0].algorithm): an unknown algorithm"),
        ("value", "00", "keys[0].value): not as the schema asks"),
        ("version", 4, "keys[0].version): not as the schema asks"),
        ("level", "world", "keys[0].level): not as the schema asks"),
    ],
)
def test_a_broken_set_names_file_line_and_field(line: Line, folder: Path, name: str, value: Any, said: str) -> None:
    altered(folder / "national.yaml", first(name, value))
    line("keys", "check", folder / "national.yaml", lang="en").refused("national.yaml:", said)


def test_a_key_stands_once(line: Line, folder: Path) -> None:
    line("keys", "check", folder / "city.yaml", folder / "city.yaml", lang="en").refused("stands in another file too")
    altered(folder / "city.yaml", lambda document: document["keys"].append({**document["keys"][0]}))
    line("keys", "check", folder / "city.yaml", lang="en").refused("stands twice")


def test_sets_of_two_regions_do_not_mix(line: Line, folder: Path) -> None:
    altered(folder / "city.yaml", lambda document: document.update(region="340100"))
    line("keys", "check", folder / "city.yaml", folder / "province.yaml", lang="en").refused("different regions")


# --- ceremonies ---


@pytest.fixture
def ceremony(line: Line, folder: Path) -> Path:
    assert line("keys", "ceremony", folder / "national.yaml", "--custodians", "3", "--out", "c").code == 0
    return Path("c")


def test_a_ceremony_and_back(line: Line, ceremony: Path, whole: KeySet) -> None:
    if os.name == "posix":
        assert {path.name: mode(path) for path in ceremony.iterdir() if "custodian" in path.name} == {
            f"custodian-{number}.yaml": 0o600 for number in (1, 2, 3)
        }
    for path in ceremony.iterdir():
        no_key_in(path.read_text(encoding="utf-8"), whole)
    record = yaml.safe_load((ceremony / "ceremony.yaml").read_text(encoding="utf-8"))
    assert record["custodians"] == 3
    assert not any("value" in key or "component" in key for key in record["keys"])
    ran = line("keys", "check", *sorted(ceremony.iterdir()), "--out", "combined.json", lang="en")
    assert (ran.code, f"check values of {len(record['keys'])} keys hold" in ran.out) == (0, True)
    assert line("keys", "check", "combined.json").code == 0
    no_key_in(Path("combined.json").read_text(encoding="utf-8"), whole)


def test_components_are_drawn_anew(line: Line, folder: Path, ceremony: Path) -> None:
    assert line("keys", "ceremony", folder / "national.yaml", "--custodians", "3", "--out", "d").code == 0
    first_time, second = ((each / "custodian-1.yaml").read_text(encoding="utf-8") for each in (ceremony, Path("d")))
    assert first_time != second


@pytest.mark.parametrize("custodians", ["0", "1", "10"])
def test_custodians_are_two_at_least(line: Line, folder: Path, custodians: str) -> None:
    ran = line("keys", "ceremony", folder / "national.yaml", "--custodians", custodians, "--out", "c", lang="en")
    ran.refused("2 to 9 custodians")


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (
            "custodian-2.yaml",
            first("component", "00" * 16),
            "custodian-2.yaml:|keys[0].component)|not that of its check",
        ),
        ("custodian-2.yaml", first("check", "000000"), "custodian-2.yaml:|keys[0].component"),
        ("custodian-2.yaml", lambda document: document["keys"].pop(0), "custodian-2.yaml:|is missing"),
        ("custodian-2.yaml", lambda document: document.update(custodian=1), "custodian 1 is given by"),
        ("custodian-2.yaml", lambda document: document.update(custodian=4), "has 3 custodians only"),
        ("custodian-2.yaml", lambda document: document.update(region="110000"), "(region)"),
        ("ceremony.yaml", first("check", "000000"), "ceremony.yaml:|keys[0].check|another check value"),
        ("ceremony.yaml", lambda document: document["keys"].pop(0), "the record of the ceremony has no key"),
        ("ceremony.yaml", lambda document: document.update(custodians=4), "ceremony.yaml|custodian 4 are missing"),
    ],
)
def test_a_damaged_ceremony_names_file_and_field(
    line: Line, ceremony: Path, name: str, change: Change, said: str
) -> None:
    altered(ceremony / name, change)
    ran = line("keys", "check", *sorted(ceremony.iterdir()), "--out", "combined.json", lang="en")
    assert ran.code == 2
    assert all(words in ran.err for words in said.split("|")), ran.err
    assert not Path("combined.json").exists()


def test_a_missing_custodian_is_named(line: Line, ceremony: Path) -> None:
    (ceremony / "custodian-2.yaml").unlink()
    line("keys", "check", *sorted(ceremony.iterdir()), lang="en").refused("components of custodian 2 are missing")
    line("keys", "check", ceremony / "custodian-1.yaml", lang="en").refused("one record of a ceremony")


# --- encrypted files ---


def test_an_encrypted_file_opens_with_its_password_only(
    line: Line, folder: Path, whole: KeySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert line("keys", "encrypt", *sorted(folder.iterdir()), "--out", "k.json").code == 0
    if os.name == "posix":
        assert mode(Path("k.json")) == 0o600
    no_key_in(Path("k.json").read_text(encoding="utf-8"), whole)
    assert line("keys", "check", "k.json").code == 0
    Path("p").write_text(f"{PASSWORD}\nsecond line\n", encoding="utf-8")
    monkeypatch.setenv("ONECARD_KEY_PASSWORD", "wrong wrong wrong")
    assert line("keys", "check", "k.json", "--password-file", "p").code == 0
    line("keys", "check", "k.json", lang="en").refused("k.json:", "password is wrong, or the file was altered")
    monkeypatch.delenv("ONECARD_KEY_PASSWORD")
    line("keys", "check", "k.json", lang="en").refused("set the environment variable ONECARD_KEY_PASSWORD")
    line("keys", "check", "k.json", "--password-env", "NONE", lang="en").refused("the environment variable NONE")
    line("keys", "check", "k.json", "--password-file", "none", lang="en").refused("cannot read the password file none")


@pytest.mark.parametrize("member", ["data", "nonce", "kdf.salt", "kdf.n", "kdf.p"])
def test_every_member_is_authenticated(line: Line, folder: Path, member: str) -> None:
    assert line("keys", "encrypt", folder / "card.yaml", "--out", "k.json").code == 0
    document = json.loads(Path("k.json").read_text(encoding="utf-8"))
    node, _, name = ("", "", member) if "." not in member else member.partition(".")
    place = document[node] if node else document
    value = place[name]
    place[name] = {"n": 2**16, "p": 2}.get(name) or ("A" if value[0] != "A" else "B") + value[1:]
    Path("k.json").write_text(json.dumps(document), encoding="utf-8")
    line("keys", "check", "k.json", lang="en").refused("the password is wrong, or the file was altered")


def test_a_short_password_and_a_file_that_is_there(line: Line, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert line("keys", "encrypt", folder / "card.yaml", "--out", "k.json").code == 0
    line("keys", "encrypt", folder / "card.yaml", "--out", "k.json", lang="en").refused("exists and is not overwritten")
    assert line("keys", "encrypt", folder / "card.yaml", "--out", "k.json", "--force").code == 0
    monkeypatch.setenv("ONECARD_KEY_PASSWORD", "short")
    line("keys", "encrypt", folder / "card.yaml", "--out", "l.json", lang="en").refused("12 characters at least")
    assert not Path("l.json").exists()


def test_no_password_on_the_command_line(line: Line) -> None:
    for command in ("ceremony", "check", "encrypt", "load"):
        assert "--password " not in line("keys", command, "--help").out


def test_a_password_is_asked_for_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = iter((PASSWORD, PASSWORD, PASSWORD, "another password"))

    def answer(question: str) -> str:
        asked.append(question)
        return next(answers)

    monkeypatch.delenv("ONECARD_KEY_PASSWORD", raising=False)
    monkeypatch.setattr("getpass.getpass", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert PasswordSource().new_password("k.json") == PASSWORD
    assert len(asked) == 2
    assert "k.json" in asked[0]
    with pytest.raises(UserError, match="differ"):
        PasswordSource().new_password("k.json")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UserError, match=r"there is no password of k\.json"):
        PasswordSource().password("k.json")


def test_what_is_encrypted_comes_back(hierarchy: KeyHierarchy, whole: KeySet, tmp_path: Path) -> None:
    (tmp_path / "p").write_text(PASSWORD, encoding="utf-8")
    document = parse_document(encrypted(whole, PASSWORD).decode("utf-8"), "k.json")
    assert keys_in(document, hierarchy, PasswordSource(tmp_path / "p")) == whole
    assert key_set_of(parse_document(yaml_of(document_of(whole)).decode("utf-8"), "s.yaml"), hierarchy) == whole


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(("00" * 16, "sm4")))
NODES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
MEMBERS = ("format", "kind", "synthetic", "region", "custodians", "custodian", "keys", "kdf", "data", "cipher", "nonce")
PARTS = ("name", "version", "algorithm", "level", "value", "check", "component", "components")
DOCUMENTS = st.fixed_dictionaries(
    {"kind": st.sampled_from(("key-set", "key-file", "key-ceremony", "key-components"))},
    optional={
        **{name: NODES for name in MEMBERS if name not in ("kind", "keys")},
        "keys": NODES | st.lists(st.dictionaries(st.sampled_from(PARTS), NODES, max_size=8), max_size=2),
    },
)


@given(DOCUMENTS)
def test_whatever_a_document_holds_is_refused_in_words(document: dict[str, Any]) -> None:
    hierarchy, text = installed_hierarchy(), json.dumps(document, ensure_ascii=False)
    with pytest.raises((SpecError, UserError)):
        keys_in(parse_document(text, "given"), hierarchy, PasswordSource(variable="NONE"))
    with pytest.raises((SpecError, UserError)):
        combined(parse_document(text, "given"), [parse_document(text, "given")], hierarchy)
