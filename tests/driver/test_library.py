"""The shared library: what it exports, and what a C program gets from it; the terminal process runs in this test."""

import ctypes
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from emulator.terminal.instrument import TerminalInstrument
from onecard.driver import build as building
from onecard.driver import source
from onecard.emulate.keypad import ScriptedKeypad
from onecard.emulate.slots import EmbeddedSlots
from onecard.errors import UserError
from onecard.spec.terminal_library import NUMBER, RESULT
from tests.driver.support import DATE, Said, data, embedded, library_in, program, ran, serving
from tests.support.command import environment, onecard

pytestmark = pytest.mark.compiler

FIELDS = 11
# The prototypes as headers of published programs have them.
LITERAL = {
    "iReadCardBas": "int iType, char *pOutInfo",
    "iReadCard": "int iType, int iAuthType, char *pCardInfo, char *pFileAddr, char *pOutInfo",
    "iWriteCard": "int iType, char *pCardInfo, char *pFileAddr, char *pWriteData, char *pOutInfo",
    "iVerifyPIN": "int iType, char *pOutInfo",
    "iDoDebit": "int iType, char *pCardInfo, char *pPayInfo, char *pOutInfo",
    "iReadDebitRecord": "int iType, char *pOutInfo",
    "iReadCardBas_HSM_Step2": "char *pKey, char *pOutInfo",
    "iWriteCard_HSM_Step2": "char *pKey, char *pWriteData, char *pOutInfo",
    "iUnblockPIN_HSM_Step3": "char *pKey, char *pOutInfo",
    "PKI_SignData": "char *pUserPin, char *pInData, int iType, char *pOutInfo",
    "PKI_VerifySign": "char *pUserPin, char *pCert, char *pClearText, char *pSignature, int iType, char *pOutInfo",
    "iDoDebit_HSM_Step1": "int iType, char *pCardInfo, char *pPayInfo, char *pOutInfo",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library_in(tmp_path_factory.mktemp("driver"))


@pytest.fixture(scope="module")
def caller(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return program("caller.c", library, tmp_path_factory.mktemp("caller"))


def test_exports(library: Path) -> None:
    loaded = ctypes.CDLL(str(library))
    assert len(data().signatures) == 25, "nine functions, six groups of two or three steps, two of certificates"
    assert [name for name in data().signatures if not hasattr(loaded, name)] == []
    assert not hasattr(loaded, "forwarded"), "nothing else is exported"


def test_prototypes() -> None:
    header = source.header(data())
    for name, parameters in LITERAL.items():
        assert f"ONECARD_API long ONECARD_CALL {name}({parameters});" in header
    listed = source.exports(data()).split()
    assert set(data().signatures) < set(listed)
    for signature in data().signatures.values():
        assert signature.parameters[-1].type == RESULT
        first = signature.parameters[0].type
        assert first == NUMBER or signature.call.endswith(("Step2", "Step3")) or signature.call.startswith("PKI_")


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
def test_basic_data(caller: Path, profile: str) -> None:
    holder = person(DEFAULT_SEED, 0)
    with serving(embedded(card=profile)) as service:
        (code, text), *_ = ran(caller, "iReadCardBas", "1", link=service.link)
    fields = text.split("|")
    assert (code, len(fields), fields[-1]) == (0, FIELDS + 1, "")
    assert (fields[0], fields[4], fields[10]) == (holder.region, holder.name, "TEST-1")
    assert fields[1].startswith(holder.number_body)
    assert fields[6].startswith(profile.removeprefix("card-"))


def test_what_is_not_done_says_so(caller: Path) -> None:
    with serving(embedded()) as service:
        assert ran(caller, "iVerifyPIN", "1", link=service.link) == [(-13, "命令不支持")]
        assert ran(caller, "iReadCardBas", "9", link=service.link) == [(-14, "参数错误")]


def test_a_pin_that_is_entered_from_a_script(caller: Path) -> None:
    slots = EmbeddedSlots(TerminalInstrument(), lambda: DATE, ScriptedKeypad({"enter": ["123456", "654321"]}))
    with serving(slots, said := Said()) as service:
        assert ran(caller, "iVerifyPIN", "1", link=service.link) == [(0, "")]
        assert ran(caller, "iVerifyPIN", "1", link=service.link) == [(-51, "密码错误，剩余 2 次")]
    assert not any("123456" in line or "654321" in line for line in said)


def test_two_steps_in_one_program(caller: Path) -> None:
    with serving(embedded(card="card-2.0")) as service:
        first, second = ran(caller, "steps", "1", "00" * 16 + "||", link=service.link)
    assert first[0] == 0
    assert second[0] in (-21, -25)


def test_a_written_item_is_read(caller: Path) -> None:
    """iWriteCard through C: the name that was written comes back by iReadCard and iReadCardBas."""
    with serving(embedded()) as service:
        basic = ran(caller, "iReadCardBas", "1", link=service.link)[0][1].split("|")
        info = f"{basic[3]}|{basic[2]}|"
        address, data = "SSSEEF06|09|$", "SSSEEF06|测试甲|$".encode("gb18030")
        assert ran(caller, "iWriteCard", "1", info, address, data, link=service.link) == [(0, "")]
        assert ran(caller, "iReadCard", "1", "2", info, address, link=service.link) == [(0, "SSSEEF06|测试甲|$")]
        assert ran(caller, "iReadCardBas", "1", link=service.link)[0][1].split("|")[4].startswith("测试甲")
        too_long = ("SSSEEF06|" + "甲" * 16 + "|$").encode("gb18030")
        assert ran(caller, "iWriteCard", "1", info, address, too_long, link=service.link)[0][0] == -23
        assert ran(caller, "iReadCard", "1", "2", info, address, link=service.link) == [(0, "SSSEEF06|测试甲|$")]


def test_no_terminal_process(caller: Path) -> None:
    assert ran(caller, "iReadCardBas", "1", link=None) == [(-12, "读卡器未连接")]
    assert ran(caller, "iReadCardBas", "1", link="1 nobody") == [(-12, "读卡器未连接")]
    for broken in ("no number", "99999999 token", "80", " " * 300):
        assert ran(caller, "iReadCardBas", "1", link=broken)[0][0] == -12


def test_null_pointers(caller: Path) -> None:
    with serving(embedded()) as service:
        assert ran(caller, "null-text", link=service.link) == [(-14, "参数错误")]
        assert ran(caller, "null-out", link=service.link) == [(-14, "")]


def test_a_wrong_token_learns_nothing(caller: Path) -> None:
    said = Said()
    with serving(embedded(), said) as service:
        port = service.link.partition(" ")[0]
        assert ran(caller, "iReadCardBas", "1", link=f"{port} wrong") == [(-11, "读卡器连接错误")]
    assert said == []


def test_the_link_file_beside_the_library(library: Path, caller: Path) -> None:
    link = library.with_name("SSCardDriver.link")
    with serving(embedded()) as service:
        link.write_text(service.link + "\n", encoding="ascii")
        try:
            assert ran(caller, "iReadCardBas", "1", link=None)[0][0] == 0
        finally:
            link.unlink()
        other = library.with_name("elsewhere")
        other.write_text(service.link, encoding="ascii")
        assert ran(caller, "iReadCardBas", "1", link=None, ONECARD_DRIVER_LINK=str(other))[0][0] == 0


@contextmanager
def _answering(answer: bytes, pause: float = 0.0) -> Iterator[str]:
    """A terminal process that answers everything with these bytes, after a pause."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            ended.wait(pause)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"{listener.getsockname()[1]} token"
    finally:
        ended.set()
        thread.join(20)
        listener.close()


@pytest.mark.parametrize(
    "answer", [b"", b"= 0", b"= \n", b"! 0 41\n", b"= 0 4\n", b"= 0 4G\n", b"= zero 41\n", b"\x00" * 100]
)
def test_answers_that_are_none(caller: Path, answer: bytes) -> None:
    with _answering(answer) as link:
        assert ran(caller, "iReadCardBas", "1", link=link) == [(-11, "读卡器连接错误")]


def test_a_result_is_bounded(caller: Path) -> None:
    fits = b"41" * (data().output_length - 1)
    with _answering(b"= 0 " + fits + b"\n") as link:
        assert ran(caller, "iReadCardBas", "1", link=link) == [(0, "A" * (data().output_length - 1))]
    with _answering(b"= 0 " + fits + b"41\n") as link:
        assert ran(caller, "iReadCardBas", "1", link=link) == [(-42, "运算数据长度错误")]
    with _answering(b"= 0 " + b"41" * 80_000 + b"\n") as link:
        assert ran(caller, "iReadCardBas", "1", link=link)[0][0] == -11


def test_silence_ends_by_the_time_limit(caller: Path) -> None:
    with _answering(b"= 0 41\n", pause=30) as link:
        begun = time.monotonic()
        assert ran(caller, "iReadCardBas", "1", link=link, ONECARD_DRIVER_TIMEOUT="1")[0][0] == -11
    assert time.monotonic() - begun < 10


def test_several_threads(library: Path, tmp_path: Path) -> None:
    threads = program("threads.c", library, tmp_path)
    with serving(embedded()) as service:
        assert ran(threads, link=service.link) == [(0, "wrong of 24")]


def test_nothing_personal_is_logged(caller: Path) -> None:
    said = Said()
    with serving(embedded(), said) as service:
        text = ran(caller, "iReadCardBas", "1", link=service.link)[0][1]
        ran(caller, "iReadCard", "1", "1", "340100D15600000500000001FFFFFFFF|X|", "SSSEEF05|07|$", link=service.link)
    logged = "\n".join(said)
    assert logged.startswith("iReadCardBas: 0, ")
    assert "iReadCard: -22" in logged
    assert not any(field in logged for field in (*text.split("|"), "340100", "EF05") if len(field) > 3)


def test_lines_that_are_no_calls() -> None:
    with serving(embedded()) as service:
        port, token = service.link.split()
        lines = [b"\n", b"1\n", b"2 " + token.encode() + b" iReadCardBas i:1\n", b"\xff\xfe\n"]
        lines += [b"1 " + token.encode() + b" iNothing i:1\n", b"x" * 70_000 + b"\n"]
        for line in lines:
            assert _told(int(port), line) == b"", line
        for wrong in ("", " i:1 i:2", " s:41", " i:one", " x:1"):
            answer = _told(int(port), f"1 {token} iReadCardBas{wrong}\n".encode())
            assert answer.startswith(b"= -14 "), wrong
        assert _told(int(port), f"1 {token} iReadCardBas_HSM_Step2 s:FFFF\n".encode()).startswith(b"= -14 ")
        assert _told(int(port), f"1 {token} iReadCardBas i:1\n".encode()).startswith(b"= 0 ")


def _told(port: int, line: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(line)
        found = b""
        while part := connection.recv(65536):
            found += part
    return found


def test_a_compiler_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for named in ("nothing-like-it", "gcc '"):
        with pytest.raises(UserError, match="there is no C compiler"):
            building.build(data(), tmp_path, compiler=named)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(UserError, match="apt-get install gcc"):
        building.build(data(), tmp_path)
    assert (tmp_path / "sscard_driver.c").exists(), "the source is there for whoever brings a compiler"


def test_a_compiler_that_fails(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the compiler failed") as failed:
        building.build(data(), tmp_path, flags=("-include", "no-such-header.h"))
    assert "no-such-header.h" in failed.value.text.zh
    assert failed.value.exit_code == 1
    assert [path.name for path in tmp_path.iterdir() if ".so" in path.name] == []


def test_the_commands(tmp_path: Path) -> None:
    built = onecard("driver", "build", "--out", "made", "--lang", "en", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / built.stdout.strip()).exists()
    only = onecard("driver", "build", "--out", "source", "--source-only", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "source").iterdir()} == {
        "sscard_driver.c", "sscard_functions.h", "SSCardDriver.h", "SSCardDriver.def",
    }  # fmt: skip
    assert only.returncode == 0
    none = onecard("driver", "build", "--lang", "en", cwd=tmp_path, env=environment(PATH=str(tmp_path)))
    assert (none.returncode, none.stdout) == (2, "")
    assert "there is no C compiler" in none.stderr
    quoted = onecard("driver", "build", "--flags", "'", cwd=tmp_path)
    assert (quoted.returncode, "Traceback" in quoted.stderr, "--flags" in quoted.stderr) == (2, False, True)
    wrong = onecard("driver", "build", "--profile", "card-3.0", cwd=tmp_path)
    assert wrong.returncode == 2
    beside = onecard("emulate", "terminal", "--embedded", "card-3.0", "--lang", "en", cwd=tmp_path)
    assert (beside.returncode, "--driver only" in beside.stderr) == (2, True)
    for wrong_date in (DATE + "1", "20260230"):
        date = onecard("emulate", "terminal", "--driver", "--clock", wrong_date, "--lang", "en", cwd=tmp_path)
        assert (date.returncode, "CCYYMMDD" in date.stderr) == (2, True)
