"""UPDATE RECORD on cyclic files: appending a new newest record, and writing one in place."""

from collections.abc import Sequence

from emulator.card import addressing
from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CyclicFile
from onecard.spec.card import Command, Mode

WAYS = "cyclic-append"


def way(p1: int, mode: Mode) -> str:
    """P1 and mode as the data write a way of appending."""
    return f"{p1:02X}{mode.number:02X}"


def updated(
    behaviour: CardBehaviour, command: Command, content: CyclicFile, mode: Mode, p1: int, record: bytes
) -> Sequence[bytes] | str:
    """The records of a cyclic file after an update, newest first; or the condition that refuses it."""
    if not behaviour.record_length_agrees(len(record), content.length):
        return "length"
    if behaviour.appends_cyclic(way(p1, mode), command.words(WAYS)):
        return behaviour.cyclic_appended(content.records, record, content.capacity)
    # The draft gives the other modes no meaning here: a record that a number names is written in place (profile).
    found = addressing.by_number(len(content.records), p1) if mode.by == "number" else None
    if found is None:
        return "record-not-found"
    return (*content.records[:found], record, *content.records[found + 1 :])
