"""Results of reading by file address, and what a reading may send, judged by the transcript."""

from collections.abc import Iterator
from typing import Final

from onecard.oracle.codec import Charset, an_decode, an_strip
from onecard.oracle.terminal_strings import Comparison
from onecard.oracle.terminal_trace import CARD_SLOTS, Observed
from onecard.spec.card import CardSpec
from onecard.spec.terminal import TerminalSpec

TEXTS: Final = ("ascii", "gbk")
READING: Final = (
    "SELECT",
    "READ-RECORD",
    "READ-BINARY",
    "GET-CHALLENGE",
    "INTERNAL-AUTHENTICATE",
    "EXTERNAL-AUTHENTICATE",
    "GET-RESPONSE",
)
"""Commands that change nothing on a card and verify no PIN."""

Asked = tuple[tuple[str, tuple[int, ...]], ...]


def address_of(spec: TerminalSpec, asked: Asked, root: str) -> str:
    """The address of items: ``asked`` names files below SSSE (``EF05``) with their tags."""
    form = spec.address
    tagged = ((file, (f"{tag:02X}" for tag in tags)) for file, tags in asked)
    return "".join(form.separator.join((root + file, *tags, form.end)) for file, tags in tagged)


def card_info_of(seen: Observed) -> tuple[str, str]:
    """Identification code and card number of the card that was read; raises MissingItem."""
    return seen.item(0x01).hex().upper(), an_strip(seen.item(0x07)).decode("ascii", errors="replace")


def compare_files(spec: TerminalSpec, card: CardSpec, seen: Observed, asked: Asked, out: str) -> Iterator[Comparison]:
    """The result, file by file and item by item; every name of SSSE is taken."""
    form = spec.address
    *files, rest = out.split(form.end)
    yield Comparison("files", f"{len(asked)}, whole", f"{len(files)}, {'whole' if not rest else 'with a rest'}")
    for (name, tags), given in zip(asked, files, strict=False):
        *parts, behind = given.split(form.separator)
        yield Comparison(
            f"number of values of {name}", f"{len(tags)}", f"{len(parts) - 1}{' and a rest' * bool(behind)}"
        )
        known = [root + name for root in form.roots]
        found = parts[0] if parts else ""
        yield Comparison("file", found if found in known else known[0], found)
        for tag, received in zip(tags, parts[1:], strict=False):
            expected = _text(card, seen, name, tag)
            same = expected.upper() == received.upper()
            yield Comparison(f"item {tag:02X}", expected, expected if same else received)


def may_tell(spec: TerminalSpec, card: CardSpec, seen: Observed, asked: Asked) -> tuple[str, ...]:
    """The results that a terminal may give where some items of ``asked`` are not on the card: these are empty."""
    form, known = spec.address, card.files
    filled = []
    for name, tags in asked:
        file = known.get(f"SSSE/{name}")
        held = {item.tag for item in file.items} & seen.items.keys() if file is not None else set()
        filled.append((name, [_text(card, seen, name, tag) if tag in held else "" for tag in tags]))
    return tuple(
        "".join(form.separator.join((root + name, *values, form.end)) for name, values in filled) for root in form.roots
    )


def _text(card: CardSpec, seen: Observed, name: str, tag: int) -> str:
    value, charset = seen.item(tag), card.files[f"SSSE/{name}"].item(tag).charset
    return an_decode(an_strip(value), Charset.GBK) if charset in TEXTS else value.hex().upper()


def other_commands(card: CardSpec, seen: Observed) -> tuple[str, ...]:
    """Headers of commands to the card that are none of a reading."""
    allowed = {(c.cla, c.ins) for name, c in card.commands.items() if name in READING}
    sent = (one.command for one in seen.exchanges if one.slot in CARD_SLOTS)
    return tuple(command[:4].hex().upper() for command in sent if (command[0], command[1]) not in allowed)
