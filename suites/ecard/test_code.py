"""The dynamic code as it is given: layout, signature, times, and that no two are alike."""

from onecard.oracle.ecard import Code, parse_code, published_keys, seconds, signature_holds
from onecard.oracle.ecard_client import Client
from onecard.oracle.sm2 import PublicKey
from onecard.spec.ecard import EcardSpec
from onecard.testing import EcardUnderTest, Reply, check, expect, verifies

ORDER = 130
TAKEN = 6


def taken(spec: EcardSpec, reply: Reply) -> Code:
    """The code of an answer; one of another layout fails."""
    expect(reply, "ECARD-CODE-LAYOUT").matches(
        "code", lambda text: parse_code(spec.code, text), "a dynamic code by the layout"
    )
    return parse_code(spec.code, reply.get("code"))


def keys_of(client: Client[Reply]) -> dict[bytes, PublicKey]:
    """The published keys; what is no key fails."""
    reply = client.call(client.spec.operation("KEYS"))
    expect(reply, "ECARD-KEYS").status(client.spec.operation("KEYS").success).json()
    expect(reply, "ECARD-KEYS").matches("keys", lambda keys: published_keys(client.spec, keys), "SM2 public keys")
    return published_keys(client.spec, reply.get("keys"))


@verifies("ECARD-CODE")
def test_times(ecard: EcardUnderTest) -> None:
    """A code comes with whole seconds of issue and expiry, the validity apart."""
    client = Client(ecard)
    operation = client.spec.operation("CODE")
    reply = client.code(client.issued())
    expect(reply).status(operation.success).json()
    for key in operation.answer:
        expect(reply).has(key)
    expect(reply).matches("issued", seconds, "a whole number of seconds")
    expect(reply).field("expires", reply.get("issued") + client.spec.code.validity)


@verifies("ECARD-CODE-LAYOUT")
def test_layout(ecard: EcardUnderTest) -> None:
    """Prefix, encoding and lengths are right; e-card number and time in the code are those of the answer."""
    client = Client(ecard)
    essc_no = client.issued()
    reply = client.code(essc_no)
    code = taken(client.spec, reply)
    shown = code.fields["ESSC-NO"].hex().upper()
    check(ecard, shown == essc_no, what="e-card number in the code", expected=essc_no, received=shown)
    told, held = str(reply.get("issued")), str(code.number("ISSUED"))
    check(ecard, held == told, what="time of issue in the code", expected=told, received=held)


@verifies("ECARD-CODE-SIGNED", "ECARD-KEYS")
def test_signature(ecard: EcardUnderTest) -> None:
    """The published key named by the code verifies its signature over prefix and fields."""
    client = Client(ecard)
    keys = keys_of(client)
    code = taken(client.spec, client.code(client.issued()))
    named = code.fields["KEY-ID"]
    check(
        ecard,
        named in keys,
        what="signing key of the code among the published keys",
        expected=named.hex().upper(),
        received="keys " + ", ".join(key.hex().upper() for key in keys),
        requirement="ECARD-KEYS",
    )
    holds = signature_holds(client.spec, code, keys[named])
    received = "code holds" if holds else "code whose signature does not hold"
    check(ecard, holds, what="signature under the published key", expected="code holds", received=received)


@verifies("ECARD-CODE-UNIQUE")
def test_unique(ecard: EcardUnderTest) -> None:
    """Codes taken within the same second, for one e-card and for two, have random values that all differ."""
    client = Client(ecard)
    numbers = [client.issued(card) for card in client.cards[:2]]
    codes = [taken(client.spec, client.code(number)) for number in numbers for _ in range(TAKEN // 2)]
    nonces = {code.fields["NONCE"] for code in codes}
    again = len(codes) - len(nonces)
    check(ecard, again == 0, what="random values", expected="0 repeated", received=f"{again} repeated")
    plain = sum(len(set(nonce)) < 3 for nonce in nonces)
    check(ecard, plain == 0, what="random values of one repeated byte", expected="0", received=str(plain))


@verifies("ECARD-KEYS")
def test_keys_are_public(ecard: EcardUnderTest) -> None:
    """Without any key of a caller the public keys come, and stay the same."""
    client = Client(ecard)
    first, second = keys_of(client), keys_of(client)
    check(ecard, first == second, what="keys asked twice", expected="keys are the same", received="keys differ")
