"""The files about levels and keys: what is read freely, who updates them, and what is never read."""

import datetime as dt

from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import PsamFile, psam_spec
from onecard.testing import PsamDesk, PsamUnderTest, Text, check, expect, for_each, verifies

ORDER = 28
LEVELS = ("EF001A", "EF001B", "EF001C")
OWN = {"EF001A": "KID-01", "EF001B": "KID-02", "EF001C": "KID-03"}  # fact: PSAM files
KEY_FILES = (0x0011, 0x0012, 0x0013)
FIRST = "3des"
READ_RECORD = 0xB2  # no command of the PSAM by the data; a chip's operating system may have it all the same
EARLIEST = 1990


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def hexadecimal(fid: int) -> str:
    """A file identifier in a case id."""
    return f"{fid:04X}"


def is_day(digits: str) -> bool:
    """Whether eight digits are a day yyyymmdd of our time."""
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").replace(tzinfo=dt.UTC).year >= EARLIEST
    except ValueError:
        return False


@verifies("PSAM-FILE-LEVELS")
@for_each("algorithm", algorithms)
@for_each("name", LEVELS)
def test_level_files(psam: PsamUnderTest, algorithm: str, name: str) -> None:
    """The files of the three levels lie in the application of each environment: ten bytes each, and none behind."""
    side = psam.opened(algorithm)
    file = psam.data.file(name)
    expect(psam.send(side.select_fid(file.fid))).ok().length(0)
    expect(psam.send(side.read_binary(0, file.length))).ok().length(file.length)
    wanted = psam.data.command("READ-BINARY").statuses["offset"].text
    expect(psam.send(side.read_binary(file.length, 1))).refused_with(wanted)


@verifies("PSAM-FILE-LEVELS")
@for_each("fid", ("001A", "001B", "001C"))
def test_level_files_by_literal(psam: PsamUnderTest, fid: str) -> None:
    """In DF01 00A4000002001A (1B, 1C) and 00B000000A read ten bytes (fact: PSAM files)."""
    psam.opened(FIRST)
    expect(psam.send(bytes.fromhex("00A4000002" + fid))).ok().length(0)
    expect(psam.send(bytes.fromhex("00B000000A"))).ok().length(10)


def level_fields(psam: PsamUnderTest, algorithm: str) -> dict[str, str]:
    """The fields of the file of the purchase key's level by name, in hexadecimal."""
    side, data = psam.opened(algorithm), psam.data
    file = data.files[data.purchase.level_file]
    psam.preamble(psam.send(side.select_fid(file.fid)), Text("选择级别信息文件", "select the file of the level"))
    step = Text("读级别信息文件", "read the file of the level")
    whole = psam.preamble(psam.send(side.read_binary(0, file.length)), step, file.length).data
    return {
        field.id.rpartition("/")[2]: whole[field.offset : field.offset + field.length].hex().upper()
        for field in data.purchase.level_fields
    }


@verifies("PSAM-LEVEL-DATA")
@for_each("algorithm", algorithms)
def test_level_data(psam: PsamUnderTest, algorithm: str) -> None:
    """The file of the purchase key's level names an index and a version that the key has."""
    found, key = level_fields(psam, algorithm), psam.data.purchase.key
    versions = {f"{version:02X}" for version in (key.versions if key else ())}
    for name in ("INDEX", "VERSION"):
        wanted = " or ".join(sorted(versions))
        check(psam, found[name] in versions, what=name, expected=wanted, received=found[name])


@verifies("PSAM-LEVEL-DAYS")
@for_each("algorithm", algorithms)
def test_level_days(psam: PsamUnderTest, algorithm: str) -> None:
    """The same file holds a first and a last day in BCD, the first not after the last."""
    found = level_fields(psam, algorithm)
    for name in ("START", "END"):
        check(psam, is_day(found[name]), what=name, expected="a day, yyyymmdd in BCD", received=found[name])
    ordered = found["START"] <= found["END"]
    check(psam, ordered, what="days", expected="the first before the last", received=f"{found['START']} {found['END']}")


@verifies("PSAM-KEY-FILES-CLOSED")
@for_each("algorithm", algorithms)
@for_each("fid", KEY_FILES, ids=hexadecimal)
def test_key_files(psam: PsamUnderTest, algorithm: str, fid: int) -> None:
    """Whether or not a key file can be selected, neither READ BINARY nor READ RECORD gives anything of it."""
    side = psam.opened(algorithm)
    psam.send(side.select_fid(fid))
    for offset, le in ((0, 0), (0, 1), (0, 24), (8, 16)):
        expect(psam.send(side.read_binary(offset, le))).refused()
    cla = psam.data.command("READ-BINARY").cla
    for number in (1, 2):
        for le in (0, 24):
            expect(psam.send(bytes((cla, READ_RECORD, number, 0x04, le)))).refused()


def desk_at(psam: PsamUnderTest, algorithm: str, identifier: str) -> tuple[PsamDesk, bytes]:
    """The desk with a level file selected, and its content, which is put back in the end."""
    file = psam.data.files[identifier]
    desk = PsamDesk(psam, algorithm)
    content = select(psam, desk, file)
    psam.at_end("content of the file", lambda: put_back(psam, algorithm, file, content))
    return desk, content


def select(psam: PsamUnderTest, desk: PsamDesk, file: PsamFile) -> bytes:
    """A file, selected, and its content."""
    psam.preamble(psam.send(desk.side.select_fid(file.fid)), Text("选择文件", "select the file"))
    step = Text("读文件", "read the file")
    return psam.preamble(psam.send(desk.side.read_binary(0, file.length)), step, file.length).data


def put_back(psam: PsamUnderTest, algorithm: str, file: PsamFile, content: bytes) -> None:
    """The old content, written where it is another."""
    desk = PsamDesk(psam, algorithm)
    if select(psam, desk, file) != content:
        desk.authenticate(psam.data.loading.own[file.update.removeprefix("key ")])
        psam.preamble(psam.send(desk.issuer.update_binary(0, content)), Text("恢复文件", "put the file back"))


@verifies("PSAM-LEVEL-UPDATE")
@for_each("algorithm", algorithms)
@for_each("name", LEVELS)
def test_level_update(psam: PsamUnderTest, algorithm: str, name: str) -> None:
    """With the own key of its level proved a file takes another last byte, which is read afterwards."""
    file = psam.data.file(name)
    desk, content = desk_at(psam, algorithm, file.id)
    desk.authenticate(psam.data.loading.own[OWN[name]])
    changed = content[:-1] + bytes((content[-1] ^ 0x01,))
    expect(psam.send(desk.issuer.update_binary(file.length - 1, changed[-1:]))).ok().length(0)
    expect(psam.send(desk.side.read_binary(0, file.length))).ok().data(changed, "content of the file")


@verifies("PSAM-LEVEL-UPDATE")
@for_each("name", LEVELS)
@for_each("key", ("none", *sorted(OWN.values())))
def test_level_update_by_others(psam: PsamUnderTest, name: str, key: str) -> None:
    """With no own key proved, or that of another level, an update answers 6982; with its own level's it is done."""
    desk, content = desk_at(psam, FIRST, psam.data.file(name).id)
    if key != "none":
        desk.authenticate(psam.data.loading.own[key])
    response = psam.send(desk.issuer.update_binary(0, content))
    if key == OWN[name]:
        expect(response).ok()
    else:
        expect(response).refused_with(psam.data.command("UPDATE-BINARY").statuses["security"].text)
