"""A regulator replays a vendor's bundle and signs what was re-derived; a challenge binds a run to a moment."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Line


@pytest.fixture
def vendors_run(line: Line) -> Path:
    assert line("certify", "psam", "--profile", "psam-3des", "--out", "out").code == 0
    assert line("keys", "new", "--dir", "keys").code == 0
    return Path("out/run.bundle")


def test_a_rederived_pass_is_signed_in_a_folder_of_its_own(line: Line, vendors_run: Path) -> None:
    ran = line("replay", vendors_run, "--certify", "signed", "--keys", "keys", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["verdict"] == "pass"
    assert "signed" in ran.err
    statement = json.loads(Path("signed/certificate.json").read_bytes())
    assert (statement["class"], statement["verdict"], statement["synthetic"]) == ("re-derived", "pass", True)
    assert Path("signed/run.bundle").read_bytes() == vendors_run.read_bytes()
    assert line("verify", "signed", "--ca", "keys/ca.pem").code == 0
    assert not Path("out/certificate.json").exists()
    again = line("replay", vendors_run, "--certify", "signed", "--keys", "keys")
    assert (again.code, "exists" in again.err) == (2, True)


def test_what_is_not_rederived_is_not_signed(line: Line, vendors_run: Path) -> None:
    lines = vendors_run.read_bytes().splitlines(keepends=True)
    vendors_run.write_bytes(b"".join(lines[:-1]))
    ran = line("replay", vendors_run, "--certify", "signed", "--keys", "keys")
    assert ran.code == 3
    assert "no certificate" in ran.err
    assert not Path("signed").exists()


def test_a_challenged_run_says_so(line: Line) -> None:
    assert line("keys", "new", "--dir", "keys").code == 0
    assert line("keys", "challenge", "c.json", "--issuer", "TEST regulator", "--dir", "keys").code == 0
    ran = line(
        "certify", "psam", "--profile", "psam-3des", "--challenge", "c.json", "--ca", "keys/ca.pem", "--keys", "keys",
        "--out", "out", "--json",
    )  # fmt: skip
    assert ran.code == 0
    statement = json.loads(Path("out/certificate.json").read_bytes())
    assert statement["class"] == "challenged"
    assert statement["challenge"]["nonce"] == json.loads(Path("c.json").read_bytes())["nonce"]
    header = json.loads(Path("out/run.bundle").read_bytes().splitlines()[0])["header"]
    assert header["nonce"].lower() == statement["challenge"]["nonce"]
    changed = Path("c.json").read_bytes().replace(b"TEST regulator", b"TEST Regulator")
    Path("c.json").write_bytes(changed)
    refused = line("certify", "psam", "--profile", "psam-3des", "--challenge", "c.json", "--out", "again")
    assert refused.code == 2
    assert not Path("again/run.bundle").exists()
