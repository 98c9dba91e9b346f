"""What an operator is told to do for one call of a function."""

from collections.abc import Mapping, Sequence
from typing import Any

from onecard.spec.terminal_library import LibrarySpec
from onecard.spec.text import Text
from onecard.targets.base import Message

PROMPTS: Mapping[str, Text] = {
    "enter": Text(zh="密码", en="PIN"),
    "new": Text(zh="新密码", en="new PIN"),
    "again": Text(zh="再次输入新密码", en="new PIN once more"),
}
"""What a keypad asks for, in the order in which terminals ask."""
GIVEN_UP: Mapping[str, Text] = {
    "cancelled": Text(zh="按取消键", en="press the cancel key"),
    "timeout": Text(zh="什么也不按，等到超时", en="press nothing until the time is over"),
}
Entry = tuple[str, str]
"""A prompt of the keypad, and what is entered there: keys, ``cancelled`` or ``timeout``."""


def entries_of(settings: Message) -> tuple[Entry, ...]:
    """What the operator has to enter at the keypad, by prompt, in the order of the prompts."""
    keypad: Mapping[str, Sequence[str]] = settings.get("keypad") or {}
    ordered = [*PROMPTS, *(prompt for prompt in keypad if prompt not in PROMPTS)]
    return tuple((prompt, str(entry)) for prompt in ordered for entry in keypad.get(prompt, ()))


def instruction(
    number: int, name: str, arguments: Mapping[str, Any], entries: Sequence[Entry], data: LibrarySpec
) -> tuple[Text, ...]:
    """The lines of an instruction. ``number``: how many there were with this one."""
    known = data.signatures.get(name)
    spoken = Text(zh=f"{known.name.zh} {name}", en=f"{known.name.en}, {name}") if known else Text(zh=name, en=name)
    head = Text(
        zh=f"—— 指令 {number}：在终端上执行一次“{spoken.zh}”",
        en=f"-- instruction {number}: carry out once on the terminal: {spoken.en}",
    )
    lines = [head, *(Text(zh=f"  {key} = {value}", en=f"  {key} = {value}") for key, value in arguments.items())]
    lines += [_entry(place, entry) for place, entry in enumerate(entries, start=1)]
    lines.append(
        Text(
            zh="  然后填写结果；skip = 跳过本用例，quit = 结束（可用 --resume 继续）",
            en="  then give the result; skip = leave this case out, quit = end the run (--resume goes on)",
        )
    )
    return tuple(lines)


def _entry(place: int, entry: Entry) -> Text:
    prompt = PROMPTS.get(entry[0], Text(zh=entry[0], en=entry[0]))
    pressed = GIVEN_UP.get(entry[1], Text(zh=entry[1], en=entry[1]))
    return Text(zh=f"  键盘 {place}（{prompt.zh}）：{pressed.zh}", en=f"  keypad {place} ({prompt.en}): {pressed.en}")
