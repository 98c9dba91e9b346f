"""Purchases through the reference PSAM: with the reference card, against the oracle, and over its life."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.card.card import ReferenceCard
from emulator.card.factory import reference_card
from emulator.keys import DEFAULT_SEED, root_key
from emulator.persons import person
from emulator.psam.factory import psam, psam_image, specification, terminal_number
from emulator.psam.psam import ReferencePsam
from emulator.variant import Variant
from onecard.harness.context import historical_in
from onecard.oracle import purse
from onecard.oracle import session as computation
from onecard.oracle.psam import PsamTerminal
from onecard.oracle.psam_purchase import PurchaseSide
from onecard.spec.card import CardSpec
from onecard.spec.card_purse import PURCHASE, purse_of
from onecard.spec.interface import InterfaceSpec
from onecard.spec.overlay import with_values
from onecard.spec.psam import psam_spec

CARDS = ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui")
LEVELS: Mapping[str, int] = {"city": 1, "province": 2, "national": 3}
PURSE = (
    "00A404000F7378312E73682EC9E7BBE1B1A3D5CF",
    "00A4040006D15600000503",
    "0020000003123456",
)
SEQUENCE = "PSAM/EF0019"
AMOUNTS = st.integers(min_value=0, max_value=0xFFFFFFFF).map(lambda fen: fen.to_bytes(4, "big"))
TIMES = st.datetimes().map(lambda at: bytes.fromhex(f"{at:%Y%m%d%H%M%S}".zfill(14)))


@cache
def cards(profile: str, level: str) -> CardSpec:
    """The card whose purchase key lies so many levels below the PSAM's root."""
    return with_values(specification(), "DPK", {"levels": LEVELS[level]}).card_of_profile(profile)


@cache
def psams(profile: str, level: str) -> InterfaceSpec:
    ics = {**specification().profile(profile).ics, "psam.purchase_level": level}
    return specification().interface("psam", ics, profile)


def answered(device: ReferencePsam | ReferenceCard, command: bytes) -> bytes:
    """The answer, fetched as a terminal does."""
    answer = device.process(command) or b""
    if answer[-2:-1] == b"\x61":
        answer = device.process(bytes.fromhex("00C00000") + answer[-1:]) or b""
    return answer


def done(device: ReferencePsam | ReferenceCard, command: bytes) -> bytes:
    """The data of an answer that must be a success."""
    answer = answered(device, command)
    assert answer[-2:] == b"\x90\x00", f"{command[:4].hex()} -> {answer.hex()}"
    return answer[:-2]


def opened(device: ReferencePsam, algorithm: str) -> PurchaseSide:
    side = PsamTerminal(device.spec, algorithm)
    device.power_on()
    for command in (side.select_environment(), side.select_application()):
        done(device, command)
    return PurchaseSide(side)


@settings(max_examples=12)
@given(
    profile=st.sampled_from(CARDS),
    level=st.sampled_from(tuple(LEVELS)),
    version=st.integers(min_value=1, max_value=3),
    amounts=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS),
    time=TIMES,
    sequence=st.integers(min_value=0, max_value=0xFFFFFFFE),
    holder=st.integers(min_value=0, max_value=20),
)
def test_a_purchase_on_the_reference_card(
    profile: str,
    level: str,
    version: int,
    amounts: tuple[bytes, bytes, bytes],
    time: bytes,
    sequence: int,
    holder: int,
) -> None:
    """The card takes the PSAM's MAC1, the PSAM the card's MAC2; the oracle confirms the TAC."""
    spec = cards(profile, level)
    version = min(version, max(spec.key_versions))
    card = reference_card(profile, spec=spec, holder=holder)
    device = psam("psam-sm4", variant=Variant(spec=psams("psam-sm4", level)))
    device.image.files[SEQUENCE] = sequence.to_bytes(4, "big")
    account, self_paid, pooled = amounts
    card.image.purses["MEDICAL"].values["balance"] = account
    historical = historical_in(card.power_on(), 13)
    for step in PURSE:
        done(card, bytes.fromhex(step))
    terminal = bytes.fromhex(terminal_number(DEFAULT_SEED))
    begun = done(card, bytes.fromhex("B028010113") + bytes((version,)) + b"".join(amounts) + terminal)
    fields = {
        "account": account,
        "self-paid": self_paid,
        "pooled": pooled,
        "purchase-serial": begun[14:16],
        "version": begun[16:17],
        "algorithm": begun[17:18],
        "random": begun[18:22],
        "type": b"\x32",
        "time": time,
        "terminal": terminal,
    }
    assert fields["version"] == bytes((version,))
    side = opened(device, spec.algorithm.code)
    rules, region = computation.rules_of(spec), person(DEFAULT_SEED, holder).region
    factors = computation.factors_of(rules, region, historical)[3 - LEVELS[level] :]
    answer = done(device, side.init(side.data(fields, factors)))
    assert int.from_bytes(answer[:4], "big") == sequence + 1
    fields["terminal-serial"] = answer[:4]
    tac_and_mac2 = done(card, bytes.fromhex("B02C01000F") + answer[:4] + time + answer[4:])
    assert done(device, side.credit(tac_and_mac2[4:])) == b""
    medical = purse_of(spec)
    dtk = root_key(DEFAULT_SEED, medical.tac_key, version)
    tac_key = computation.card_key(rules, dtk, spec.keys[medical.tac_key].levels, region, historical)
    assert tac_and_mac2[:4] == purse.tac(rules, tac_key, medical.computation(PURCHASE, "tac").inputs, fields)
    assert card.image.purses["MEDICAL"].values["balance"] == bytes(4)


