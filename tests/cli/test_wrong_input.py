"""Wrong input of each kind: one clear message, exit 2, nothing on stdout, nothing sent, nothing lost."""

import socket
from pathlib import Path

import pytest

from tests.cli.running import Line, process


@pytest.fixture
def refused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


ARGUMENTS = {
    "unknown kind": (("certify", "kettle"), ("no suite for kettle", "card")),
    "unknown profile": (
        ("certify", "card", "--profile", "card-9"),
        ("no profile card-9", "card-1.0, card-2.0, card-3.0"),
    ),
    "unknown profile of the reference": (("certify", "card", "--target", "reference:card-9"), ("no profile card-9",)),
    "device without profile": (
        ("certify", "card", "--target", "tcp:127.0.0.1:1"),
        ("name one profile", "--profile card-3.0"),
    ),
    "service without profile": (
        ("certify", "hsm", "--target", "http://127.0.0.1:1"),
        ("name one profile", "--profile hsm-default"),
    ),
    "device without ICS": (
        ("certify", "card", "--target", "tcp:127.0.0.1:1", "--profile", "card-3.0"),
        ("needs its ICS", "plan card --init --profile card-3.0"),
    ),
    "reference with ICS": (("certify", "card", "--ics", "x.yaml"), ("takes no --ics",)),
    "target of another kind": (
        ("certify", "card", "--target", "terminal=tcp:h:1"),
        ("terminal is not among the chosen kinds",),
    ),
    "nonce that is not hex": (("certify", "--nonce", "xyz"), ("--nonce takes hex digits",)),
    "nonce of odd length": (("certify", "--nonce", "001122334455667"), ("--nonce takes hex digits",)),
    "short nonce": (("certify", "--nonce", "00"), ("--nonce takes 8 to 64 bytes",)),
    "nonce and challenge": (
        ("certify", "--nonce", "00" * 8, "--challenge", "x"),
        ("--nonce or --challenge, not both",),
    ),
    "challenge that is not there": (("certify", "--challenge", "none.json"), ("none.json",)),
    "resume of nothing": (("certify", "--resume"), ("--resume needs --out",)),
    "resume of a folder that is not there": (("certify", "--resume", "--out", "none"), ("none", "run.bundle")),
    "unknown scope": (("certify", "--scope", "half"), ("--scope", "non-destructive")),
    "unknown language": (("certify", "--lang", "fr"), ("--lang", "fr")),
    "unknown option": (("certify", "--quick"), ("--quick",)),
    "unknown command": (("certifi",), ("certifi",)),
    "overlay that is not there": (("certify", "--overlay", "none.yaml"), ("none.yaml: there is no such file",)),
    "IXIT that is not there": (("certify", "card", "--ixit", "none.yaml"), ("none.yaml: there is no such file",)),
    "folder without a signing key": (
        ("certify", "--keys", "nokeys"),
        ("no signing key in nokeys", "onecard keys new --dir nokeys"),
    ),
    "templates without profile": (("plan", "--init"), ("--init needs --profile", "card-3.0")),
    "templates of an unknown profile": (("plan", "--init", "--profile", "card-9"), ("no profile card-9",)),
    "plan of an unknown kind": (("plan", "kettle"), ("no suite for kettle",)),
    "apdu of an unknown profile": (("apdu", "--profile", "card-9"), ("card-9", "card-3.0")),
    "apdu to an unknown target": (("apdu", "--target", "usb:1"), ("usb:1", "tcp:")),
    "emulation of an unknown profile": (
        ("emulate", "card", "--tcp", "0", "--profile", "card-9"),
        ("no profile card-9",),
    ),
    "emulation of nothing": (("emulate", "card"), ("--pcsc or --tcp",)),
    "emulation of both": (("emulate", "card", "--pcsc", "--tcp", "0"), ("--pcsc or --tcp",)),
    "emulation on an impossible port": (("emulate", "card", "--tcp", "70000"), ("--tcp",)),
    "verify of nothing": (("verify", "none"), ("none does not exist",)),
    "verify of an empty folder": (("verify", "."), ("run.bundle",)),
    "replay of nothing": (("replay", "none.bundle"), ("none.bundle",)),
    "replay of an empty folder": (("replay", "."), ("run.bundle",)),
    "show of nothing": (("spec", "show"), ("ID",)),
    "overlay check of nothing": (("spec", "overlay", "none.yaml"), ("none.yaml: there is no such file",)),
    "lint with an overlay that is not there": (("spec", "lint", "--overlay", "none.yaml"), ("none.yaml",)),
    "challenge without keys": (("keys", "challenge", "c.json", "--issuer", "X", "--dir", "nokeys"), ("nokeys",)),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_wrong_arguments(line: Line, tmp_path: Path, name: str) -> None:
    arguments, said = ARGUMENTS[name]
    line(*arguments, lang=None if "--lang" in arguments else "en").refused(*said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", list(ARGUMENTS)[::3])
def test_the_same_in_chinese(line: Line, name: str) -> None:
    arguments, _ = ARGUMENTS[name]
    ran = line(*arguments, lang=None if "--lang" in arguments else "zh")
    ran.refused()
    if ran.err.startswith("onecard: "):
        assert any("\u4e00" <= character <= "\u9fff" for character in ran.err)


TARGETS = {
    "unknown scheme": ("usb:1", ("usb:1", "pcsc:", "tcp:")),
    "no scheme": ("reader", ("reader", "NAME:REST")),
    "no port": ("tcp:localhost", ("tcp:HOST:PORT",)),
    "impossible port": ("tcp:127.0.0.1:99999", ("port 1 to 65535",)),
}


@pytest.mark.parametrize("name", TARGETS)
def test_wrong_target(line: Line, vendor: Path, name: str) -> None:
    target, said = TARGETS[name]
    line("certify", "card", "--target", target, "--ics", vendor / "ics.yaml", "--out", "out").refused(*said)
    assert not Path("out").exists()


def test_absent_reader(line: Line, vendor: Path, refused_port: int) -> None:
    target = f"tcp:127.0.0.1:{refused_port}"
    line("certify", "card", "--target", target, "--ics", vendor / "ics.yaml", "--out", "out").refused(
        target, "cannot connect", "Check that the card listens"
    )
    line("apdu", "--target", target).refused(target)
    assert not Path("out").exists()


ICS = {
    "missing item": ("  card.pin: true\n", "", "(items)", "card.pin"),
    "unknown item": ("  card.pin: true\n", "  card.pin: true\n  card.nip: true\n", "(items.card.nip)", "card.nip"),
    "wrong type": ("  card.pin: true\n", "  card.pin: maybe\n", "(items.card.pin)", "'maybe' does not fit card.pin"),
    "broken YAML": ("items:\n", "items: [\n", "ics.yaml:", "YAML"),
    "doubled item": ("  card.pin: true\n", "  card.pin: true\n  card.pin: false\n", "(items.card.pin)", "stands twice"),
    "another kind": ("kind: ics\n", "kind: ixit\n", "ics.yaml:5 (kind)", "kind must be ics"),
    "unpublished algorithm": ('card.algorithm: "sm4"', 'card.algorithm: "ssf33"', "ssf33", "not testable"),
}


@pytest.mark.parametrize("name", ICS)
def test_wrong_ics(line: Line, vendor: Path, name: str) -> None:
    old, new, place, said = ICS[name]
    path = vendor / "ics.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    for command in ("certify", "plan"):
        line(command, "card", "--target", "tcp:127.0.0.1:1", "--ics", path).refused(place, said)


def test_ics_and_command_line_disagree(line: Line, vendor: Path) -> None:
    line(
        "certify", "card", "--target", "tcp:127.0.0.1:1", "--ics", vendor / "ics.yaml", "--profile", "card-2.0"
    ).refused("ics.yaml", "the ICS declares card-3.0, the command line says card-2.0")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("pin: 123456\nkey-source: {kind: none}\n", "ixit.yaml:3 (pin)"),
        (
            "key-source: {kind: card-keys, keys: {NOPE: {'1': '00112233445566778899AABBCCDDEEFF'}}}\n",
            "unknown key NOPE",
        ),
        ("key-source: {kind: card-keys, keys: {IRK: {'1': '0011223344556677'}}}\n", "must have 16 bytes"),
        ("key-source: {kind: card-keys, keys: {IRK: {'1': '00112'}}}\n", "ixit.yaml:3 (key-source"),
        ("key-source: [\n", "ixit.yaml:4: broken YAML"),
    ],
    ids=["pin", "unknown key", "short key", "odd key", "YAML"],
)
def test_wrong_ixit(line: Line, vendor: Path, content: str, said: str) -> None:
    path = vendor / "ixit.yaml"
    path.write_text(f"format: 1\nkind: ixit\n{content}", encoding="utf-8")
    ran = line("certify", "card", "--target", "tcp:127.0.0.1:1", "--ics", vendor / "ics.yaml", "--ixit", path)
    ran.refused(said)
    for secret in ("123456", "0011223344556677", "'00112"):
        assert secret not in ran.err


