"""What a terminal wrote on a card, judged by the transcript: values, and commands that are none of a writing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from onecard.oracle.codec import Charset, an_encode, bcd_encode
from onecard.oracle.terminal_files import READING, Asked
from onecard.oracle.terminal_trace import CARD_SLOTS, Observed
from onecard.spec.card import CardSpec
from onecard.spec.terminal import TerminalSpec

UPDATE: Final = "UPDATE-RECORD"
OK: Final = 0x9000
_TEXTS: Final = {"ascii": Charset.ASCII, "gbk": Charset.GBK}


@dataclass(frozen=True, slots=True)
class Written:
    """An UPDATE RECORD of a record with an identifier: ``tag`` and ``value`` of its data, and the card's answer."""

    tag: int
    value: bytes
    sw: int | None


def write_data_of(spec: TerminalSpec, asked: Asked, root: str, values: Mapping[int, str]) -> str:
    """pWriteData for the items of an address: the structure of the address with values in place of tags."""
    form = spec.address
    filled = ((file, (values[tag] for tag in tags)) for file, tags in asked)
    return "".join(form.separator.join((root + file, *texts, form.end)) for file, texts in filled)


def expected_value(card: CardSpec, file: str, tag: int, text: str) -> bytes:
    """The bytes of an item that holds ``text``, filled as the card's data say; raises EncodeError."""
    item = card.files[f"SSSE/{file}"].item(tag)
    charset = _TEXTS.get(item.charset)
    return bcd_encode(text, item.length) if charset is None else an_encode(text, item.length, charset)


def writes_of(card: CardSpec, seen: Observed) -> tuple[Written, ...]:
    """Every UPDATE RECORD that the card was sent, in order, taken or not."""
    command = card.command(UPDATE)
    sent = (one for one in seen.exchanges if one.slot in CARD_SLOTS)
    updates = ((one, one.command[5:]) for one in sent if one.command[:2] == bytes((command.cla, command.ins)))
    return tuple(Written(data[0] if data else 0, data[2:], one.sw) for one, data in updates)


def on_the_card(writes: tuple[Written, ...]) -> dict[int, bytes]:
    """What the card took, by tag: the last value of each."""
    return {one.tag: one.value for one in writes if one.sw == OK}


def commands_beside(card: CardSpec, seen: Observed) -> tuple[str, ...]:
    """Headers of commands to the card that belong to no writing."""
    allowed = {(c.cla, c.ins) for name, c in card.commands.items() if name in (*READING, UPDATE)}
    sent = (one.command for one in seen.exchanges if one.slot in CARD_SLOTS)
    return tuple(command[:4].hex().upper() for command in sent if (command[0], command[1]) not in allowed)
