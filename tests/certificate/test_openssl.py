"""OpenSSL on the command line as the third opinion."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from onecard.certificate import KeySet, make_keys
from onecard.certificate.sm2 import PrivateKey

pytestmark = [pytest.mark.openssl, pytest.mark.usefixtures("openssl")]

DISTID = "distid:1234567812345678"


def run_openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def test_the_documented_command_says_verified_ok(certified: Callable[..., Path]) -> None:
    folder = certified()
    arguments: list[str | Path] = ["-sigopt", DISTID, "-signature", folder / "certificate.sig"]
    result = run_openssl("dgst", "-sm3", "-verify", folder / "pub.pem", *arguments, folder / "certificate.json")
    assert (result.returncode, result.stdout.strip()) == (0, "Verified OK")
    (folder / "certificate.json").write_bytes((folder / "certificate.json").read_bytes() + b" ")
    result = run_openssl("dgst", "-sm3", "-verify", folder / "pub.pem", *arguments, folder / "certificate.json")
    assert result.returncode != 0


def test_the_certificates_read_and_verify(tmp_path: Path) -> None:
    # OpenSSL looks at the clock, so these are of today.
    from datetime import UTC, datetime

    keys = make_keys(tmp_path, datetime.now(UTC))
    text = run_openssl("x509", "-in", keys.signer, "-noout", "-text")
    assert text.returncode == 0
    for part in ("OneCard Conformance TEST signer", "SM2-with-SM3", "Digital Signature", "CA:FALSE", "ASN1 OID: SM2"):
        assert part in text.stdout
    result = run_openssl("verify", "-x509_strict", "-CAfile", keys.ca, "-vfyopt", DISTID, keys.signer)
    assert (result.returncode, result.stdout.strip()) == (0, f"{keys.signer}: OK"), result.stderr


def test_openssl_reads_the_private_key_and_its_signature_is_ours(tmp_path: Path, keys: KeySet) -> None:
    message, signature = tmp_path / "message", tmp_path / "signature"
    message.write_bytes("一卡通".encode())
    made = run_openssl("dgst", "-sm3", "-sign", keys.signer_key, "-sigopt", DISTID, "-out", signature, message)
    assert made.returncode == 0, made.stderr
    from onecard.certificate.sm2 import verify_with_gmssl, verify_with_tongsuo

    point = PrivateKey.load(keys.signer_key).point()
    for check in (verify_with_tongsuo, verify_with_gmssl):
        assert check(point, message.read_bytes(), signature.read_bytes())


def test_the_links_of_a_bundle_are_what_openssl_computes(certified: Callable[..., Path], tmp_path: Path) -> None:
    lines = (certified() / "run.bundle").read_bytes().splitlines(keepends=True)
    first = tmp_path / "line1"
    first.write_bytes(lines[0])
    digest = run_openssl("dgst", "-sm3", "-r", first).stdout.split()[0]
    assert f'"prev":"sm3:{digest}"'.encode() in lines[1]
