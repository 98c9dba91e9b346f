"""Signatures and the string that is signed."""

import base64
import json
from collections.abc import Callable
from typing import Any

from onecard.oracle.envelope import EnvelopeError, compact
from onecard.oracle.partner_client import Platform
from onecard.testing import PartnerUnderTest, Reply, check, expect, for_each, verifies

ORDER = 110
EMPTY: dict[str, Any] = {"none": None, "text": "", "list": [], "object": {}}
STRANGER = bytes(range(1, 33))
"""A private key of nobody."""


def accepted(reply: Reply, platform: Platform[Reply]) -> None:
    """Success by code and HTTP status."""
    ok = platform.spec.code("OK")
    expect(reply).status(ok.status).json().field("code", ok.code)


def refused(reply: Reply, platform: Platform[Reply], name: str = "SIGNATURE") -> None:
    """The named refusal, without business data."""
    code = platform.spec.code(name)
    expect(reply).refused(code.status, code=code.code).json().lacks("encData")


def swapped(signature: str) -> str:
    """r and s exchanged."""
    octets = base64.b64decode(signature)
    return base64.b64encode(octets[32:] + octets[:32]).decode()


def cut(signature: str) -> str:
    """The last byte left out."""
    return base64.b64encode(base64.b64decode(signature)[:-1]).decode()


FORGERIES: dict[str, Callable[[str], str]] = {
    "empty": lambda right: "",
    "not-base64": lambda right: "*" + right[1:],
    "zeros": lambda right: base64.b64encode(bytes(64)).decode(),
    "r-and-s-exchanged": swapped,
    "one-byte-short": cut,
}


@verifies("PARTNER-SIGNATURE")
@for_each("forgery", tuple(FORGERIES))
def test_forged_signature(partner: PartnerUnderTest, forgery: str) -> None:
    """An empty, broken or invented signature is refused."""
    platform = Platform(partner)
    message = platform.message()
    refused(platform.send({**message, "signData": FORGERIES[forgery](message["signData"])}), platform)


@verifies("PARTNER-SIGNATURE")
def test_other_key(partner: PartnerUnderTest) -> None:
    """A message signed by another key is refused, and nothing is notified."""
    platform = Platform(partner, ("ok",))
    stranger = platform.side.signing_with(STRANGER)
    refused(platform.send(stranger.sealed(platform.fields(), platform.business)), platform)
    came = platform.heard(1)
    check(partner, came == 0, what="notifications of a refused message", expected="0", received=str(came))


@verifies("PARTNER-SIGNATURE")
def test_unsigned(partner: PartnerUnderTest) -> None:
    """A message without a signature is refused as one that lacks a mandatory field, and then taken with it."""
    platform = Platform(partner)
    message = platform.message()
    refused(platform.send({key: value for key, value in message.items() if key != "signData"}), platform, "FIELDS")
    accepted(platform.send(message), platform)


def altered(platform: Platform[Reply], what: str) -> dict[str, Any]:
    """A right message, altered after it was signed."""
    message = platform.message()
    other = {**platform.business, "aaz500": platform.holder()["aaz500"]}
    changes: dict[str, dict[str, Any]] = {
        "message-id": {"msgId": platform.message_id()},
        "timestamp": {"timestamp": platform.side.stamp(platform.now - 1000)},
        "business-data": {"encData": platform.side.enciphered(compact(other).encode())},
        "added-field": {"remark": "x"},
    }
    return {**message, **changes[what]}


@verifies("PARTNER-SIGNATURE")
@for_each("what", ("message-id", "timestamp", "business-data", "added-field"))
def test_altered(partner: PartnerUnderTest, what: str) -> None:
    """A field that is altered or added after signing makes the signature wrong."""
    platform = Platform(partner)
    refused(platform.send(altered(platform, what)), platform)


@verifies("PARTNER-USER-ID")
def test_other_user_id(partner: PartnerUnderTest) -> None:
    """A signature under the user id that was not agreed is refused, one under the agreed id is taken."""
    platform = Platform(partner)
    message, side = platform.message(), platform.side
    text = side.string_to_sign(message, platform.business)
    refused(platform.send({**message, "signData": side.signature(text, side.other_user_id)}), platform)
    accepted(platform.send(message), platform)


