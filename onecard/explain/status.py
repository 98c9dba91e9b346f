"""Status words in words."""

import re
from typing import Final

from onecard.explain.octets import Octets, hexed, known
from onecard.spec.card import CardSpec
from onecard.spec.text import Text

_PLACE: Final = re.compile(r"(?<![A-Za-z])x{1,2}(?![A-Za-z])")


def status_words(spec: CardSpec | None, word: Octets) -> Text:
    """``69 82: security status not satisfied``."""
    name = status_name(spec, word)
    shown = hexed(word, " ")
    return Text(zh=f"{shown}：{name.zh}", en=f"{shown}: {name.en}")


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