def terms(algorithm: str, **changed: bytes) -> dict[str, bytes]:
    fields = {
        "random": bytes.fromhex("11223344"),
        "purchase-serial": bytes.fromhex("0001"),
        "account": bytes.fromhex("00000064"),
        "self-paid": bytes(4),
        "pooled": bytes(4),
        "type": b"\x32",
        "time": bytes.fromhex("20260131123456"),
        "version": b"\x01",
        "algorithm": {"3des": b"\x01", "sm4": b"\x03"}[algorithm],
        "terminal": bytes.fromhex(terminal_number(DEFAULT_SEED)),
    }
    return {**fields, **changed}


@settings(max_examples=25)
@given(
    algorithm=st.sampled_from(("3des", "sm4")),
    level=st.sampled_from(tuple(LEVELS)),
    factors=st.lists(st.binary(min_size=8, max_size=8), min_size=3, max_size=3),
    random=st.binary(min_size=4, max_size=4),
    version=st.integers(min_value=1, max_value=3),
    account=AMOUNTS,
)
def test_agrees_with_the_oracle(
    algorithm: str, level: str, factors: list[bytes], random: bytes, version: int, account: bytes
) -> None:
    device = psam("psam-sm4", variant=Variant(spec=psams("psam-sm4", level)))
    side = opened(device, algorithm)
    fields = terms(algorithm, random=random, version=bytes((version,)), account=account)
    used = tuple(factors[: LEVELS[level]])
    answer = done(device, side.init(side.data(fields, used)))
    fields["terminal-serial"] = answer[:4]
    root = root_key(DEFAULT_SEED, "DPK", version)
    assert answer[4:] == side.mac1(root, used, fields)
    assert answered(device, side.credit(side.mac2(root, used, fields))) == b"\x90\x00"


def test_literal() -> None:
    """Root 0123…3210, one factor, sequence 721, computed by hand with OpenSSL (3DES, then single DES in CBC mode)."""
    device = psam("psam-3des")
    root = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    image = replace(device.image, purchase={1: root})
    image.files[SEQUENCE] = (720).to_bytes(4, "big")
    image.files["PSAM/EF0016"] = bytes.fromhex("110100000001")
    device = ReferencePsam(device.spec, image)
    side = opened(device, "3des")
    answer = done(device, side.init(side.data(terms("3des"), (bytes.fromhex("8660110100000001"),))))
    assert answer.hex().upper() == LITERAL


LITERAL = "000002D105297476"


def test_the_sequence_ends() -> None:
    """With the sequence at its greatest value nothing is initialised any more, and it does not begin anew."""
    device = psam("psam-3des")
    device.image.files[SEQUENCE] = b"\xff\xff\xff\xfe"
    side = opened(device, "3des")
    command = side.init(side.data(terms("3des"), (bytes(8),)))
    assert done(device, command)[:4] == b"\xff\xff\xff\xff"
    assert answered(device, command) == b"\x94\x02"
    assert device.image.files[SEQUENCE] == b"\xff\xff\xff\xff"


