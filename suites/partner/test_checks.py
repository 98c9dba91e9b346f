"""What is refused of a message before its business is looked at: form, fields, application, time, repetition."""

import json
from collections.abc import Callable
from typing import Any

from onecard.oracle.envelope import compact
from onecard.oracle.partner_client import MINUTE, Platform
from onecard.spec.interface import InterfaceSpec
from onecard.spec.partner import NOTIFY, partner_spec
from onecard.testing import PartnerUnderTest, Reply, expect, for_each, verifies

ORDER = 120
MARKUP = "<script>alert(1)</script>"
OTHER_APPLICATION = "TESTAPPIDOTHER000000000000000000"


def accepted(reply: Reply, platform: Platform[Reply]) -> None:
    """Success by code and HTTP status."""
    ok = platform.spec.code("OK")
    expect(reply).status(ok.status).json().field("code", ok.code)


def refused(reply: Reply, platform: Platform[Reply], name: str) -> None:
    """The named refusal, without business data."""
    code = platform.spec.code(name)
    expect(reply).refused(code.status, code=code.code).json().lacks("encData")


BODIES: dict[str, Callable[[str], str]] = {
    "empty": lambda right: "",
    "html": lambda right: f"<html><body>{MARKUP}</body></html>",
    "text": lambda right: json.dumps(MARKUP),
    "array": lambda right: f"[{right}]",
    "null": lambda right: "null",
    "cut": lambda right: right[:-1],
    "followed": lambda right: right + "{}",
    "key-twice": lambda right: right[:-1] + ',"appId":"' + OTHER_APPLICATION + '"}',
    "not-a-number": lambda right: right[:-1] + ',"extra":NaN}',
    "deep": lambda right: '{"extra":' + "[" * 6000 + "]" * 6000 + "}",
}


@verifies("PARTNER-FORM")
@for_each("body", tuple(BODIES))
def test_malformed(partner: PartnerUnderTest, body: str) -> None:
    """What is no JSON object, or has a key twice, is refused by a JSON answer in which nothing of it comes back."""
    platform = Platform(partner)
    reply = platform.post(BODIES[body](compact(platform.message())))
    refused(reply, platform, "FORM")
    expect(reply).without("<script", "markup of the request")


@verifies("PARTNER-FORM")
@for_each("more", (0, 1), ids=lambda more: "one-byte-more" if more else "largest")
def test_length(partner: PartnerUnderTest, more: int) -> None:
    """A body of the largest length is taken, one byte more is refused."""
    platform = Platform(partner)
    body = compact(platform.message())
    reply = platform.post(body + " " * (platform.spec.largest_body - len(body.encode()) + more))
    if more:
        refused(reply, platform, "FORM")
    else:
        accepted(reply, platform)


def mandatory(spec: InterfaceSpec) -> list[str]:
    """Keys of the mandatory protocol fields of a request."""
    return [field.key for field in partner_spec(spec).fields if field.request == "mandatory"]


@verifies("PARTNER-FIELDS")
@for_each("key", mandatory)
def test_field_missing(partner: PartnerUnderTest, key: str) -> None:
    """A message without a mandatory protocol field is refused, the signature over the rest being right."""
    platform = Platform(partner)
    rest = {name: value for name, value in platform.message().items() if name not in (key, "signData")}
    message = rest if key == "signData" else platform.side.signed(rest, platform.business)
    refused(platform.send(message), platform, "FIELDS")


def impossible(spec: InterfaceSpec) -> list[tuple[str, str]]:
    """(key, value) that no protocol field of a request has."""
    found = partner_spec(spec)
    times = {
        "datetime": ["20261332250000", "2026-01-01 00:00:00", "1767225600000"],
        "epoch-ms": ["20260101000000", "0"],
    }
    return [
        ("appId", "TESTAPPID"),
        ("encType", "AES"),
        ("signType", "RSA"),
        ("version", "9.9.9"),
        ("transType", found.operations[NOTIFY].trans_type),
        ("msgId", "A" * 7),
        ("msgId", "A" * 41),
        ("msgId", MARKUP),
        ("code", "0"),
        ("message", "x"),
        *(("timestamp", value) for value in times[found.timestamp.form]),
    ]


