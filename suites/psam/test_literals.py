"""Commands and answers written out as bytes, from the public facts about the PSAM.

The other cases take their bytes from the specification's data, and so would share an error of the data with the PSAM's
maker who reads the same data. These cases do not: what they send and expect is spelled here.
"""

from onecard.testing import PsamUnderTest, Response, Text, expect, for_each, verifies

ORDER = 90
SX1 = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
SX3 = "00A404000F7378332E73682EC9E7BBE1B1A3D5CF"
DF01 = "00A4000002DF01"
FACTORS = "866034130000000133343133303073783334303030307368"  # card, city, province
RANDOM = "1122334455667788"
ORIGINAL = "0102030405060708"
# DELIVERY SESSION KEY by the level of the root in the PSAM: three, two and one level of factors.
INTERNAL = {
    "national": "BFDE670820" + FACTORS + RANDOM,
    "province": "BFDE470818" + FACTORS[:32] + RANDOM,
    "city": "BFDE270810" + FACTORS[:16] + RANDOM,
}
OTHER_LEVEL = {
    "national": "BFDE670818" + FACTORS[:32] + RANDOM,
    "province": "BFDE470820" + FACTORS + RANDOM,
    "city": "BFDE270818" + FACTORS[:32] + RANDOM,
}
UPDATE = {"province": "BFDE481218" + FACTORS[:32] + RANDOM, "city": "BFDE281210" + FACTORS[:16] + RANDOM}
UPDATE_SM4 = {
    "province": "BFDE481220" + FACTORS[:32] + RANDOM + "00" * 8,
    "city": "BFDE281218" + FACTORS[:16] + RANDOM + "00" * 8,
}


def sent(psam: PsamUnderTest, *commands: str) -> Response:
    """Send commands as a terminal does; the last answer. Those before it must succeed."""
    for command in commands[:-1]:
        psam.preamble(psam.send(bytes.fromhex(command)), Text("前置命令", "a command before"))
    return psam.send(bytes.fromhex(commands[-1]))


@verifies("PSAM-SELECT-ENVIRONMENT")
def test_sx1(psam: PsamUnderTest) -> None:
    """00A404000F7378312E…CF selects the 3DES environment (fact: environments)."""
    expect(sent(psam, SX1)).ok().starts_with(b"\x6f")


@verifies("PSAM-SELECT-SM4")
def test_sx3(psam: PsamUnderTest) -> None:
    """00A404000F7378332E…CF selects the SM4 environment (fact: environments)."""
    expect(sent(psam, SX3)).ok().starts_with(b"\x6f")


@verifies("PSAM-SELECT-APPLICATION")
@for_each("command", (DF01, "00A4040006D15600000590"))
def test_application(psam: PsamUnderTest, command: str) -> None:
    """DF01 and D15600000590 select the PSAM application (fact: environments)."""
    expect(sent(psam, SX1, command)).ok().starts_with(b"\x6f")


@verifies("PSAM-FILE-TERMINAL")
def test_terminal_number(psam: PsamUnderTest) -> None:
    """00A40000020016 and 00B0000006 read six bytes (fact: PSAM files)."""
    expect(sent(psam, "00A40000020016", "00B0000006")).ok().length(6)


@verifies("PSAM-FILE-PUBLIC")
def test_public_file(psam: PsamUnderTest) -> None:
    """00A40000020015 and 00B000000F read 15 bytes (fact: PSAM files)."""
    expect(sent(psam, "00A40000020015", "00B000000F")).ok().length(15)


@verifies("PSAM-FILE-SEQUENCE")
def test_sequence(psam: PsamUnderTest) -> None:
    """In DF01 00A40000020019 and 00B0000004 read four bytes (fact: PSAM files)."""
    expect(sent(psam, DF01, "00A40000020019", "00B0000004")).ok().length(4)


@verifies("PSAM-DELIVERY-IRK")
def test_internal_authentication(psam: PsamUnderTest) -> None:
    """BFDE670820 with three factors and 8 bytes (from a province's root BFDE470818 with two, from a city's BFDE270810
    with one), then 80FA000008 with 8 bytes, answers 8 bytes (fact: commands).
    """
    expect(sent(psam, SX1, DF01, INTERNAL[str(psam.ics["psam.root_level"])])).ok().length(0)
    expect(sent(psam, "80FA000008" + ORIGINAL)).ok().length(8)


@verifies("PSAM-DELIVERY-UKSSSE")
def test_update_key(psam: PsamUnderTest) -> None:
    """BFDE481218 with two factors and 8 bytes (from a city's root BFDE281210 with one) is taken (fact: key table,
    commands).
    """
    expect(sent(psam, SX1, DF01, UPDATE[str(psam.ics["psam.update_root_level"])])).ok().length(0)


@verifies("PSAM-SM4-PROOF")
def test_sm4(psam: PsamUnderTest) -> None:
    """BFDE481220 with two factors and 8 bytes filled with 00 (from a city's root BFDE281218 with one), then
    80FA000010, answers 16 bytes (fact: commands).
    """
    expect(sent(psam, SX3, DF01, UPDATE_SM4[str(psam.ics["psam.update_root_level"])])).ok().length(0)
    expect(sent(psam, "80FA000010" + ORIGINAL + "00" * 8)).ok().length(16)


@verifies("PSAM-CHAIN-MAC")
def test_mac_in_parts(psam: PsamUnderTest) -> None:
    """80FA070010 with initial value and block, 80FA030008 and 80FA010008 with a block each make a MAC (facts)."""
    expect(sent(psam, SX1, DF01, UPDATE[str(psam.ics["psam.update_root_level"])])).ok()
    for header in ("80FA070010" + "00" * 8, "80FA030008"):
        expect(sent(psam, header + ORIGINAL)).ok()
    expect(sent(psam, "80FA010008" + ORIGINAL)).ok().conforms(at_least_four, "a MAC")


@verifies("PSAM-CHAIN-ENCIPHER")
def test_enciphered_in_parts(psam: PsamUnderTest) -> None:
    """80FA020008 with a block and 80FA000008 with another encipher both (fact: commands)."""
    expect(sent(psam, SX1, DF01, UPDATE[str(psam.ics["psam.update_root_level"])])).ok()
    expect(sent(psam, "80FA020008" + ORIGINAL)).ok()
    expect(sent(psam, "80FA000008" + ORIGINAL)).ok()


def at_least_four(data: bytes) -> None:
    """Raises ValueError for fewer bytes than a MAC has."""
    if len(data) < 4:
        raise ValueError(f"{len(data)} bytes")


@verifies("PSAM-CIPHER-REQUIRED")
def test_without_session_key(psam: PsamUnderTest) -> None:
    """80FA000008 without a delivered session key answers 6901 (fact: commands, errors)."""
    expect(sent(psam, SX1, DF01, "80FA000008" + ORIGINAL)).refused_with("6901")


@verifies("PSAM-DELIVERY-LEVELS")
def test_factors_for_other_levels(psam: PsamUnderTest) -> None:
    """BFDE6708 with two factors, BFDE4708 with three or BFDE2708 with two answers 6A80 (fact: commands, errors)."""
    expect(sent(psam, SX1, DF01, OTHER_LEVEL[str(psam.ics["psam.root_level"])])).refused_with("6A80")


@verifies("PSAM-DELIVERY-KEY")
def test_reserved_key(psam: PsamUnderTest) -> None:
    """BFDE67C5, an id of the reserved range, answers 6A88 (fact: commands, errors)."""
    expect(sent(psam, SX1, DF01, "BFDE67C520" + FACTORS + RANDOM)).refused_with("6A88")
