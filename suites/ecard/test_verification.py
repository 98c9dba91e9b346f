"""Verification of dynamic codes on line: result, masks, single use, expiry, forgeries."""

import json

from onecard.oracle.ecard import Code, MalformedCode, NoTime, masked, parse_code, respelled, seconds, signed_by
from onecard.oracle.ecard_client import Client
from onecard.oracle.sm2 import UnusableScalar
from onecard.spec.ecard import EcardSpec, ecard_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import EcardUnderTest, Inconclusive, PreambleFailed, Reply, Text, check, expect, for_each, verifies

ORDER = 140
ATTEMPTS = 4
MARGIN = 2
# Half of the scalars fit, so that so many draws find one.
DRAWS = 64


def signed_fields(spec: InterfaceSpec) -> list[str]:
    """Fields of the code that the signature covers and whose value is free."""
    layout = ecard_spec(spec).code.layout
    return [field.id for field in layout if field.value is None and field.id != "SIGNATURE"]


def refused(reply: Reply, spec: EcardSpec, error: str) -> None:
    """The named refusal of the data."""
    wanted = spec.error(error)
    expect(reply).refused(wanted.status, code=wanted.code)


def verified(reply: Reply, spec: EcardSpec, requirement: str | None = None) -> None:
    """A good verification."""
    expect(reply, requirement).status(spec.operation("VERIFY").success).json()


def fresh(client: Client[Reply], essc_no: str) -> Code:
    """A code taken apart, to make others of it."""
    try:
        return parse_code(client.spec.code, client.code_text(essc_no))
    except MalformedCode as error:
        raise PreambleFailed(zh=f"动态码：{error.text.zh}", en=f"dynamic code: {error.text.en}") from error


def time_of(reply: Reply, path: str) -> int:
    """A time in an answer; a step that tells none has failed."""
    try:
        return seconds(reply.get(path))
    except NoTime as error:
        raise PreambleFailed(zh=f"{path}：{error.text.zh}", en=f"{path}: {error.text.en}") from error


def later(ecard: EcardUnderTest, passing: int) -> int | None:
    """Let time pass, by the test clock or by waiting; returns the clock's time where there is one."""
    if not ecard.has_parameter("control"):
        if ecard.parameter("wait") is not True:
            raise Inconclusive(zh="IXIT 未允许等待", en="the IXIT does not allow waiting")
        ecard.wait(passing)
        return None
    reply = ecard.control("advance", seconds=passing)
    return time_of(ecard.must(reply, Text("推进测试时钟", "set the test clock forward")), "now")


def verified_at(ecard: EcardUnderTest, age: int) -> Reply:
    """The answer to a code of exactly this age. Tried again when the clock ticked in between."""
    client = Client(ecard)
    essc_no = client.issued()
    for _ in range(ATTEMPTS):
        given = ecard.must(client.code(essc_no), Text("生成动态码", "dynamic code"))
        before = later(ecard, age)
        reply = client.verify(given.get("code"))
        if before == later(ecard, 0) == time_of(given, "issued") + age:
            return reply
    raise Inconclusive(zh="测试时钟走得过快，无法对准秒", en="the test clock runs too fast to hit a second")


@verifies("ECARD-VERIFY")
def test_verified(ecard: EcardUnderTest) -> None:
    """A fresh code gives its e-card, region and time of issue."""
    client = Client(ecard)
    essc_no = client.issued()
    given = ecard.must(client.code(essc_no), Text("生成动态码", "dynamic code"))
    reply = client.verify(given.get("code"))
    verified(reply, client.spec)
    for key in client.spec.operation("VERIFY").answer:
        expect(reply).has(key)
    expect(reply).field("esscNo", essc_no).field("aab301", client.card["aab301"])
    expect(reply).field("issued", given.get("issued"))


