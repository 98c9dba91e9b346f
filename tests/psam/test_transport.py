"""Transport purchases and maintenance by the reference PSAM: with the reference card, against the oracle, refused."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.card.card import ReferenceCard
from emulator.card.factory import reference_card
from emulator.keys import DEFAULT_SEED, root_key
from emulator.psam.factory import psam, specification, terminal_number
from emulator.psam.psam import ReferencePsam
from emulator.psam.state import TransportStore
from emulator.variant import Variant
from onecard.oracle import transport as card_side
from onecard.oracle.psam_transport import PsamTransportSide
from onecard.planning.root_levels import levels_in
from onecard.reference.psam import reference_ixit
from onecard.spec.card_transport import Transport, transport_of
from onecard.spec.interface import InterfaceSpec
from tests.psam.test_purchase import answered, done

PROFILE, CARD = "psam-transport", "card-3.0-anhui"
TERMINAL = bytes.fromhex(terminal_number(DEFAULT_SEED))
SELECT_CARD = bytes.fromhex("00A4040008A000000632010105")
READ_PUBLIC = bytes.fromhex("00B095001E")
BLOCKING = bytes.fromhex("841E000004")
KINDS = ("TRANSPORT-PURCHASE", "TRANSPORT-COMPOUND")
ISSUER, SERIAL = bytes.fromhex("09999990FFFFFFFF"), bytes.fromhex("0310489900000001")
TOY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
TIMES = st.datetimes().map(lambda at: bytes.fromhex(f"{at:%Y%m%d%H%M%S}".zfill(14)))


@cache
def data() -> Transport:
    found = transport_of(specification().card_of_profile(CARD))
    assert found is not None
    return found


def opened(device: ReferencePsam) -> PsamTransportSide:
    found = device.spec.transport
    assert found is not None
    side = PsamTransportSide(device.spec, found)
    device.power_on()
    done(device, side.side.select_fid(int.from_bytes(found.reference, "big")))
    return side


def opened_card(card: ReferenceCard) -> tuple[bytes, bytes]:
    """The application, selected, and the factors that the terminal takes from its file 15: issuer, serial."""
    card.power_on()
    done(card, SELECT_CARD)
    public = done(card, READ_PUBLIC)
    return public[:4] + b"\xff" * 4, public[12:20]


@settings(max_examples=15)
@given(
    kind=st.sampled_from(KINDS),
    amount=st.integers(min_value=0, max_value=10_800),
    time=TIMES,
    sequence=st.integers(min_value=0, max_value=0xFFFFFFFE),
    holder=st.integers(min_value=0, max_value=20),
)
def test_a_purchase_on_the_reference_card(kind: str, amount: int, time: bytes, sequence: int, holder: int) -> None:
    """Card and PSAM take each other's MACs; these and the TAC are the oracle's by the card's data."""
    card, device, transaction = reference_card(CARD, holder=holder), psam(PROFILE), data().transaction(kind)
    device.image.transport.sequence = sequence
    purse = card.image.transport
    assert purse is not None
    balance = purse.balance
    factors, fen = opened_card(card), amount.to_bytes(4, "big")
    begun = done(card, bytes((0x80, 0x50, transaction.p1, 0x02, 0x0B, 0x01)) + fen + TERMINAL)
    told = card_side.elements(transaction.answer, begun)
    fields = {**told, "amount": fen, "type": bytes((transaction.type,)), "terminal": TERMINAL}
    fields |= {"date": time[:4], "time": time[4:]}
    side = opened(device)
    answer = done(device, side.init(side.terms(fields, factors)))
    fields["terminal-sequence"] = answer[:4]
    assert answer[:4] == (sequence + 1).to_bytes(4, "big")
    key = side.card_key(root_key(DEFAULT_SEED, "TRANSPORT-DPK", 1), factors)
    session = card_side.session_key(transaction, key, fields)
    assert answer[4:] == card_side.mac1(transaction, session, fields)
    proof = done(card, bytes.fromhex("805401000F") + answer[:4] + time + answer[4:])
    tac_key = side.card_key(root_key(DEFAULT_SEED, "TRANSPORT-DTK", 1), factors)
    tac = card_side.tac(transaction, tac_key, fields)
    assert proof == tac + card_side.mac2(transaction, session, fields)
    assert done(device, side.credit(proof[4:])) == b""
    assert purse.balance == balance - amount


