"""The dynamic code in both implementations, and one known answer."""

from dataclasses import replace

import pytest

from emulator.crypto import sm3
from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.code import Codes
from emulator.ecard.service import masked as emulator_masked
from emulator.envelope.sm2 import PrivateKey
from onecard.oracle import ecard as oracle
from onecard.spec.ecard import EcardSpec, Mask, ecard_spec
from onecard.spec.interface import InterfaceSpec

KNOWN = (
    "OCE1.AQABAgMEBQYHCAkKCwwNDg8AAAAAZVPxABAREhMUFRYX3lO7rGoIG3_yDOcAO1cAuHzYPTrwDmKLJMYK1JN4ld2rah8yI93Vpa7_OMiL8hTU"
    "UloUJ4vy0wJcbRW6viFTkDIpSOE"
)
"""Made once by the emulator with a test key; times and numbers are counting bytes."""
KNOWN_KEY = {
    "keyId": "DE53BBAC",
    "publicKey": "04FA39B5871FDD25D3DD2614F2A5D7117460132A037DC9EE4EB001B339EA686C15"
    "6CFD5E861E9C31D6B075D3578E91D716D7C2BA39A94B78700400C418925BC83A",
    "userId": "1234567812345678",
}
CONTENTS = {"ESSC-NO": bytes(range(16)), "ISSUED": (1700000000).to_bytes(8, "big"), "NONCE": bytes(range(0x10, 0x18))}


@pytest.fixture(scope="module")
def ecard(interface: InterfaceSpec) -> EcardSpec:
    return ecard_spec(interface)


@pytest.fixture(scope="module")
def codes(ecard: EcardSpec) -> Codes:
    return Codes(ecard, EcardBehaviour(), PrivateKey(sm3(b"TEST-KEY-ECARD")))


def test_known_answer(ecard: EcardSpec, codes: Codes) -> None:
    code = oracle.parse_code(ecard.code, KNOWN)
    keys = oracle.published_keys(ecard, [KNOWN_KEY])
    assert code.text == KNOWN
    assert code.number("ISSUED") == 1700000000
    assert {name: code.fields[name] for name in CONTENTS} == CONTENTS
    assert oracle.signature_holds(ecard, code, keys[code.fields["KEY-ID"]])
    assert codes.published() == [KNOWN_KEY]
    fields = codes.read(KNOWN)
    assert fields is not None
    assert codes.holds(fields)


def test_each_side_takes_the_other_ones_codes(ecard: EcardSpec, codes: Codes) -> None:
    text = codes.make({**CONTENTS, "KEY-ID": codes.key_id})
    code = oracle.parse_code(ecard.code, text)
    keys = oracle.published_keys(ecard, codes.published())
    assert oracle.signature_holds(ecard, code, keys[codes.key_id])
    forged = oracle.signed_by(ecard, code, b"\x01" * 32, b"\x02" * 32)
    fields = codes.read(forged.text)
    assert fields is not None
    assert not codes.holds(fields)
    for name in CONTENTS:
        altered = codes.read(code.with_bit_changed(name).text)
        assert altered is not None
        assert not codes.holds(altered)


def test_other_spellings_are_none_for_both(ecard: EcardSpec, codes: Codes) -> None:
    spellings = oracle.respelled(oracle.parse_code(ecard.code, KNOWN))
    assert len(spellings) >= 5
    for text in (*spellings, "", "OCE1.", KNOWN[:-4], KNOWN + "AAAA", "OCE1.汉", "OCE1.\ud800"):
        assert codes.read(text) is None, text
        with pytest.raises(oracle.MalformedCode):
            oracle.parse_code(ecard.code, text)


def test_hexadecimal_is_data(ecard: EcardSpec) -> None:
    changed = replace(ecard, code=replace(ecard.code, encoding="hex"))
    codes = Codes(changed, EcardBehaviour(), PrivateKey(sm3(b"TEST-KEY-ECARD")))
    text = codes.make({**CONTENTS, "KEY-ID": codes.key_id})
    assert oracle.parse_code(changed.code, text).fields["ESSC-NO"] == bytes(range(16))
    assert codes.read(text) is not None
    assert codes.read(text.swapcase()) is None


@pytest.mark.parametrize(
    "key",
    [
        {**KNOWN_KEY, "publicKey": "02" + KNOWN_KEY["publicKey"][2:66]},
        {**KNOWN_KEY, "publicKey": KNOWN_KEY["publicKey"][:-2] + "00"},
        {**KNOWN_KEY, "publicKey": "no hexadecimal"},
        {**KNOWN_KEY, "userId": "another"},
    ],
)
def test_what_is_no_key(ecard: EcardSpec, key: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        oracle.published_keys(ecard, [key])


@pytest.mark.parametrize(
    ("first", "last", "value", "shown"),
    [
        (3, 4, "110101190001010010", "110***********0010"),
        (1, 0, "测试", "测*"),
        (1, 0, "测", "*"),
        (1, 2, "A12", "***"),
        (0, 0, "AB", "**"),
    ],
)
def test_masks(first: int, last: int, value: str, shown: str) -> None:
    mask = Mask("any", first, last, "*")
    assert oracle.masked(mask, value) == emulator_masked(mask, value) == shown
