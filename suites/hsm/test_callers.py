"""Who may ask for what, and how often: institutions, their channels, their limits."""

from collections.abc import Mapping
from typing import Any

from onecard.oracle.hsm import CardSide, fields_of, request
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import HsmUnderTest, Inconclusive, Reply, check, expect, for_each, verifies

ORDER = 70
RESTRICTED, LIMITED = "restricted", "limited"
KEYS = {"02": "HSM/UKSSSE", "03": "HSM/STK", "04": "HSM/DPK"}
MESSAGE = {"header": "8424000114", "plain": "123456", "type": "32"}
DIGITS = {"terminal": "341300000001", "time": "20250228235959"}
MINUTE = 60
RETRY = "retry-after"


def services(spec: InterfaceSpec) -> list[str]:
    """The services that are offered."""
    return [service.number for service in hsm_spec(spec).services.values()]


def proving_keys(spec: InterfaceSpec) -> list[str]:
    """Addresses of the keys that service 02 takes."""
    keys = hsm_spec(spec).keys.values()
    return [key.address for key in keys if key.address is not None and key.use == "authentication"]


def elsewhere(spec: InterfaceSpec) -> list[str]:
    """Endings of regions that the encryptor serves beside its own; none for a city's."""
    digits = hsm_spec(spec).region_digits
    return [tail[digits - 2 :] for tail in ("9913", "5100")] if digits < 4 else []


