"""``onecard apdu``: exactly one line out for each line in."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.running import Line, environment, process

SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
# The FCI of SSSE on a 3.0 card, from the fact sheet: 6F / 84 name / A5 { 88 directory SFI, 9F0C { 86 01 03 } }.
FCI = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103"

LINES = (
    ("reset", "ATR"),
    (SELECT, "611E"),
    ("00C000001E", FCI + "9000"),
    ("00 a4 04 00 0f 73 78 31 2e 73 68 2e c9 e7 bb e1 b1 a3 d5 cf", "611E"),
    ("  00c000001e\t", FCI + "9000"),
    ("00C000001E", "6F00"),
    ("0002000000", "6D00"),
    ("FF02000000", "6E00"),
    ("", "!"),
    ("   ", "!"),
    ("00A", "!"),
    ("00A4", "!"),
    ("hello", "!"),
    ("00A404000G", "!"),
    ("# comment", "!"),
    ("社保卡", "!"),
    ("RESET", "ATR"),
    ("00C000001E", "6F00"),
    ("reset now", "!"),
    ("00200000", "63C3"),
    ("!", "!"),
)


@pytest.mark.parametrize(("lang", "said"), [("en", "not hex"), ("zh", "不是十六进制")])
def test_one_line_for_each_line(tmp_path: Path, lang: str, said: str) -> None:
    given_ = "".join(f"{sent}\n" for sent, _ in LINES).encode()
    ran = process(tmp_path, "apdu", "--lang", lang, stdin=given_)
    assert (ran.code, ran.err) == (0, "")
    answers = ran.out.splitlines()
    assert len(answers) == len(LINES)
    atr = answers[0]
    assert atr.startswith("3B")
    for (sent, expected), answer in zip(LINES, answers, strict=True):
        if expected == "!":
            assert answer.startswith("! "), (sent, answer)
            assert len(answer) > 10
        else:
            assert answer == (atr if expected == "ATR" else expected), sent
    assert sum(said in answer for answer in answers) >= 5


@pytest.mark.parametrize(("profile", "length"), [("card-1.0", "6118"), ("card-2.0", "611E"), ("card-3.0", "611E")])
def test_profiles(tmp_path: Path, profile: str, length: str) -> None:
    assert process(tmp_path, "apdu", "--profile", profile, stdin=f"{SELECT}\n".encode()).out == f"{length}\n"


def test_target_is_followed(tmp_path: Path) -> None:
    ask = f"{SELECT}\n00C000001E\n".encode()
    by_target = process(tmp_path, "apdu", "--target", "reference:card-2.0", stdin=ask)
    by_profile = process(tmp_path, "apdu", "--profile", "card-2.0", stdin=ask)
    assert by_target == by_profile
    assert by_target != process(tmp_path, "apdu", stdin=ask)


@pytest.mark.parametrize(
    "stdin", [b"", b"reset", b"reset\r\nreset\r\n", b"\xff\xfe\n00\n", b"\x00\n", b"00\x1c00\n", b"0" * 200001 + b"\n"]
)
def test_odd_streams(tmp_path: Path, stdin: bytes) -> None:
    """Nothing, no last line end, Windows line ends, no UTF-8, control characters, a huge line."""
    ran = process(tmp_path, "apdu", stdin=stdin, PYTHONIOENCODING="utf-8:strict")
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.out.split("\n")) - 1 == len(stdin.splitlines() if b"\x1c" not in stdin else [stdin])
    assert all(len(answer) < 200 for answer in ran.out.splitlines())


def test_each_answer_comes_before_the_next_question(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "onecard", "apdu"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=environment(),
    ) as running:  # fmt: skip
        assert running.stdin is not None
        assert running.stdout is not None
        for sent, starts in (("reset", b"3B"), ("0084000008", b""), ("nonsense", b"! "), ("0002000000", b"6D00")):
            running.stdin.write(f"{sent}\n".encode())
            running.stdin.flush()
            assert running.stdout.readline().startswith(starts)
        running.stdin.close()
        assert running.wait(timeout=30) == 0


@settings(max_examples=3)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=30)
        | st.binary(max_size=40).map(bytes.hex),
        min_size=20,
        max_size=80,
    )
)
def test_any_lines(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    ran = process(tmp_path_factory.getbasetemp(), "apdu", stdin="".join(f"{each}\n" for each in lines).encode())
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("\n") == len(lines)


def test_broken_target_ends_before_any_answer(line: Line) -> None:
    line("apdu", "--profile", "card-9").refused("card-9")
