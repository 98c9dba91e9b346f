"""READ RECORD and UPDATE RECORD: every answer on linear files of TLV records, refusals on all others."""

from collections.abc import Sequence
from dataclasses import replace

from onecard.oracle.model.apdu import CommandApdu
from onecard.oracle.model.data import NO_DATA, Pattern
from onecard.oracle.model.expectation import Alternative
from onecard.oracle.model.files import after_refusal, current_file, file_by_sfi, granted, records_known
from onecard.oracle.model.rules import Card, View, exact, left_open, refusals, status
from onecard.oracle.model.state import Held, Learn, Pointer, State
from onecard.oracle.tlv import simple_tlv_decode
from onecard.spec.card import Command, FileSpec, Mode, Structure

RESERVED_NUMBER = 0xFF

SHORTEST_RECORD = 2
"""A tag and a length."""
LONGEST_ANSWER = 256


def _file(card: Card, state: State, command: Command, sfi: int) -> FileSpec | str | None:
    return file_by_sfi(card, state, command, sfi) if sfi else current_file(card, state)


def _indexes(file: FileSpec, pointer: int | Pointer, mode: Mode, p1: int) -> tuple[Sequence[int], bool] | None:
    """Indexes of the records addressed, and whether 6A83 is acceptable as well; None: no rule fixes the answer."""
    count = len(file.record_order)
    if mode.by == "number":
        if p1 in (0, RESERVED_NUMBER):
            return None
        if p1 > count:
            return (), True
        ranges = {"one": range(p1 - 1, p1), "from": range(p1 - 1, count), "up-to": range(count - 1, p1 - 2, -1)}
        return ranges[mode.takes], False
    if p1 in (0x00, 0xFF):
        return None
    places = [index for index, tag in enumerate(file.record_order) if tag == p1]
    if not places:
        return (), True
    if mode.takes in ("first", "last"):
        return (places[:1] if mode.takes == "first" else places[-1:]), False
    if pointer is Pointer.UNCERTAIN and len(places) > 1:
        # Which of several records with the tag comes next hangs on a pointer that no rule fixes.
        return None
    if isinstance(pointer, Pointer):
        return (places[:1] if mode.takes == "next" else places[-1:]), True
    later = [index for index in places if index > pointer]
    earlier = [index for index in places if index < pointer]
    found = later[:1] if mode.takes == "next" else earlier[-1:]
    return found, not found


def _pointer(state: State, apdu: CommandApdu) -> int | Pointer:
    # ISO/IEC 7816-4 resets the pointer where a short identifier names the file; the draft does not say.
    return Pointer.UNCERTAIN if apdu.p2 >> 3 else state.pointer


def _pattern(state: State, file: FileSpec, indexes: Sequence[int]) -> Pattern:
    parts: list[bytes | int] = []
    for index in indexes:
        tag = file.record_order[index]
        length = file.item(tag).length
        parts += [bytes([tag, length]), state.records.get((file.id, index), length)]
    return Pattern(tuple(parts))


def _learn_records(file_id: str, indexes: Sequence[int]) -> Learn:
    def learn(state: State, data: bytes, sw: int) -> State:
        del sw
        found = zip(indexes, simple_tlv_decode(data), strict=True)
        values = {(file_id, index): item.value for index, item in found}
        return replace(state, records={**state.records, **values})

    return learn


def _after(state: State, file: FileSpec, mode: Mode, indexes: Sequence[int]) -> State:
    # ISO/IEC 7816-4 keeps the pointer when a record is named by its number; the draft does not say.
    pointer = indexes[0] if mode.by == "identifier" and len(indexes) == 1 else Pointer.UNCERTAIN
    return replace(state.challenge_in_doubt(), file=file.id, pointer=pointer)


def _no_data(statuses: tuple[Alternative, ...], state: State) -> tuple[Alternative, ...]:
    """Any status word without data: what a reserved record number gets is left open, but it gets no record."""
    return (*statuses, Alternative(None, NO_DATA, state))


