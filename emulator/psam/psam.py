"""The reference PSAM: bytes in, bytes out; no socket, no clock, no file."""

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.card.commands import FORMS, Form, Handler
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.chip import GENERAL, Chip
from emulator.psam.cipher import CipherData
from emulator.psam.files import GetChallenge, GetResponse, ReadBinary, Select
from emulator.psam.keys import DeliverySessionKey
from emulator.psam.loading import LoadKey
from emulator.psam.own import ExternalAuthenticate, InitializeEnvironment, UpdateBinary
from emulator.psam.purchase import SEQUENCE, CreditPurchase, InitPurchase
from emulator.psam.state import PsamImage
from emulator.psam.transport import Cipher, Credit, Deliver, Init
from onecard.spec.card import Status
from onecard.spec.psam import PsamSpec
from onecard.spec.psam_command import PsamCommand
from onecard.spec.psam_transport import TRANSPORT

SHORTEST_COMMAND = 4
Table = Mapping[bytes, tuple[PsamCommand, Form, Handler]]
"""Commands by class and instruction: data, form, and what answers them."""
HANDLERS: Mapping[str, Callable[[Chip, PsamCommand], Handler]] = MappingProxyType(
    {
        "PSAM/SELECT": Select,
        "PSAM/READ-BINARY": ReadBinary,
        "PSAM/GET-RESPONSE": GetResponse,
        "PSAM/GET-CHALLENGE": GetChallenge,
        "PSAM/DELIVERY-SESSION-KEY": DeliverySessionKey,
        "PSAM/CIPHER-DATA": CipherData,
        "PSAM/INITIALIZE-ENVIRONMENT": InitializeEnvironment,
        "PSAM/EXTERNAL-AUTHENTICATE": ExternalAuthenticate,
        "PSAM/UPDATE-BINARY": UpdateBinary,
        "PSAM/LOAD-KEY": LoadKey,
        "PSAM/INIT-PURCHASE": InitPurchase,
        "PSAM/CREDIT-PURCHASE": CreditPurchase,
        "PSAM/TRANSPORT-DELIVER": Deliver,
        "PSAM/TRANSPORT-CIPHER": Cipher,
        "PSAM/TRANSPORT-INIT": Init,
        "PSAM/TRANSPORT-CREDIT": Credit,
    }
)


class ReferencePsam:
    """A PSAM that ``spec`` describes and ``image`` personalised, seen raw over T=0: 61xx and 6Cxx stand as they are.

    ``behaviour``: its decisions, right by default. ``random``: its source of challenges, n -> n bytes. Without supply
    ``process`` returns None.
    """

    def __init__(
        self,
        spec: PsamSpec,
        image: PsamImage,
        behaviour: PsamBehaviour | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.spec = spec
        self.image = image
        self.behaviour = behaviour or PsamBehaviour()
        self._chip = Chip(spec, image, self.behaviour, random)
        self._commands = self._table("")
        # In the transport application its commands stand before those of the same header.
        self._in_transport = {**self._commands, **self._table(TRANSPORT)}
        self._classes = frozenset(command.cla for command in spec.commands.values())
        self._instructions = {key[1]: key for key in self._commands}
        self._transport_instructions = {key[1]: key for key in self._in_transport}
        self._atr = _answer_to_reset(spec, image)
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
        chip, behaviour = self._chip, self.behaviour
        kept = behaviour.session_after_reset(chip.session), behaviour.rights_after_reset(chip.rights)
        purchase = behaviour.purchase_after_reset(chip.purchase)
        transport = behaviour.transport_after_reset(chip.transport), behaviour.mac_key_after_reset(chip.mac_key)
        self._start_again()
        chip.session, chip.rights = kept
        chip.purchase = purchase
        chip.transport, chip.mac_key = transport
        return self.behaviour.atr(self._atr)

    def power_off(self) -> None:
        """Take the supply away: volatile state is lost, the image stays."""
        self._start_again()
        self._powered = False

    def process(self, command: bytes) -> bytes | None:
        """Answer one command APDU with data and the two status bytes; None without supply."""
        return self._dispatch(command) if self._powered else None

    def _start_again(self) -> None:
        chip = self._chip
        chip.position, chip.session, chip.waiting = chip.initial(), None, b""
        chip.challenge, chip.rights, chip.purchase = b"", frozenset(), None
        chip.transport, chip.mac_key = None, None
        store = self.image.transport
        store.sequence = self.behaviour.transport_sequence_after_reset(store.sequence)
        stored = self.image.files[SEQUENCE]
        kept = self.behaviour.sequence_after_reset(int.from_bytes(stored, "big"))
        self.image.files[SEQUENCE] = kept.to_bytes(len(stored), "big")
        if not self.behaviour.keeps_keys():
            self.image.loaded.clear()

    def _table(self, where: str) -> Table:
        return {
            bytes((command.cla, command.ins)): (command, FORMS[command.case], HANDLERS[command.id](self._chip, command))
            for command in self.spec.commands.values()
            if command.where == where
        }

    def _here(self) -> tuple[Table, Mapping[int, bytes]]:
        """The commands where the PSAM stands, and their headers by instruction."""
        if self.behaviour.transport_here(self._chip.position):
            return self._in_transport, self._transport_instructions
        return self._commands, self._instructions

    def _dispatch(self, apdu: bytes) -> bytes:
        commands, instructions = self._here()
        key = apdu[:2]
        if key not in commands and len(apdu) >= SHORTEST_COMMAND and self.behaviour.accepts_class(apdu[0]):
            key = instructions.get(apdu[1], key)
        if key not in commands or len(apdu) < SHORTEST_COMMAND:
            return self._unknown(apdu, instructions)
        command, form, handler = commands[key]
        chip = self._chip
        if chip.waiting and self.behaviour.drops_waiting(command.id):
            chip.waiting = b""
        if chip.session is not None and chip.session.chain is not None and self.behaviour.breaks_chain(command.id):
            chip.session = None
        if self.behaviour.breaks_purchase(command.id):
            chip.purchase = None
        if self.behaviour.breaks_transport(command.id):
            chip.transport = None
        parsed = form(apdu)
        if parsed is None:
            return self._refuse("malformed", command.statuses.get("length", chip.spec.general.malformed))
        return handler(apdu[2], apdu[3], *parsed)

    def _unknown(self, apdu: bytes, instructions: Mapping[int, bytes]) -> bytes:
        general = self.spec.general
        self._chip.waiting = b""
        if len(apdu) < SHORTEST_COMMAND:
            return self._refuse("malformed", general.malformed)
        # The class is judged before the instruction. An instruction known in another class: the class is wrong.
        if apdu[0] not in self._classes or apdu[1] in instructions:
            return self._refuse("class", general.cla)
        return self._refuse("instruction", general.instruction)

    def _refuse(self, condition: str, status: Status) -> bytes:
        return self._chip.refuse_with(GENERAL, condition, status)


def _answer_to_reset(spec: PsamSpec, image: PsamImage) -> bytes:
    form = spec.atr
    head = bytes((form.initial_character, form.format << 4 | len(image.historical)))
    return head + form.interface_bytes + image.historical
