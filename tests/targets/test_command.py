"""``command:``: programs that answer, die, hang, and talk nonsense; none is left behind."""

import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from onecard.errors import UserError
from onecard.targets.base import CardRemoved, Message, SilentTarget, TargetAbsent, TargetError, TargetOptions
from onecard.targets.command import CommandTarget, open_target
from onecard.targets.terminal_protocol import message_schema

GREETING = 'say({"protocol": 1, "name": "toy"})\n'
TOY = """
import json, os, sys, time
def say(message): print(json.dumps(message), flush=True)
def hear():
    line = sys.stdin.readline()
    if not line: sys.exit(0)
    return json.loads(line)
def ask(call, **question):
    say({"id": call["id"], **question})
    return hear()["answer"]
"""
CALL: Message = {"do": "call", "call": "f", "args": {"iType": 1}}


class Toy:
    """An instrument that knows one answer."""

    def __init__(self) -> None:
        self.settings: Message = {}

    def configure(self, settings: Message) -> Message:
        self.settings = settings
        return {"taken": True}

    def answer(self, ask: Message) -> Message:
        return {"response": "9000"} if "transmit" in ask else {"error": "unsupported"}


class Programs:
    """Writes programs and starts them as targets."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: list[CommandTarget] = []

    def __call__(self, body: str, greeting: str = GREETING, timeout: float = 20.0) -> CommandTarget:
        script = self._folder / f"toy{len(self._opened)}.py"
        script.write_text(TOY + greeting + body, encoding="utf-8")
        line = shlex.join([sys.executable, "-I", "-S", str(script)])
        self._opened.append(open_target(line, TargetOptions(timeout=timeout, instrument=Toy())))
        return self._opened[-1]

    def close(self) -> None:
        for target in self._opened:
            target.close()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path)
    yield made
    made.close()


RETURNS = """
while True:
    call = hear()
    answer = ask(call, transmit={"slot": "card", "apdu": "00A4"})
    more = ask(call, ask="encryptor")
    say({"id": call["id"], "return": -2, "out": "姓名 %s %s %d" % (call["call"], answer["response"], os.getpid())})
"""


def test_a_call_with_its_questions(program: Programs) -> None:
    target = program(RETURNS)
    target.connect()
    assert target.reader_name() == "toy"
    assert target.exchange({"do": "instrument", "settings": {"card": None}}) == {"taken": True}
    assert target.exchange({"do": "receive", "count": 1, "within_ms": 1}) == {"trace": []}
    first, second = target.exchange(CALL), target.exchange(CALL)
    assert first["return"] == -2
    assert first["out"].startswith("姓名 f 9000 ")
    assert first["out"] == second["out"], "one program serves all calls"
    times = [entry.pop("t") for entry in first["trace"]]
    assert 0 <= times[0] <= times[1] < 60
    assert first["trace"] == [
        {"ask": {"transmit": {"slot": "card", "apdu": "00A4"}}, "answer": {"response": "9000"}},
        {"ask": {"ask": "encryptor"}, "answer": {"error": "unsupported"}},
    ]


def test_a_program_that_dies_is_started_again(program: Programs, tmp_path: Path) -> None:
    flag = tmp_path / "died"
    target = program(
        f"flag = {str(flag)!r}\n"
        "call = hear()\n"
        "if not os.path.exists(flag):\n"
        "    open(flag, 'w').close()\n"
        "    print('no reader', file=sys.stderr, flush=True)\n"
        "    sys.exit(7)\n"
        'say({"id": call["id"], "return": 0, "out": ""})\n'
    )
    with pytest.raises(CardRemoved, match=r"exit code 7; stderr: no reader"):
        target.exchange(CALL)
    answer = target.exchange(CALL)
    assert answer["return"] == 0


def test_a_program_that_hangs_is_ended_with_its_children(program: Programs, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    target = program(
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pids)!r}, 'w').write('%d %d' % (os.getpid(), child.pid))\n"
        "hear()\ntime.sleep(60)\n",
        timeout=1.0,
    )
    started = time.monotonic()
    with pytest.raises(SilentTarget, match="within 1 s"):
        target.exchange(CALL)
    assert time.monotonic() - started < 10
    own, child = map(int, pids.read_text().split())
    with pytest.raises(ProcessLookupError):
        os.kill(own, 0)
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.02)
    else:
        os.kill(child, signal.SIGKILL)
        pytest.fail("the child of the program lives on")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("print('<html>', flush=True)", "broke the protocol"),
        ("print('[1]', flush=True)", "broke the protocol"),
        ("print('[' * 100000, flush=True)", "broke the protocol"),
        ("sys.stdout.buffer.write(b'\\xff\\xfe\\n'); sys.stdout.flush()", "broke the protocol"),
        ("print('x' * 2 * 1024 * 1024, flush=True)", "more than 1 MiB"),
        ('say({"id": 99, "return": 0, "out": ""})', "id 99 where the call has id 1"),
        ('say({"id": 1, "return": "0", "out": ""})', "is not of type 'integer'"),
        ('say({"id": 1, "return": 0})', "'out' is a required property"),
        ('say({"id": 1, "transmit": {"slot": "card", "apdu": "0"}})', "does not match"),
        ('say({"id": 1, "transmit": {"slot": "left", "apdu": "00"}})', "'left' is not one of"),
        ("for _ in range(3000): ask({'id': 1}, ask='clock')", "asked 2000 times"),
    ],
)
def test_nonsense_is_named(program: Programs, said: str, told: str) -> None:
    target = program(f"hear()\n{said}\nhear()\n")
    with pytest.raises(TargetError, match=told):
        target.exchange(CALL)


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        ('say({"protocol": 2, "name": "new"})\n', "speaks protocol 2"),
        ("sys.exit(3)\n", "did not greet.*exit code 3"),
        ('print("Welcome!", flush=True)\n', "did not greet"),
    ],
)
def test_a_wrong_greeting_means_that_nothing_is_there(program: Programs, greeting: str, told: str) -> None:
    with pytest.raises(TargetAbsent, match=told):
        program("hear()\n", greeting).connect()


def test_what_cannot_be_started(tmp_path: Path) -> None:
    missing = open_target(str(tmp_path / "nobody"), TargetOptions(instrument=Toy()))
    with pytest.raises(TargetAbsent, match="cannot be started"):
        missing.connect()
    with pytest.raises(UserError, match="needs a command line"):
        open_target("  ", TargetOptions(instrument=Toy()))
    with pytest.raises(UserError, match="command line"):
        open_target("'unfinished", TargetOptions(instrument=Toy()))
    with pytest.raises(UserError, match="tester's card"):
        open_target("true", TargetOptions())


def test_close_ends_the_program_and_connect_may_follow(program: Programs) -> None:
    target = program(RETURNS)
    first = target.exchange(CALL)["out"].split()[-1]
    target.close()
    target.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(first), 0)
    target.connect()
    assert target.exchange(CALL)["out"].split()[-1] != first


def test_the_schema_is_one_and_takes_the_messages_of_the_page() -> None:
    schema = message_schema()
    Draft202012Validator.check_schema(schema)
    page = (Path(__file__).parents[2] / "docs" / "kinds" / "terminal-command.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith('{"')]
    assert len(lines) >= 10
    for line in lines:
        Draft202012Validator(schema).validate(json.loads(line))