@verifies("ECARD-VERIFY")
def test_each_card_its_own(ecard: EcardUnderTest) -> None:
    """Codes of two cards, verified in turn, give each its own e-card and holder."""
    client = Client(ecard)
    numbers = [client.issued(card) for card in client.cards[:2]]
    texts = [client.code_text(number) for number in numbers]
    for card, number, text in zip(client.cards, numbers, texts, strict=False):
        reply = client.verify(text)
        verified(reply, client.spec)
        expect(reply).field("esscNo", number)
        mask = client.spec.masks["aac002"]
        expect(reply, "ECARD-VERIFY").field("aac002", masked(mask, card["aac002"]))


@verifies("ECARD-VERIFY-MASK")
def test_masked(ecard: EcardUnderTest) -> None:
    """Name and numbers are masked by their rules, and stand in full nowhere in the answer, for every card."""
    client = Client(ecard)
    for card in client.cards:
        reply = client.verify(client.code_text(client.issued(card)))
        for key, mask in client.spec.masks.items():
            expect(reply).field(key, masked(mask, card[key]))
        body = json.dumps(reply.json, ensure_ascii=False)
        for field in client.spec.fields.values():
            if field.personal:
                told = card[field.key] in body
                received = f"{reply.status} with {field.key} in full" if told else "masked"
                check(ecard, not told, what="personal data", expected="masked", received=received)


@verifies("ECARD-VERIFY-ONCE")
def test_once(ecard: EcardUnderTest) -> None:
    """The second verification of a code is refused, and every later one, while a new code is verified."""
    client = Client(ecard)
    essc_no = client.issued()
    text = client.code_text(essc_no)
    verified(client.verify(text), client.spec, "ECARD-VERIFY")
    for _ in range(2):
        refused(client.verify(text), client.spec, "USED")
    verified(client.verify(client.code_text(essc_no)), client.spec, "ECARD-VERIFY")
    refused(client.verify(text), client.spec, "USED")


@verifies("ECARD-VERIFY-MALFORMED")
def test_malformed(ecard: EcardUnderTest) -> None:
    """Another prefix or version, a part, an excess, and what is no code at all are malformed."""
    client = Client(ecard)
    code = fresh(client, client.issued())
    text, prefix = code.text, client.spec.code.prefix
    version = client.spec.code.layout[0]
    others = (
        "x",
        prefix,
        text[len(prefix) :],
        "X" + text[1:],
        text[:-4],
        text + "AAAA",
        text + text,
        prefix + "!" * (len(text) - len(prefix)),
        prefix + "汉" * 20,
        code.with_field(version.id, bytes((((version.value or 0) + 1) & 0xFF,))).text,
    )
    for other in others:
        refused(client.verify(other), client.spec, "MALFORMED")
    verified(client.verify(text), client.spec, "ECARD-VERIFY")


@verifies("ECARD-VERIFY-MALFORMED")
def test_half_a_character(ecard: EcardUnderTest) -> None:
    """A code of escapes that stand for half a character each is malformed, and no server error."""
    client = Client(ecard)
    operation, prefix = client.spec.operation("VERIFY"), client.spec.code.prefix
    headers = {"authorization": f"Bearer {client.keys[operation.role]}"}
    # JSON can write such a character in no other way than as an escape.
    body = json.dumps({"code": prefix + "\ud800" * 20})
    reply = ecard.request(operation.method, operation.at(""), body=body, headers=headers)
    refused(reply, client.spec, "MALFORMED")


@verifies("ECARD-VERIFY-MALFORMED")
def test_one_spelling(ecard: EcardUnderTest) -> None:
    """Other spellings of the same bytes (padding, other alphabet, spare bits, white space) are malformed."""
    client = Client(ecard)
    code = fresh(client, client.issued())
    for spelling in respelled(code):
        refused(client.verify(spelling), client.spec, "MALFORMED")
    verified(client.verify(code.text), client.spec, "ECARD-VERIFY")


