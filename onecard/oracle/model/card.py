"""The oracle's small model of the card: predicts the answer to a command and learns from the answer that came."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from onecard.oracle.model.apdu import CommandApdu, parse
from onecard.oracle.model.binary import read_binary
from onecard.oracle.model.expectation import Alternative, Prediction
from onecard.oracle.model.files import ruled
from onecard.oracle.model.records import read_record, update_record
from onecard.oracle.model.rules import Card, View, left_open, refusals
from onecard.oracle.model.security import external_authenticate, get_challenge, internal_authenticate, verify
from onecard.oracle.model.select import get_response, select
from onecard.oracle.model.state import State
from onecard.oracle.session import rules_of
from onecard.spec.card import CardSpec, Command

Rule: TypeAlias = Callable[[Card, State, Command, CommandApdu], tuple[Alternative, ...]]

_RULES: Final[Mapping[str, Rule]] = {
    "SELECT": select,
    "READ-RECORD": read_record,
    "UPDATE-RECORD": update_record,
    "READ-BINARY": read_binary,
    "GET-RESPONSE": get_response,
    "GET-CHALLENGE": get_challenge,
    "INTERNAL-AUTHENTICATE": internal_authenticate,
    "EXTERNAL-AUTHENTICATE": external_authenticate,
    "VERIFY": verify,
}

_EVERYWHERE: Final = frozenset(("SELECT", "GET-RESPONSE"))
"""Commands whose rule holds in applications of other standards too."""

RULED: Final = frozenset(_RULES)
"""Ids of the commands whose answers the model predicts."""

ABSENT_CLASSES: Final = (0xE0, 0xC4)
"""Class bytes that no command of the rules has."""

ABSENT_INSTRUCTIONS: Final = (0x0C, 0xFC)
"""Instruction bytes that no command of the rules has."""


class CardModel:
    """One card as the rules see it. ``predict`` changes nothing; ``observe`` and ``reset`` move the state.

    ``keys``: the card's own keys by (key id of the data, version); missing ones leave their answers open. ``pin``: the
    PIN as VERIFY carries it, or None. Answers that no public text fixes are left open, so a conforming card never
    contradicts the model; a command that is none of the slice is left open as a whole.
    """

    def __init__(self, spec: CardSpec, *, keys: Mapping[tuple[str, int], bytes], pin: bytes | None, view: View) -> None:
        self.card = Card(spec=spec, rules=rules_of(spec), keys=keys, pin=pin, view=view)
        self.state = State()

    def reset(self) -> None:
        """The card was reset, cold or warm."""
        self.state = self.state.after_reset()

    def predict(self, command: bytes) -> Prediction:
        """Every acceptable answer to ``command`` (a short APDU; ValueError under four bytes)."""
        apdu = parse(command)
        known = self._known(apdu)
        state = self.state if known is not None and known.id == "GET-RESPONSE" else self.state.between()
        return Prediction(self._alternatives(state, known, apdu))

    def _known(self, apdu: CommandApdu) -> Command | None:
        """The command meant: in the current application, else any with this instruction, of the right class first."""
        spec, here = self.card.spec, self.state.application
        at_hand = () if here is None else spec.commands_in(here)
        found = [each for each in (*at_hand, *spec.commands.values()) if each.ins == apdu.ins]
        return next((each for each in found if each.cla == apdu.cla), found[0] if found else None)

    def _alternatives(self, state: State, known: Command | None, apdu: CommandApdu) -> tuple[Alternative, ...]:
        general = self.card.spec.general
        after = state.between().challenge_in_doubt()
        if apdu.cla in ABSENT_CLASSES:
            statuses = [general.cla] if known is not None else [general.cla, general.instruction]
            return refusals(statuses, after)
        if known is None:
            return (
                # A class that no command here has, and an unknown instruction: no rule says which is named.
                refusals(
                    (general.instruction,) if self._class_known(apdu) else (general.instruction, general.cla), after
                )
                if apdu.ins in ABSENT_INSTRUCTIONS
                else left_open(self.card, state)
            )
        if known.id not in _RULES:
            return left_open(self.card, state.unwatched())
        if apdu.cla != known.cla or not self._fits(known, apdu) or self._elsewhere(state, known):
            return left_open(self.card, state)
        ruled_answers = _RULES[known.id](self.card, state, known, apdu)
        if state.application is None and "any" not in known.where:
            # Where the card stands is not known: in another environment it may not have the command.
            return (*ruled_answers, *refusals((general.instruction, general.cla), after))
        return ruled_answers

    def _class_known(self, apdu: CommandApdu) -> bool:
        here = self.state.application
        return here is not None and any(command.cla == apdu.cla for command in self.card.spec.commands_in(here))

    def _elsewhere(self, state: State, command: Command) -> bool:
        """Whether the card stands where the rules do not say what the command does."""
        here = state.application
        if here is None or command.id in _EVERYWHERE:
            return False
        return not ruled(self.card, here) or command not in self.card.spec.commands_in(here)

    def _fits(self, command: Command, apdu: CommandApdu) -> bool:
        """Whether the APDU has the shape of the command's case; what a reader makes of another is not the card's."""
        if command.case == 2:
            return not apdu.data and apdu.whole
        return apdu.whole and len(apdu.data) == apdu.p3 and (command.case == 4 or not apdu.has_le)

    def observe(self, command: bytes, response: bytes) -> bool:
        """Take in the answer (data and two status bytes); False where the rules do not allow it.

        After such an answer the model knows nothing of place and rights until the next reset or selection by name.
        """
        answer = self.predict(command).match(response) if len(response) >= 2 else None
        if answer is None:
            lost = left_open(self.card, self.state.between())[0]
            self.state = lost.state if len(response) < 2 else _learned(lost, response)
            return False
        self.state = _learned(answer, response)
        return True


def _learned(answer: Alternative, response: bytes) -> State:
    return answer.learn(answer.state, response[:-2], int.from_bytes(response[-2:]))
