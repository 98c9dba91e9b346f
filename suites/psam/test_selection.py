"""Reset, SELECT, the free files and random values of the PSAM."""

from onecard.oracle.psam import PsamTerminal
from onecard.oracle.tlv import fci_decode
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import PsamFile, psam_spec
from onecard.testing import PsamUnderTest, Response, Text, check, expect, for_each, verifies

ORDER = 20
FIRST = "3des"
# No source knows a file or DF of these names.
ABSENT_FILES = (0x0FFE, 0xDF7E)
ABSENT_NAMES = ("7378392E73682EC9E7BBE1B1A3D5CF", "D15600000591")


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def terminal(psam: PsamUnderTest, algorithm: str = FIRST) -> PsamTerminal:
    """The terminal's side of an environment."""
    return PsamTerminal(psam_spec(psam.spec), algorithm)


def opened(psam: PsamUnderTest, algorithm: str) -> PsamTerminal:
    """The application of an environment, selected."""
    side = terminal(psam, algorithm)
    psam.preamble(psam.send(side.select_environment()), Text("选择环境", "select the environment"))
    psam.preamble(psam.send(side.select_application()), Text("选择 PSAM 应用", "select the PSAM application"))
    return side


def status(psam: PsamUnderTest, command: str, condition: str) -> str:
    """A status word of a command."""
    return psam_spec(psam.spec).command(command).statuses[condition].text


def names(psam: PsamUnderTest, response: Response, name: bytes) -> None:
    """9000 with an FCI that carries the DF name."""
    expect(response).ok().conforms(fci_decode, "FCI")
    found = fci_decode(response.data).name
    check(psam, found == name, what="DF name", expected=name.hex().upper(), received=found.hex().upper())


def read(psam: PsamUnderTest, file: PsamFile) -> Response:
    """The whole of a file, selected by its identifier; there is nothing behind its end."""
    side = terminal(psam)
    expect(psam.send(side.select_fid(file.fid))).ok().length(0)
    response = psam.send(side.read_binary(0, file.length))
    expect(response).ok().length(file.length)
    expect(psam.send(side.read_binary(file.length, 1))).refused_with(status(psam, "READ-BINARY", "offset"))
    return response


def holds(psam: PsamUnderTest, file: PsamFile, number: str) -> None:
    """The one field of a file holds this number in BCD."""
    response = read(psam, file)
    (field,) = file.fields
    found = response.data[field.offset : field.offset + field.length].hex().upper()
    check(psam, found == number, what=field.id, expected=number, received=found)


@verifies("PSAM-ATR")
def test_answer_to_reset(psam: PsamUnderTest) -> None:
    """The ATR begins with 3B, ends in the historical bytes that T0 announces, and offers no other protocol than T=0."""
    form = psam_spec(psam.spec).atr
    for atr in (psam.power_on(), psam.reset()):
        head = bytes((form.initial_character, form.format << 4 | form.historical_length)) + form.interface_bytes
        right = atr.startswith(head) and len(atr) == len(head) + form.historical_length
        expected = f"{head.hex().upper()} and {form.historical_length} bytes"
        check(psam, right, what="answer to reset", expected=expected, received=atr.hex().upper())


@verifies("PSAM-SELECT-ENVIRONMENT")
def test_environment(psam: PsamUnderTest) -> None:
    """The 3DES environment is selected by its name, and its FCI carries that name."""
    side = terminal(psam)
    names(psam, psam.send(side.select_environment()), side.environment.aid)


@verifies("PSAM-SELECT-ENVIRONMENT")
@for_each("fid", (0x3F00, None), ids=lambda fid: "3F00" if fid else "empty")
def test_master_file(psam: PsamUnderTest, fid: int | None) -> None:
    """3F00, or no data, selects the master file, which is the 3DES environment; also from within the application."""
    side = terminal(psam)
    names(psam, psam.send(side.select_fid(fid)), side.environment.aid)
    psam.preamble(psam.send(side.select_application()), Text("选择 PSAM 应用", "select the PSAM application"))
    names(psam, psam.send(side.select_fid(fid)), side.environment.aid)


@verifies("PSAM-SELECT-SM4")
def test_sm4_environment(psam: PsamUnderTest) -> None:
    """The SM4 environment is selected by its name, and its FCI carries that name."""
    side = terminal(psam, "sm4")
    names(psam, psam.send(side.select_environment()), side.environment.aid)


@verifies("PSAM-SELECT-APPLICATION")
@for_each("algorithm", algorithms)
@for_each("by", ("fid", "name"))
def test_application(psam: PsamUnderTest, algorithm: str, by: str) -> None:
    """In each environment the PSAM application is found by file identifier and by name; its FCI carries its name."""
    side = terminal(psam, algorithm)
    psam.preamble(psam.send(side.select_environment()), Text("选择环境", "select the environment"))
    aid = side.spec.application.aid
    names(psam, psam.send(side.select_application() if by == "fid" else side.select_name(aid)), aid)


@verifies("PSAM-SELECT-UNKNOWN")
@for_each("fid", ABSENT_FILES, ids=lambda fid: f"{fid:04X}")
def test_unknown_file(psam: PsamUnderTest, fid: int) -> None:
    """A file identifier that nothing has answers 6A82."""
    expect(psam.send(terminal(psam).select_fid(fid))).refused_with(status(psam, "SELECT", "not-found"))


@verifies("PSAM-SELECT-UNKNOWN")
@for_each("name", ABSENT_NAMES)
def test_unknown_name(psam: PsamUnderTest, name: str) -> None:
    """A name that no DF has answers 6A82, and the current application stays selected."""
    side = opened(psam, FIRST)
    expect(psam.send(side.select_name(bytes.fromhex(name)))).refused_with(status(psam, "SELECT", "not-found"))
    expect(psam.send(side.select_fid(side.spec.file("EF0019").fid))).ok()


