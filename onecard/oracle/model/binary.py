"""READ BINARY on transparent files."""

from dataclasses import replace

from onecard.oracle.model import files
from onecard.oracle.model.apdu import CommandApdu
from onecard.oracle.model.data import Pattern
from onecard.oracle.model.expectation import Alternative
from onecard.oracle.model.rules import Card, View, exact, left_open, refusals, status
from onecard.oracle.model.state import Held, Pointer, State, learn_nothing
from onecard.spec.card import Command, FileSpec, Structure

LONGEST_ANSWER = 256


def _addressed(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[FileSpec | str | None, int]:
    form, mask = command.number("sfi-form"), command.number("sfi-mask")
    if not apdu.p1 & form:
        return files.current_file(card, state), apdu.p1 << 8 | apdu.p2
    if apdu.p1 & ~mask != form:
        return "parameters", apdu.p2
    return files.file_by_sfi(card, state, command, apdu.p1 & mask), apdu.p2


def read_binary(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """As many bytes as Le asks, or with Le 00 up to 256 or to the end; their values are not followed."""
    file, offset = _addressed(card, state, command, apdu)
    if file is None:
        return left_open(card, state)
    refused = files.after_refusal(state, file)
    if isinstance(file, str):
        return refusals((status(command, file),), refused)
    access = files.granted(state, file.read)
    security = () if access is Held.YES else refusals((status(command, "security"),), refused)
    if file.structure != Structure.TRANSPARENT:
        return (*refusals((status(command, "structure"),), refused), *security)
    if offset >= file.size:
        return (*refusals((status(command, "offset"),), refused), *security)
    rest = min(file.size - offset, LONGEST_ANSWER)
    wrong_le = refusals((exact(card.spec.t0.wrong_le << 8 | rest & 0xFF),), refused)
    after = replace(state.challenge_in_doubt(), file=file.id, pointer=Pointer.UNCERTAIN)
    if apdu.p3 > rest:
        repeated = (card.data(Pattern((rest,)), after, learn_nothing),) if card.view is View.APDU else ()
        return (*wrong_le, *(repeated if access is not Held.NO else ()), *security)
    if access is Held.NO:
        return security
    return (card.data(Pattern((apdu.p3 or rest,)), after, learn_nothing), *security)
