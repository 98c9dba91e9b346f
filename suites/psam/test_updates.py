"""Files that one of the PSAM's own keys opens for update, and those that nothing opens. Contents are put back."""

from collections.abc import Callable, Mapping

from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import PsamFile, psam_spec
from onecard.spec.psam_loading import OwnKey
from onecard.testing import PsamDesk, PsamUnderTest, Text, expect, for_each, verifies

ORDER = 72
FIRST = "3des"
MASTER_KEY = "DDF-MK"


def opened_files(spec: InterfaceSpec) -> list[str]:
    """The ids of the files below the master file that its master key opens."""
    return [file.id for file in psam_spec(spec).files.values() if file.update == f"key {MASTER_KEY}"]


def last_step(identifier: str) -> str:
    """The end of an id in a case id."""
    return identifier.rpartition("/")[2]


def status(psam: PsamUnderTest, command: str, condition: str) -> str:
    """A status word of a command."""
    return psam.data.command(command).statuses[condition].text


def at_key(psam: PsamUnderTest, algorithm: str, key: str) -> tuple[PsamDesk, OwnKey]:
    """The desk where an own key is proved, and the key."""
    desk = PsamDesk(psam, algorithm)
    own = psam.data.loading.own[key]
    desk.go_to(own)
    return desk, own


def again(psam: PsamUnderTest, algorithm: str, key: str) -> None:
    """The right proof, after a wrong one."""
    desk, own = at_key(psam, algorithm, key)
    desk.authenticate(own)


def select(psam: PsamUnderTest, desk: PsamDesk, file: PsamFile) -> bytes:
    """A file, selected, and its content."""
    psam.preamble(psam.send(desk.side.select_fid(file.fid)), Text("选择文件", "select the file"))
    step = Text("读文件", "read the file")
    return psam.preamble(psam.send(desk.side.read_binary(0, file.length)), step, file.length).data


def opened_file(psam: PsamUnderTest, identifier: str) -> tuple[PsamDesk, PsamFile, bytes]:
    """The desk at the master file, a file selected without any right, and its content."""
    desk, _ = at_key(psam, FIRST, MASTER_KEY)
    file = psam.data.files[identifier]
    content = select(psam, desk, file)
    psam.at_end("content of the file", lambda: put_back(psam, file, content))
    return desk, file, content


def put_back(psam: PsamUnderTest, file: PsamFile, content: bytes) -> None:
    """The old content, written where it is another."""
    desk, own = at_key(psam, FIRST, MASTER_KEY)
    if select(psam, desk, file) != content:
        desk.authenticate(own)
        psam.preamble(psam.send(desk.issuer.update_binary(0, content)), Text("恢复文件", "put the file back"))


@verifies("PSAM-UPDATE")
@for_each("file", opened_files, ids=last_step)
def test_update(psam: PsamUnderTest, file: str) -> None:
    """With the master key proved the same bytes, another last byte, and other first bytes are written and read."""
    desk, found, content = opened_file(psam, file)
    desk.authenticate(psam.data.loading.own[MASTER_KEY])
    end = found.length - 1
    other = bytes((content[-1] ^ 0x01,))
    for offset, data in ((0, content), (end, other), (0, content[1:3])):
        content = content[:offset] + data + content[offset + len(data) :]
        expect(psam.send(desk.issuer.update_binary(offset, data))).ok().length(0)
        expect(psam.send(desk.side.read_binary(0, found.length))).ok().data(content, "content of the file")


def nothing(psam: PsamUnderTest, desk: PsamDesk) -> None:
    """No proof at all."""


def failed(psam: PsamUnderTest, desk: PsamDesk) -> None:
    """A proof, and a wrong one after it."""
    own = psam.data.loading.own[MASTER_KEY]
    desk.authenticate(own)
    expect(desk.wrong_authentication(own)).refused()