def test_the_sequence_lives_in_the_image() -> None:
    """A PSAM made of the same image goes on where the other one was; both environments count on one file."""
    first = psam("psam-sm4")
    numbers = []
    for device in (first, ReferencePsam(first.spec, first.image)):
        for algorithm in ("3des", "sm4"):
            side = opened(device, algorithm)
            numbers.append(done(device, side.init(side.data(terms(algorithm), (bytes(8),))))[:4])
    assert numbers == [(0x01010101 + step).to_bytes(4, "big") for step in range(1, 5)]


def test_refusals_do_not_count() -> None:
    device = psam("psam-3des")
    side = opened(device, "3des")
    before = dict(device.image.files)
    for fields, factors, wanted in (
        (terms("3des", version=b"\x04"), 1, "6A88"),
        ({**terms("3des"), "algorithm": b"\x03"}, 1, "6A80"),
        (terms("3des"), 2, "6A80"),
        (terms("3des"), 0, "6A80"),
    ):
        command = side.init(side.data(fields, (bytes(8),) * factors))
        assert answered(device, command).hex().upper() == wanted
    assert answered(device, side.credit(bytes(4))).hex().upper() == "6901"
    assert device.image.files == before


def test_without_the_key() -> None:
    """A PSAM without purchase keys does not know the version; one that does no purchases not even the command."""
    device = psam("psam-3des", lacks={"DPK"})
    side = opened(device, "3des")
    command = side.init(side.data(terms("3des"), (bytes(8),)))
    assert answered(device, command) == b"\x6a\x88"
    ics = {**specification().profile("psam-3des").ics, "psam.purchase": False}
    spec = specification().interface("psam", ics, "psam-3des")
    assert psam_image(psam_spec(spec), DEFAULT_SEED).purchase == {}
    device = psam("psam-3des", variant=Variant(spec=spec))
    opened(device, "3des")
    assert answered(device, command) == b"\x6d\x00"


STEPS = st.one_of(
    st.just("init"),
    st.just("credit"),
    st.just("wrong"),
    st.just("reset"),
    st.just("select"),
    st.binary(min_size=4, max_size=12).map(lambda rest: (b"\x80\x70" + rest).hex()),
    st.binary(min_size=2, max_size=8).map(lambda rest: (b"\x80\x72" + rest).hex()),
)


@settings(max_examples=40)
@given(steps=st.lists(STEPS, max_size=16))
def test_a_purchase_completes_once_after_its_initialisation(steps: list[str]) -> None:
    """Whatever is sent: MAC2 is accepted only where the last command was its initialisation, and numbers never fall."""
    device = psam("psam-3des")
    side = opened(device, "3des")
    root, factors, sequence = device.image.purchase[1], (bytes(8),), 0
    mac2: bytes | None = None
    for step in steps:
        before = mac2
        mac2 = None
        match step:
            case "init":
                fields = terms("3des")
                answer = done(device, side.init(side.data(fields, factors)))
                assert int.from_bytes(answer[:4], "big") > sequence
                sequence = int.from_bytes(answer[:4], "big")
                mac2 = side.mac2(root, factors, {**fields, "terminal-serial": answer[:4]})
            case "credit" | "wrong":
                given_mac = before or bytes(4)
                sent = given_mac if step == "credit" else bytes((given_mac[0] ^ 0x80,)) + given_mac[1:]
                answer = answered(device, side.credit(sent))
                assert (answer == b"\x90\x00") is (step == "credit" and before is not None)
            case "reset" | "select":
                opened(device, "3des")
            case other:
                refused = device.process(bytes.fromhex(other))
                assert refused is not None
                assert refused not in (b"", b"\x90\x00")
                assert refused[0] != 0x61


@pytest.mark.parametrize("fid", ["0011", "0012", "0013"])
def test_key_files_are_closed(fid: str) -> None:
    device = psam("psam-3des")
    opened(device, "3des")
    done(device, bytes.fromhex("00A4000002" + fid))
    assert answered(device, bytes.fromhex("00B0000010")) == b"\x69\x82"
    assert answered(device, bytes.fromhex("00D600000100")) == b"\x69\x82"