def test_a_block_of_the_reference_card() -> None:
    """The card takes the MAC that the PSAM makes of its challenge, and not the one of another challenge."""
    card, device = reference_card(CARD), psam(PROFILE)
    factors, side = opened_card(card), opened(device)
    for spoilt in (True, False):
        challenge = done(card, bytes.fromhex("0084000004"))
        assert done(device, bytes.fromhex("801A450210") + side.factors(factors)) == b""
        initial = (bytes(4) if spoilt else challenge) + bytes(4)
        mac = done(device, bytes.fromhex("80FA050010") + initial + BLOCKING + b"\x80\x00\x00")
        assert answered(card, BLOCKING + mac).hex() == ("6988" if spoilt else "9000")
    assert answered(card, bytes.fromhex("80500102 0B01 00000001") + TERMINAL).hex() == "9303"


@settings(max_examples=25)
@given(
    root=st.binary(min_size=16, max_size=16),
    factors=st.tuples(st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8)),
    blocks=st.integers(min_value=2, max_value=31),
    rest=st.data(),
)
def test_macs_agree_with_the_oracle(
    root: bytes, factors: tuple[bytes, bytes], blocks: int, rest: st.DataObject
) -> None:
    octets = rest.draw(st.binary(min_size=8 * blocks, max_size=8 * blocks))
    device = with_toys(root)
    side = opened(device)
    done(device, side.deliver(0x45, 0x02, side.factors(factors)))
    assert done(device, side.cipher(octets)) == side.mac(side.card_key(root, factors), octets)


def with_toys(root: bytes) -> ReferencePsam:
    device = psam(PROFILE)
    store = TransportStore({(0x45, 0x02): root}, {1: root}, 720)
    files = {**device.image.files, "PSAM/EF0016": bytes.fromhex("110100000001")}
    return ReferencePsam(device.spec, replace(device.image, transport=store, files=files))


def test_literals() -> None:
    """Root 0123…3210, computed by hand with OpenSSL (3DES for keys and the last block, single DES in CBC mode)."""
    device = with_toys(TOY)
    opened(device)
    done(device, bytes.fromhex("801A450210") + SERIAL + ISSUER)
    octets = bytes.fromhex("A1B2C3D400000000") + BLOCKING + b"\x80\x00\x00"
    assert done(device, bytes.fromhex("80FA050010") + octets).hex().upper() == MAC
    done(device, bytes.fromhex("801A450210") + SERIAL + ISSUER)
    octets = bytes.fromhex("A1B2C3D40000000004D69500081122334480000000000000")
    assert done(device, bytes.fromhex("80FA050018") + octets).hex().upper() == LONGER
    terms = bytes.fromhex("1122334400070000006406202601011200000100") + SERIAL + ISSUER
    assert done(device, bytes.fromhex("8070000024") + terms).hex().upper() == MAC1
    assert answered(device, bytes.fromhex("8072000004" + MAC2)) == b"\x90\x00"


MAC, LONGER, MAC1, MAC2 = "1952D510", "FDFE8D45", "000002D1FDB64466", "4DFF0A3D"


def fields_of(**changed: bytes) -> Mapping[str, bytes]:
    fields = {
        "random": bytes.fromhex("11223344"),
        "sequence": bytes.fromhex("0007"),
        "amount": bytes.fromhex("00000064"),
        "type": b"\x06",
        "date": bytes.fromhex("20260101"),
        "time": bytes.fromhex("120000"),
        "key-version": b"\x01",
        "algorithm": b"\x00",
    }
    return {**fields, **changed}


def test_refusals_do_not_count() -> None:
    device = psam(PROFILE)
    side = opened(device)
    right = side.init(side.terms(fields_of(), (ISSUER, SERIAL)))
    for command, wanted in (
        (side.init(side.terms(fields_of(**{"key-version": b"\x02"}), (ISSUER, SERIAL))), "6A88"),
        (side.init(side.terms(fields_of(), (ISSUER,))), "6700"),
        (side.init(side.terms(fields_of(), (ISSUER, SERIAL)), p1=1), "6A86"),
        (side.credit(bytes(4)), "6901"),
        (side.cipher(bytes(16)), "6901"),
        (side.deliver(0x45, 0x01, bytes(16)), "6A88"),
        (side.deliver(0x45, 0x02, bytes(8)), "6A80"),
        (side.deliver(0x45, 0x02, bytes(9)), "6700"),
    ):
        assert answered(device, command).hex().upper() == wanted
    assert done(device, right)[:4] == (0x01010102).to_bytes(4, "big")


def test_the_sequence_ends() -> None:
    """With the sequence at its greatest value nothing is initialised any more, and it does not begin anew."""
    device = psam(PROFILE)
    device.image.transport.sequence = 0xFFFFFFFE
    side = opened(device)
    command = side.init(side.terms(fields_of(), (ISSUER, SERIAL)))
    assert done(device, command)[:4] == b"\xff\xff\xff\xff"
    assert answered(device, command) == b"\x94\x02"
    assert device.image.transport.sequence == 0xFFFFFFFF


