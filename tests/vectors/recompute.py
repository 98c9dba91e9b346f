"""What the emulator's side computes of the inputs of a vector: one entry a type, outputs by member."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial, reduce
from types import MappingProxyType
from typing import Any

from emulator.card.purse.crypto import assemble, mac4, tac
from emulator.card.purse.crypto import session_key as purse_session_key
from emulator.card.transport.crypto import diversified as transport_diversified
from emulator.crypto import encrypt, sm3, xor
from emulator.crypto_card import authentication_data, diversify, factors, session_key
from emulator.crypto_messaging import covered, encipher, mac
from emulator.hsm.hsm import ReferenceHsm
from emulator.keyset import check_value
from emulator.psam import crypto as psam_crypto
from emulator.psam.factory import psam_image, specification
from emulator.psam.psam import ReferencePsam
from emulator.psam.state import PsamImage, TransportStore
from onecard.spec.card import CardSpec
from onecard.spec.card_messaging import messaging_of
from onecard.spec.hierarchy import installed_hierarchy
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import PsamAlgorithm, PsamSpec, psam_spec

Test = Mapping[str, Any]
Outputs = dict[str, Any]
PROFILES: Mapping[str, str] = MappingProxyType({"3des": "card-2.0", "sm4": "card-3.0"})
BLOCKS: Mapping[str, int] = MappingProxyType({"3des": 8, "sm4": 16})
SEED = "vectors"


@cache
def card(algorithm: str) -> CardSpec:
    return specification().card_of_profile(PROFILES[algorithm])


@cache
def psam_data() -> PsamSpec:
    found = specification().resolve_profile("psam-sm4")
    assert isinstance(found, InterfaceSpec)
    return psam_spec(found)


@cache
def hsm_data() -> HsmSpec:
    found = specification().resolve_profile("hsm-default")
    assert isinstance(found, InterfaceSpec)
    return hsm_spec(found)


def octets(test: Test, *names: str) -> list[bytes]:
    return [bytes.fromhex(test[name]) for name in names]


def fields(test: Test) -> dict[str, bytes]:
    return {name: bytes.fromhex(value) for name, value in test["fields"].items()}


def swapped(key: str) -> str:
    """A key of 16 bytes with its halves exchanged."""
    return key[16:] + key[:16]


def digest(_: str, test: Test) -> Outputs:
    return {"digest": sm3(bytes.fromhex(test["msg"])).hex()}


def block_cipher(algorithm: str, test: Test) -> Outputs:
    key, message = octets(test, "key", "msg")
    return {"ct": encrypt(algorithm, key, message).hex()}


def diversification(algorithm: str, test: Test) -> Outputs:
    root, historical = octets(test, "rootKey", "historical")
    steps = factors(card(algorithm).diversification, test["region"], historical)[: len(test["factors"])]
    data = psam_data()
    key = psam_crypto.diversify(data.algorithms[algorithm], data.diversification, root, steps)
    if len(steps) == len(card(algorithm).diversification.levels):
        assert key == diversify(card(algorithm), root, len(steps), test["region"], historical)
    return {"factors": [step.hex() for step in steps], "key": key.hex()}


def session(algorithm: str, test: Test) -> Outputs:
    key, random = octets(test, "key", "random")
    return {"session": session_key(card(algorithm), key, random).hex()}


def authentication(algorithm: str, test: Test) -> Outputs:
    key, original = octets(test, "session", "original")
    return {"authentication": authentication_data(card(algorithm), key, original).hex()}


def mac_of(algorithm: str, test: Test) -> Outputs:
    key, initial, message = octets(test, "session", "iv", "msg")
    rule: PsamAlgorithm = psam_data().algorithms[algorithm]
    return {"mac": psam_crypto.mac(rule, key, initial + padded(rule.block, message)).hex()}


def padded(block: int, data: bytes) -> bytes:
    marked = data + b"\x80"
    return marked + bytes(-len(marked) % block)


def encipherment(algorithm: str, test: Test) -> Outputs:
    key, plain = octets(test, "session", "plain")
    spec = card(algorithm)
    return {"ct": encipher(messaging_of(spec).encipherment, spec.algorithm, key, plain).hex()}


def purse_mac(algorithm: str, test: Test) -> Outputs:
    made = purse_session_key(algorithm, bytes.fromhex(test["key"]), assemble(test["sessionInputs"], fields(test)))
    return {"session": made.hex(), "mac": mac4(algorithm, made, assemble(test["inputs"], fields(test))).hex()}


def purse_tac(algorithm: str, test: Test) -> Outputs:
    return {"tac": tac(algorithm, bytes.fromhex(test["key"]), assemble(test["inputs"], fields(test))).hex()}


def check(algorithm: str, test: Test) -> Outputs:
    hierarchy = installed_hierarchy()
    block = hierarchy.algorithms[algorithm].block
    return {"check": check_value(hierarchy.check_value, algorithm, block, bytes.fromhex(test["key"])).hex()}


def components(algorithm: str, test: Test) -> Outputs:
    key = reduce(xor, (bytes.fromhex(each) for each in test["components"])).hex()
    return {"key": key, **check(algorithm, {"key": key})}


def secured_command(algorithm: str, test: Test) -> Outputs:
    key, header, plain = octets(test, "session", "header", "plain")
    spec = card(algorithm)
    rules = messaging_of(spec)
    data = encipher(rules.encipherment, spec.algorithm, key, plain) if plain else b""
    made = mac(rules.mac, spec.algorithm, key, covered(rules, header, data))
    return {"command": (header + bytes((len(data) + len(made),)) + data + made).hex()}


def psam_session(algorithm: str, test: Test) -> Outputs:
    data = psam_data()
    root, key = bytes.fromhex(test["rootKey"]), data.keys[f"PSAM/{test['name']}"]
    device = opened(algorithm, replace(psam_image(data, SEED), keys={test["name"]: root}))
    ordered = b"".join(reversed([bytes.fromhex(factor) for factor in test["factors"]]))
    factor = bytes.fromhex(test["random"]).ljust(data.algorithms[algorithm].block, b"\x00")
    delivery = command(data, "DELIVERY-SESSION-KEY", key.usage, key.number, ordered + factor)
    cipher = command(
        data, "CIPHER-DATA", data.command("CIPHER-DATA").mode(test["does"]).p1, 0, bytes.fromhex(test["data"])
    )
    exchanged(device, delivery)
    answer = exchanged(device, cipher)
    return {"delivery": delivery.hex(), "cipher": cipher.hex(), "answer": answer.hex()}


def opened(algorithm: str, image: PsamImage) -> ReferencePsam:
    """A PSAM with the application of this environment selected."""
    data = psam_data()
    device = ReferencePsam(data, image)
    device.power_on()
    named = data.command("SELECT").method("name").p1
    for name in (data.environment(algorithm).aid, data.application.aid):
        assert exchanged(device, bytes((0x00, 0xA4, named, 0x00, len(name))) + name)
    return device


def psam_purchase(algorithm: str, test: Test) -> Outputs:
    data, given = psam_data(), fields(test)
    image = psam_image(data, SEED)
    terminal, sequence, root = octets(test, "terminal", "sequence", "rootKey")
    version = int.from_bytes(given["version"], "big")
    files = {**image.files, "PSAM/EF0016": terminal, "PSAM/EF0019": sequence}
    device = opened(algorithm, replace(image, files=files, purchase={version: root}))
    ordered = b"".join(reversed([bytes.fromhex(factor) for factor in test["factors"]]))
    body = b"".join(given[name] for name, _ in data.purchase.fields) + ordered
    init = command(data, "INIT-PURCHASE", data.command("INIT-PURCHASE").p1, 0, body)
    answer = exchanged(device, init)
    whole = {**given, "terminal": terminal, "terminal-serial": answer[:4]}
    rule, inputs = data.algorithms[algorithm], data.purchase.inputs
    factors_ = [bytes.fromhex(factor) for factor in test["factors"]]
    key = psam_crypto.diversify(rule, data.diversification, root, factors_)
    made = purse_session_key(algorithm, key, assemble(inputs["session"], whole))
    mac2 = mac4(algorithm, made, assemble(inputs["mac2"], whole))
    assert exchanged(device, command(data, "CREDIT-PURCHASE", data.command("CREDIT-PURCHASE").p1, 0, mac2)) == b""
    return {"init": init.hex(), "answer": answer.hex(), "mac2": mac2.hex()}


def transport_psam(**held: Any) -> tuple[PsamSpec, ReferencePsam]:
    """A PSAM whose transport application, selected, holds these; ``terminal``: what file 0016 holds."""
    found = specification().resolve_profile("psam-transport")
    assert isinstance(found, InterfaceSpec)
    data = psam_spec(found)
    assert data.transport is not None
    image = psam_image(data, SEED)
    files = {**image.files, "PSAM/EF0016": held.pop("terminal", bytes(6))}
    device = ReferencePsam(data, replace(image, files=files, transport=TransportStore(**held)))
    device.power_on()
    exchanged(device, command(data, "SELECT", data.command("SELECT").method("fid").p1, 0, data.transport.reference))
    return data, device


def psam_transport_mac(_: str, test: Test) -> Outputs:
    root, body = octets(test, "rootKey", "data")
    usage, version = octets(test, "usage", "version")
    data, device = transport_psam(keys={(usage[0], version[0]): root})
    ordered = b"".join(reversed([bytes.fromhex(factor) for factor in test["factors"]]))
    delivery = command(data, "TRANSPORT-DELIVER", usage[0], version[0], ordered)
    cipher = command(data, "TRANSPORT-CIPHER", data.command("TRANSPORT-CIPHER").p1, 0, body)
    exchanged(device, delivery)
    return {"delivery": delivery.hex(), "cipher": cipher.hex(), "mac": exchanged(device, cipher).hex()}


def psam_transport_purchase(algorithm: str, test: Test) -> Outputs:
    given, (terminal, sequence, root) = fields(test), octets(test, "terminal", "sequence", "rootKey")
    purchase = {given["key-version"][0]: root}
    data, device = transport_psam(terminal=terminal, purchase=purchase, sequence=int.from_bytes(sequence, "big"))
    assert data.transport is not None
    factors_ = [bytes.fromhex(factor) for factor in test["factors"]]
    body = b"".join([*(given[name] for name, _ in data.transport.fields), *reversed(factors_)])
    init = command(data, "TRANSPORT-INIT", data.command("TRANSPORT-INIT").p1, 0, body)
    answer = exchanged(device, init)
    whole = {**given, "terminal": terminal, "terminal-sequence": answer[:4]}
    key, inputs = transport_diversified(algorithm, root, factors_), data.transport.inputs
    made = purse_session_key(algorithm, key, assemble(inputs["session"], whole))
    mac2 = mac4(algorithm, made, assemble(inputs["mac2"], whole))
    assert exchanged(device, command(data, "TRANSPORT-CREDIT", data.command("TRANSPORT-CREDIT").p1, 0, mac2)) == b""
    return {"init": init.hex(), "answer": answer.hex(), "mac2": mac2.hex()}


def command(data: PsamSpec, name: str, p1: int, p2: int, body: bytes) -> bytes:
    found = data.command(name)
    return bytes((found.cla, found.ins, p1, p2, len(body))) + body


def exchanged(device: ReferencePsam, apdu: bytes) -> bytes:
    """The data of the answer, fetched as over T=0."""
    answer = device.process(apdu) or b""
    if answer[-2] == 0x61:
        answer = device.process(bytes((0x00, 0xC0, 0x00, 0x00, answer[-1]))) or b""
    assert answer[-2:] == b"\x90\x00", (apdu.hex(), answer.hex())
    return answer[:-2]


def psam_loading(algorithm: str, test: Test) -> Outputs:
    own, challenge, header, plain = octets(test, "ownKey", "challenge", "header", "plain")
    rule = psam_data().algorithms[algorithm]
    counted = bytes((len(plain),)) + plain
    enciphered = encrypt(algorithm, own, counted if len(counted) % rule.block == 0 else padded(rule.block, counted))
    head = header + bytes((len(enciphered) + psam_data().loading.mac_length,))
    initial = challenge.ljust(rule.block, b"\x00")
    last = psam_crypto.loading_block(rule, own, initial + padded(rule.block, head + enciphered))
    return {"command": (head + enciphered + psam_crypto.fold(rule, last)).hex()}


def hsm_service(_: str, test: Test) -> Outputs:
    data = hsm_data()
    cards = {each.card: specification().card_of_profile(each.card) for each in data.algorithms.values()}
    roots = {key.key: bytes.fromhex(test["roots"][key.key]) for key in data.keys.values()}
    return {"response": ReferenceHsm(data, cards, roots, test["region"]).service(test["request"])}


RECOMPUTE: Mapping[str, Callable[[str, Test], Outputs]] = MappingProxyType(
    {
        "Digest": digest,
        "BlockCipher": block_cipher,
        "Diversification": diversification,
        "SessionKey": session,
        "AuthenticationData": authentication,
        "Mac4": mac_of,
        "Encipherment": encipherment,
        "PurseMac": purse_mac,
        "PurseTac": purse_tac,
        "CheckValue": check,
        "KeyComponents": components,
        "SecuredCommand": secured_command,
        "PsamSession": psam_session,
        "PsamKeyLoading": psam_loading,
        "PsamPurchase": psam_purchase,
        "PsamTransportMac": psam_transport_mac,
        "PsamTransportPurchase": psam_transport_purchase,
        "HsmService": hsm_service,
    }
)


def recomputed(type_: str, algorithm: str | None) -> Callable[[Test], Outputs] | None:
    """The emulator's computation of a group's type; None for a type that is no computation of the card family."""
    found = RECOMPUTE.get(type_)
    return None if found is None else partial(found, algorithm or "")
