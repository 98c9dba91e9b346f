"""The encryptor on the standard streams: one line in, one line out."""

import io
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from emulator.hsm.factory import hsm
from onecard.emulate.encryptor_pipe import encryptor_pipe
from tests.support.command import LIMIT, arguments, environment, onecard

PROFILE = "hsm-default"
REQUEST = (
    "01|340100|00814A44468660340100000001|01|340100D15600000500000001FFFFFFFF|5B6E6E17C9720C2D|0F11FB585A3475C5|||"
)


def _piped(lines: bytes) -> tuple[int, list[str]]:
    sink = io.BytesIO()
    code = encryptor_pipe(profile=PROFILE, source=io.BytesIO(lines), sink=sink)
    return code, sink.getvalue().decode().splitlines()


def test_each_line_is_answered_as_by_the_service() -> None:
    right = hsm(PROFILE).service(REQUEST)
    assert _piped(f"{REQUEST}\n{REQUEST}\r\n{REQUEST}".encode()) == (0, [right] * 3)


def test_a_refusal_is_a_line_of_its_own_and_the_next_is_answered() -> None:
    code, (refused, answered) = _piped(f"99|x|\n{REQUEST}\n".encode())
    assert code == 1
    assert refused.startswith("!unknown-service ")
    assert answered == hsm(PROFILE).service(REQUEST)


def test_a_line_that_is_too_long_is_one_refusal() -> None:
    code, lines = _piped(b"0" * 200_000 + b"\n" + REQUEST.encode() + b"\n" + b"1" * 200_000)
    assert (code, [line[:1] for line in lines]) == (1, ["!", lines[1][:1], "!"])
    assert lines[1] == hsm(PROFILE).service(REQUEST)


@given(st.lists(st.binary(max_size=60).filter(lambda line: b"\n" not in line), max_size=5))
def test_any_lines_get_as_many_answers(lines: list[bytes]) -> None:
    code, answers = _piped(b"".join(line + b"\n" for line in lines))
    assert len(answers) == len(lines)
    assert all(answer.startswith("!") for answer in answers)
    assert code == (1 if lines else 0)


def test_the_command(tmp_path: Path) -> None:
    found = subprocess.run(
        arguments("emulate", "hsm", "--stdio"),
        input=REQUEST + "\n",
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT,
        check=True,
    )
    assert found.stdout.splitlines() == [hsm(PROFILE).service(REQUEST)]
    beside = onecard("emulate", "hsm", "--stdio", "--tcp", "0", "--lang", "en", cwd=tmp_path)
    assert (beside.returncode, "--stdio listens nowhere" in beside.stderr) == (2, True)