def read_record(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """By number or identifier, in the current file or by SFI. Faults that occur together may be named in any order."""
    mode = next((mode for mode in command.modes if mode.number == apdu.p2 & 0x07), None)
    file = _file(card, state, command, apdu.p2 >> 3)
    refused = after_refusal(state, file)
    faults = [] if mode is not None else ["parameters"]
    if isinstance(file, str):
        faults.append(file)
    if file is None:
        return left_open(card, state)
    if isinstance(file, str) or mode is None:
        return refusals((status(command, fault) for fault in faults), refused)
    access = granted(state, file.read)
    security = () if access is Held.YES else refusals((status(command, "security"),), refused)
    if file.structure == Structure.TRANSPARENT:
        return (*refusals((status(command, "structure"),), refused), *security)
    if not records_known(file):
        return _no_data(security, refused) if access is Held.NO else left_open(card, state)
    if apdu.p1 == RESERVED_NUMBER and mode.takes == "one":
        return _no_data(security, refused)
    addressed = _indexes(file, _pointer(state, apdu), mode, apdu.p1)
    if addressed is None:
        return left_open(card, state)
    indexes, maybe_absent = addressed
    absent = refusals((status(command, "record-not-found"),), refused) if maybe_absent else ()
    if not indexes:
        return (*security, *absent)
    expected = _pattern(state, file, indexes)
    if expected.length > LONGEST_ANSWER:
        return left_open(card, state)
    wrong_le = refusals((exact(card.spec.t0.wrong_le << 8 | expected.length & 0xFF),), refused)
    if access is Held.NO:
        return (*security, *absent, *(wrong_le if apdu.p3 != expected.length else ()))
    whole = card.data(expected, _after(state, file, mode, indexes), _learn_records(file.id, indexes))
    if apdu.p3 == expected.length & 0xFF:
        return (whole, *security, *absent)
    # A reader at APDU level repeats the command with the length that the card named.
    repeated = (whole,) if card.view is View.APDU else ()
    return (*wrong_le, *repeated, *security, *absent)


def update_record(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """A whole record in place of one of the same tag and length. Other lengths and new records are left open."""
    mode = next((mode for mode in command.modes if mode.number == apdu.p2 & 0x07), None)
    file = _file(card, state, command, apdu.p2 >> 3)
    if file is None:
        return left_open(card, state)
    refused = after_refusal(state, file)
    statuses = [] if mode is not None else [status(command, "parameters")]
    if isinstance(file, str):
        # Two faults: no rule says which is named.
        short = [status(command, "length"), status(command, "tlv")] if len(apdu.data) < SHORTEST_RECORD else []
        return refusals([*statuses, *short, status(command, file)], refused)
    access = granted(state, file.update)
    if access is not Held.YES:
        statuses.append(status(command, "security"))
    if file.structure == Structure.TRANSPARENT:
        return refusals([*statuses, status(command, "structure")], refused)
    if not records_known(file):
        return left_open(card, state)
    if len(apdu.data) < SHORTEST_RECORD or len(apdu.data) != apdu.data[1] + 2:
        statuses.append(status(command, "tlv"))
        if len(apdu.data) < SHORTEST_RECORD:
            statuses.append(status(command, "length"))
        return refusals(statuses, refused)
    if mode is None or access is Held.NO:
        return refusals(statuses, refused)
    addressed = _indexes(file, _pointer(state, apdu), mode, apdu.p1)
    if addressed is None or addressed[1]:
        return left_open(card, state)
    index = addressed[0][0]
    tag = file.record_order[index]
    if (apdu.data[0], apdu.data[1]) != (tag, file.item(tag).length):
        return left_open(card, state)
    written = {**state.records, (file.id, index): apdu.data[2:]}
    after = replace(_after(state, file, mode, (index,)), records=written, pointer=Pointer.UNCERTAIN)
    return (card.ok(after), *refusals(statuses, refused))
