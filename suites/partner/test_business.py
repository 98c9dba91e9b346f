"""Business fields, order of the checks, codes, state of the card, repeated business."""

import json

from onecard.oracle.envelope import EnvelopeError
from onecard.oracle.partner_client import MINUTE, Platform
from onecard.spec.interface import InterfaceSpec
from onecard.spec.partner import ACTIVATE, partner_spec
from onecard.testing import PartnerUnderTest, Reply, check, expect, for_each, verifies

ORDER = 130
OTHER_APPLICATION = "TESTAPPIDOTHER000000000000000000"


def accepted(reply: Reply, platform: Platform[Reply]) -> None:
    """Success by code and HTTP status."""
    ok = platform.spec.code("OK")
    expect(reply).status(ok.status).json().field("code", ok.code)


def refused(reply: Reply, platform: Platform[Reply], name: str) -> None:
    """The named refusal, without business data."""
    code = platform.spec.code(name)
    expect(reply).refused(code.status, code=code.code).json().lacks("encData")


def mandatory(spec: InterfaceSpec) -> list[str]:
    """Keys of the mandatory business fields of an activation."""
    return [field.key for field in partner_spec(spec).business_fields(ACTIVATE, "request") if field.mandatory]


WRONG = (
    ("busiSeq", "123"),
    ("busiSeq", "12345678901234567890123X"),
    ("aab301", "34130"),
    ("aac002", "34130019900101001x"),
    ("aac003", "测试<b>"),
    ("aac003", "测" * 51),
    ("aaz500", "T00000000000"),
    ("aaz500", "T'; DROP--"),
    ("aac067", "12345"),
    ("aae013", "<script>alert(1)</script>"),
)


@verifies("PARTNER-BUSINESS-FIELDS")
@for_each("key", mandatory)
def test_business_field_missing(partner: PartnerUnderTest, key: str) -> None:
    """A mandatory business field that is missing is refused."""
    platform = Platform(partner)
    data = {name: value for name, value in platform.business.items() if name != key}
    refused(platform.activate(data), platform, "BUSINESS")


@verifies("PARTNER-BUSINESS-FIELDS")
@for_each("value", (None, "", [], {}), ids=lambda value: type(value).__name__)
def test_business_field_empty(partner: PartnerUnderTest, value: object) -> None:
    """A mandatory business field of an empty value counts as missing; after it the whole request is taken."""
    platform = Platform(partner)
    refused(platform.activate({**platform.business, "aaz500": value}), platform, "BUSINESS")
    accepted(platform.activate(), platform)


@verifies("PARTNER-BUSINESS-FIELDS")
@for_each("wrong", WRONG, ids=lambda wrong: f"{wrong[0]}-{len(wrong[1])}")
def test_business_field_impossible(partner: PartnerUnderTest, wrong: tuple[str, str]) -> None:
    """A business field, mandatory or optional, with a value that it cannot have is refused and not repeated."""
    platform = Platform(partner)
    reply = platform.activate({**platform.business, wrong[0]: wrong[1]})
    refused(reply, platform, "BUSINESS")
    expect(reply).without("<script", "markup of the request")


def reply_with(platform: Platform[Reply], code: str) -> Reply:
    """An answer that the one fault of its request brings about."""
    match code:
        case "FORM":
            return platform.post("{")
        case "FIELDS":
            return platform.activate(signType="RSA")
        case "APPLICATION":
            return platform.activate(appId=OTHER_APPLICATION)
        case "TIMESTAMP":
            return platform.activate(timestamp=platform.side.stamp(platform.now - 30 * MINUTE))
        case "SIGNATURE":
            return platform.send({**platform.message(), "msgId": platform.message_id()})
        case "ENCIPHERMENT":
            return platform.send({**platform.message(), "encData": "0"})
        case "BUSINESS":
            return platform.activate({**platform.business, "aab301": ""})
        case _:
            return reply_after_activation(platform, code)


def reply_after_activation(platform: Platform[Reply], code: str) -> Reply:
    """An answer whose fault lies in what was accepted before."""
    message = platform.message()
    first = platform.send(message)
    accepted(first, platform)
    match code:
        case "REPLAY":
            return platform.send(message)
        case "SEQUENCE":
            return platform.activate({**platform.business, "aac003": "另一人"})
        case "STATE":
            return platform.activate({**platform.business, "busiSeq": platform.holder()["busiSeq"]})
        case _:
            return first


@verifies("PARTNER-CODES")
@for_each("code", lambda spec: list(partner_spec(spec).codes))
def test_code(partner: PartnerUnderTest, code: str) -> None:
    """Every code comes with its own HTTP status, and with an explanation."""
    platform = Platform(partner)
    reply = reply_with(platform, code)
    wanted = platform.spec.code(code)
    expect(reply).status(wanted.status).json().field("code", wanted.code).has("message")


