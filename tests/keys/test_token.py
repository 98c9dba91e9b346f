"""Keys in a PKCS#11 token, on a real SoftHSM2: stored once, never read back, and the same card keys as in software."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from onecard.errors import UserError
from onecard.planning.declaration import Ixit, read_ixit, reference_ixit
from onecard.planning.keyset import KeySet, document_of, yaml_of
from onecard.planning.keysource import key_source
from onecard.planning.token import Token, label_of, open_token
from onecard.spec.load import Spec
from tests.cli.running import Line
from tests.keys.conftest import REGION, SEED

pytestmark = pytest.mark.softhsm
PIN = "73510952"
LABEL = "onecard test"
HISTORICAL = bytes.fromhex("00814A44468660341300000001")
PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
NAMES = ("IRK", "UKSSSE", "PUK", "DPK")


@dataclass(frozen=True)
class Device:
    """The module of SoftHSM2, with an empty token of LABEL and PIN."""

    module: str

    def open(self, pin: str = PIN) -> Token:
        return open_token(self.module, LABEL, lambda: pin)


def softhsm() -> tuple[str, str] | None:
    module = next((place for place in PLACES if Path(place).is_file()), ctypes.util.find_library("softhsm2"))
    tool = shutil.which("softhsm2-util")
    return (tool, module) if tool is not None and module is not None else None


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    # The library reads its configuration once a process: one folder and one token for all tests here.
    pytest.importorskip("pkcs11")
    found = softhsm()
    if found is None:
        pytest.skip("SoftHSM2 is not installed")
    tool, module = found
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n", encoding="utf-8")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    subprocess.run(
        [tool, "--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", PIN],
        check=True,
        capture_output=True,
    )
    return Device(module)


@pytest.fixture(scope="module")
def loaded(device: Device, whole: KeySet) -> Device:
    """The token with the 3DES keys of a few names, at their starting levels."""
    starts = {"IRK": "national", "UKSSSE": "province", "PUK": "province", "DPK": "city"}
    token = open_token(device.module, LABEL, lambda: PIN, writing=True)
    keys = [key for key in whole.keys.values() if starts.get(key.name) == key.level and key.algorithm == "3des"]
    assert token.store(keys) == len(keys) == 12
    token.close()
    return device


def ixit(folder: Path, module: str, pin: str = "{env: TOKEN_PIN}") -> Ixit:
    source = f'{{kind: pkcs11, module: {module}, token: {LABEL}, region: "{REGION}", pin: {pin}}}'
    path = folder / "ixit.yaml"
    path.write_text(f"format: 1\nkind: ixit\nsynthetic: true\nkey-source: {source}\n", encoding="utf-8")
    return read_ixit(path)


def test_the_token_makes_the_keys_that_software_makes(
    spec: Spec, sets: Mapping[str, KeySet], loaded: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_PIN", PIN)
    card = spec.card_of_profile("card-2.0")
    found = key_source(ixit(tmp_path, loaded.module), card)
    roots = key_source(_roots(tmp_path, sets), card)
    for name in NAMES:
        for version in (1, 2, 3):
            wanted = roots.card_key(card, name, version, HISTORICAL)
            assert wanted is not None
            assert found.card_key(card, name, version, HISTORICAL) == wanted
    assert found.card_key(card, "BK", 1, HISTORICAL) is None
    assert found.root_key("IRK", 1) is None
    assert found.region_code() == REGION.encode()
    assert PIN not in repr(found)


def _roots(folder: Path, sets: Mapping[str, KeySet]) -> Ixit:
    given = reference_ixit("card", "card-2.0", SEED)
    assert given.key_source["kind"] == "root-keys"
    return Ixit(None, 5.0, None, None, {**given.key_source, "region": REGION}, synthetic=True)


def test_a_value_cannot_be_read_back(loaded: Device) -> None:
    import pkcs11

    opened = loaded.open()
    # The login of the session just opened counts for all sessions of this process.
    with pkcs11.lib(loaded.module).get_token(token_label=LABEL).open() as session:
        key = session.get_key(label=label_of("IRK", 1, "national"))
        with pytest.raises(pkcs11.AttributeSensitive):
            _ = key[pkcs11.Attribute.VALUE]
    opened.close()


def test_sm4_is_refused_clearly(spec: Spec, device: Device, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="computes by sm4, which neither the PKCS#11 binding nor SoftHSM2 has"):
        key_source(ixit(tmp_path, device.module), spec.card_of_profile("card-3.0"))
    with pytest.raises(UserError, match="serves cards only"):
        key_source(ixit(tmp_path, device.module), spec.resolve_profile("psam-3des"))


def test_softhsm_has_no_sm4(device: Device) -> None:
    """What the page of keys says: no mechanism of this token names SM4."""
    import pkcs11

    mechanisms = pkcs11.lib(device.module).get_token(token_label=LABEL).slot.get_mechanisms()
    names = {str(getattr(mechanism, "name", mechanism)) for mechanism in mechanisms}
    assert "DES3_ECB" in names
    assert not any("SM4" in name for name in names)


def test_loading_by_the_command_line(line: Line, sets: Mapping[str, KeySet], device: Device) -> None:
    few = {place: key for place, key in sets["city"].keys.items() if key.name == "RK1DF04"}
    Path("few.yaml").write_bytes(yaml_of(document_of(KeySet(True, REGION, few))))
    Path("pin").write_text(PIN, encoding="utf-8")
    command = ("keys", "load", "few.yaml", "--module", device.module, "--token", LABEL, "--pin-file", "pin")
    ran = line(*command, lang="en")
    assert (ran.code, ran.out) == (0, f"{LABEL}: 3 keys stored\n")
    assert "3 keys were left out: the PKCS#11 binding and SoftHSM2 have no SM4" in ran.err
    line(*command, lang="en").refused("has a key RK1DF04:1:city already")


@pytest.mark.parametrize(
    ("module", "token", "said"),
    [("/none/libnone.so", LABEL, "/none/libnone.so"), ("", "no such token", "has no token no such token")],
)
def test_what_is_not_there(device: Device, module: str, token: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        open_token(module or device.module, token, lambda: PIN)


def test_a_wrong_pin_is_tried_once(device: Device, tmp_path: Path) -> None:
    """In a process of its own: here somebody is logged in."""
    program = (
        "import sys\n"
        "from onecard.planning.token import open_token\n"
        "asked = []\n"
        "def pin():\n"
        "    asked.append(1)\n"
        "    return '0000000000'\n"
        "try:\n"
        "    open_token(sys.argv[1], sys.argv[2], pin)\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error, len(asked))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, device.module, LABEL], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ran.stdout.startswith("UserError ")
    assert "the PIN is wrong (it was tried once) 1" in ran.stdout
