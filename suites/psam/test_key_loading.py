"""CREATE KEY and CHANGE KEY: what is loaded serves, and stays.

What a case changes in a key that was there it puts back; a key that was created stays: those cases are destructive.
"""

from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.spec.psam_loading import CHANGE, CREATE
from onecard.testing import PsamKeys, PsamUnderTest, Text, destructive, expect, for_each, verifies

ORDER = 75
FIRST = "3des"
HELD = "PSAM/UKSSSE"  # a key that every PSAM holds, of both types of computation
A_KEY = "a further key in the key files"


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def kinds(spec: InterfaceSpec) -> list[str]:
    """The ids of what a key's algorithm byte may say in the 3DES environment."""
    return [kind.id for kind in psam_spec(spec).loading.algorithms if kind.algorithm == FIRST]


def files(spec: InterfaceSpec) -> list[str]:
    """The ids of the key files."""
    return [file.id for file in psam_spec(spec).loading.files]


def last_step(identifier: str) -> str:
    """The end of an id in a case id."""
    return identifier.rpartition("/")[2]


def status(psam: PsamUnderTest, condition: str, command: str = "LOAD-KEY") -> str:
    """A status word of a command."""
    return psam.data.command(command).statuses[condition].text


@verifies("PSAM-KEY-CREATE")
@destructive(A_KEY)
@for_each("kind", kinds, ids=last_step)
@for_each("file", files, ids=last_step)
def test_create(psam: PsamUnderTest, kind: str, file: str) -> None:
    """A new key of each algorithm goes into each key file of the 3DES environment and serves at once."""
    desk = PsamKeys(psam, FIRST)
    found = desk.file(file)
    key = desk.new_key(found, kind)
    expect(desk.load(CREATE, found, key)).ok().length(0)
    desk.serves(key)


@verifies("PSAM-KEY-SM4")
@destructive(A_KEY)
@for_each("file", files, ids=last_step)
def test_create_sm4(psam: PsamUnderTest, file: str) -> None:
    """A new key of SM4 goes into each key file of the SM4 environment, serves at once, and is changed."""
    desk = PsamKeys(psam, "sm4")
    found = desk.file(file)
    key = desk.new_key(found)
    for does, value in ((CREATE, key), (CHANGE, desk.another(key))):
        expect(desk.load(does, found, value)).ok().length(0)
        desk.serves(value)


@verifies("PSAM-KEY-CHANGE")
@for_each("algorithm", algorithms)
def test_change_to_the_same(psam: PsamUnderTest, algorithm: str) -> None:
    """A key is changed to the value that it has, and serves as before."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    expect(desk.load(CHANGE, file, key)).ok().length(0)
    desk.serves(key)


@verifies("PSAM-KEY-CHANGE")
@for_each("algorithm", algorithms)
def test_change(psam: PsamUnderTest, algorithm: str) -> None:
    """A key is changed to a drawn value and back; each time the value serves that was loaded last."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    for value in (desk.another(key), key):
        expect(desk.load(CHANGE, file, value)).ok().length(0)
        desk.serves(value)


@verifies("PSAM-KEY-CHANGE")
@destructive(A_KEY)
@for_each("kind", kinds, ids=last_step)
def test_change_of_each_algorithm(psam: PsamUnderTest, kind: str) -> None:
    """A created key of each algorithm is changed; its algorithm stays."""
    desk, file = PsamKeys(psam, FIRST), psam.data.loading.files[-1]
    key = desk.new_key(file, kind)
    psam.preamble(desk.load(CREATE, file, key), Text("新建密钥", "create a key"))
    changed = desk.another(key)
    expect(desk.load(CHANGE, file, changed)).ok().length(0)
    desk.serves(changed)


