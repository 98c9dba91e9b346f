"""Maintenance of PIN and card in words. PINs, plain or enciphered, are never told."""

from onecard.explain.octets import Octets, hexed
from onecard.explain.parts import Parts
from onecard.explain.words import count, joined, same
from onecard.spec.card import Command
from onecard.spec.text import Text

_MAC = 4
"""Bytes of a MAC (2011 draft, part 4)."""


def change_pin_text(command: Command, taken: Parts) -> Text:
    """Old and new PIN by their lengths only."""
    separator = command.number("separator")
    if separator not in taken.data:
        return Text(zh=f"{len(taken.data)} 字节，无分隔符", en=f"{count(len(taken.data)).en} without the separator")
    at = taken.data.index(separator)
    old, new = Text(zh="旧密码", en="old PIN"), Text(zh="新密码", en="new PIN")
    return joined([_pin(old, at), _pin(new, len(taken.data) - at - 1)])


def _pin(name: Text, length: int) -> Text:
    if not length:
        return Text(zh=f"{name.zh}为空", en=f"empty {name.en}")
    return Text(zh=f"{name.zh} {length} 字节", en=f"{name.en} of {count(length).en}")


def unblock_text(command: Command, taken: Parts) -> Text:
    """Unblock (MAC alone) or reload (enciphered PIN and MAC), by P2."""
    ways = {
        command.number("unblock"): Text(zh="解锁", en="unblock"),
        command.number("reload"): Text(zh="重装密码", en="reload of the PIN"),
    }
    way = ways.get(taken.p2 if taken.p2 is not None else -1, same(f"P2 {hexed((taken.p2,))}"))
    return joined([way, secured_text(taken.data, Text(zh="密文", en="cryptogram"))])


def secured_text(data: Octets, name: Text) -> Text | None:
    """Data with a MAC behind; what stands before the MAC is told by its length, as ``name``."""
    if len(data) < _MAC:
        return count(len(data)) if data else None
    mac = hexed(data[-_MAC:])
    before = len(data) - _MAC
    inner = Text(zh=f"{name.zh} {before} 字节", en=f"{name.en} of {count(before).en}") if before else None
    return joined([inner, same(f"MAC {mac}")])