@verifies("ECARD-VERIFY-SIGNATURE")
@for_each("field", signed_fields)
def test_altered_field(ecard: EcardUnderTest, field: str) -> None:
    """One changed bit in any signed field is refused for its signature; the code itself still serves."""
    client = Client(ecard)
    code = fresh(client, client.issued())
    refused(client.verify(code.with_bit_changed(field).text), client.spec, "SIGNATURE")
    verified(client.verify(code.text), client.spec, "ECARD-VERIFY")


@verifies("ECARD-VERIFY-SIGNATURE")
def test_altered_signature(ecard: EcardUnderTest) -> None:
    """A changed r or s, zeros, and the signature of another code are refused."""
    client = Client(ecard)
    essc_no = client.issued()
    code, other = fresh(client, essc_no), fresh(client, essc_no)
    signature = code.fields["SIGNATURE"]
    half = len(signature) // 2
    for wrong in (
        bytes((signature[0] ^ 1,)) + signature[1:],
        signature[:-1] + bytes((signature[-1] ^ 1,)),
        signature[half:] + signature[:half],
        bytes(len(signature)),
        b"\xff" * len(signature),
        other.fields["SIGNATURE"],
    ):
        refused(client.verify(code.with_field("SIGNATURE", wrong).text), client.spec, "SIGNATURE")
    verified(client.verify(code.text), client.spec, "ECARD-VERIFY")


@verifies("ECARD-VERIFY-SIGNATURE")
@for_each("named", (True, False), ids=lambda named: "named" if named else "unnamed")
def test_other_key(ecard: EcardUnderTest, named: bool) -> None:
    """A code signed by another key is refused, whether it names the service's key or one that nobody has."""
    client = Client(ecard)
    code = fresh(client, client.issued())
    if not named:
        code = code.with_bit_changed("KEY-ID")
    # The forger's key guards nothing: it may be known to all who know the nonce of the run.
    for _ in range(DRAWS):
        try:
            forged = signed_by(client.spec, code, ecard.random.bytes(32), ecard.random.bytes(32))
        except UnusableScalar:
            continue
        refused(client.verify(forged.text), client.spec, "SIGNATURE")
        return
    raise Inconclusive(zh="未取到可用的标量", en="no usable scalar was drawn")


@verifies("ECARD-VERIFY-EXPIRED")
def test_expired(ecard: EcardUnderTest) -> None:
    """A code that has outlived its validity is refused as expired, again and again; a new one serves."""
    client = Client(ecard)
    essc_no = client.issued()
    text = client.code_text(essc_no)
    later(ecard, client.spec.code.validity + MARGIN)
    refused(client.verify(text), client.spec, "EXPIRED")
    refused(client.verify(text), client.spec, "EXPIRED")
    verified(client.verify(client.code_text(essc_no)), client.spec, "ECARD-VERIFY")


@verifies("ECARD-VERIFY-LAST-SECOND")
def test_last_second(ecard: EcardUnderTest) -> None:
    """A code is verified when exactly its validity has passed."""
    spec = ecard_spec(ecard.spec)
    verified(verified_at(ecard, spec.code.validity), spec)


@verifies("ECARD-VERIFY-LAST-SECOND")
def test_first_second_after(ecard: EcardUnderTest) -> None:
    """A code is refused as expired one second after its validity."""
    spec = ecard_spec(ecard.spec)
    refused(verified_at(ecard, spec.code.validity + 1), spec, "EXPIRED")


@verifies("ECARD-VERIFY-UNKNOWN")
def test_unknown_ecard(ecard: EcardUnderTest) -> None:
    """A good code of an e-card that is no longer known, since the test data were reset, is refused as unknown."""
    client = Client(ecard)
    text = client.code_text(client.issued())
    ecard.must(ecard.control("reset"), Text("复位测试数据", "reset the test data"))
    refused(client.verify(text), client.spec, "ECARD")