@verifies("PSAM-KEY-PERSISTS")
@for_each("algorithm", algorithms)
@for_each("reset", ("cold", "warm"))
def test_persists(psam: PsamUnderTest, algorithm: str, reset: str) -> None:
    """After a reset the changed key computes with its new value."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    changed = desk.another(key)
    psam.preamble(desk.load(CHANGE, file, changed), Text("修改密钥", "change the key"))
    if reset == "cold":
        psam.power_on()
    else:
        psam.reset()
    desk.serves(changed)


@verifies("PSAM-KEY-FORM")
@for_each("algorithm", algorithms)
@for_each("header", ("p1", "file"))
def test_undefined_header(psam: PsamUnderTest, algorithm: str, header: str) -> None:
    """A P1 other than 00 and 01, and a file that is no key file, are refused under the right seal."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    own, challenge = desk.own(desk.issuer.loading.own[file.own]), desk.prepare(file)
    enciphered = desk.issuer.enciphered(own, desk.issuer.plain(CHANGE, desk.another(key)))
    right = bytearray(desk.issuer.header(CHANGE, file, len(enciphered)))
    if header == "p1":
        right[2] = 0x02
    else:
        right[3] = 0x14
    expect(psam.send(desk.issuer.closed(own, bytes(right), enciphered, challenge))).refused()
    desk.serves(key)


@verifies("PSAM-KEY-FORM")
@for_each("algorithm", algorithms)
@for_each("does", (CREATE, CHANGE))
@for_each("change", (-1, 1, 2), ids=lambda change: f"{change:+d}-blocks")
def test_other_length(psam: PsamUnderTest, algorithm: str, does: str, change: int) -> None:
    """Blocks too few or too many, under the right seal, answer 6700."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    own, challenge, block = desk.own(desk.issuer.loading.own[file.own]), desk.prepare(file), desk.side.algorithm.block
    enciphered = desk.issuer.enciphered(own, desk.issuer.plain(does, desk.another(key)))
    allowed = {len(desk.issuer.enciphered(own, bytes(size))) for size in sizes(desk, does)}
    enciphered = (enciphered + bytes(2 * block))[: len(enciphered) + change * block]
    if len(enciphered) in allowed:
        enciphered = enciphered[: min(allowed) - block]
    command = desk.issuer.closed(own, desk.issuer.header(does, file, len(enciphered)), enciphered, challenge)
    expect(psam.send(command)).refused_with(status(psam, "length"))
    desk.serves(key)


def sizes(desk: PsamKeys, does: str) -> list[int]:
    """Bytes of plain data of a form, by the algorithms of the environment."""
    head = desk.issuer.loading.form(does).head
    return [head + each.key_length for each in desk.issuer.algorithms()]


@verifies("PSAM-KEY-FORM")
@for_each("algorithm", algorithms)
def test_outside_the_application(psam: PsamUnderTest, algorithm: str) -> None:
    """In the environment, without its application selected, no key is loaded."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    step = Text("选择环境", "select the environment")
    psam.preamble(psam.send(desk.side.select_environment()), step)
    own, challenge = desk.own(desk.issuer.loading.own[file.own]), desk.challenge(desk.issuer.loading.challenge)
    expect(psam.send(desk.issuer.command(CHANGE, file, desk.another(key), own, challenge))).refused()
    desk.serves(key)


@verifies("PSAM-KEY-CREATE")
@destructive(A_KEY)
def test_lengths_as_bytes(psam: PsamUnderTest) -> None:
    """84D4000024 … and 84D400001C … are the headers for a 3DES and a DES key in 0011 (fact: Lc 1C/24), as made here."""
    desk, file = PsamKeys(psam, FIRST), psam.data.loading.files[0]
    for kind, header in (("PSAM/KEY-ALGORITHM/3DES", "84D4001124"), ("PSAM/KEY-ALGORITHM/DES", "84D400111C")):
        command = desk.loading(CREATE, file, desk.new_key(file, kind))
        command = bytes.fromhex(header) + command[5:]
        expect(psam.send(command)).ok()