TWO_FAULTS = (
    "fields-application",
    "application-timestamp",
    "timestamp-encipherment",
    "encipherment-signature",
    "signature-replay",
    "signature-business",
    "replay-business",
    "business-state",
    "state-alone",
)


def reply_to_two_faults(platform: Platform[Reply], faults: str) -> tuple[Reply, str]:
    """An answer to a message with two faults, and the code of the one to be told."""
    old = platform.side.stamp(platform.now - 30 * MINUTE)
    used = platform.message_id()
    nameless = {key: value for key, value in platform.business.items() if key != "aac003"}
    if faults in ("signature-replay", "replay-business", "business-state", "state-alone"):
        accepted(platform.activate(msgId=used), platform)
    match faults:
        case "fields-application":
            return platform.activate(appId=OTHER_APPLICATION, encType="AES"), "FIELDS"
        case "application-timestamp":
            return platform.activate(appId=OTHER_APPLICATION, timestamp=old), "APPLICATION"
        case "timestamp-encipherment":
            return platform.activate(timestamp=old, encData="0"), "TIMESTAMP"
        case "encipherment-signature":
            return platform.send({**platform.message(), "encData": "0", "msgId": used}), "ENCIPHERMENT"
        case "signature-replay":
            return platform.send({**platform.message(), "msgId": used}), "SIGNATURE"
        case "signature-business":
            return platform.send({**platform.message(nameless), "msgId": used}), "SIGNATURE"
        case "replay-business":
            return platform.activate(nameless, msgId=used), "REPLAY"
        case "business-state":
            return platform.activate({**nameless, "busiSeq": platform.holder()["busiSeq"]}), "BUSINESS"
        case _:
            return platform.activate({**platform.business, "busiSeq": platform.holder()["busiSeq"]}), "STATE"


@verifies("PARTNER-CHECK-ORDER")
@for_each("faults", TWO_FAULTS)
def test_first_fault_is_told(partner: PartnerUnderTest, faults: str) -> None:
    """Of two faults the first is told: fields, application, time, cipher, signature, repetition, business, state."""
    platform = Platform(partner)
    reply, code = reply_to_two_faults(platform, faults)
    refused(reply, platform, code)


@verifies("PARTNER-STATE")
def test_card_is_activated_once(partner: PartnerUnderTest) -> None:
    """A card under a new sequence number is refused once it was accepted; another card is not."""
    platform = Platform(partner)
    accepted(platform.activate(), platform)
    again = {**platform.business, "busiSeq": platform.holder()["busiSeq"]}
    refused(platform.activate(again), platform, "STATE")
    refused(platform.activate(again), platform, "STATE")
    accepted(platform.activate(platform.holder()), platform)


@verifies("PARTNER-STATE")
def test_card_stays_activated(partner: PartnerUnderTest) -> None:
    """After the result was notified the card is refused as well."""
    platform = Platform(partner, ("ok",))
    accepted(platform.activate(), platform)
    came = platform.heard(1)
    check(partner, came == 1, what="notifications", expected="1", received=str(came), requirement="PARTNER-NOTIFY")
    refused(platform.activate({**platform.business, "busiSeq": platform.holder()["busiSeq"]}), platform, "STATE")


@verifies("PARTNER-IDEMPOTENT")
def test_business_again(partner: PartnerUnderTest) -> None:
    """A new message for the same business is answered alike, and the result is notified once."""
    platform = Platform(partner, ("ok",))
    first, second = platform.activate(), platform.activate()
    accepted(first, platform)
    accepted(second, platform)
    try:
        told, again = platform.side.opened(first.json), platform.side.opened(second.json)
    except EnvelopeError as error:
        told, again = {}, {"error": str(error)}
    check(
        partner,
        told == again,
        what="business data of both answers",
        expected=json.dumps(told),
        received=json.dumps(again),
    )
    came = platform.heard(2)
    check(
        partner, came == 1, what="result of the business", expected="1 notification", received=f"{came} notifications"
    )


@verifies("PARTNER-IDEMPOTENT")
@for_each("key", ("aac003", "aaz500", "aac067"))
def test_sequence_number_for_other_content(partner: PartnerUnderTest, key: str) -> None:
    """A sequence number that comes back with another name, card or telephone is refused."""
    platform = Platform(partner)
    accepted(platform.activate(), platform)
    other = {"aac003": "另一人", "aaz500": platform.holder()["aaz500"], "aac067": "13900000000"}
    refused(platform.activate({**platform.business, key: other[key]}), platform, "SEQUENCE")
