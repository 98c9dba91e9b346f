"""Response APDUs in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from onecard.explain.binary import binary_data, place_of
from onecard.explain.certificate import CERTIFICATE_ANSWERS, certificate_told
from onecard.explain.context import UNKNOWN, Context, command_of, current_file, file_by_sfi
from onecard.explain.financial import processing_told
from onecard.explain.octets import Octets, octets
from onecard.explain.purse import PURSE_COMMANDS, purse_told
from onecard.explain.status import status_words
from onecard.explain.tlv import fci_text, record_text
from onecard.explain.words import count, sentences
from onecard.spec.card import CardSpec, Command
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
    return sentences([told, status_words(spec, word, command_of(spec, octets(command), context))])


def _data(spec: CardSpec | None, command: Octets, data: Octets, context: Context) -> Text:
    found = command_of(spec, command, context)
    if found is not None and found.id == "GET-RESPONSE":
        command = context.answered
        found = command_of(spec, command, context)
    if spec is None or found is None:
        return _bytes_of_data(data)
    return _ANSWERS.get(found.id, _plain)(_Answered(spec, found, command, context), data)


def _bytes_of_data(data: Octets) -> Text:
    return Text(zh=f"{len(data)} 字节数据", en=f"{count(len(data)).en} of data")


@dataclass(frozen=True, slots=True)
class _Answered:
    """The command that was answered."""

    spec: CardSpec
    found: Command
    sent: Octets
    context: Context

    @property
    def p1(self) -> int | None:
        return self.sent[2] if len(self.sent) > 2 else None

    @property
    def p2(self) -> int | None:
        return self.sent[3] if len(self.sent) > 3 else None


def _plain(to: _Answered, data: Octets) -> Text:
    return _bytes_of_data(data)


def _fci(to: _Answered, data: Octets) -> Text:
    return fci_text(to.spec, data)


def _records(to: _Answered, data: Octets) -> Text:
    sfi = to.p2 >> 3 if to.p2 is not None else 0
    file = file_by_sfi(to.spec, to.context, sfi) if sfi else current_file(to.spec, to.context)
    return record_text(to.spec, file, data)


def _bytes(to: _Answered, data: Octets) -> Text:
    return binary_data(place_of(to.spec, to.p1, to.p2, to.context), data)


def _challenge(to: _Answered, data: Octets) -> Text:
    return Text(zh=f"{len(data)} 字节随机数", en=f"challenge of {count(len(data)).en}")


def _authentication(to: _Answered, data: Octets) -> Text:
    return Text(zh=f"{len(data)} 字节鉴别数据", en=f"authentication data of {count(len(data)).en}")


def _purse(to: _Answered, data: Octets) -> Text:
    return purse_told(to.spec, to.found, to.p1, to.p2, data)


def _certificate(to: _Answered, data: Octets) -> Text:
    return certificate_told(to.found, data)


def _processing_options(to: _Answered, data: Octets) -> Text:
    return processing_told(to.found, data)


_Answer = Callable[[_Answered, Octets], Text]
_ANSWERS: Final[Mapping[str, _Answer]] = {
    "SELECT": _fci,
    "READ-RECORD": _records,
    "READ-BINARY": _bytes,
    "GET-CHALLENGE": _challenge,
    "INTERNAL-AUTHENTICATE": _authentication,
    "GET-PROCESSING-OPTIONS": _processing_options,
    **dict.fromkeys(PURSE_COMMANDS, _purse),
    **dict.fromkeys(CERTIFICATE_ANSWERS, _certificate),
}
