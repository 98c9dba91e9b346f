"""Reload and unblocking of the PIN in three steps, with an encryptor that the caller asks between them."""

from collections.abc import Callable, Mapping

from emulator.terminal.failure import Failure
from emulator.terminal.pin import UNBLOCK
from emulator.terminal.pin_entry import RELOAD, PinEntry
from emulator.terminal.pin_messages import COMMAND, MESSAGE_KEY, UNBLOCK_KEY, PinMessages
from emulator.terminal.reading import Card
from emulator.terminal.steps import Arguments, Function, Session, Steps
from emulator.terminal.strings import taken_apart, written
from onecard.spec.terminal import CardAlgorithm


class PinByEncryptor:
    """iReloadPIN_HSM_Step1 to Step3 and iUnblockPIN_HSM_Step1 to Step3."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._entry = PinEntry(steps)
        self._messages = PinMessages(steps)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        numbered: Mapping[int, Callable[[str, Arguments], str]] = {1: self._step_1, 2: self._step_2, 3: self._step_3}
        return {
            _step(function, number): _bound(made, function)
            for function in (RELOAD, UNBLOCK)
            for number, made in numbered.items()
        }

    def _step_1(self, function: str, arguments: Arguments) -> str:
        steps = self._steps
        steps.session = None
        card = steps.begin(arguments)
        self._entry.check_card(card, function, arguments)
        # The card's proof is no part of these steps; the other checks of validity need none.
        steps.check_validity(card, True, "INTERNAL")
        original, factor = (steps.reader.challenge(card).hex().upper() for _ in range(2))
        values = self._addressed(card, UNBLOCK_KEY) | {"factor": factor, "original": original}
        steps.session = Session(card, b"", None, _step(function, 2))
        return written(steps.spec.pin_steps.request, {}, steps.behaviour.pin_request_values(values), steps.behaviour)

    def _step_2(self, function: str, arguments: Arguments) -> str:
        steps, behaviour = self._steps, self._steps.behaviour
        card = self._waiting(_step(function, 2))
        proof = self._proof(str(arguments.get("pKey", "")))
        key_id = steps.card_spec.keys[UNBLOCK_KEY].key_id
        self._send(card, "EXTERNAL-AUTHENTICATE", key_id, proof)
        new = self._entry.entered_twice(function) if function == RELOAD else ""
        algorithm = self._algorithm(card)
        if new and self._messages.block(self._entry.octets(new), algorithm.block) is None:
            raise steps.reader.failure("PIN-LENGTH")
        values = self._addressed(card, MESSAGE_KEY) | {
            "factor": steps.reader.challenge(card).hex().upper(),
            "header": self._header(function, algorithm).hex().upper(),
            "pin": new,
        }
        steps.session = Session(card, b"", None, _step(function, 3))
        return written(steps.spec.pin_steps.message, {}, behaviour.pin_message_values(values), behaviour)

    def _step_3(self, function: str, arguments: Arguments) -> str:
        steps = self._steps
        card = self._waiting(_step(function, 3))
        header, text = self._header(function, self._algorithm(card)), str(arguments.get("pKey", ""))
        command = steps.behaviour.pin_message(text, header, self._message(text, header))
        if command is None:
            raise steps.reader.failure("KEY-INPUT")
        self._send(card, COMMAND, command[3], command[5:])
        return ""

    # --- parts ---

    def _waiting(self, step: str) -> Card:
        """The card of the step before; raises Failure where it is not the turn of ``step``."""
        session, self._steps.session = self._steps.session, None
        right = session is not None and session.step == step
        may = self._steps.behaviour.step_may_follow(None if session is None else session.step, right)
        if session is None or not may:
            raise self._steps.reader.failure("ORDER")
        self._steps.known = session.card.items
        return session.card

    def _algorithm(self, card: Card) -> CardAlgorithm:
        if card.algorithm is None:
            raise self._steps.reader.failure("SAM-ALGORITHM")
        return card.algorithm

    def _addressed(self, card: Card, key: str) -> dict[str, str]:
        return {
            "region": card.region,
            "historical": card.historical.hex().upper(),
            "algorithm": f"{self._algorithm(card).identifier:02X}",
            "key-address": self._steps.spec.pin_steps.addresses[key],
        }

    def _header(self, function: str, algorithm: CardAlgorithm) -> bytes:
        """CLA INS P1 P2 Lc of the secured command."""
        reload = function == RELOAD
        p2 = self._messages.reload if reload else self._messages.unblock
        length = self._messages.mac_length + (algorithm.block if reload else 0)
        command = self._steps.card_spec.command(COMMAND)
        return bytes((command.cla, command.ins, 0, p2, length))

    def _proof(self, text: str) -> bytes:
        fields = taken_apart(self._steps.spec.pin_steps.key_input, text)
        taken = self._steps.behaviour.unblock_proof(text, None if fields is None else fields["proof"] or None)
        if taken is None:
            raise self._steps.reader.failure("KEY-INPUT")
        return bytes.fromhex(taken)

    def _message(self, text: str, header: bytes) -> bytes | None:
        # Programs pass the whole command or its data; which one shows by the length.
        try:
            given = bytes.fromhex(text.removesuffix(self._steps.spec.pin_steps.message.separator))
        except ValueError:
            return None
        whole = given if given.startswith(header) else header + given
        return whole if len(whole) == len(header) + header[-1] else None

    def _send(self, card: Card, command: str, p2: int, data: bytes) -> None:
        _, sw = card.channel.command(command, 0, p2, data)
        if not card.channel.is_ok(sw) and self._steps.behaviour.looks_at_step_answer(sw):
            raise Failure(self._steps.reader.code_of_status(sw))


def _step(function: str, number: int) -> str:
    return f"{function}-STEP-{number}"


def _bound(made: Callable[[str, Arguments], str], function: str) -> Function:
    return lambda arguments: made(function, arguments)