def reset(psam: PsamUnderTest, desk: PsamDesk) -> None:
    """A proof, and a warm reset after it."""
    desk.authenticate(psam.data.loading.own[MASTER_KEY])
    psam.reset()


def other_df(psam: PsamUnderTest, desk: PsamDesk) -> None:
    """A proof, then the application and the master file again."""
    own = psam.data.loading.own[MASTER_KEY]
    desk.authenticate(own)
    desk.go_to(own)


CLOSED: Mapping[str, Callable[[PsamUnderTest, PsamDesk], None]] = {
    "no-proof": nothing,
    "failed-proof": failed,
    "reset": reset,
    "other-df": other_df,
}


@verifies("PSAM-UPDATE-CLOSED")
@for_each("file", opened_files, ids=last_step)
@for_each("event", tuple(CLOSED))
def test_closed(psam: PsamUnderTest, file: str, event: str) -> None:
    """An update answers 6982, and what is read is as before."""
    desk, found, content = opened_file(psam, file)
    # Without the key nothing could be put back.
    desk.own(psam.data.loading.own[MASTER_KEY])
    psam.at_end("own key", lambda: again(psam, FIRST, MASTER_KEY))
    CLOSED[event](psam, desk)
    select(psam, desk, found)
    changed = bytes(octet ^ 0xFF for octet in content[:1])
    wanted = status(psam, "UPDATE-BINARY", "security")
    expect(psam.send(desk.issuer.update_binary(0, changed))).refused_with(wanted)
    expect(psam.send(desk.side.read_binary(0, found.length))).ok().data(content, "content of the file")


@verifies("PSAM-UPDATE-NEVER")
@for_each("key", ("", "KID-01", "KID-02", "KID-03"), ids=lambda key: key or "none")
def test_sequence_is_not_updated(psam: PsamUnderTest, key: str) -> None:
    """With no key proved or any one of the application, an update of 0019 answers 6982 and it reads as before."""
    desk, file = PsamDesk(psam, FIRST), psam.data.file("EF0019")
    if key:
        desk.authenticate(psam.data.loading.own[key])
    content = select(psam, desk, file)
    wanted = status(psam, "UPDATE-BINARY", "security")
    expect(psam.send(desk.issuer.update_binary(0, content))).refused_with(wanted)
    expect(psam.send(desk.side.read_binary(0, file.length))).ok().data(content, "content of the file")


@verifies("PSAM-UPDATE-FORM")
@for_each("file", opened_files, ids=last_step)
@for_each("beyond", ("at-end", "over-end", "far"))
def test_update_beyond_the_end(psam: PsamUnderTest, file: str, beyond: str) -> None:
    """An offset at or behind the end, and more bytes than fit, answer 6B00; the file reads as before."""
    desk, found, content = opened_file(psam, file)
    desk.authenticate(psam.data.loading.own[MASTER_KEY])
    offset, data = {
        "at-end": (found.length, b"\x00"),
        "over-end": (found.length - 1, content[-1:] + b"\x00"),
        "far": (0x0100, content[:1]),
    }[beyond]
    expect(psam.send(desk.issuer.update_binary(offset, data))).refused_with(status(psam, "UPDATE-BINARY", "offset"))
    expect(psam.send(desk.side.read_binary(0, found.length))).ok().data(content, "content of the file")


@verifies("PSAM-UPDATE-FORM")
def test_update_without_file(psam: PsamUnderTest) -> None:
    """With the key proved and no file selected it answers 6986; without data an update is refused."""
    desk, own = at_key(psam, FIRST, MASTER_KEY)
    desk.authenticate(own)
    wanted = status(psam, "UPDATE-BINARY", "no-current-ef")
    expect(psam.send(desk.issuer.update_binary(0, b"\x00"))).refused_with(wanted)
    select(psam, desk, psam.data.file("EF0016"))
    expect(psam.send(desk.issuer.update_binary(0, b""))).refused()
