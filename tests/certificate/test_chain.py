"""Which certificates may vouch for which."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from onecard.certificate import KeySet, make_keys, verify_certificate
from onecard.certificate.chain import path_fault, signer_fault
from onecard.certificate.sm2 import PrivateKey
from onecard.certificate.x509 import (
    X509,
    BadCertificate,
    Identity,
    build,
    distinguished_name,
    read_certificates,
    to_pem,
)
from onecard.errors import UserError
from tests.certificate.samples import NOW, write_bundle

YEAR = timedelta(days=365)


class Family:
    """A root, an authority under it, and a signer under that."""

    def __init__(self, folder: Path) -> None:
        names = [distinguished_name(f"TEST {name}", "TEST") for name in ("root", "branch", "leaf")]
        root, branch, leaf = (Identity(name, PrivateKey.generate()) for name in names)
        self.root = self._issue(folder / "root", root, root, authority=True)
        self.branch = self._issue(folder / "branch", branch, root, authority=True)
        self.leaf = self._issue(folder / "leaf", leaf, branch, authority=False)
        self.cousin = self._issue(folder / "cousin", leaf, leaf, authority=False)

    def _issue(self, path: Path, subject: Identity, issuer: Identity, *, authority: bool) -> X509:
        der = build(
            subject=subject.name,
            point=subject.key.point(),
            issuer=issuer,
            not_before=NOW,
            not_after=NOW + YEAR,
            authority=authority,
        )
        path.write_bytes(to_pem("CERTIFICATE", der))
        return read_certificates(path)[0]


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Family:
    return Family(tmp_path_factory.mktemp("family"))


def test_a_path_may_lead_through_an_authority_that_the_root_allows(family: Family) -> None:
    generous = replace(family.root, path_length=None)
    assert path_fault(family.leaf, [family.branch], [generous], NOW) is None
    assert path_fault(family.leaf, [], [family.branch], NOW) is None


def test_a_root_of_path_length_0_allows_no_authority_below_it(family: Family) -> None:
    assert family.root.path_length == 0
    assert path_fault(family.leaf, [family.branch], [family.root], NOW) is not None


def test_a_missing_link_is_named(family: Family) -> None:
    fault = path_fault(family.leaf, [], [replace(family.root, path_length=None)], NOW)
    assert fault is not None
    assert "TEST leaf" in fault.en
    assert "TEST branch" in fault.en


@pytest.mark.parametrize("days", [-1, 366])
def test_every_certificate_of_the_path_must_be_valid_at_the_time(family: Family, days: int) -> None:
    at = NOW + timedelta(days=days)
    assert signer_fault(family.leaf, at) is not None
    assert path_fault(family.leaf, [], [family.branch], at) is not None
    generous = replace(family.root, path_length=None, not_before=NOW - YEAR, not_after=NOW + 2 * YEAR)
    assert path_fault(family.leaf, [family.branch], [generous], at) is not None


def test_a_self_signed_signer_vouches_for_nobody(family: Family) -> None:
    assert path_fault(family.cousin, [family.cousin], [family.branch], NOW) is not None
    assert path_fault(family.cousin, [], [family.cousin], NOW) is not None


def test_authority_needs_the_right_to_sign_certificates_and_its_own_key(family: Family) -> None:
    for branch in (
        replace(family.branch, is_authority=False),
        replace(family.branch, usages=frozenset({"digital_signature"})),
        replace(family.branch, key_identifier=bytes(20)),
        replace(family.branch, point=family.root.point),
    ):
        assert path_fault(family.leaf, [], [branch], NOW) is not None
    assert signer_fault(family.branch, NOW) is not None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no certificate",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n",
    ],
)
def test_what_is_no_certificate_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "chain.pem"
    path.write_bytes(text)
    with pytest.raises(BadCertificate, match=r"chain\.pem"):
        read_certificates(path)


def test_every_changed_byte_of_a_certificate_is_refused_or_not_vouched_for(keys: KeySet, tmp_path: Path) -> None:
    signer, ca = read_certificates(keys.signer)
    path = tmp_path / "changed.pem"
    for at in range(0, len(signer.der), 3):
        changed = signer.der[:at] + bytes([signer.der[at] ^ 0x01]) + signer.der[at + 1 :]
        path.write_bytes(to_pem("CERTIFICATE", changed))
        try:
            fault = path_fault(read_certificates(path)[0], [], [ca], NOW)
        except BadCertificate:
            continue
        assert fault is not None, f"byte {at}"


@pytest.mark.openssl
@pytest.mark.usefixtures("openssl")
@pytest.mark.parametrize(
    "algorithm", [["-newkey", "rsa:2048"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]]
)
def test_certificates_of_other_algorithms_are_refused(tmp_path: Path, algorithm: list[str]) -> None:
    path = tmp_path / "other.pem"
    arguments = ["-x509", "-nodes", "-subj", "/CN=other", "-keyout", str(tmp_path / "key"), "-out", str(path)]
    subprocess.run(["openssl", "req", *algorithm, *arguments], check=True, capture_output=True)
    with pytest.raises(BadCertificate, match="SM2"):
        read_certificates(path)


@pytest.mark.openssl
@pytest.mark.usefixtures("openssl")
@pytest.mark.parametrize(("extension", "accepted"), [("critical,ASN1:NULL", False), ("ASN1:NULL", True)])
def test_an_unknown_critical_extension_is_refused(tmp_path: Path, extension: str, accepted: bool) -> None:
    path, key = tmp_path / "sm2.pem", tmp_path / "key"
    key.write_bytes(PrivateKey.generate().pem())
    signing = ["-new", "-key", str(key), "-sm3", "-sigopt", "distid:1234567812345678"]
    content = ["-subj", "/CN=sm2", "-addext", f"1.2.3.4={extension}"]
    command = ["openssl", "req", "-x509", *signing, *content, "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    if accepted:
        certificate = read_certificates(path)[0]
        assert (
            path_fault(
                certificate, [], [replace(certificate, usages=frozenset({"key_cert_sign"}))], certificate.not_before
            )
            is None
        )
    else:
        with pytest.raises(BadCertificate, match="critical extension"):
            read_certificates(path)


def test_a_ca_file_that_is_none_is_a_mistake_of_the_user(tmp_path: Path, keys: KeySet) -> None:
    write_bundle(tmp_path)
    for name, source in (
        ("certificate.json", b"{}\n"),
        ("certificate.sig", b""),
        ("chain.pem", keys.signer.read_bytes()),
    ):
        (tmp_path / name).write_bytes(source)
    with pytest.raises(UserError) as caught:
        verify_certificate(tmp_path, tmp_path / "run.bundle", NOW)
    assert caught.value.exit_code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a file in the place of a folder")
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="file"):
        make_keys(tmp_path / "file" / "keys", NOW)
