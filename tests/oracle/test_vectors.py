"""The oracle against the vectors: valid ones confirmed, invalid ones refused, acceptable ones not mistaken."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from onecard.oracle import blocks, certificate, codec, envelope, hsm, identity, keyset, purse, session, sm2, tlv
from onecard.oracle.errors import OracleError
from onecard.oracle.psam import PsamTerminal
from onecard.oracle.psam_loading import PsamDeskSide
from onecard.oracle.psam_purchase import PurchaseSide
from onecard.oracle.psam_transport import PsamTransportSide
from onecard.oracle.sm3 import sm3
from onecard.spec.hierarchy import installed_hierarchy
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.spec.partner import PartnerSpec, partner_spec
from onecard.spec.psam import PsamSpec, psam_spec

VECTORS = Path(__file__).parents[2] / "vectors"
FILES = sorted(path for path in VECTORS.glob("*.json") if path.name != "schema.json")

Test = Mapping[str, Any]


@dataclass(frozen=True)
class Vector:
    file: str
    type: str
    algorithm: str | None
    test: Test


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


def vectors() -> Iterator[Any]:
    for path in FILES:
        for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
            for test in group["tests"]:
                vector = Vector(path.stem, group["type"], group.get("algorithm"), test)
                yield pytest.param(vector, id=f"{path.stem}-{test['tcId']}-{test['result']}")


def rules(vector: Vector) -> session.Rules:
    return session.DRAFT_RULES[blocks.Algorithm(vector.algorithm or "")]


def digest(vector: Vector) -> bool:
    return sm3(octets(vector.test["msg"])) == octets(vector.test["digest"])


def block_cipher(vector: Vector) -> bool:
    algorithm = blocks.Algorithm(vector.algorithm or "")
    key, message, ciphertext = (octets(vector.test[name]) for name in ("key", "msg", "ct"))
    enciphers = blocks.encrypt_block(algorithm, key, message) == ciphertext
    assert (blocks.decrypt_block(algorithm, key, ciphertext) == message) == enciphers
    return enciphers


def diversification(vector: Vector) -> bool:
    root = octets(vector.test["rootKey"])
    factors = [octets(factor) for factor in vector.test["factors"]]
    all_factors = session.factors_of(rules(vector), vector.test["region"], octets(vector.test["historical"]))
    assert factors == list(all_factors[: len(factors)])
    return session.diversify(rules(vector), root, factors) == octets(vector.test["key"])


def session_key(vector: Vector) -> bool:
    made = session.session_key(rules(vector), octets(vector.test["key"]), octets(vector.test["random"]))
    return made == octets(vector.test["session"])


def authentication_data(vector: Vector) -> bool:
    made = session.authentication_data(rules(vector), octets(vector.test["session"]), octets(vector.test["original"]))
    return made == octets(vector.test["authentication"])


def mac4(vector: Vector) -> bool:
    key, initial, message = (octets(vector.test[name]) for name in ("session", "iv", "msg"))
    return session.mac4(rules(vector), key, message, initial) == octets(vector.test["mac"])


def encipherment(vector: Vector) -> bool:
    key, plain, ciphertext = (octets(vector.test[name]) for name in ("session", "plain", "ct"))
    deciphers = session.decipher(rules(vector), key, ciphertext) == plain
    assert (session.encipher(rules(vector), key, plain) == ciphertext) == deciphers
    return deciphers


def pin_block(vector: Vector) -> bool:
    return session.pin_block(vector.test["digits"]) == octets(vector.test["coded"])


def citizen_number(vector: Vector) -> bool:
    number = identity.citizen_number_decode(vector.test["number"])
    expected = {"Male": identity.Sex.MALE, "Female": identity.Sex.FEMALE}
    assert all(number.sex is expected.get(flag, number.sex) for flag in vector.test["flags"])
    return True


def card_number(vector: Vector) -> bool:
    return identity.card_number_decode(vector.test["number"]) == str(vector.test["number"])[:8]


def identification_code(vector: Vector) -> bool:
    code = identity.identification_code_decode(octets(vector.test["coded"]))
    assert code.region == vector.test["region"]
    assert code.serial.hex() == vector.test["serial"]
    assert code.authentication.hex() == vector.test["authentication"]
    return code.authenticated is bool(vector.test["authenticated"])


def initialising_body(vector: Vector) -> bool:
    body = identity.initialising_body_decode(octets(vector.test["coded"]))
    expected = tuple(vector.test[name] for name in ("issuingRegion", "bodyRegion", "sequence"))
    return bool((body.issuing_region, body.body_region, body.sequence) == expected)


def bcd(vector: Vector) -> bool:
    digits, length, coded = vector.test["digits"], vector.test["length"], octets(vector.test["coded"])
    decodes = codec.bcd_decode(coded) == digits
    return decodes and codec.bcd_encode(digits, length) == coded


def gbk(vector: Vector) -> bool:
    text, length, coded = vector.test["text"], vector.test["length"], octets(vector.test["coded"])
    decodes = codec.an_decode(coded, codec.Charset.GBK) == text
    return decodes and (
        vector.test["result"] == "acceptable" or codec.an_encode(text, length, codec.Charset.GBK) == coded
    )


def simple_tlv(vector: Vector) -> bool:
    items = tlv.simple_tlv_decode(octets(vector.test["coded"]))
    assert b"".join(tlv.simple_tlv_encode(item.tag, item.value) for item in items).hex() == vector.test["coded"]
    return bool([{"tag": f"{item.tag:02x}", "value": item.value.hex()} for item in items] == vector.test["items"])


def fci(vector: Vector) -> bool:
    decoded = tlv.fci_decode(octets(vector.test["coded"]))
    found = {
        "name": decoded.name.hex(),
        "directorySfi": decoded.directory_sfi,
        "issuerData": None if decoded.issuer_data is None else decoded.issuer_data.hex(),
        "algorithm": decoded.algorithm,
    }
    assert bool(decoded.unknown) == ("Unknown" in vector.test["flags"])
    return bool(found == vector.test["fci"])


def sm2_verify(vector: Vector) -> bool:
    point = octets(vector.test["publicKey"])
    assert point[0] == 0x04
    key = sm2.PublicKey(point[1:33], point[33:])
    return sm2.verify(key, octets(vector.test["msg"]), octets(vector.test["identity"]), octets(vector.test["sig"]))


@lru_cache(maxsize=1)
def envelope_rules() -> PartnerSpec:
    profile = load_spec().resolve_profile("partner-default")
    assert isinstance(profile, InterfaceSpec)
    return partner_spec(profile)


def partner_side(spec: PartnerSpec, app_id: str, secret: str) -> envelope.Side:
    private = bytes(31) + b"\x01"
    return envelope.Side(spec, app_id, secret, private, sm2.public_key_of(private))


def partner_encipherment(vector: Vector) -> bool:
    rules, test = envelope_rules(), vector.test
    spec = replace(
        rules,
        encipherment=replace(rules.encipherment, mode=test["mode"], coding=test["coding"]),
        key=replace(rules.key, coding=test["keyCoding"]),
    )
    key = envelope.message_key(spec.key, test["appId"], test["appSecret"])
    enciphered = partner_side(spec, test["appId"], test["appSecret"]).enciphered(octets(test["plain"]))
    return key == octets(test["key"]) and enciphered == str(test["encData"])


def partner_normal_form(vector: Vector) -> bool:
    side = partner_side(envelope_rules(), "", vector.test["appSecret"])
    made = side.string_to_sign(vector.test["fields"], vector.test["data"])
    return made == str(vector.test["stringToSign"])


def purse_fields(vector: Vector) -> Mapping[str, bytes]:
    return {name: octets(value) for name, value in vector.test["fields"].items()}


def purse_mac(vector: Vector) -> bool:
    fields, test = purse_fields(vector), vector.test
    made = purse.session_key(rules(vector), octets(test["key"]), test["sessionInputs"], fields)
    mac = purse.mac(rules(vector), made, test["inputs"], fields)
    return (made, mac) == (octets(test["session"]), octets(test["mac"]))


def purse_tac(vector: Vector) -> bool:
    made = purse.tac(rules(vector), octets(vector.test["key"]), vector.test["inputs"], purse_fields(vector))
    return made == octets(vector.test["tac"])


def certificate_pin(vector: Vector) -> bool:
    key = certificate.pin_key(vector.test["digits"])
    proof = certificate.proof(key, octets(vector.test["challenge"]))
    return (key, proof) == (octets(vector.test["key"]), octets(vector.test["proof"]))


def certificate_change(vector: Vector) -> bool:
    operands = (octets(vector.test[name]) for name in ("key", "challenge", "header", "plain"))
    return certificate.secured(*operands) == octets(vector.test["data"])


def sm2_encryption(vector: Vector) -> bool:
    private, message, k = (octets(vector.test[name]) for name in ("privateKey", "msg", "k"))
    key = sm2.public_key_of(private)
    assert key.octets == octets(vector.test["publicKey"])
    return sm2.encrypt(key, message, k) == octets(vector.test["ct"])


def check_value(vector: Vector) -> bool:
    rule, key = installed_hierarchy().check_value, octets(vector.test["key"])
    return keyset.check_value(rule, vector.algorithm or "", key) == octets(vector.test["check"])


def key_components(vector: Vector) -> bool:
    made = keyset.combine([octets(component) for component in vector.test["components"]])
    return made == octets(vector.test["key"]) and check_value(vector)


def secured_command(vector: Vector) -> bool:
    key, header, plain = (octets(vector.test[name]) for name in ("session", "header", "plain"))
    data = session.encipher(rules(vector), key, plain) if plain else b""
    return session.secured(rules(vector), key, header, data) == octets(vector.test["command"])


@lru_cache(maxsize=1)
def psam_rules() -> PsamSpec:
    profile = load_spec().resolve_profile("psam-sm4")
    assert isinstance(profile, InterfaceSpec)
    return psam_spec(profile)


def psam_session(vector: Vector) -> bool:
    test, spec = vector.test, psam_rules()
    side = PsamTerminal(spec, vector.algorithm or "")
    key, data = spec.keys[f"PSAM/{test['name']}"], octets(test["data"])
    factors, random = [octets(factor) for factor in test["factors"]], octets(test["random"])
    assert side.delivery(key, factors, random) == octets(test["delivery"])
    assert side.cipher(test["does"], data) == octets(test["cipher"])
    made = side.session(octets(test["rootKey"]), factors, random)
    if test["does"] == "encipher":
        return side.enciphered(made, data) == octets(test["answer"])
    return octets(test["answer"])[:4] == side.mac(made, data)


def psam_key_loading(vector: Vector) -> bool:
    own, challenge, header, plain = (octets(vector.test[name]) for name in ("ownKey", "challenge", "header", "plain"))
    desk = PsamDeskSide(PsamTerminal(psam_rules(), vector.algorithm or ""))
    enciphered = desk.enciphered(own, plain)
    with_lc = header + bytes((len(enciphered) + desk.loading.mac_length,))
    return desk.closed(own, with_lc, enciphered, challenge) == octets(vector.test["command"])


def psam_purchase(vector: Vector) -> bool:
    test = vector.test
    side = PurchaseSide(PsamTerminal(psam_rules(), vector.algorithm or ""))
    root, factors = octets(test["rootKey"]), [octets(factor) for factor in test["factors"]]
    answer, fields = octets(test["answer"]), dict(purse_fields(vector))
    assert side.init(side.data(fields, factors)) == octets(test["init"])
    sequence = int.from_bytes(octets(test["sequence"]), "big") + side.purchase.step
    whole = {**fields, "terminal": octets(test["terminal"]), "terminal-serial": answer[:4]}
    mac1, mac2 = (made(root, factors, whole) for made in (side.mac1, side.mac2))
    return answer == sequence.to_bytes(4, "big") + mac1 and mac2 == octets(test["mac2"])


@lru_cache(maxsize=1)
def transport_side() -> PsamTransportSide:
    profile = load_spec().resolve_profile("psam-transport")
    assert isinstance(profile, InterfaceSpec)
    spec = psam_spec(profile)
    assert spec.transport is not None
    return PsamTransportSide(spec, spec.transport)


def psam_transport_mac(vector: Vector) -> bool:
    test, side = vector.test, transport_side()
    root, data, usage, version = (octets(test[name]) for name in ("rootKey", "data", "usage", "version"))
    factors = [octets(factor) for factor in test["factors"]]
    assert side.deliver(usage[0], version[0], side.factors(factors)) == octets(test["delivery"])
    assert side.cipher(data) == octets(test["cipher"])
    return side.mac(side.card_key(root, factors), data) == octets(test["mac"])


def psam_transport_purchase(vector: Vector) -> bool:
    test, side = vector.test, transport_side()
    root, factors = octets(test["rootKey"]), [octets(factor) for factor in test["factors"]]
    answer, fields = octets(test["answer"]), dict(purse_fields(vector))
    assert side.init(side.terms(fields, factors)) == octets(test["init"])
    sequence = (int.from_bytes(octets(test["sequence"]), "big") + 1).to_bytes(4, "big")
    whole = {**fields, "terminal": octets(test["terminal"]), "terminal-sequence": answer[:4]}
    mac1, mac2 = (made(root, factors, whole) for made in (side.mac1, side.mac2))
    return answer == sequence + mac1 and mac2 == octets(test["mac2"])


@lru_cache(maxsize=1)
def hsm_rules() -> HsmSpec:
    profile = load_spec().resolve_profile("hsm-default")
    assert isinstance(profile, InterfaceSpec)
    return hsm_spec(profile)


def hsm_service(vector: Vector) -> bool:
    spec, test = hsm_rules(), vector.test
    number, *values = test["request"].split(spec.strings.separator)[:-1]
    service = next(each for each in spec.services.values() if each.number == number)
    fields = {field.role: value for field, value in zip(service.fields, values, strict=True) if value}
    card = load_spec().card_of_profile(spec.algorithms[fields["algorithm"]].card)
    side = hsm.CardSide(fields["region"], octets(fields["historical"]), fields["algorithm"], card)
    roots = {name: octets(value) for name, value in test["roots"].items()}
    return test["response"] in hsm.answers(spec, service, fields, roots, side)


CONFIRMS: Mapping[str, Callable[[Vector], bool]] = {
    "Digest": digest,
    "BlockCipher": block_cipher,
    "Diversification": diversification,
    "SessionKey": session_key,
    "AuthenticationData": authentication_data,
    "Mac4": mac4,
    "Encipherment": encipherment,
    "PinBlock": pin_block,
    "CitizenNumber": citizen_number,
    "CardNumber": card_number,
    "IdentificationCode": identification_code,
    "InitialisingBody": initialising_body,
    "Bcd": bcd,
    "Gbk": gbk,
    "SimpleTlv": simple_tlv,
    "Fci": fci,
    "Sm2Verify": sm2_verify,
    "Sm2Encryption": sm2_encryption,
    "PurseMac": purse_mac,
    "PurseTac": purse_tac,
    "CertificatePin": certificate_pin,
    "CertificateChange": certificate_change,
    "PartnerEncipherment": partner_encipherment,
    "PartnerNormalForm": partner_normal_form,
    "CheckValue": check_value,
    "KeyComponents": key_components,
    "SecuredCommand": secured_command,
    "PsamSession": psam_session,
    "PsamKeyLoading": psam_key_loading,
    "PsamPurchase": psam_purchase,
    "PsamTransportMac": psam_transport_mac,
    "PsamTransportPurchase": psam_transport_purchase,
    "HsmService": hsm_service,
}


@pytest.mark.parametrize("vector", list(vectors()))
def test_vector(vector: Vector) -> None:
    assert confirmed(vector) is (vector.test["result"] != "invalid")


def confirmed(vector: Vector) -> bool:
    try:
        return CONFIRMS[vector.type](vector)
    except OracleError:
        return False


def test_files_are_found() -> None:
    assert len(FILES) >= 29


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_follows_the_schema(path: Path) -> None:
    schema = json.loads((VECTORS / "schema.json").read_text(encoding="utf-8"))
    raw = path.read_bytes()
    document = json.loads(raw)
    jsonschema.Draft202012Validator(schema).validate(document)
    tests = [test for group in document["testGroups"] for test in group["tests"]]
    assert [test["tcId"] for test in tests] == list(range(1, document["numberOfTests"] + 1))
    assert {flag for test in tests for flag in test["flags"]} == set(document["notes"])
    assert b"\r" not in raw
    assert raw.endswith(b"}\n")
    assert {"valid", "invalid"} <= {test["result"] for test in tests}
