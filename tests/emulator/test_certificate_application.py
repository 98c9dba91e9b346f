"""The certificate application of the reference card, by the vectors and against the oracle."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from emulator.card.certificate import coding
from emulator.card.certificate.personalise import authority, certified_key
from emulator.envelope.sm2 import BadKey, PrivateKey
from onecard.oracle import certificate as oracle
from onecard.oracle import sm2

VECTORS = Path(__file__).parents[2] / "vectors" / "certificate.json"


def vectors_of(type_: str) -> list[dict[str, Any]]:
    groups = json.loads(VECTORS.read_text(encoding="utf-8"))["testGroups"]
    return [test for group in groups if group["type"] == type_ for test in group["tests"]]


def octets(test: dict[str, Any], *names: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(test[name]) for name in names)


@pytest.mark.parametrize("test", vectors_of("CertificatePin"))
def test_pin_vectors(test: dict[str, Any]) -> None:
    key, challenge, proof = octets(test, "key", "challenge", "proof")
    made = coding.pin_digest(bytes.fromhex(test["digits"]))[:16]
    assert ((made, coding.proof(made, challenge)) == (key, proof)) is (test["result"] == "valid")


@pytest.mark.parametrize("test", vectors_of("CertificateChange"))
def test_change_vectors(test: dict[str, Any]) -> None:
    key, challenge, header, plain, data = octets(test, "key", "challenge", "header", "plain", "data")
    covered = header + bytes((len(data),)) + data[:-4]
    assert (coding.mac(key, challenge, covered) == data[-4:]) is (test["result"] == "valid")
    assert coding.unpadded(coding.decrypt(key, data[:-4])) == plain


@pytest.mark.parametrize("test", vectors_of("Sm2Encryption"))
def test_decryption_vectors(test: dict[str, Any]) -> None:
    private, message, ciphertext = octets(test, "privateKey", "msg", "ct")
    plain = PrivateKey(private).decrypt(ciphertext[:64], ciphertext[64:96], ciphertext[96:])
    assert plain == (message if test["result"] == "valid" else None)


@pytest.mark.parametrize("length", [1, 16, 33, 100])
def test_decrypts_what_the_oracle_enciphered(length: int) -> None:
    key, message = PrivateKey(b"\x01" + secrets.token_bytes(31)), secrets.token_bytes(length)
    public = sm2.PublicKey(key.public.octets[:32], key.public.octets[32:])
    ciphertext = sm2.encrypt(public, message, b"\x01" + secrets.token_bytes(31))
    assert key.decrypt(ciphertext[:64], ciphertext[64:96], ciphertext[96:]) == message
    assert key.decrypt(bytes(64), ciphertext[64:96], ciphertext[96:]) is None


def test_signature_of_a_digest_verifies() -> None:
    key, digest = PrivateKey(b"\x01" + secrets.token_bytes(31)), secrets.token_bytes(32)
    public = sm2.PublicKey(key.public.octets[:32], key.public.octets[32:])
    assert sm2.verify_digest(public, digest, key.sign_digest(digest, b"\x02" + secrets.token_bytes(31)))
    with pytest.raises(BadKey):
        key.sign_digest(digest, bytes(32))


@pytest.mark.parametrize("use", ["signature", "encryption"])
def test_certificates_of_cards(use: str) -> None:
    found = certified_key("seed", "holder", use)
    certificate = oracle.card_certificate(found.certificate + bytes(100))
    issuer = authority("seed").public.octets
    assert certificate.key.octets == found.public
    assert certificate.issued_by(sm2.PublicKey(issuer[:32], issuer[32:]))
    assert "TEST" in certificate.issuer


@pytest.mark.parametrize(
    "octets_", [b"", bytes(1024), b"\xff" * 1024, b"\x30\x82\x01\x00", b"\x30\x81\x80" + bytes(128)]
)
def test_what_is_no_certificate(octets_: bytes) -> None:
    with pytest.raises(oracle.WrongCertificate):
        oracle.card_certificate(octets_)


@pytest.mark.parametrize("data", ["C1", "C105AABB", "C18200", "C1820004AABB"])
def test_objects_that_do_not_fit(data: str) -> None:
    assert coding.objects(bytes.fromhex(data)) is None


def test_objects() -> None:
    data = oracle.data_object(0xC2, b"\x00\x13") + oracle.data_object(0xC1, bytes(112), long=True)
    assert coding.values(data, (0xC2, 0xC1)) == (b"\x00\x13", bytes(112))
    assert coding.values(data, (0xC1, 0xC2)) is None
