"""Response APDUs in words."""

from collections.abc import Callable, Mapping
from typing import Final

from onecard.explain.context import UNKNOWN, Context, command_of, current_file, file_by_sfi
from onecard.explain.octets import Octets, octets
from onecard.explain.status import status_words
from onecard.explain.tlv import fci_text, items_text
from onecard.explain.words import count, sentences
from onecard.spec.card import CardSpec
from onecard.spec.text import Text


def decode_response(
    spec: CardSpec | None, command: bytes | str, response: bytes | str, context: Context = UNKNOWN
) -> Text:
    """What ``response`` (data ‖ SW) to ``command`` says, e.g. ``challenge of 8 bytes; 90 00: ok``.

    Both may be hex with sealed bytes (``__``). Nothing is raised: what the specification does not know is told as
    unknown.
    """
    answer = octets(response)
    if len(answer) < 2:
        return Text(zh=f"{len(answer)} 字节，没有状态字", en=f"{count(len(answer)).en}, no status word")
    data, word = answer[:-2], answer[-2:]
    told = _data(spec, octets(command), data, context) if data else None
    return sentences([told, status_words(spec, word)])


def _data(spec: CardSpec | None, command: Octets, data: Octets, context: Context) -> Text:
    found = command_of(spec, command, context)
    if found is not None and found.id == "GET-RESPONSE":
        command = context.answered
        found = command_of(spec, command, context)
    if spec is None or found is None:
        return _bytes_of_data(data)
    return _ANSWERS.get(found.id, _plain)(spec, command, data, context)


def _bytes_of_data(data: Octets) -> Text:
    return Text(zh=f"{len(data)} 字节数据", en=f"{count(len(data)).en} of data")


def _plain(spec: CardSpec, command: Octets, data: Octets, context: Context) -> Text:
    return _bytes_of_data(data)


def _fci(spec: CardSpec, command: Octets, data: Octets, context: Context) -> Text:
    return fci_text(spec, data)


def _items(spec: CardSpec, command: Octets, data: Octets, context: Context) -> Text:
    p2 = command[3] if len(command) > 3 else None
    file = file_by_sfi(spec, context, p2 >> 3) if p2 is not None and p2 >> 3 else current_file(spec, context)
    return items_text(spec, file, data)


def _challenge(spec: CardSpec, command: Octets, data: Octets, context: Context) -> Text:
    return Text(zh=f"{len(data)} 字节随机数", en=f"challenge of {count(len(data)).en}")


def _authentication(spec: CardSpec, command: Octets, data: Octets, context: Context) -> Text:
    return Text(zh=f"{len(data)} 字节鉴别数据", en=f"authentication data of {count(len(data)).en}")


_Answer = Callable[[CardSpec, Octets, Octets, Context], Text]
_ANSWERS: Final[Mapping[str, _Answer]] = {
    "SELECT": _fci,
    "READ-RECORD": _items,
    "GET-CHALLENGE": _challenge,
    "INTERNAL-AUTHENTICATE": _authentication,
}
