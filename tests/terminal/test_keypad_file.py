"""The holder at a keypad that reads a file: what the tester writes is what the reference terminal's keypad enters."""

import shutil
import stat
from pathlib import Path

import pytest

from emulator.terminal.access import NoPin
from onecard.emulate.keypad import FileKeypad
from onecard.harness.opening import what_has
from onecard.spec.text import Text
from onecard.targets.base import TargetAbsent, TargetError
from onecard.targets.keypad_file import KeypadFile

FIELD = "parameters.library.keypad"


def _made(path: Path) -> KeypadFile:
    made = KeypadFile(path, FIELD)
    made.connect()
    return made


def _entered(keypad: FileKeypad, *prompts: str) -> list[str]:
    found = []
    for prompt in prompts:
        try:
            found.append(keypad.pin(prompt))
        except NoPin as nothing:
            found.append(str(nothing))
    return found


def test_each_case_begins_with_entries_of_its_own(tmp_path: Path) -> None:
    path, told = tmp_path / "keypad", list[Text]()
    made = _made(path)
    keypad = FileKeypad(path, told.append)
    assert _entered(keypad, "enter") == ["absent"], "before the first case"
    made.enter({"keypad": {"enter": ["1357", "timeout", "12*4"], "new": ["2468"]}})
    assert _entered(keypad, "enter", "new", "enter", "enter") == ["1357", "2468", "timeout", "12*4"]
    assert _entered(keypad, "enter", "new", "again") == ["cancelled"] * 3, "the holder enters no more"
    made.enter({"keypad": {"enter": ["1357"]}})
    made.enter({"keypad": {"enter": ["1357"]}})
    assert _entered(keypad, "enter", "enter") == ["1357", "cancelled"], "the same entries once more"
    made.enter({"card": "card-2.0"})
    assert _entered(keypad, "enter") == ["cancelled"]
    made.clear()
    assert _entered(keypad, "enter") == ["absent"]
    assert [one.name for one in tmp_path.iterdir()] == ["keypad"]
    assert not any(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    assert told == []


def test_a_file_that_is_gone_is_a_keypad_that_is_gone(tmp_path: Path) -> None:
    path, told = tmp_path / "keypad", list[Text]()
    made = _made(path)
    keypad = FileKeypad(path, told.append)
    path.unlink()
    assert _entered(keypad, "enter", "enter") == ["absent", "absent"]
    assert [str(path) in one.en for one in told] == [True], "told once"
    made.enter({"keypad": {"enter": ["1357"]}})
    assert _entered(keypad, "enter") == ["1357"]


def test_who_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keypad"
    made = _made(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    made.enter({"keypad": {"enter": ["1357"]}})
    assert stat.S_IMODE(path.stat().st_mode) == 0o644, "a keypad of another user may have been let in"


@pytest.mark.parametrize("content", [b"a file of the vendor's\n", b"enter 1357\nname=value\n", b"\xff\xfe\x00"])
def test_another_file_is_not_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keypad"
    path.write_bytes(content)
    with pytest.raises(TargetAbsent, match=FIELD) as told:
        KeypadFile(path, FIELD).connect()
    assert "not written over" in told.value.text.en
    assert path.read_bytes() == content


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "keypad"):
        with pytest.raises(TargetAbsent, match=FIELD):
            KeypadFile(path, FIELD).connect()
    folder = tmp_path / "folder"
    folder.mkdir()
    made = _made(folder / "keypad")
    shutil.rmtree(folder)
    with pytest.raises(TargetError, match=FIELD):
        made.enter({})
    made.clear()


def test_with_it_a_terminal_has_a_keypad() -> None:
    for target, section in (("library:./driver.so", "library"), ("ws:127.0.0.1:1", "websocket")):
        without = what_has(target, "terminal", {})
        assert "keypad" not in without
        assert what_has(target, "terminal", {section: {"host": "127.0.0.1"}}) == without
        assert what_has(target, "terminal", {section: {"keypad": "file"}}) - without == {"keypad"}
    assert what_has("http://127.0.0.1:1/", "hsm", {"library": {"keypad": "file"}}) == frozenset()
    assert what_has("http://127.0.0.1:1/", "terminal", {}) == what_has("command:x", "terminal", {})