@verifies("PARTNER-FIELDS")
@for_each("wrong", impossible, ids=lambda wrong: f"{wrong[0]}-{wrong[1]}")
def test_field_impossible(partner: PartnerUnderTest, wrong: tuple[str, str]) -> None:
    """A protocol field with a value that it cannot have is refused, though rightly signed."""
    platform = Platform(partner)
    reply = platform.activate(None, **{wrong[0]: wrong[1]})
    refused(reply, platform, "FIELDS")
    expect(reply).without("<script", "markup of the request")


@verifies("PARTNER-FIELDS")
@for_each("length", (8, 40))
def test_message_id_lengths(partner: PartnerUnderTest, length: int) -> None:
    """The shortest and the longest message id are taken."""
    platform = Platform(partner)
    accepted(platform.activate(msgId=(platform.message_id() * 2)[:length]), platform)


@verifies("PARTNER-APPLICATION")
def test_unknown_application(partner: PartnerUnderTest) -> None:
    """A message of an application that nobody agreed on is refused, though rightly signed otherwise."""
    platform = Platform(partner)
    refused(platform.activate(appId=OTHER_APPLICATION), platform, "APPLICATION")
    accepted(platform.activate(), platform)


@verifies("PARTNER-TIMESTAMP")
@for_each("minutes", (-4, 4))
def test_clock_skew_within(partner: PartnerUnderTest, minutes: int) -> None:
    """A clock that is off by less than the window, a minute left for the way, does no harm."""
    platform = Platform(partner)
    accepted(platform.activate(timestamp=platform.side.stamp(platform.now + minutes * MINUTE)), platform)


@verifies("PARTNER-TIMESTAMP")
@for_each("minutes", (-6, 6, -60 * 8, 60 * 8), ids=lambda minutes: f"{minutes}-minutes")
def test_clock_skew_beyond(partner: PartnerUnderTest, minutes: int) -> None:
    """A time stamp before or after the window is refused: minutes, or the hours of a wrong zone."""
    platform = Platform(partner)
    reply = platform.activate(timestamp=platform.side.stamp(platform.now + minutes * MINUTE))
    refused(reply, platform, "TIMESTAMP")


@verifies("PARTNER-TIMESTAMP-EDGE")
def test_edges_of_the_window(partner: PartnerUnderTest) -> None:
    """At a stopped clock: the first and the last second of the window are taken, the ones beside them refused."""
    platform = Platform(partner)
    platform.stop_clock()
    past, future = platform.spec.timestamp.past * 1000, platform.spec.timestamp.future * 1000
    for at in (platform.now - past - 1000, platform.now + future + 1000):
        refused(platform.activate(timestamp=platform.side.stamp(at)), platform, "TIMESTAMP")
    for at in (platform.now - past, platform.now + future):
        accepted(platform.activate(platform.holder(), timestamp=platform.side.stamp(at)), platform)


@verifies("PARTNER-REPLAY")
def test_same_message_again(partner: PartnerUnderTest) -> None:
    """The same message is taken once; again at once, and after another message, it is refused."""
    platform = Platform(partner)
    message = platform.message()
    accepted(platform.send(message), platform)
    refused(platform.send(message), platform, "REPLAY")
    accepted(platform.activate(platform.holder()), platform)
    refused(platform.send(message), platform, "REPLAY")


@verifies("PARTNER-REPLAY")
def test_message_id_again(partner: PartnerUnderTest) -> None:
    """A new message with a used message id is refused, whatever it holds."""
    platform = Platform(partner)
    used = platform.message_id()
    accepted(platform.activate(msgId=used), platform)
    refused(platform.activate(platform.holder(), msgId=used), platform, "REPLAY")


@verifies("PARTNER-REFUSED-HARMLESS")
@for_each("fault", ("signature", "timestamp"))
def test_refused_message_keeps_no_id(partner: PartnerUnderTest, fault: str) -> None:
    """A forged or late message with somebody's message id does not stop the right message of that id."""
    platform = Platform(partner)
    message = platform.message()
    changes: dict[str, dict[str, Any]] = {
        "signature": {"encData": platform.side.enciphered(b"{}")},
        "timestamp": {"timestamp": platform.side.stamp(platform.now - 60 * MINUTE)},
    }
    refused(platform.send({**message, **changes[fault]}), platform, fault.upper())
    accepted(platform.send(message), platform)