@verifies("PARTNER-NORMAL-FORM")
@for_each("writing", ("spaces", "keys-backwards", "escapes"))
def test_other_writing(partner: PartnerUnderTest, writing: str) -> None:
    """The same values written otherwise, outside and inside encData, have the same signature."""
    platform = Platform(partner)
    plain = {
        "spaces": json.dumps(platform.business, ensure_ascii=False, indent=2),
        "keys-backwards": compact(dict(sorted(platform.business.items(), reverse=True))),
        "escapes": json.dumps(platform.business),
    }[writing]
    fields = platform.fields(encData=platform.side.enciphered(plain.encode()))
    message = platform.side.signed(fields, platform.business)
    body = {
        "spaces": json.dumps(message, indent=4),
        "keys-backwards": compact(dict(sorted(message.items(), reverse=True))),
        "escapes": compact(message).replace("SM4", "\\u0053M4"),
    }[writing]
    accepted(platform.post(body), platform)


@verifies("PARTNER-NORMAL-FORM")
@for_each("empty", tuple(EMPTY))
def test_empty_values(partner: PartnerUnderTest, empty: str) -> None:
    """Empty values, as a field, as an item of an array, or nested, stay out of the string to sign."""
    platform = Platform(partner)
    value = EMPTY[empty]
    more = {
        "field": value,
        "items": ["a", value, "b"],
        "nested": {"x": {"y": value}},
        "deep": [[value], {"z": [value]}],
    }
    accepted(platform.activate({**platform.business, **more}), platform)


@verifies("PARTNER-NORMAL-FORM")
def test_scalars(partner: PartnerUnderTest) -> None:
    """Numbers and truth values are signed by their text; 0 and false are not empty."""
    platform = Platform(partner)
    more = {"n": 0, "m": -12, "f": False, "t": True, "zero": "0", "list": [0, False, "", {"n": 7}]}
    accepted(platform.activate({**platform.business, **more}), platform)


@verifies("PARTNER-NORMAL-FORM")
def test_empty_protocol_field(partner: PartnerUnderTest) -> None:
    """An unknown protocol field counts by its value: signed it is taken, empty it stays out."""
    platform = Platform(partner)
    accepted(platform.activate(remark="signed", note=""), platform)


@verifies("PARTNER-NORMAL-FORM")
def test_extra(partner: PartnerUnderTest) -> None:
    """The field extra is outside the signature: it may be added and changed."""
    platform = Platform(partner)
    message = platform.message()
    accepted(platform.send({**message, "extra": {"trace": "1"}}), platform)


def reply_of(platform: Platform[Reply], kind: str) -> Reply:
    """An answer with the code ``kind`` to an application that the partner knows."""
    match kind:
        case "FIELDS":
            return platform.activate(encType="AES")
        case "SIGNATURE":
            return platform.send({**platform.message(), "msgId": platform.message_id()})
        case "BUSINESS":
            return platform.activate({**platform.business, "aaz500": "-"})
        case _:
            return platform.activate()


@verifies("PARTNER-ANSWER-SIGNED")
@for_each("kind", ("OK", "FIELDS", "SIGNATURE", "BUSINESS"))
def test_answer_is_signed(partner: PartnerUnderTest, kind: str) -> None:
    """Success and refusals alike are signed by the partner's key, with all fields, and repeat the message id."""
    platform = Platform(partner)
    reply = reply_of(platform, kind)
    expect(reply).json().field("code", platform.spec.code(kind).code)
    sent = json.loads(reply.request["body"])
    expect(reply).field("msgId", sent["msgId"])
    what = "an answer with all fields, signed"
    try:
        platform.answered(reply.json)
        age = abs(platform.side.moment(reply.get("timestamp")) - platform.now) // 1000
    except EnvelopeError as error:
        check(partner, False, what=what, expected=what, received=str(error))
        raise
    window = platform.spec.timestamp.past
    check(partner, age <= window, what="age of the answer", expected=f"at most {window} s", received=f"{age} s")
