"""The command sequences of published reader programs, told again: how they find and read the holder's data.

Each program is given ``transmit`` (command in, data and status word out, T=0 status bytes as they come) and what it
needs to authenticate, and gives the values that it read by item. None of these sequences is the project's own; where
programs differ, each way stands here once.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from onecard.oracle.session import Rules, authentication_data, session_key

Transmit = Callable[[bytes], bytes]
SSSE = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
ISSUER_TAGS = {0x01: 0x10, 0x03: 0x04, 0x05: 0x04, 0x06: 0x04, 0x07: 0x09}
HOLDER_TAGS = {0x08: 0x12, 0x09: 0x1E, 0x4E: 0x14, 0x0A: 0x01, 0x0B: 0x01, 0x0C: 0x03, 0x0D: 0x04}
EXTENSION, READ_KEY = 0x4E, 0x0A


class Refused(Exception):
    """A status word that the program does not expect."""


class Reader:
    """What every program does with a card in T=0: fetch what 61xx announces, repeat what 6Cxx corrects."""

    def __init__(self, transmit: Transmit, rules: Rules, read_key: bytes | None) -> None:
        self._transmit = transmit
        self._rules = rules
        self._key = read_key

    def raw(self, command: str) -> bytes:
        """One command with all that T=0 makes of it; data and status word."""
        answer = self._transmit(bytes.fromhex(command))
        while answer[-2] in (0x61, 0x6C):
            again = f"00C00000{answer[-1]:02X}" if answer[-2] == 0x61 else f"{command[:8]}{answer[-1]:02X}"
            answer = self._transmit(bytes.fromhex(again))
        return answer

    def do(self, command: str) -> bytes:
        """One command that must succeed; its data."""
        answer = self.raw(command)
        if answer[-2:] != b"\x90\x00":
            raise Refused(f"{command} -> {answer.hex().upper()}")
        return answer[:-2]

    def environment(self) -> None:
        """Select SSSE by name."""
        self.do(f"00A404000F{SSSE.hex()}")

    def authenticate(self) -> None:
        """RKSSSE of a third-generation card; the first challenge is the original, the last one makes the key."""
        if self._key is None:
            return
        original, challenge = self.do("0084000008"), self.do("0084000008")
        proof = authentication_data(self._rules, session_key(self._rules, self._key, challenge), original)
        self.do(f"0082000A10{proof.hex()}{original.hex()}")


Values = dict[int, bytes]
Program = Callable[[Reader], Values]


def _value(record: bytes) -> bytes:
    if len(record) != 2 + record[1]:
        raise Refused(f"not one record: {record.hex().upper()}")
    return record[2:]


def _by_tag(reader: Reader, prefix: str, mode: int, right: bool) -> Values:
    found: Values = {}
    for file, tags in (("EF05", ISSUER_TAGS), ("EF06", HOLDER_TAGS)):
        reader.do(f"{prefix}02{file}")
        for tag, length in tags.items():
            le = length + 2 if right else (0 if tag % 2 else 0x80)
            answer = reader.raw(f"00B2{tag:02X}{mode:02X}{le:02X}")
            # Cards of the first generation have no name extension: programs go on without it.
            if answer[-2:] == b"\x90\x00":
                found[tag] = _value(answer[:-2])
            elif tag != EXTENSION:
                raise Refused(f"item {tag:02X} -> {answer.hex().upper()}")
    return found


def by_identifier(reader: Reader) -> Values:
    """Select each file with P1 02, read its items by tag with the exact length."""
    reader.environment()
    reader.authenticate()
    return _by_tag(reader, "00A40200", 0, right=True)


def by_identifier_general_select(reader: Reader) -> Values:
    """The same with P1 00, and 3F00 selected before all else, as some makers' cards want it."""
    reader.do("00A40000023F00")
    reader.environment()
    reader.authenticate()
    return _by_tag(reader, "00A40000", 0, right=True)


def with_wrong_length(reader: Reader) -> Values:
    """Le 00 or far too long: 6Cxx names the length, the program repeats."""
    reader.environment()
    reader.authenticate()
    return _by_tag(reader, "00A40200", 0, right=False)


def by_number(reader: Reader) -> Values:
    """Records by number until there is none; the tag says what each one is."""
    reader.environment()
    reader.authenticate()
    found: Values = {}
    for file in ("EF05", "EF06"):
        reader.do(f"00A4020002{file}")
        for number in range(1, 16):
            answer = reader.raw(f"00B2{number:02X}0400")
            if answer[-2:] == b"\x6a\x83":
                break
            found[answer[0]] = _value(answer[:-2])
    return found


def by_short_identifier(reader: Reader) -> Values:
    """No file is selected: every READ RECORD names it by its SFI."""
    reader.environment()
    reader.authenticate()
    found: Values = {}
    for sfi, tags in ((5, ISSUER_TAGS), (6, HOLDER_TAGS)):
        for tag, length in tags.items():
            answer = reader.raw(f"00B2{tag:02X}{sfi << 3:02X}{length + 2:02X}")
            if answer[-2:] == b"\x90\x00":
                found[tag] = _value(answer[:-2])
    return found


def whole_files(reader: Reader) -> Values:
    """Mode 5 from the first record: all records of a file in one answer."""
    reader.environment()
    reader.authenticate()
    found: Values = {}
    for file in ("EF05", "EF06"):
        reader.do(f"00A4020002{file}")
        rest = reader.do("00B2010500")
        while rest:
            size = 2 + rest[1]
            found[rest[0]] = _value(rest[:size])
            rest = rest[size:]
    return found


PROGRAMS: Mapping[str, Program] = MappingProxyType(
    {
        "by-identifier": by_identifier,
        "by-identifier-general-select": by_identifier_general_select,
        "with-wrong-length": with_wrong_length,
        "by-number": by_number,
        "by-short-identifier": by_short_identifier,
        "whole-files": whole_files,
    }
)


def account_number(reader: Reader) -> str:
    """The card number of the debit application (tag 5A), tried in the records where programs look for it."""
    reader.do("00A4040008A000000333010101")
    for command in ("00B2011400", "00B2011C00", "00B2018400"):
        answer = reader.raw(command)
        at = answer.find(b"\x5a")
        if answer[-2:] == b"\x90\x00" and at >= 0:
            return answer[at + 2 : at + 2 + answer[at + 1]].hex().upper().rstrip("F")
    raise Refused("no record holds tag 5A")