def test_files_that_are_no_text(line: Line, vendor: Path) -> None:
    (vendor / "ics.yaml").write_bytes("kind: 社".encode("gbk"))
    line("certify", "card", "--target", "tcp:h:1", "--ics", vendor / "ics.yaml").refused(
        "ics.yaml", "not UTF-8 text (byte 6)"
    )
    line("certify", "card", "--target", "tcp:h:1", "--ics", vendor).refused("cannot be read")


def test_out_that_is_a_file(line: Line) -> None:
    Path("file").write_text("mine", encoding="utf-8")
    line("certify", "card", "--profile", "card-1.0", "--out", "file").refused("cannot make the folder file")
    line("plan", "--init", "--profile", "card-1.0", "--out", "file").refused("cannot make the folder file")
    assert Path("file").read_text(encoding="utf-8") == "mine"


def test_templates_are_not_overwritten(line: Line, vendor: Path) -> None:
    (vendor / "ics.yaml").write_text("mine", encoding="utf-8")
    line("plan", "card", "--init", "--profile", "card-3.0", "--out", vendor).refused("ics.yaml exists")
    assert (vendor / "ics.yaml").read_text(encoding="utf-8") == "mine"


def test_evidence_is_not_overwritten(line: Line) -> None:
    Path("out").mkdir()
    Path("out/run.bundle").write_bytes(b"evidence of another run\n")
    line("certify", "card", "--profile", "card-1.0", "--out", "out").refused("out/run.bundle exists", "--resume")
    assert Path("out/run.bundle").read_bytes() == b"evidence of another run\n"
    assert [path.name for path in Path("out").iterdir()] == ["run.bundle"]


def test_what_is_no_bundle_does_not_verify(line: Line) -> None:
    for content in (b"", b"hello\n", b"{}\n", b"\xff\xfe\x00", b"[" * 5000):
        Path("x.bundle").write_bytes(content)
        for command in ("verify", "replay"):
            ran = line(command, "x.bundle")
            assert ran.code in (1, 2), (command, content[:20], ran)
            assert "Traceback" not in ran.err
            assert "line 1" in ran.out + ran.err or "x.bundle" in ran.out + ran.err


def test_a_real_process_says_the_same(tmp_path: Path) -> None:
    process(tmp_path, "certify", "card", "--nonce", "xyz", LC_ALL="C.UTF-8").refused("--nonce takes hex digits")
    ran = process(tmp_path, "certify", "kettle", LC_ALL="zh_CN.UTF-8")
    ran.refused("没有 kettle 的测试套件")
    process(tmp_path, "certify", "kettle", "--lang", "en", LC_ALL="zh_CN.UTF-8").refused("no suite for kettle")
