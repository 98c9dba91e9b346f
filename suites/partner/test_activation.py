"""The platform calls the partner: a right activation, its answer, its envelope."""

from collections.abc import Callable

from onecard.oracle.envelope import EnvelopeError, Side, compact
from onecard.oracle.partner_client import Platform
from onecard.oracle.sm2 import public_key_of
from onecard.spec.partner import ACTIVATE
from onecard.testing import Inconclusive, PartnerUnderTest, Reply, check, expect, for_each, verifies

ORDER = 100
# The synthetic vector of the fact sheet, for the values of the reference code.
VECTOR_APP = ("TESTAPPID0000000000000000000001A", "TESTSECRET000000000000000000001B")
VECTOR_PLAIN = '{"aac002":"11010119000101001X","aac003":"测试"}'
VECTOR_ENCIPHERED = (
    "60661F369F09EE399EE017CA510BF4F6D2467E7AC4711CD47FB4DB339E3BB1B2"
    "1FFE59133866B6DEE7A657302B3966287F039780917CC1CD49E9BE36A1443162"
)


def conforms(partner: PartnerUnderTest, judge: Callable[[], object], what: str) -> None:
    """What a judge of the oracle finds nothing wrong with."""
    try:
        judge()
    except EnvelopeError as error:
        check(partner, False, what=what, expected=what, received=str(error))
    check(partner, True, what=what, expected=what, received="conforms")


def accepted(reply: Reply, platform: Platform[Reply], requirement: str | None = None) -> None:
    """Success by code and HTTP status."""
    ok = platform.spec.code("OK")
    expect(reply, requirement).status(ok.status).json().field("code", ok.code)


def refused(reply: Reply, platform: Platform[Reply], name: str) -> None:
    """The named refusal, without business data."""
    code = platform.spec.code(name)
    expect(reply).refused(code.status, code=code.code).json().lacks("encData")


def own_business(partner: PartnerUnderTest, platform: Platform[Reply], reply: Reply) -> None:
    """The answer's business data are by form, and speak of the case's business."""
    what = "business data that open with the derived key"
    conforms(partner, lambda: platform.side.opened(reply.json), what)
    data = platform.side.opened(reply.json)
    conforms(partner, lambda: platform.check_business(ACTIVATE, "answer", data), "business data of the answer by form")
    shown = str(data.get("busiSeq"))
    check(
        partner,
        shown == platform.business["busiSeq"],
        what="sequence number of the answer",
        expected=platform.business["busiSeq"],
        received=shown,
    )


@verifies("PARTNER-ACTIVATE")
def test_right_activation(partner: PartnerUnderTest) -> None:
    """A right activation is accepted: code 0, the sequence number, and the state `accepted`."""
    platform = Platform(partner)
    reply = platform.activate()
    accepted(reply, platform)
    own_business(partner, platform, reply)


@verifies("PARTNER-ACTIVATE")
def test_optional_fields(partner: PartnerUnderTest) -> None:
    """Optional business fields are taken, and unknown ones do not disturb."""
    platform = Platform(partner)
    more = {"aac067": "13900000000", "aae013": "一卡通开通", "unknown": "x"}
    reply = platform.activate({**platform.business, **more})
    accepted(reply, platform)
    own_business(partner, platform, reply)


@verifies("PARTNER-KEY")
def test_answer_opens(partner: PartnerUnderTest) -> None:
    """Request and answer are enciphered under the key derived from application id and secret."""
    platform = Platform(partner)
    reply = platform.activate()
    accepted(reply, platform)
    expect(reply).has("encData")
    conforms(partner, lambda: platform.side.opened(reply.json), "encData that open with the derived key")


@verifies("PARTNER-KEY")
def test_long_data(partner: PartnerUnderTest) -> None:
    """Business data that end with a block of 16 bytes, and one byte before it, are padded and read rightly."""
    platform = Platform(partner)
    for short in (0, 1):
        data = {**platform.holder(), "aae013": "x"}
        data["aae013"] *= 17 - short - len(compact(data).encode()) % 16
        accepted(platform.activate(data), platform)


@verifies("PARTNER-KEY")
def test_vector_and_activation(partner: PartnerUnderTest) -> None:
    """The rules that give the published synthetic vector give a request that the partner takes."""
    platform = Platform(partner)
    rule, key = platform.spec.encipherment, platform.spec.key
    if (rule.mode, rule.coding, key.coding) == ("ecb", "upper-hex", "upper-hex"):
        private = b"\x01" * 32
        vector = Side(platform.spec, *VECTOR_APP, private, public_key_of(private))
        if vector.enciphered(VECTOR_PLAIN.encode()) != VECTOR_ENCIPHERED:
            raise Inconclusive(zh="测试仪算不出公开向量", en="the tester does not reproduce the published vector")
    accepted(platform.activate(), platform)


@verifies("PARTNER-ENCIPHERMENT-WRONG")
@for_each("fault", ("empty", "not-coded", "half-a-block", "no-padding", "text", "array", "key-twice", "not-utf-8"))
def test_undecipherable(partner: PartnerUnderTest, fault: str) -> None:
    """Business data that are no ciphertext, wrongly padded, or no JSON object are refused; nothing breaks."""
    platform = Platform(partner)
    right = platform.side.enciphered(compact(platform.business).encode())
    faults = {
        "empty": "",
        "not-coded": "*" + right[1:],
        "half-a-block": right[: len(right) // 2 - 10],
        "no-padding": right[: len(right) // 2 // 32 * 32]
        if platform.spec.encipherment.coding == "upper-hex"
        else "AAAA",
        "text": platform.side.enciphered(b"activate"),
        "array": platform.side.enciphered(b"[]"),
        "key-twice": platform.side.enciphered(b'{"busiSeq":"1","busiSeq":"2"}'),
        "not-utf-8": platform.side.enciphered(b'{"aac003":"\xff\xfe"}'),
    }
    fields = platform.fields(encData=faults[fault])
    refused(platform.send(platform.side.signed(fields, platform.business)), platform, "ENCIPHERMENT")


@verifies("PARTNER-HEX-CASE")
def test_lower_case_hex(partner: PartnerUnderTest) -> None:
    """Ciphertext in lower-case hexadecimal, the signature being the same, is taken or refused as declared."""
    platform = Platform(partner)
    message = platform.message()
    reply = platform.send({**message, "encData": message["encData"].lower()})
    if partner.ics["partner.lower_hex_accepted"]:
        accepted(reply, platform)
    else:
        refused(reply, platform, "ENCIPHERMENT")


@verifies("PARTNER-PLAIN-DATA")
@for_each("beside", (False, True), ids=lambda beside: "beside-encData" if beside else "alone")
def test_data_in_clear(partner: PartnerUnderTest, beside: bool) -> None:
    """Data in clear, alone or beside encData, are refused although the signature over them holds."""
    platform = Platform(partner)
    message = platform.message()
    message["data"] = platform.business
    if not beside:
        del message["encData"]
    refused(platform.send(message), platform, "FIELDS")
    accepted(platform.activate(), platform)
