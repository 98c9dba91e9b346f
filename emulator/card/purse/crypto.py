"""Session keys, MAC and TAC of purse transactions, over lists of inputs that the data name.

Source: 2011 draft, part 4 (8.2 MAC, 8.4 session keys) and part 7 (inputs, TAC key); the transport purse follows the
same scheme with inputs of its own. Everything is big-endian, as it stands in commands.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from emulator.crypto import CIPHERS, chained, encrypt, leftmost_word, marked, xor_halves, xor_words

MAC = 4
"""Bytes of a MAC and of a TAC."""
MARKER = 0x80
"""The byte that begins the filling."""

Fields = Mapping[str, bytes]
_LITERAL = "="
_LAST = ":last-"


def assemble(inputs: Sequence[str], fields: Fields) -> bytes:
    """The inputs one behind the other: ``name`` a field, ``name:last-2`` its last two bytes, ``=8000`` these bytes.

    Raises KeyError for a field that is not there.
    """
    return b"".join([_input(each, fields) for each in inputs])


def _input(source: str, fields: Fields) -> bytes:
    if source.startswith(_LITERAL):
        return bytes.fromhex(source[len(_LITERAL) :])
    name, cut, length = source.partition(_LAST)
    return fields[name][-int(length) :] if cut else fields[name]


def session_key(algorithm: str, key: bytes, data: bytes, pad: int = 0x00) -> bytes:
    """The session key, one block: ``data`` filled with ``pad`` to a block, enciphered under the 16-byte ``key``."""
    block = CIPHERS[algorithm][1]
    return encrypt(algorithm, key, data.ljust(block, bytes((pad,)))[:block])


def _whole(key: bytes) -> bytes:
    return key


_MAC_OF: Mapping[int, Callable[[bytes], bytes]] = MappingProxyType({8: leftmost_word, 16: xor_words})
_TAC_KEY: Mapping[int, Callable[[bytes], bytes]] = MappingProxyType({8: xor_halves, 16: _whole})


def mac4(algorithm: str, session: bytes, data: bytes) -> bytes:
    """The MAC (4 bytes) of ``data``, padded here with 80 00 ..., in CBC mode from a zero block."""
    block = CIPHERS[algorithm][1]
    return _MAC_OF[block](chained(algorithm, session, bytes(block), marked(data, MARKER, block)))


def tac(algorithm: str, key: bytes, data: bytes) -> bytes:
    """The TAC (4 bytes): the MAC rule under the 16-byte ``key``, for 8-byte blocks under its halves exclusive-ored."""
    return mac4(algorithm, _TAC_KEY[CIPHERS[algorithm][1]](key), data)
