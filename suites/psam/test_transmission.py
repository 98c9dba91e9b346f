"""T=0, unknown and malformed commands of the PSAM."""

from onecard.oracle.psam import PsamTerminal
from onecard.spec.psam import PsamFile, psam_spec
from onecard.testing import Inconclusive, PsamUnderTest, Text, check, expect, for_each, verifies

ORDER = 80
UNKNOWN = (
    ("F0A40000023F00", "cla"),
    ("90B0000001", "cla"),
    ("00F0000000", "instruction"),
    ("BF02000000", "instruction"),
)
WRONG_LC = ("00A40000033F00", "BFDE670820000000", "80FA000008AABB")


def require_raw_t0(psam: PsamUnderTest) -> None:
    """Inconclusive where the reader hides T=0."""
    if not psam.raw_t0:
        raise Inconclusive(
            zh="读卡器不透出 T=0 状态字节（61xx、6Cxx）", en="the reader hides the T=0 status bytes (61xx, 6Cxx)"
        )


def side_of(psam: PsamUnderTest) -> PsamTerminal:
    """The terminal's side of the 3DES environment."""
    return PsamTerminal(psam_spec(psam.spec), "3des")


def selected(psam: PsamUnderTest) -> PsamFile:
    """File 0015, selected."""
    file = psam_spec(psam.spec).file("EF0015")
    psam.preamble(psam.send(side_of(psam).select_fid(file.fid)), Text("选择 0015", "select 0015"))
    return file


@verifies("PSAM-UNKNOWN-COMMAND")
@for_each("command", UNKNOWN, ids=lambda command: str(command[0]))
def test_unknown_command(psam: PsamUnderTest, command: tuple[str, str]) -> None:
    """A class that no command has answers 6E00, an instruction that no command has 6D00."""
    general = psam_spec(psam.spec).general
    wanted = {"cla": general.cla, "instruction": general.instruction}[command[1]]
    expect(psam.send(bytes.fromhex(command[0]))).refused_with(wanted.text)


@verifies("PSAM-UNKNOWN-COMMAND")
@for_each("command", WRONG_LC)
def test_wrong_lc(psam: PsamUnderTest, command: str) -> None:
    """A command whose Lc and length disagree answers 6700."""
    psam.preamble(psam.send(side_of(psam).select_application()), Text("选择 PSAM 应用", "select the PSAM application"))
    expect(psam.send(bytes.fromhex(command))).refused_with(psam_spec(psam.spec).general.malformed.text)


@verifies("PSAM-T0")
def test_announced(psam: PsamUnderTest) -> None:
    """SELECT announces its FCI by 61xx; GET RESPONSE of that length returns it, and then nothing waits: 6F00."""
    require_raw_t0(psam)
    side, t0 = side_of(psam), psam_spec(psam.spec).t0
    response = psam.transmit(side.select_environment())
    check(psam, response.sw >> 8 == t0.more_data, what="status", expected="61xx", received=response.shown())
    count = response.sw & 0xFF
    expect(psam.transmit(psam.get_response(count))).ok().length(count)
    nothing = side.spec.command("GET-RESPONSE").statuses["nothing"].text
    expect(psam.transmit(psam.get_response(count))).refused_with(nothing)


@verifies("PSAM-T0")
def test_response_is_dropped(psam: PsamUnderTest) -> None:
    """What another command followed is obtainable no more: GET RESPONSE answers 6F00."""
    require_raw_t0(psam)
    side = side_of(psam)
    count = psam.transmit(side.select_environment()).sw & 0xFF
    expect(psam.transmit(side.get_challenge(8))).ok().length(8)
    nothing = side.spec.command("GET-RESPONSE").statuses["nothing"].text
    expect(psam.transmit(psam.get_response(count))).refused_with(nothing)


@verifies("PSAM-T0")
@for_each("le", (0, 1), ids=lambda le: "Le-00" if not le else "Le-too-large")
def test_wrong_le(psam: PsamUnderTest, le: int) -> None:
    """READ BINARY with Le 00, or beyond the end of the file, answers 6Cxx with the length that is there."""
    require_raw_t0(psam)
    side, file = side_of(psam), selected(psam)
    wanted = f"{side.spec.t0.wrong_le:02X}{file.length:02X}"
    asked = file.length + 1 if le else 0
    expect(psam.transmit(side.read_binary(0, asked))).refused_with(wanted)
    expect(psam.transmit(side.read_binary(0, file.length))).ok().length(file.length)


@verifies("PSAM-T0")
@for_each("p1p2", ("0100", "0001"))
def test_get_response_parameters(psam: PsamUnderTest, p1p2: str) -> None:
    """GET RESPONSE with other P1 P2 than 00 00 answers 6A86."""
    require_raw_t0(psam)
    psam.transmit(side_of(psam).select_environment())
    command = side_of(psam).spec.command("GET-RESPONSE")
    expect(psam.transmit(bytes.fromhex(f"00C0{p1p2}01"))).refused_with(command.statuses["parameters"].text)
