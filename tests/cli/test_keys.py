"""``onecard keys``: modes, and what is there is never written over."""

import os
import stat
from pathlib import Path

import pytest

from tests.cli.running import Line

FILES = {"ca.key": 0o600, "signer.key": 0o600, "ca.pem": None, "signer.pem": None}


@pytest.mark.parametrize(("lang", "said"), [("en", "a TEST CA"), ("zh", "测试 CA（TEST）")])
def test_new_keys(line: Line, tmp_path: Path, lang: str, said: str) -> None:
    ran = line("keys", "new", "--dir", "a/keys", lang=lang)
    assert (ran.code, ran.err) == (0, "")
    assert said in ran.out
    folder = tmp_path / "a" / "keys"
    assert {path.name for path in folder.iterdir()} == FILES.keys()
    for name in FILES:
        assert str(Path("a/keys") / name) in ran.out
        kind = b"PRIVATE KEY" if name.endswith(".key") else b"CERTIFICATE"
        assert kind in (folder / name).read_bytes()
    if os.name == "posix":
        for name, mode in FILES.items():
            found = stat.S_IMODE((folder / name).stat().st_mode)
            assert found == (mode or found & 0o644)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_private_keys_are_private_under_any_umask(line: Line) -> None:
    before = os.umask(0)
    try:
        assert line("keys", "new", "--dir", "k").code == 0
    finally:
        os.umask(before)
    if os.name == "posix":
        assert stat.S_IMODE(Path("k/signer.key").stat().st_mode) == 0o600
        assert stat.S_IMODE(Path("k/ca.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("there", FILES)
def test_nothing_is_overwritten(line: Line, there: str) -> None:
    Path("k").mkdir()
    (Path("k") / there).write_text("mine", encoding="utf-8")
    line("keys", "new", "--dir", "k").refused("not overwritten")
    assert {path.name: path.read_text(encoding="utf-8") for path in Path("k").iterdir()} == {there: "mine"}


def test_keys_differ(line: Line) -> None:
    for folder in ("k1", "k2"):
        assert line("keys", "new", "--dir", folder).code == 0
    assert Path("k1/signer.key").read_bytes() != Path("k2/signer.key").read_bytes()


def test_folder_from_the_environment(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECARD_KEYS", "from-environment")
    assert line("keys", "new").code == 0
    assert Path("from-environment/signer.key").exists()


def test_challenge(line: Line) -> None:
    assert line("keys", "new", "--dir", "k").code == 0
    line("keys", "challenge", "c/challenge.json", "--issuer", "某监管机构", "--dir", "k").refused("cannot write c/")
    Path("c").mkdir()
    ran = line("keys", "challenge", "c/challenge.json", "--issuer", "某监管机构", "--dir", "k")
    assert (ran.code, ran.err) == (0, "")
    for told in ran.out.splitlines():
        assert Path(told).exists()
    Path("c/challenge.json").write_bytes(Path("c/challenge.json").read_bytes() + b" ")
    line("certify", "card", "--challenge", "c/challenge.json", "--ca", "k/ca.pem").refused("challenge")
