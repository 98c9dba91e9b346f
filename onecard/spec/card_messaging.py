"""Secure messaging as data: MAC, encipherment, and what the MAC of a command covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from onecard.spec.card import CardSpec, KeySpec

MAC, ENCIPHERMENT, COMMAND = "MESSAGING/MAC", "MESSAGING/ENCIPHERMENT", "MESSAGING/COMMAND"
MAINTENANCE = "maintenance"
"""The function of keys that secure commands."""

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MacRule:
    """CBC from an initial value of ``initial`` bytes over the data, ``marker`` and 00 always added; ``fold`` makes the
    ``length`` bytes of the last block: leftmost, or xor-words.
    """

    initial: int
    marker: int
    length: int
    fold: str


@dataclass(frozen=True, slots=True)
class EnciphermentRule:
    """ECB over the plain text, its length in front where ``counted``, then ``marker`` and 00 to whole blocks; ``fill``
    needed: nothing is added where the blocks are whole already, always: another block then.
    """

    counted: bool
    marker: int
    fill: str


@dataclass(frozen=True, slots=True)
class CommandMac:
    """``header``: CLA INS P1 P2 Lc stand before the data; ``counts_mac``: Lc there counts the MAC. ``challenge``: bytes
    of the card's challenge that make the session key.
    """

    header: bool
    counts_mac: bool
    challenge: int


@dataclass(frozen=True, slots=True)
class Messaging:
    """The rules of one card."""

    mac: MacRule
    encipherment: EnciphermentRule
    command: CommandMac


def messaging_of(spec: CardSpec) -> Messaging:
    """The card's rules; raises KeyError where the data leave one out."""
    table = spec.table("messaging")
    mac, encipherment, command = table[MAC], table[ENCIPHERMENT], table[COMMAND]
    return Messaging(
        mac=MacRule(
            initial=_number(mac, "initial") & 0xFF,
            marker=_number(mac, "marker") & 0xFF,
            length=_number(mac, "length"),
            fold=str(mac["word-fold"]),
        ),
        encipherment=EnciphermentRule(
            counted=bool(encipherment["counted"]),
            marker=_number(encipherment, "marker") & 0xFF,
            fill=str(encipherment["fill"]),
        ),
        command=CommandMac(
            header=bool(command["header"]),
            counts_mac=bool(command["counts-mac"]),
            challenge=_number(command, "challenge"),
        ),
    )


def maintenance_key(spec: CardSpec, lineage: tuple[str, ...]) -> KeySpec | None:
    """The key that secures commands: the maintenance key of the nearest application of ``lineage`` that has one."""
    for application in lineage:
        for key in spec.keys.values():
            if key.function == MAINTENANCE and key.application == application:
                return key
    return None


def keys_granting(spec: CardSpec, right: str) -> tuple[KeySpec, ...]:
    """The external authentication keys that open ``right`` (unblock, block)."""
    return tuple(key for key in spec.keys.values() if key.grants == right)


def _number(node: Node, name: str) -> int:
    return cast(int, node[name])
