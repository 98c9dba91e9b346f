"""The reference card: bytes in, bytes out; no socket, no clock, no file."""

import secrets
from collections.abc import Callable

from emulator.card.atr import answer_to_reset
from emulator.card.behaviour import CardBehaviour
from emulator.card.chip import GENERAL, Chip
from emulator.card.commands import Entry, command_table
from emulator.card.image import CardImage
from onecard.spec.card import CardSpec, Status

SHORTEST_COMMAND = 4


class ReferenceCard:
    """A card that ``spec`` describes and ``image`` personalised, seen raw over T=0: 61xx and 6Cxx stand as they are.

    ``behaviour``: the decisions of the card, right by default. ``random``: its source of challenges, n -> n bytes.
    Without supply, or where the behaviour keeps silent, ``process`` returns None.
    """

    def __init__(
        self,
        spec: CardSpec,
        image: CardImage,
        behaviour: CardBehaviour | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.spec = spec
        self.image = image
        self.behaviour = behaviour or CardBehaviour()
        self._chip = Chip(spec, image, self.behaviour, random)
        self._commands = command_table(self._chip)
        self._classes = frozenset(command.cla for command in spec.commands.values())
        self._instructions = {entry.command.ins: key for key, entry in self._commands.items()}
        self._atr = answer_to_reset(spec.atr, self.behaviour.historical(image.historical))
        self._powered = False

    def power_on(self) -> bytes:
        """Cold reset: volatile state is lost; returns the ATR."""
        self.power_off()
        self._powered = True
        return self.behaviour.atr(self._atr)

    def reset(self) -> bytes:
        """Warm reset: volatile state is lost; returns the ATR. Without supply it is a cold reset."""
        if not self._powered:
            return self.power_on()
        chip = self._chip
        chip.security = self.behaviour.security_after_reset(chip.security)
        self._start_again()
        return self.behaviour.warm_atr(self._atr)

    def power_off(self) -> None:
        """Take the supply away: volatile state is lost, the image stays."""
        chip = self._chip
        chip.security = self.behaviour.security_after_power_off(chip.security)
        self._start_again()
        self._powered = False

    def process(self, command: bytes) -> bytes | None:
        """Answer one command APDU with data and the two status bytes; None is silence."""
        return self.behaviour.answer(command, self._dispatch(command)) if self._powered else None

    def _start_again(self) -> None:
        chip = self._chip
        chip.position = self.behaviour.position_after_reset(chip.position, chip.files.initial())
        chip.waiting = self.behaviour.waiting_after_reset(chip.waiting)

    def _dispatch(self, apdu: bytes) -> bytes:
        entry = self._commands.get(apdu[:2])
        if entry is None or len(apdu) < SHORTEST_COMMAND:
            return self._unknown(apdu)
        return self._execute(entry, apdu)

    def _execute(self, entry: Entry, apdu: bytes) -> bytes:
        chip, command, behaviour = self._chip, entry.command, self.behaviour
        if chip.waiting and behaviour.drops_waiting(command.id):
            chip.waiting = b""
        form = entry.form(apdu)
        if form is None:
            mended = behaviour.mend(command.id, apdu)
            form = entry.form(mended) if mended is not None else None
            if form is None:
                return chip.refuse_with(command.id, "length", entry.wrong_length)
        length, data = form
        if entry.lengths and not behaviour.accepts_length(command.id, length, length in entry.lengths):
            return chip.refuse_with(command.id, "length", entry.wrong_length)
        return entry.handler(apdu[2], apdu[3], length, data)

    def _unknown(self, apdu: bytes) -> bytes:
        chip, general = self._chip, self.spec.general
        if chip.waiting and self.behaviour.drops_waiting(GENERAL):
            chip.waiting = b""
        if len(apdu) < SHORTEST_COMMAND:
            return self._refuse("malformed", general.malformed)
        known = self._instructions.get(apdu[1])
        if known is not None and self.behaviour.accepts_class(apdu[0]):
            return self._execute(self._commands[known], apdu)
        # The class is judged before the instruction. An instruction known in another class: the class is wrong.
        if apdu[0] not in self._classes or known is not None:
            return self._refuse("class", general.cla)
        return self._refuse("instruction", general.instruction)

    def _refuse(self, condition: str, status: Status) -> bytes:
        return self._chip.refuse_with(GENERAL, condition, status)
