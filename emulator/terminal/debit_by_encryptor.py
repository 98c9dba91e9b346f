"""Purchases in two steps, with an encryptor that the caller asks between them."""

from collections.abc import Mapping

from emulator.terminal.steps import Arguments, Function, Session, Steps
from emulator.terminal.strings import taken_apart, written
from emulator.terminal.trade import Trade

STEP_1, STEP_2 = "DEBIT-STEP-1", "DEBIT-STEP-2"


class DebitByEncryptor:
    """iDoDebit_HSM_Step1 and iDoDebit_HSM_Step2."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._trade = Trade(steps)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {STEP_1: self._step_1, STEP_2: self._step_2}

    def _step_1(self, arguments: Arguments) -> str:
        steps, trade, rules = self._steps, self._trade, self._steps.spec.debit
        steps.session = None
        wanted = trade.wanted(arguments)
        card = steps.begin(arguments)
        if card.algorithm is None:
            raise steps.reader.failure("SAM-ALGORITHM")
        trade.check_info(card, arguments)
        # The card's proof is no part of these steps; the other checks of validity need none.
        steps.check_validity(card, True, "INTERNAL")
        trade.agreed(card)
        trade.select(card)
        fields = trade.initialised(card, wanted, steps.sam()[1])
        steps.session = Session(card, b"", None, STEP_2, fields)
        values = {name: value.hex().upper() for name, value in fields.items()}
        values |= {
            "algorithm": f"{card.algorithm.identifier:02X}",
            "key-address": rules.address,
            "amounts": "".join(values[name] for name in rules.amount_forms[0]),
        }
        return written(rules.request, {}, steps.behaviour.debit_request(values), steps.behaviour)

    def _step_2(self, arguments: Arguments) -> str:
        steps, behaviour, rules = self._steps, self._steps.behaviour, self._steps.spec.debit
        session = self._waiting()
        text = str(arguments.get("pKey", ""))
        given = taken_apart(rules.key_input, text)
        taken = behaviour.debit_key(text, given if given is not None and all(given.values()) else None)
        if taken is None:
            raise steps.reader.failure("KEY-INPUT")
        told = {name: bytes.fromhex(value) for name, value in taken.items()}
        asked = {name: told[name] for name in ("terminal-serial", "time", "mac1")}
        answer = self._trade.paid(session.card, {**session.purchase, **asked})
        if not behaviour.purchase_proved(answer["mac2"] == told["mac2"], answer["tac"] == told["tac"]):
            raise steps.reader.failure("MAC2")
        shown = {name: value.hex().upper() for name, value in (asked | answer).items()}
        return written(rules.result, {}, behaviour.debit_result(shown), behaviour)

    def _waiting(self) -> Session:
        """What step 1 left; raises Failure where it is not the turn of step 2."""
        steps, session = self._steps, self._steps.session
        if session is None or session.step != STEP_2:
            steps.session = None
            raise steps.reader.failure("ORDER")
        if steps.behaviour.debit_session_ends():
            steps.session = None
        steps.known = session.card.items
        return session
