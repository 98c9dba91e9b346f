"""The key source ``key-file``, and references with the keys of a set: the same keys as from the seed of that set."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.card.factory import reference_card
from emulator.card.personalise import historical_of
from emulator.hsm.factory import hsm
from emulator.persons import person
from emulator.psam.factory import psam
from emulator.supply import MissingKey
from onecard.emulate.keyset import region_of, write_sets
from onecard.emulate.supplied import supplied_card, supplied_psam, supply_of, whole
from onecard.errors import UserError
from onecard.harness.context import KeySource
from onecard.planning.declaration import Ixit, read_ixit, reference_ixit
from onecard.planning.keyfile import write_key_file
from onecard.planning.keyset import KeySet, document_of, merged, yaml_of
from onecard.planning.keysource import key_source
from onecard.spec.hierarchy import KeyHierarchy
from onecard.spec.load import Spec
from tests.cli.running import Line
from tests.keys.conftest import PASSWORD, REGION, SEED

IXIT = 'format: 1\nkind: ixit\ntarget: "pcsc:0"\npin: "123456"\nsynthetic: {synthetic}\nkey-source: {source}\n'
PROFILES = ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui")
HISTORICAL = bytes.fromhex("00814A44468660341300000001")


@pytest.fixture(scope="session")
def hefei(hierarchy: KeyHierarchy) -> KeySet:
    """The keys of the seed and region that the references have."""
    from onecard.emulate.keyset import made_sets

    return merged(made_sets(hierarchy, SEED).values())


def ixit(folder: Path, source: str, *, synthetic: str = "true") -> Ixit:
    path = folder / "ixit.yaml"
    path.write_text(IXIT.format(source=source, synthetic=synthetic), encoding="utf-8")
    return read_ixit(path)


def without(keys: KeySet, name: str) -> KeySet:
    return replace(keys, keys={place: key for place, key in keys.keys.items() if place[0] != name})


@pytest.mark.parametrize("profile", PROFILES)
def test_a_key_file_gives_the_keys_of_its_seed(
    spec: Spec, hefei: KeySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    monkeypatch.setenv("KEY_WORD", PASSWORD)
    write_key_file(tmp_path / "k.json", hefei, PASSWORD)
    card = spec.card_of_profile(profile)
    found = key_source(ixit(tmp_path, "{kind: key-file, file: k.json, password: {env: KEY_WORD}}"), card)
    roots = key_source(reference_ixit("card", profile, SEED), card)
    historical = historical_of(card, person(SEED, 0))
    for name in card.keys:
        for version in card.key_versions:
            assert found.card_key(card, name, version, historical) == roots.card_key(card, name, version, historical)
            assert found.root_key(name, version) == roots.root_key(name, version)
    assert (found.pin(), found.region_code()) == (roots.pin(), region_of(SEED).encode())
    assert found.diversified
    assert PASSWORD not in repr(found)
    assert "value" not in repr(found)


@pytest.mark.parametrize("level", ["national", "province", "city"])
def test_any_level_leads_to_the_same_card(
    spec: Spec, sets: Mapping[str, KeySet], whole: KeySet, tmp_path: Path, level: str
) -> None:
    card = spec.card_of_profile("card-3.0")
    (tmp_path / "all.yaml").write_bytes(yaml_of(document_of(whole)))
    (tmp_path / "one.yaml").write_bytes(yaml_of(document_of(sets[level])))
    every, one = (key_source(ixit(tmp_path, f"{{kind: key-file, file: {name}.yaml}}"), card) for name in ("all", "one"))
    assert one.card_key(card, "IRK", 1, HISTORICAL) == every.card_key(card, "IRK", 1, HISTORICAL)
    assert (one.root_key("IRK", 1) is not None) is (level == "national")
    assert (one.card_key(card, "UKSSSE", 1, HISTORICAL) is not None) is (level != "national")


def test_roots_by_algorithm(spec: Spec, whole: KeySet, tmp_path: Path) -> None:
    """A PSAM has two algorithms: a root that differs between them is told by algorithm only."""
    place = ("IRK", 1, "sm4", "national")
    other = replace(whole, keys={**whole.keys, place: replace(whole.keys[place], value=bytes(16), check=bytes(3))})
    target = spec.resolve_profile("psam-sm4")
    source = _source(spec, whole, tmp_path, "same")
    assert source.root_key("IRK", 1) == source.root_key("IRK", 1, "sm4") == source.root_key("IRK", 1, "3des")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_bytes(yaml_of(document_of(other)))
    with pytest.raises(UserError, match="check value"):
        key_source(ixit(tmp_path, "{kind: key-file, file: wrong.yaml}"), target)
    third = without(without(whole, "RKSSSE"), "DPK")
    lacking = _source(spec, third, tmp_path, "third")
    assert lacking.root_key("RKSSSE", 1) is None
    assert lacking.root_key("NONE", 1) is None


def _source(spec: Spec, keys: KeySet, folder: Path, name: str) -> KeySource:
    (folder / f"{name}.yaml").write_bytes(yaml_of(document_of(keys)))
    return key_source(ixit(folder, f"{{kind: key-file, file: {name}.yaml}}"), spec.resolve_profile("psam-sm4"))


def test_keys_in_use_come_from_an_encrypted_file_and_are_sealed(spec: Spec, whole: KeySet, tmp_path: Path) -> None:
    """Of keys that do not say that they are synthetic neither the file nor the evidence may be in the clear."""
    card = spec.card_of_profile("card-3.0")
    real = replace(whole, synthetic=False)
    (tmp_path / "clear.yaml").write_bytes(yaml_of(document_of(real)))
    with pytest.raises(UserError, match="is not encrypted"):
        key_source(ixit(tmp_path, "{kind: key-file, file: clear.yaml}", synthetic="false"), card)
    write_key_file(tmp_path / "k.json", real, PASSWORD)
    (tmp_path / "p").write_text(PASSWORD, encoding="utf-8")
    source = "{kind: key-file, file: k.json, password: {file: p}}"
    assert key_source(ixit(tmp_path, source, synthetic="false"), card).card_key(card, "IRK", 1, HISTORICAL)
    with pytest.raises(UserError, match="would not be sealed"):
        key_source(ixit(tmp_path, source), card)


def test_a_set_of_the_other_algorithm_is_refused(spec: Spec, hierarchy: KeyHierarchy, tmp_path: Path) -> None:
    from onecard.emulate.keyset import made_sets

    write_sets(made_sets(hierarchy, SEED, region=REGION, algorithms=("3des",)), tmp_path / "s")
    with pytest.raises(UserError, match="no keys of sm4"):
        key_source(ixit(tmp_path, "{kind: key-file, file: s/city.yaml}"), spec.card_of_profile("card-3.0"))


def test_roots_of_the_transport_application(spec: Spec, whole: KeySet, tmp_path: Path) -> None:
    """They lie above issuer and application serial, as the card has them."""
    (tmp_path / "k.yaml").write_bytes(yaml_of(document_of(whole)))
    source = key_source(ixit(tmp_path, "{kind: key-file, file: k.yaml}"), spec.resolve_profile("psam-transport"))
    for name in ("TRANSPORT-DPK", "TRANSPORT-DAMK"):
        assert source.root_key(name, 1, "3des") == whole.keys[name, 1, "3des", "province"].value


@pytest.mark.parametrize("source", ["{kind: key-file}", "{kind: key-file, file: k, password: secret}"])
def test_the_ixit_never_holds_the_password(tmp_path: Path, source: str) -> None:
    from onecard.spec.errors import SpecError

    with pytest.raises(SpecError, match="key-source") as raised:
        ixit(tmp_path, source)
    assert "secret" not in str(raised.value)


def test_a_root_is_taken_where_the_target_holds_it(spec: Spec, whole: KeySet, tmp_path: Path) -> None:
    """The purchase key: of a city in the reference's declaration, of a province in another's."""
    province = [replace(whole.keys["PUK", 1, code, "province"], name="DPK") for code in ("3des", "sm4")]
    keys = replace(whole, keys={**whole.keys, **{key.place: key for key in province}})
    without_chain = {place: key for place, key in keys.keys.items() if place[0] != "DPK" or place[3] != "city"}
    (tmp_path / "k.yaml").write_bytes(yaml_of(document_of(replace(keys, keys=without_chain))))
    (tmp_path / "w.yaml").write_bytes(yaml_of(document_of(whole)))
    found = spec.profile("psam-sm4")
    target = {
        level: spec.interface("psam", {**found.ics, "psam.purchase_level": level}, "psam-sm4")
        for level in ("city", "province")
    }
    of_province, of_city = (ixit(tmp_path, f"{{kind: key-file, file: {name}.yaml}}") for name in ("k", "w"))
    assert key_source(of_province, target["province"]).root_key("DPK", 1) == province[0].value
    assert key_source(of_province, target["city"]).root_key("DPK", 1) is None
    assert key_source(of_city, target["city"]).root_key("DPK", 1) == whole.keys["DPK", 1, "sm4", "city"].value
    assert key_source(of_city, target["province"]).root_key("DPK", 1) is None


# --- references ---


@pytest.mark.parametrize("profile", PROFILES)
def test_a_card_of_a_set_is_the_card_of_its_seed(hefei: KeySet, profile: str) -> None:
    given, seeded = supplied_card(hefei, profile, SEED, 0), reference_card(profile, SEED)
    assert given.image.historical == seeded.image.historical
    assert dict(given.image.keys) == dict(seeded.image.keys)
    assert given.image.transport == seeded.image.transport


def test_a_psam_and_an_encryptor_of_a_set_are_those_of_its_seed(hefei: KeySet) -> None:
    for profile in ("psam-sm4", "psam-transport"):
        assert supplied_psam(hefei, profile, SEED, 1).image == psam(profile, seed=SEED).image
    historical = HISTORICAL.hex().upper()
    request = f"02|{region_of(SEED)}|{historical}|03|0094|1111111122222222|3333333344444444|"
    answers = [
        hsm("hsm-default", seed=seed, supply=supply).service(request)
        for seed, supply in ((SEED, None), ("another", supply_of(hefei)))
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("profile", ["card-2.0", "card-3.0"])
def test_missing_keys_are_named(hefei: KeySet, profile: str) -> None:
    with pytest.raises(UserError, match=r"lacks 1 keys .*UKSSSE/1"):
        supplied_card(without(hefei, "UKSSSE"), profile, SEED, 0)
    with pytest.raises(UserError, match=r"lacks 1 keys .*IRK/1"):
        supplied_psam(without(hefei, "IRK"), "psam-sm4", SEED, 1)
    with pytest.raises(UserError, match=r"lacks 1 keys .*TRANSPORT-DPK/1/3des/province"):
        supplied_psam(without(hefei, "TRANSPORT-DPK"), "psam-transport", SEED, 1)
    with pytest.raises(UserError, match="lacks 1 keys"):
        whole(lambda: hsm("hsm-default", supply=supply_of(without(hefei, "PUK"))))


def test_a_root_that_differs_by_algorithm_is_not_taken_for_both(hefei: KeySet) -> None:
    place = ("IRK", 1, "sm4", "national")
    other = replace(hefei, keys={**hefei.keys, place: replace(hefei.keys[place], value=bytes(16))})
    with pytest.raises(MissingKey):
        supply_of(other).common_root("IRK", 1, ("3des", "sm4"), 3)
    with pytest.raises(UserError, match="one root for both algorithms"):
        supplied_psam(other, "psam-sm4", SEED, 1)
    assert (
        supplied_psam(other, "psam-3des", SEED, 1).image.keys["IRK"] == hefei.keys["IRK", 1, "3des", "national"].value
    )


def test_emulate_says_what_does_not_go_together(line: Line, folder: Path) -> None:
    ran = line("emulate", "psam", "--tcp", "0", "--key-file", folder / "city.yaml", "--declare", "d", lang="en")
    ran.refused("--key-file does not go with --declare")
    ran = line("emulate", "psam", "--tcp", "0", "--key-file", folder / "city.yaml", lang="en")
    ran.refused("the key set lacks")
    ran = line("emulate", "card", "--tcp", "0", "--key-file", "none.yaml", lang="en")
    ran.refused("none.yaml: there is no such file")
