"""Protocol 1 of terminals that the tester plays card and PSAM for: its messages, whatever carries them.

It stands in docs/kinds/terminal-command.md and reports/schema/command.schema.json: the tester calls, the terminal asks
for whatever it needs of card, PSAM and clock, and returns.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from onecard.spec.location import data_root
from onecard.targets.base import Instrument, Message, TargetAbsent, TargetError
from onecard.targets.conversation import Conversation

PROTOCOL = 1
SCHEMA = "command.schema.json"
_SHOWN = 120


class BrokenProtocol(TargetError):
    """The terminal said something that the protocol does not have."""


@lru_cache(maxsize=1)
def message_schema() -> Mapping[str, Any]:
    """The JSON Schema of all messages."""
    text = (data_root("reports") / "schema" / SCHEMA).read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


@lru_cache(maxsize=16)
def _validator(name: str) -> Draft202012Validator:
    schema = message_schema()
    return Draft202012Validator({"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})


def _form_of(message: object, form: str) -> str:
    # The one form that is meant, so that the complaint names what is wrong with it.
    if form != "said" or not isinstance(message, dict):
        return form
    named = next((name for name in ("return", "transmit") if name in message), None)
    asked = message.get("ask")
    return named or (asked if asked in ("power-on", "clock", "pin") else form)


def message_of(octets: bytes, form: str, number: int | None = None, words: str = "") -> Message:
    """A message of a form of the schema (greeting, call, said, answer); raises BrokenProtocol, which shows it.

    ``number``: the call whose id it must carry; ``words``: what else the terminal said of itself.
    """
    try:
        message = json.loads(octets.decode("utf-8"))
        problem = next(_validator(_form_of(message, form)).iter_errors(message), None)
        fault = "" if problem is None else problem.message
    except (ValueError, RecursionError) as error:
        message, fault = {}, str(error)
    if not fault and number is not None and message["id"] != number:
        fault = f"id {message['id']} where the call has id {number}"
    if fault:
        shown = octets[:_SHOWN].decode("utf-8", errors="replace")
        raise BrokenProtocol(
            zh=f"终端的消息不合协议：{shown!r}（{fault[:_SHOWN]}）{words}",
            en=f"the terminal broke the protocol: {shown!r} ({fault[:_SHOWN]}){words}",
        )
    found: Message = message
    return found


def octets_of(message: Message) -> bytes:
    """A message as it goes over the wire: JSON in UTF-8, on one line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def greeted(greeting: Message) -> str:
    """The name by which a terminal greets; raises TargetAbsent where it speaks another protocol."""
    if greeting["protocol"] != PROTOCOL:
        raise TargetAbsent(
            zh=f"终端使用协议 {greeting['protocol']}，本工具使用协议 {PROTOCOL}",
            en=f"the terminal speaks protocol {greeting['protocol']}, this tool {PROTOCOL}",
        )
    return str(greeting["name"])


def called(turn: Callable[[Message], Message], number: int, request: Message, instrument: Instrument) -> Message:
    """Carry out the ``call`` of an exchange: ``turn`` says a message to the terminal and gives what it says to it."""
    conversation = Conversation(instrument)
    said = turn({"id": number, "call": request["call"], "args": request["args"]})
    while "return" not in said:
        question = {name: value for name, value in said.items() if name != "id"}
        said = turn({"id": number, "answer": conversation.ask(question)})
    return {"return": said["return"], "out": said["out"], "trace": conversation.trace}
