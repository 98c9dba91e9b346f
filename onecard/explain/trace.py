"""A trace in words: what is current on the card follows from the exchanges before."""

from dataclasses import replace
from typing import Final

from onecard.explain.command import decode_command
from onecard.explain.context import (
    MF_FID,
    UNKNOWN,
    Context,
    after_reset,
    application_by_fid,
    application_by_name,
    command_of,
    file_by_fid,
    file_by_sfi,
    mf_of,
)
from onecard.explain.octets import Octets, known, number, octets
from onecard.explain.parts import Parts, parts
from onecard.explain.response import decode_response
from onecard.spec.card import CardSpec, Command
from onecard.spec.text import Text

_NO_ANSWER: Final = Text(zh="无应答", en="no answer")


_RECORDS: Final = frozenset({"READ-RECORD", "UPDATE-RECORD", "SECURE-UPDATE-RECORD", "TRANSPORT-CACHE"})
"""Commands with an SFI in the upper five bits of P2; an SFI makes its file current."""
_BINARY: Final = frozenset({"READ-BINARY", "UPDATE-BINARY", "SECURE-UPDATE-BINARY", "TRANSPORT-SECURE-UPDATE"})
"""Commands with an SFI in P1, 100xxxxx."""

Memo = dict[tuple[bytes | str, bytes | str | None, Context], tuple[Text, Text, Context]]
"""Exchanges decoded before, with the state after them."""


class Trace:
    """Decodes exchanges in their order. The card's own state is not known: it is assumed to do what it answers.

    Traces of one card may share a ``memo``: the cases of a run send much the same.
    """

    def __init__(self, spec: CardSpec | None, memo: Memo | None = None) -> None:
        self._spec = spec
        self._memo: Memo = {} if memo is None else memo
        self.context = UNKNOWN

    def reset(self) -> None:
        """The card was reset or powered on."""
        self.context = after_reset(self._spec)

    def feed(self, command: bytes | str, response: bytes | str | None) -> tuple[Text, Text]:
        """The next exchange in words, sent and received; ``response`` is None when none came."""
        key = (command, response, self.context)
        if key not in self._memo:
            asked, told = self._decoded(command, response)
            self._memo[key] = (asked, told, self.context)
        asked, told, self.context = self._memo[key]
        return asked, told

    def _decoded(self, command: bytes | str, response: bytes | str | None) -> tuple[Text, Text]:
        sent = octets(command)
        asked = decode_command(self._spec, command, self.context)
        found = command_of(self._spec, sent, self.context)
        told = _NO_ANSWER if response is None else decode_response(self._spec, command, response, self.context)
        if self._spec is not None and found is not None and response is not None:
            self._follow(self._spec, found, sent, octets(response))
        return asked, told

    def _follow(self, spec: CardSpec, command: Command, sent: Octets, answer: Octets) -> None:
        word = known(answer[-2:])
        if command.id != "GET-RESPONSE":
            self.context = replace(self.context, answered=sent)
        if word is None or len(word) != 2:
            return
        done = spec.general.ok.matches(int.from_bytes(word, "big"))
        taken = parts(sent, command.case)
        if command.id == "SELECT" and (done or word[0] == spec.t0.more_data):
            self._selected(spec, command, taken)
        elif done and (sfi := _sfi(command, taken)):
            file = file_by_sfi(spec, self.context, sfi)
            self.context = replace(self.context, file=file.id if file is not None else None, certain=file is not None)

    def _selected(self, spec: CardSpec, command: Command, taken: Parts) -> None:
        by_name = any(method.by == "name" and method.p1 == taken.p1 for method in command.methods)
        name, fid = known(taken.data), number(taken.data)
        application: str | None = None
        if by_name:
            found = application_by_name(spec, name) if name else None
            application = found.id if found is not None else None
        elif not taken.data or fid == MF_FID:
            application = mf_of(spec)
        elif fid is not None:
            file = file_by_fid(spec, self.context, fid)
            if file is not None:
                self.context = replace(self.context, file=file.id, certain=True)
                return
            found = application_by_fid(spec, self.context, fid)
            application = found.id if found is not None else None
        # A file that the specification does not know may be an EF as well as a DF: nothing is certain after it.
        self.context = replace(self.context, application=application, file=None, certain=application is not None)


def _sfi(command: Command, taken: Parts) -> int:
    """The SFI that a command names, 0 for none."""
    if command.id in _RECORDS and taken.p2 is not None:
        return taken.p2 >> 3
    if command.id in _BINARY and taken.p1 is not None and taken.p1 & 0x80:
        return taken.p1 & 0x1F
    return 0