@verifies("PSAM-SELECT-UNKNOWN")
@for_each("length", (4, 5, 16, 17))
def test_name_length(psam: PsamUnderTest, length: int) -> None:
    """A name of 5 to 16 bytes that no DF has answers 6A82; a shorter or longer one is no name and answers 6700."""
    wanted = status(psam, "SELECT", "not-found" if length in (5, 16) else "length")
    expect(psam.send(terminal(psam).select_name(b"\xd1" * length))).refused_with(wanted)


@verifies("PSAM-SELECT-UNKNOWN")
@for_each("length", (1, 3))
def test_wrong_identifier_length(psam: PsamUnderTest, length: int) -> None:
    """A file identifier of another length than two bytes answers 6700."""
    whole = terminal(psam).select_fid(0x3F00)
    command = whole[:4] + bytes((length,)) + bytes.fromhex("3F0000")[:length]
    expect(psam.send(command)).refused_with(status(psam, "SELECT", "length"))


@verifies("PSAM-FILE-PUBLIC")
def test_public_file(psam: PsamUnderTest) -> None:
    """File 0015 is read freely: 15 bytes, with the serial number that the IXIT gives."""
    holds(psam, psam_spec(psam.spec).file("EF0015"), str(psam.parameter("serial-number")))


@verifies("PSAM-FILE-TERMINAL")
def test_terminal_number(psam: PsamUnderTest) -> None:
    """File 0016 is read freely: six bytes, the terminal number that the IXIT gives."""
    holds(psam, psam_spec(psam.spec).file("EF0016"), str(psam.parameter("terminal-number")))


@verifies("PSAM-FILE-SEQUENCE")
@for_each("algorithm", algorithms)
def test_sequence_file(psam: PsamUnderTest, algorithm: str) -> None:
    """File 0019 lies in the application of each environment and is read freely: four bytes."""
    opened(psam, algorithm)
    file = psam_spec(psam.spec).file("EF0019")
    read(psam, file)


@verifies("PSAM-FILE-SEQUENCE")
def test_sequence_file_elsewhere(psam: PsamUnderTest) -> None:
    """Under the master file there is no file 0019, nor 0016 in the application: 6A82."""
    files = psam_spec(psam.spec)
    absent = status(psam, "SELECT", "not-found")
    expect(psam.send(terminal(psam).select_fid(files.file("EF0019").fid))).refused_with(absent)
    side = opened(psam, FIRST)
    expect(psam.send(side.select_fid(files.file("EF0016").fid))).refused_with(absent)


@verifies("PSAM-READ-BINARY")
@for_each("offset", (1, 5, 14))
def test_offset(psam: PsamUnderTest, offset: int) -> None:
    """Reading from an offset gives the rest of the file from there."""
    file = psam_spec(psam.spec).file("EF0015")
    whole = read(psam, file).data
    response = psam.send(terminal(psam).read_binary(offset, file.length - offset))
    expect(response).ok().data(whole[offset:], "bytes from the offset")


@verifies("PSAM-READ-BINARY")
@for_each("offset", (15, 16, 0x0100, 0x7FFF), ids=lambda offset: f"{offset:04X}")
def test_offset_outside(psam: PsamUnderTest, offset: int) -> None:
    """An offset at or behind the end of the file answers 6B00."""
    read(psam, psam_spec(psam.spec).file("EF0015"))
    expect(psam.send(terminal(psam).read_binary(offset, 1))).refused_with(status(psam, "READ-BINARY", "offset"))


@verifies("PSAM-READ-BINARY")
def test_without_file(psam: PsamUnderTest) -> None:
    """READ BINARY right after a reset, and after a DF was selected, answers 6986."""
    wanted = status(psam, "READ-BINARY", "no-current-ef")
    expect(psam.send(terminal(psam).read_binary(0, 1))).refused_with(wanted)
    read(psam, psam_spec(psam.spec).file("EF0015"))
    side = opened(psam, FIRST)
    expect(psam.send(side.read_binary(0, 1))).refused_with(wanted)


@verifies("PSAM-CHALLENGE")
@for_each("algorithm", algorithms)
def test_challenge(psam: PsamUnderTest, algorithm: str) -> None:
    """Random values have the lengths of the environment's algorithm, and no two are the same, across a reset either."""
    side = opened(psam, algorithm)
    lengths = side.algorithm.challenge_lengths
    for length in lengths:
        expect(psam.send(side.get_challenge(length))).ok().length(length)
    seen = [psam.send(side.get_challenge(max(lengths))).data for _ in range(2)]
    psam.reset()
    opened(psam, algorithm)
    seen.append(psam.send(side.get_challenge(max(lengths))).data)
    check(
        psam, len(set(seen)) == len(seen), what="random values", expected="all different", received=f"{len(set(seen))}"
    )


@verifies("PSAM-CHALLENGE")
@for_each("algorithm", algorithms)
@for_each("length", (1, 7, 16, 32))
def test_challenge_of_other_length(psam: PsamUnderTest, algorithm: str, length: int) -> None:
    """A length that the environment's algorithm does not have answers 6700 (16 bytes in the 3DES environment too)."""
    side = opened(psam, algorithm)
    response = psam.send(side.get_challenge(length))
    if length in side.algorithm.challenge_lengths:
        expect(response).ok().length(length)
    else:
        expect(response).refused_with(status(psam, "GET-CHALLENGE", "length"))
