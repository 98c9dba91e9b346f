"""Requests written out as strings, from the public facts about the encryptor's services.

The other cases take form and addresses from the specification's data, and so would share an error of the data with the
encryptor's maker who reads the same data. These cases do not: what they send and expect is spelled here.
"""

import re

from onecard.spec.interface import InterfaceSpec
from onecard.testing import HsmUnderTest, Reply, expect, for_each, verifies

ORDER = 90
HISTORICAL = "00814A44468660341300000001"
IDENTIFICATION = "34130000000000000000000000000000"
FACTOR, ORIGINAL = "1111111122222222", "3333333344444444"
ALGORITHMS = ("01", "03")


def ask(hsm: HsmUnderTest, text: str) -> Reply:
    """Send a string."""
    credentials = hsm.parameter("credentials")
    headers = {"x-api-id": credentials["id"], "x-api-key": credentials["key"]}
    if "channel" in credentials:
        headers["x-api-channel"] = credentials["channel"]
    return hsm.request("POST", "/v1/services", json={"request": text}, headers=headers)


def formed(pattern: str, hsm: HsmUnderTest, text: str) -> None:
    """The answer has this form."""

    def match(found: object) -> None:
        if not isinstance(found, str) or not re.fullmatch(pattern, found):
            raise ValueError(f"must match {pattern}")

    expect(ask(hsm, text)).status(200).json().matches("response", match, pattern)


@verifies("HSM-SERVICE-01")
@for_each("algorithm", ALGORITHMS)
def test_service_01(hsm: HsmUnderTest, algorithm: str) -> None:
    """01|region|26|alg|32|16|16||| answers 16+16 hex, the original last, and an empty second part (fact: services)."""
    text = f"01|{hsm.region}|{HISTORICAL}|{algorithm}|{IDENTIFICATION}|{FACTOR}|{ORIGINAL}|||"
    formed(rf"[0-9A-F]{{16}}{ORIGINAL}\|\|?", hsm, text)


@verifies("HSM-SERVICE-01-EXTERNAL")
def test_service_01_with_external(hsm: HsmUnderTest) -> None:
    """With the external pair there are two parts of 32 hex, each ended by | (fact: services)."""
    text = f"01|{hsm.region}|{HISTORICAL}|03|{IDENTIFICATION}|{FACTOR}|{ORIGINAL}|{FACTOR}|{'AB' * 8}|"
    formed(rf"[0-9A-F]{{16}}{ORIGINAL}\|[0-9A-F]{{16}}{'AB' * 8}\|", hsm, text)


@verifies("HSM-SERVICE-02")
@for_each("algorithm", ALGORITHMS)
@for_each("address", ("0090", "0094"))
def test_service_02(hsm: HsmUnderTest, algorithm: str, address: str) -> None:
    """02|region|26|alg|address|16|16| answers 16+16 hex and | (fact: services; addresses of PUK and UKSSSE)."""
    text = f"02|{hsm.region}|{HISTORICAL}|{algorithm}|{address}|{FACTOR}|{ORIGINAL}|"
    formed(rf"[0-9A-F]{{16}}{ORIGINAL}\|", hsm, text)


@verifies("HSM-PIN-RELOAD")
@for_each("message", (("01", "842400010C", 16), ("03", "8424000114", 32)), ids=lambda message: message[0])
def test_service_03(hsm: HsmUnderTest, message: tuple[str, str, int]) -> None:
    """03|region|26|alg|0173|16|header|PIN| answers header or none, 16 or 32 digits, 8 of MAC (fact: services)."""
    algorithm, header, digits = message
    text = f"03|{hsm.region}|{HISTORICAL}|{algorithm}|0173|{FACTOR}|{header}|123456|"
    formed(rf"({header})?[0-9A-F]{{{digits + 8}}}\|", hsm, text)


@verifies("HSM-PIN-UNBLOCK")
@for_each("algorithm", ALGORITHMS)
def test_service_03_without_pin(hsm: HsmUnderTest, algorithm: str) -> None:
    """03|region|26|alg|0173|16|8424000004|| answers the header or none, and 8 digits of MAC (fact: services)."""
    text = f"03|{hsm.region}|{HISTORICAL}|{algorithm}|0173|{FACTOR}|8424000004||"
    formed(r"(8424000004)?[0-9A-F]{8}\|", hsm, text)


def lengths_of_amounts(spec: InterfaceSpec) -> list[int]:
    """The declared lengths of the amounts."""
    return {"two": [16], "three": [24], "either": [16, 24]}[str(spec.ics["hsm.amounts"])]


@verifies("HSM-PURCHASE")
@for_each("algorithm", ALGORITHMS)
@for_each("digits", lengths_of_amounts)
def test_service_04(hsm: HsmUnderTest, algorithm: str, digits: int) -> None:
    """04 answers terminal sequence, time, and three times 8 digits (fact: services; both readings of the amounts)."""
    amounts, time = "00000064".rjust(digits, "0"), "20250228120000"
    text = f"04|{hsm.region}|{HISTORICAL}|0000AB01|{algorithm}|017F|11223344|0001|{amounts}|32|341300000001|{time}|"
    formed(rf"0000AB01\|{time}\|([0-9A-F]{{8}}\|){{3}}", hsm, text)