def test_both_applications_keep_their_own_counters_and_commands() -> None:
    """80 70 means another command in each application; outside the transport application 80 1A is unknown."""
    device = psam(PROFILE)
    side = opened(device)
    before = dict(device.image.files)
    done(device, side.init(side.terms(fields_of(), (ISSUER, SERIAL))))
    assert device.image.files == before
    for select in (side.side.select_fid(None), side.side.select_application()):
        done(device, select)
        assert answered(device, side.deliver(0x45, 0x02, bytes(16))) == b"\x6d\x00"
        assert answered(device, side.init(side.terms(fields_of(), (ISSUER, SERIAL)))) == b"\x6a\x86"
    assert device.image.transport.sequence == 0x01010102
    # Files of the master file are not those of the application.
    opened(device)
    assert answered(device, bytes.fromhex("00A40000020016")) == b"\x6a\x82"


@pytest.mark.parametrize("lacks", [{"TRANSPORT-DPK"}, {"TRANSPORT-DAMK"}])
def test_without_a_key(lacks: set[str]) -> None:
    device = psam(PROFILE, lacks=lacks)
    side = opened(device)
    commands = {
        "TRANSPORT-DPK": side.init(side.terms(fields_of(), (ISSUER, SERIAL))),
        "TRANSPORT-DAMK": side.deliver(0x45, 0x02, side.factors((ISSUER, SERIAL))),
    }
    assert {name for name, command in commands.items() if answered(device, command) == b"\x6a\x88"} == lacks


def test_without_the_application() -> None:
    ics = {**specification().profile(PROFILE).ics, "psam.transport": False}
    spec = specification().interface("psam", ics, PROFILE)
    device = psam(PROFILE, variant=Variant(spec=spec))
    assert device.spec.transport is None
    device.power_on()
    assert answered(device, bytes.fromhex("00A4000002DF02")) == b"\x6a\x82"
    assert "TRANSPORT-DPK" not in levels_in(spec)


def test_declaration() -> None:
    ixit = reference_ixit(PROFILE)
    source, parameters = ixit["key-source"], ixit["parameters"]
    assert isinstance(source, dict)
    assert isinstance(parameters, dict)
    assert parameters["transport-application"] == "DF02"
    assert {name: set(source["keys"][name]) for name in ("TRANSPORT-DPK", "TRANSPORT-DAMK")} == {
        "TRANSPORT-DPK": {"1"},
        "TRANSPORT-DAMK": {"1"},
    }
    found = specification().resolve_profile(PROFILE)
    assert isinstance(found, InterfaceSpec)
    assert {levels_in(found)[name] for name in ("TRANSPORT-DPK", "TRANSPORT-DAMK")} == {2}


STEPS = st.one_of(
    *map(st.just, ("init", "credit", "wrong", "deliver", "cipher", "reset", "select")),
    st.tuples(st.sampled_from(("801A", "80FA", "8070", "8072")), st.binary(min_size=2, max_size=12)).map(
        lambda drawn: drawn[0] + drawn[1].hex()
    ),
)


@settings(max_examples=40)
@given(steps=st.lists(STEPS, max_size=16))
def test_nothing_is_taken_out_of_turn(steps: list[str]) -> None:
    """Whatever is sent: MAC2 is accepted only right after its initialisation, a MAC is made only with a delivered key,
    and numbers never fall.
    """
    device = psam(PROFILE)
    side, root = opened(device), device.image.transport.purchase[1]
    sequence, key = 0, False
    mac2: bytes | None = None
    for step in steps:
        due, mac2 = mac2, None
        match step:
            case "init":
                answer = done(device, side.init(side.terms(fields_of(), (ISSUER, SERIAL))))
                assert int.from_bytes(answer[:4], "big") > sequence
                sequence = int.from_bytes(answer[:4], "big")
                whole = {**fields_of(), "terminal-sequence": answer[:4], "terminal": TERMINAL}
                mac2 = side.mac2(root, (ISSUER, SERIAL), whole)
            case "credit" | "wrong":
                given_mac = due or bytes(4)
                sent = given_mac if step == "credit" else bytes((given_mac[0] ^ 0x80,)) + given_mac[1:]
                answer = answered(device, side.credit(sent))
                assert (answer == b"\x90\x00") is (step == "credit" and due is not None)
            case "deliver":
                done(device, side.deliver(0x45, 0x02, side.factors((ISSUER, SERIAL))))
                key = True
            case "cipher":
                assert (answered(device, side.cipher(bytes(24)))[-2:] == b"\x90\x00") is key
                key = False
            case "reset" | "select":
                opened(device)
                key = False
            case other:
                refused = device.process(bytes.fromhex(other))
                assert refused is not None
                assert refused[:1] not in (b"\x90", b"\x61")
                key = key and not other.startswith("801A")
