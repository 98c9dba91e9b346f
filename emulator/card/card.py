"""The reference card: bytes in, bytes out; no socket, no clock, no file."""

import secrets
from collections.abc import Callable

from emulator.card.atr import answer_to_reset
from emulator.card.behaviour import CardBehaviour
from emulator.card.blocking import Gate
from emulator.card.chip import GENERAL, Chip
from emulator.card.commands import Entry, Repertoire, repertoires
from emulator.card.contactless import Field
from emulator.card.image import CardImage
from emulator.card.memory import PowerCut
from onecard.spec.card import CardSpec, Status
from onecard.spec.card_contactless import contactless_of, in_the_field

SHORTEST_COMMAND = 4


class ReferenceCard:
    """A card that ``spec`` describes and ``image`` personalised, seen raw over T=0: 61xx and 6Cxx stand as they are.

    ``behaviour``: the decisions of the card, right by default. ``random``: its source of challenges, n -> n bytes.
    Without supply, or where the behaviour keeps silent, ``process`` returns None. In the field of a contactless reader
    the same image is seen by the rules of that interface, and answers are complete.
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
        self._repertoires = repertoires(self._chip)
        self._gate = Gate(self._chip)
        self._atr = answer_to_reset(spec.atr, self.behaviour.historical(image.historical))
        self._powered = False
        self._inside: ReferenceCard | None = None
        self._field: Field | None = None

    def power_on(self) -> bytes:
        """Cold reset: volatile state is lost; returns the ATR."""
        self.power_off()
        self._powered = True
        self._chip.memory.recover()
        return self.behaviour.atr(self._atr)

    def power_on_contactless(self) -> bytes:
        """Off the contacts and into the field: volatile state is lost; the ATS, or nothing without an antenna."""
        security = self._chip.security
        self.power_off()
        rules = contactless_of(self.spec)
        if rules is None:
            return b""
        if self._inside is None:
            seen = self.behaviour.card_in_field(self.spec, in_the_field(self.spec, rules))
            self._inside = ReferenceCard(seen, self.image, self.behaviour, self._chip.random)
            self._inside._chip.memory = self._chip.memory
        self._inside.power_on()
        self._inside._chip.security = self.behaviour.security_in_field(security)
        self._field = Field(self.spec, self._inside.process, self.behaviour)
        self._powered = True
        return self.behaviour.ats(rules.ats)

    def reset(self) -> bytes:
        """Warm reset: volatile state is lost; returns the ATR. Without contacts or supply it is a cold reset."""
        if not self._powered or self._field is not None:
            return self.power_on()
        chip = self._chip
        chip.security = self.behaviour.security_after_reset(chip.security)
        self._start_again()
        return self.behaviour.warm_atr(self._atr)

    def power_off(self) -> None:
        """Take the supply away: volatile state is lost, the image stays."""
        chip, self._field = self._chip, None
        chip.security = self.behaviour.security_after_power_off(chip.security)
        self._gate.power_off()
        self._start_again()
        self._powered = False

    def process(self, command: bytes) -> bytes | None:
        """Answer one command APDU with data and the two status bytes; None is silence."""
        if not self._powered:
            return None
        if self._field is not None:
            return self._field.process(command)
        return self.behaviour.answer(command, self._dispatch(command))

    def process_and_cut(self, command: bytes, step: int) -> bytes | None:
        """As process, but the supply is cut before persistent step ``step`` (from 1): None, and the card is off.

        An answer means that the command took fewer steps.
        """
        memory = self._chip.memory
        memory.cut_before(step)
        try:
            return self.process(command)
        except PowerCut:
            self.power_off()
            return None
        finally:
            memory.cut_before(0)

    @property
    def powered(self) -> bool:
        """Whether the card has its supply."""
        return self._powered

    def take_changed(self) -> bool:
        """Whether the image was written since this was last asked."""
        memory = self._chip.memory
        changed, memory.changed = memory.changed, False
        return changed

    def _start_again(self) -> None:
        chip = self._chip
        chip.position = self.behaviour.position_after_reset(chip.position, chip.files.initial())
        chip.waiting = self.behaviour.waiting_after_reset(chip.waiting)
        for follower in chip.followers:
            follower.reset()

    def _dispatch(self, apdu: bytes) -> bytes:
        here = self._repertoires[self._chip.position.application]
        entry = here.variants.get(apdu[:3]) or here.entries.get(apdu[:2])
        if entry is None and self.behaviour.offers_commands_of_others(self._chip.position.application):
            every = [each.entries.get(apdu[:2]) for each in self._repertoires.values()]
            entry = next((found for found in every if found is not None), None)
        known = entry is not None and len(apdu) >= SHORTEST_COMMAND
        name = entry.command.id if known and entry is not None else GENERAL
        stopped = self._gate.stopped(name)
        if stopped is not None:
            return stopped
        for follower in self._chip.followers:
            follower.command(name)
        if entry is None or not known:
            return self._unknown(here, apdu)
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

    def _unknown(self, here: Repertoire, apdu: bytes) -> bytes:
        chip, general = self._chip, self.spec.general
        if chip.waiting and self.behaviour.drops_waiting(GENERAL):
            chip.waiting = b""
        if len(apdu) < SHORTEST_COMMAND:
            return self._refuse("malformed", general.malformed)
        known = here.instructions.get(apdu[1])
        if known is not None and self.behaviour.accepts_class(apdu[0]):
            return self._execute(known, apdu)
        # The class is judged before the instruction. An instruction known in another class: the class is wrong.
        if apdu[0] not in here.classes or known is not None:
            return self._refuse("class", general.cla)
        return self._refuse("instruction", general.instruction)

    def _refuse(self, condition: str, status: Status) -> bytes:
        return self._chip.refuse_with(GENERAL, condition, status)
