"""The certificate functions: a card signs, anybody verifies; the tester's own arithmetic agrees."""

from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.oracle.sm2 import PublicKey, verify
from onecard.reference.terminal import ReferenceTerminalTarget, instrument, open_target
from onecard.targets.base import ExchangeTarget, TargetOptions

PIN, DATA = "123456", "合同 No. 7"
IDENTITY = b"1234567812345678"
"""Of GM/T 0009 where no other is agreed."""


def _target(**settings: object) -> ExchangeTarget:
    target = open_target("", TargetOptions(instrument=instrument({})))
    assert isinstance(target, ReferenceTerminalTarget)
    target.exchange({"do": "instrument", "settings": {"card": "card-3.0", **settings}})
    return target


def _called(target: ExchangeTarget, name: str, **arguments: object) -> tuple[int, str]:
    answer = target.exchange({"do": "call", "call": name, "args": arguments})
    return answer["return"], answer["out"]


@lru_cache(maxsize=1)
def _signed() -> tuple[str, str]:
    code, out = _called(_target(), "PKI_SignData", pUserPin=PIN, pInData=DATA, iType=1)
    signature, certificate, rest = out.split("|")
    assert (code, rest) == (0, "")
    return signature, certificate


def _verified(signature: str, certificate: str, text: str = DATA) -> int:
    given = {"pUserPin": "", "pCert": certificate, "pClearText": text, "pSignature": signature, "iType": 1}
    return _called(_target(), "PKI_VerifySign", **given)[0]


def test_the_signature_holds_by_another_implementation() -> None:
    signature, certificate = _signed()
    octets = bytes.fromhex(certificate)
    # The key of the certificate: an uncompressed point at the end of SubjectPublicKeyInfo (BIT STRING, 66 bytes).
    at = octets.index(bytes.fromhex("03420004")) + 4
    key = PublicKey(octets[at : at + 32], octets[at + 32 : at + 64])
    assert verify(key, DATA.encode("gb18030"), IDENTITY, bytes.fromhex(signature))
    assert not verify(key, DATA.encode("utf-8"), IDENTITY, bytes.fromhex(signature))


def test_what_was_signed_is_verified_and_nothing_else() -> None:
    signature, certificate = _signed()
    other = f"{int(signature[0], 16) ^ 1:X}" + signature[1:]
    assert _verified(signature, certificate) == 0
    assert _verified(signature, certificate, DATA + " ") == -15
    assert _verified(other, certificate) == -15
    assert _verified("", certificate) == -15
    for certificate_ in ("", certificate[:-2], certificate + "00", "30"):
        assert _verified(signature, certificate_) == -23


@given(st.text(alphabet="0123456789ABCDEFG", max_size=80), st.text(max_size=20))
def test_any_certificate_and_signature_are_answered(certificate: str, signature: str) -> None:
    assert _verified(signature, certificate) in (-23, -15)


def test_a_wrong_pin_signs_nothing_and_is_proved_once() -> None:
    target = _target()
    code, out = _called(target, "PKI_SignData", pUserPin="654321", pInData=DATA, iType=1)
    assert (code, "5" in out) == (-51, True)
    assert _called(target, "PKI_SignData", pUserPin=PIN, pInData=DATA, iType=1)[0] == 0


@pytest.mark.parametrize(
    ("card", "pin", "search", "code"),
    [
        ("card-3.0", "12a456", 1, -23),
        ("card-3.0", "123", 1, -33),
        ("card-3.0", PIN, 9, -14),
        ("card-2.0", PIN, 1, -27266),
    ],
)
def test_refusals(card: str, pin: str, search: int, code: int) -> None:
    assert _called(_target(card=card), "PKI_SignData", pUserPin=pin, pInData=DATA, iType=search)[0] == code


def test_the_pin_is_not_sent() -> None:
    target = _target()
    answer = target.exchange(
        {"do": "call", "call": "PKI_SignData", "args": {"pUserPin": PIN, "pInData": DATA, "iType": 1}}
    )
    sent = [one["ask"]["transmit"]["apdu"] for one in answer["trace"] if "transmit" in one["ask"]]
    assert sent
    assert not any(PIN in apdu or PIN.encode().hex() in apdu for apdu in sent)
