"""Status words in words."""

import re
from collections.abc import Mapping
from typing import Final

from onecard.explain.octets import Octets, hexed, known
from onecard.spec.card import CardSpec, Command
from onecard.spec.text import Text

_PLACE: Final = re.compile(r"(?<![A-Za-z])x{1,2}(?![A-Za-z])")


_HERE: Final[Mapping[str, Text]] = {
    "amount": Text(zh="金额不能记入余额", en="the amount does not go with the balance"),
    "no-session": Text(zh="尚未导入会话密钥", en="no session key has been imported"),
    "not-chosen": Text(zh="尚未指定公钥", en="no public key has been chosen"),
    "not-set": Text(zh="未设置密码", en="no PIN is set"),
    "state": Text(zh="交易尚未初始化", en="no transaction was initialised"),
    "template": Text(zh="不是所要的模板", en="not the template wanted"),
    "unavailable": Text(zh="没有该笔交易的记录", en="no such transaction is kept"),
}
"""What a condition of a command's own status words means; the rest say what the general meaning says."""


def status_words(spec: CardSpec | None, word: Octets, command: Command | None = None) -> Text:
    """``69 82: security status not satisfied``; of a ``command`` with what its own data mean by this status word."""
    name, here = status_name(spec, word), _here(command, word)
    shown = hexed(word, " ")
    if here is None:
        return Text(zh=f"{shown}：{name.zh}", en=f"{shown}: {name.en}")
    return Text(zh=f"{shown}：{name.zh}（此处：{here.zh}）", en=f"{shown}: {name.en} (here: {here.en})")


def _here(command: Command | None, word: Octets) -> Text | None:
    raw = known(word)
    if command is None or raw is None or len(raw) != 2:
        return None
    value = int.from_bytes(raw, "big")
    conditions = [name for name, status in command.statuses.items() if status.matches(value) and name in _HERE]
    return _HERE[conditions[0]] if len(conditions) == 1 else None


def status_name(spec: CardSpec | None, word: Octets) -> Text:
    """The meaning of a status word (2 bytes); a length is told as ``0x1E``, a number of tries in decimal."""
    raw = known(word)
    if raw is None or len(raw) != 2:
        return Text(zh="不是状态字", en="no status word")
    value = int.from_bytes(raw, "big")
    alike = [] if spec is None else [entry for entry in spec.status_words if entry.status.matches(value)]
    if not alike:
        return Text(zh="规范中没有此状态字", en="not a status word of the specification")
    entry = max(alike, key=lambda found: found.status.mask.bit_count())
    rest = value & ~entry.status.mask
    counter = f"{rest}" if rest <= 0xF and entry.status.mask & 0xF0 else f"0x{rest:02X}"
    return Text(zh=_PLACE.sub(counter, entry.name.zh), en=_PLACE.sub(counter, entry.name.en))
