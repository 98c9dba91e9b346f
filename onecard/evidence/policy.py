"""Which bytes of an exchange are sealed: a whitelist, so that what nobody thought of is sealed.

Status words and the five header bytes of a command stay clear. Basis: profile (what a tester may keep in clear is this
project's choice: nothing that identifies a person, no PIN, no key).
"""

from collections.abc import Iterator
from typing import Final

from onecard.evidence.sealing import Region

Regions = tuple[Region, ...]

_HEADER: Final = 5
_STATUS: Final = 2
_CHALLENGE_LIMIT: Final = 16
_AUTHENTICATION_VALUE: Final = 8
_DF_NAME: Final = range(5, 17)

# Instruction bytes, ISO/IEC 7816-4; 5E is CHANGE PIN of the social security card.
_SELECT: Final = 0xA4
_GET_RESPONSE: Final = 0xC0
_GET_CHALLENGE: Final = 0x84
_INTERNAL_AUTHENTICATE: Final = 0x88
_READ_RECORD: Final = 0xB2
_WRITES_BINARY: Final = frozenset({0xD0, 0xD1, 0xD6, 0xD7})
"""WRITE and UPDATE BINARY: a file of bytes has no tags that could tell what is in it."""
_SECRET_COMMANDS: Final = frozenset({0x20, 0x21, 0x24, 0x2C, 0x4A, 0x5E, 0xC2, 0xD4})
"""VERIFY, PIN CHANGE/UNBLOCK, RESET RETRY COUNTER, CHANGE PIN, the writing of keys, and the imports of the certificate
application: their data is always secret.
"""
_WRITES: Final = frozenset({0xD2, 0xD3, 0xDA, 0xDB, 0xDC, 0xDD, 0xE2})
"""What else writes data of the holder: UPDATE and WRITE RECORD, PUT DATA, APPEND RECORD."""

_FCI: Final = 0x6F
_FCI_NAME: Final = 0x84
_FCI_PROPRIETARY: Final = 0xA5
_ISSUER_DATA: Final = b"\x9f\x0c"
_ALGORITHM_IDENTIFIER: Final = 3


def regions_to_seal(
    command: bytes, response: bytes, clear_tags: frozenset[int], previous: bytes | None = None
) -> tuple[Regions, Regions]:
    """The regions of ``command`` and of ``response`` (data ‖ SW) that must be sealed.

    ``clear_tags`` are the simple-TLV tags whose values identify nobody. ``previous`` is the command before this one:
    the answer to GET RESPONSE belongs to it. An empty ``command`` is a reset, its response the ATR.
    """
    if not command:
        return (), ()
    return _of_command(command, clear_tags), _of_response(command, response, clear_tags, previous)


def _of_command(command: bytes, clear_tags: frozenset[int]) -> Regions:
    ins = _ins(command)
    if ins in _SECRET_COMMANDS or ins in _WRITES_BINARY:
        return _whole(_HEADER, len(command))
    if ins not in _WRITES:
        return ()
    # A trailing Le or a wrong Lc makes the data unparsable, and it is sealed as a whole.
    values = _sealed_values(command[_HEADER:], clear_tags)
    if values is None:
        return _whole(_HEADER, len(command))
    return tuple((_HEADER + start, _HEADER + end) for start, end in values)


def _of_response(command: bytes, response: bytes, clear_tags: frozenset[int], previous: bytes | None) -> Regions:
    if len(response) < _STATUS:
        return _whole(0, len(response))
    data = response[:-_STATUS]
    # The command that the data answers; unknown for a GET RESPONSE alone: then only the form of the answer can speak.
    answered = previous if _ins(command) == _GET_RESPONSE else command
    asked = None if answered is None else _ins(answered)
    if asked == _GET_CHALLENGE and len(data) <= _CHALLENGE_LIMIT:
        return ()
    if asked == _INTERNAL_AUTHENTICATE and len(data) == _AUTHENTICATION_VALUE:
        return ()
    if asked in {_SELECT, None} and _is_fci(data):
        return ()
    if asked in {_READ_RECORD, None}:
        values = _sealed_values(data, clear_tags)
        if values is not None:
            return values
    return _whole(0, len(data))


def _ins(command: bytes) -> int:
    return command[1] if len(command) > 1 else -1


def _whole(start: int, end: int) -> Regions:
    return ((start, end),) if start < end else ()


def _sealed_values(data: bytes, clear_tags: frozenset[int]) -> Regions | None:
    """Where the values to seal lie in simple-TLV ``data``; None if it does not parse to the last byte."""
    regions: list[Region] = []
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            return None
        tag, start = data[at], at + 2
        end = start + data[at + 1]
        if end > len(data):
            return None
        if tag not in clear_tags and start < end:
            regions.append((start, end))
        at = end
    return tuple(regions)


def _is_fci(data: bytes) -> bool:
    """``6F {84 name of 5 to 16 bytes, [A5 {...}]}`` with exact lengths, without the number of the card in it."""
    outer = list(_templates(data))
    if [tag for tag, _ in outer] != [_FCI]:
        return False
    inner = list(_templates(outer[0][1]))
    tags = [tag for tag, _ in inner]
    if tags not in ([_FCI_NAME], [_FCI_NAME, _FCI_PROPRIETARY]) or len(inner[0][1]) not in _DF_NAME:
        return False
    return not _tells_of_the_card(inner[-1][1])


def _tells_of_the_card(template: bytes) -> bool:
    # Issuer data of the social security application is an algorithm identifier; others put the card's number there.
    _, found, rest = template.partition(_ISSUER_DATA)
    return bool(found) and rest[:1] != bytes((_ALGORITHM_IDENTIFIER,))


def _templates(data: bytes) -> Iterator[tuple[int, bytes]]:
    """One-byte tags with one-byte lengths below 80; anything else ends in a tag of -1, which no template has."""
    at = 0
    while at < len(data):
        end = at + 2 + data[at + 1] if at + 2 <= len(data) else len(data) + 1
        if end > len(data) or data[at + 1] > 0x7F:
            yield -1, b""
            return
        yield data[at], data[at + 2 : end]
        at = end