def text_of(hsm: HsmUnderTest, number: str, region: str | None = None, address: str | None = None) -> str:
    """The string of a right request for a third-generation card."""
    spec = hsm_spec(hsm.spec)
    service = spec.service(number)
    card = CardSide(region or hsm.region, hsm.random.bytes(13), "03", hsm.card_of(spec.algorithms["03"].card))
    drawn = {
        field.role: hsm.random.bytes(field.length // 2).hex().upper()
        for field in service.fields
        if field.form == "hexadecimal"
    }
    named = address or (spec.keys[KEYS[number]].address or "" if number in KEYS else "")
    told = {role: value for role, value in MESSAGE.items() if role in drawn}
    return request(spec, service, drawn | told | DIGITS | fields_of(card, key_address=named))


def ask(hsm: HsmUnderTest, text: str, who: str, channel: str | None = None) -> Reply:
    """Send a string in the name of an institution of the IXIT, through its own channel or another (empty: none)."""
    transport = hsm_spec(hsm.spec).transport
    headers = hsm.caller(who, channel)
    return hsm.request(transport.method, transport.path, json={transport.request: text}, headers=headers)


def answered(hsm: HsmUnderTest, reply: Reply, granted: bool) -> None:
    """Served where it is granted; else refused, with nothing computed beside the refusal."""
    spec = hsm_spec(hsm.spec)
    if granted:
        expect(reply).status(200).json().has(spec.transport.response).lacks("code")
    else:
        refused(spec, reply, "FORBIDDEN")


def refused(spec: HsmSpec, reply: Reply, name: str) -> None:
    """Refused with the code of the data, in both languages, without an answer."""
    error = spec.error(name)
    expect(reply).refused(error.status, code=error.code).json().has("message.zh").has("message.en")
    expect(reply).lacks(spec.transport.response)


def rights(hsm: HsmUnderTest) -> Mapping[str, Any]:
    """What the IXIT says of the restricted institution."""
    given: Mapping[str, Any] = hsm.parameter(RESTRICTED)
    return given


def may(given: Mapping[str, Any], hsm: HsmUnderTest, number: str, address: str | None, region: str) -> bool:
    """Whether the restricted institution has a right to a request, by the IXIT."""
    spec = hsm_spec(hsm.spec)
    named = address if number not in KEYS or address is not None else spec.keys[KEYS[number]].address
    at_home = any(region.startswith(digits) for digits in given["regions"])
    return number in given["services"] and (named is None or named in given["addresses"]) and at_home


@verifies("HSM-AUTHORISED")
@for_each("number", services)
def test_services_of_an_institution(hsm: HsmUnderTest, number: str) -> None:
    """The second institution of the IXIT gets the services that it may use, and 403 for every other."""
    given = rights(hsm)
    answered(hsm, ask(hsm, text_of(hsm, number), RESTRICTED), may(given, hsm, number, None, hsm.region))


@verifies("HSM-AUTHORISED")
@for_each("address", proving_keys)
def test_keys_of_an_institution(hsm: HsmUnderTest, address: str) -> None:
    """It gets authentication data under the keys whose addresses are granted to it, and 403 for every other."""
    given = rights(hsm)
    reply = ask(hsm, text_of(hsm, "02", address=address), RESTRICTED)
    answered(hsm, reply, may(given, hsm, "02", address, hsm.region))


@verifies("HSM-AUTHORISED")
@for_each("tail", elsewhere)
def test_regions_of_an_institution(hsm: HsmUnderTest, tail: str) -> None:
    """It asks about cards of its own regions; of others that the encryptor serves, only the tester's does."""
    given = rights(hsm)
    region = hsm.region[: hsm_spec(hsm.spec).region_digits] + tail
    answered(hsm, ask(hsm, text_of(hsm, "01", region=region), RESTRICTED), may(given, hsm, "01", None, region))
    answered(hsm, ask(hsm, text_of(hsm, "01", region=region), "credentials"), True)


@verifies("HSM-AUTHORISED")
def test_something_is_withheld(hsm: HsmUnderTest) -> None:
    """At least one service or key of the encryptor is refused to the second institution."""
    given = rights(hsm)
    asked: list[tuple[str, str | None]] = [(number, None) for number in services(hsm.spec)]
    asked += [("02", address) for address in proving_keys(hsm.spec)]
    withheld = [each for each in asked if not may(given, hsm, *each, hsm.region)]
    if not withheld:
        raise Inconclusive(
            zh="IXIT 的 restricted 拥有全部权限：请给出一个权限受限的机构",
            en="restricted of the IXIT may do everything: name an institution that may not",
        )
    number, address = withheld[0]
    answered(hsm, ask(hsm, text_of(hsm, number, address=address), RESTRICTED), False)


def own_service(given: Mapping[str, Any]) -> str:
    """The first service that the institution may use."""
    return str(given["services"][0])


@verifies("HSM-CHANNEL")
@for_each("named", ("own", "none", "unknown"))
def test_channel(hsm: HsmUnderTest, named: str) -> None:
    """A request through the institution's channel is served; without a channel, or through another, 403."""
    given = rights(hsm)
    if "channel" not in given:
        raise Inconclusive(zh="IXIT 的 restricted 未给出 channel", en="restricted of the IXIT names no channel")
    own = given["channel"]
    channel = {"own": own, "none": "", "unknown": f"{own}-x"}[named]
    answered(hsm, ask(hsm, text_of(hsm, own_service(given)), RESTRICTED, channel), named == "own")


@verifies("HSM-CHANNEL")
@for_each("number", services)
def test_narrower_channel(hsm: HsmUnderTest, number: str) -> None:
    """Through a channel with fewer services only those are served: a channel narrows what the institution may."""
    given = rights(hsm)
    if "narrow" not in given:
        raise Inconclusive(zh="IXIT 的 restricted 未给出 narrow", en="restricted of the IXIT names no narrow channel")
    narrow = given["narrow"]
    granted = may(given, hsm, number, None, hsm.region) and number in narrow["services"]
    answered(hsm, ask(hsm, text_of(hsm, number), RESTRICTED, narrow["channel"]), granted)


def let_pass(hsm: HsmUnderTest, seconds: int) -> None:
    """Let time pass: by the control interface's clock where there is one."""
    if hsm.has_parameter("control"):
        hsm.control("advance", seconds=seconds)
    else:
        hsm.wait(seconds)


@verifies("HSM-RATE")
def test_limit(hsm: HsmUnderTest) -> None:
    """After a quiet minute the limited institution is served so often, then 429 tells when to come again; others are
    served meanwhile. (A device may count from minute to minute, so that twice as many get through where two meet.)
    """
    spec, limit = hsm_spec(hsm.spec), hsm.parameter(LIMITED)["per-minute"]
    text = text_of(hsm, "01")
    let_pass(hsm, MINUTE)
    for _ in range(limit):
        answered(hsm, ask(hsm, text, LIMITED), True)
    reply = ask(hsm, text, LIMITED)
    for _ in range(limit):
        if reply.status == 200:
            reply = ask(hsm, text, LIMITED)
    refused(spec, reply, "RATE")
    told = reply.headers.get(RETRY, "")
    right = told.isascii() and told.isdigit() and 1 <= int(told) <= MINUTE
    check(hsm, right, what=RETRY, expected=f"1 to {MINUTE} seconds", received=told or "absent")
    answered(hsm, ask(hsm, text, "credentials"), True)
    let_pass(hsm, int(told))
    answered(hsm, ask(hsm, text, LIMITED), True)
