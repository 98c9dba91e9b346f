"""Three opinions on SM2: tongsuopy, gmssl, and in test_openssl.py the OpenSSL command line."""

import sys
from pathlib import Path

import pytest
from asn1crypto.algos import DSASignature
from hypothesis import given, settings
from hypothesis import strategies as st

from onecard.certificate.sm2 import (
    PrivateKey,
    SigningUnavailable,
    can_sign,
    verify,
    verify_with_gmssl,
    verify_with_tongsuo,
)
from onecard.errors import UserError

CHECKS = [verify_with_tongsuo, verify_with_gmssl]
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    return PrivateKey.generate()


@settings(max_examples=15, deadline=None)
@given(message=st.binary(max_size=200))
def test_both_libraries_accept_what_was_signed_and_refuse_another_message(message: bytes) -> None:
    key = PrivateKey.generate()
    signature = key.sign(message)
    for check in CHECKS:
        assert check(key.point(), message, signature)
        assert not check(key.point(), message + b"\0", signature)


def _der(r: int, s: int) -> bytes:
    encoded: bytes = DSASignature({"r": r, "s": s}).dump()
    return encoded


@pytest.mark.parametrize("check", CHECKS)
def test_signatures_of_wrong_form_or_range_are_refused(key: PrivateKey, check: object) -> None:
    signature = key.sign(b"m")
    good = DSASignature.load(signature)
    r, s = good["r"].native, good["s"].native
    wrong = [b"", b"xx", signature[:-1], signature + b"\0", _der(0, 0), _der(r, 0), _der(0, s)]
    wrong += [_der(r + N, s), _der(r, s + N), _der(r, N - r), _der(s, r), _der(-r, s)]
    assert callable(check)
    assert [check(key.point(), b"m", bad) for bad in wrong] == [False] * len(wrong)
    assert check(key.point(), b"m", signature)


@pytest.mark.parametrize("check", CHECKS)
def test_a_signature_that_leads_to_the_point_at_infinity_is_refused(check: object) -> None:
    from tongsuopy.crypto.asymciphers import ec

    d, r = 0x1234567890ABCDEF, 0x42
    key = PrivateKey(ec.derive_private_key(d, ec.SM2()))
    # s·G + (r + s)·d·G is the point at infinity.
    s = -r * d * pow(1 + d, -1, N) % N
    assert callable(check)
    assert check(key.point(), b"m", _der(r, s)) is False


@pytest.mark.parametrize("check", CHECKS)
def test_points_that_are_none_are_refused(key: PrivateKey, check: object) -> None:
    signature, point = key.sign(b"m"), key.point()
    wrong = [b"", point[1:], b"\x02" + point[1:33], point[:-1] + bytes([point[-1] ^ 1]), b"\x04" + bytes(64)]
    assert callable(check)
    assert [check(bad, b"m", signature) for bad in wrong] == [False] * len(wrong)


def test_a_key_whose_x_begins_with_04_is_taken_whole() -> None:
    # gmssl's constructor would strip every leading 0 and 4 of such a key.
    while (key := PrivateKey.generate()).point()[1] not in {0x04, 0x00, 0x40, 0x44}:
        pass
    signature = key.sign(b"m")
    assert [check(key.point(), b"m", signature) for check in CHECKS] == [True, True]


def test_without_tongsuopy_nothing_is_signed_but_signatures_are_checked(
    key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, point = key.sign(b"m"), key.point()
    for name in [name for name in sys.modules if name.split(".")[0] == "tongsuopy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tongsuopy", None)
    assert not can_sign()
    assert verify(point, b"m", signature)
    assert not verify(point, b"n", signature)
    with pytest.raises(SigningUnavailable) as caught:
        PrivateKey.generate()
    assert caught.value.exit_code == 2
    assert "tongsuopy" in caught.value.text.zh


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "signer.key"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"signer\.key"):
        PrivateKey.load(path)


def test_a_key_survives_its_file(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "signer.key"
    path.write_bytes(key.pem())
    assert PrivateKey.load(path).point() == key.point()
    with pytest.raises(UserError, match=r"absent\.key"):
        PrivateKey.load(tmp_path / "absent.key")
