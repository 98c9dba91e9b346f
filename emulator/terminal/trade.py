"""A medical purchase at the card: the holder's PIN, the application, initialisation and payment.

Commands and their fields are those of the card's data (2011 draft, parts 5 and 7).
"""

from collections.abc import Mapping

from emulator.terminal.failure import Failure
from emulator.terminal.payment import Payment, payment
from emulator.terminal.pin_at_card import PinAtCard
from emulator.terminal.pin_entry import ENTER, PinEntry
from emulator.terminal.reading import Card
from emulator.terminal.steps import Arguments, Steps
from onecard.spec.card_purse import PURCHASE, names, p1_p2, purse_of

INITIALISE, DEBIT = "INITIALIZE-FOR-PURCHASE", "DEBIT-FOR-PURCHASE"


class Trade:
    """Purchases of one terminal; everything raises Failure where it cannot be done."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._entry = PinEntry(steps)
        self._at_card = PinAtCard(steps)
        self.purse = purse_of(steps.card_spec)

    def wanted(self, arguments: Arguments) -> Payment:
        """What pPayInfo asks for."""
        steps, lengths = self._steps, self.purse.lengths
        most = (1 << 8 * min(lengths["self-paid"], lengths["pooled"])) - 1
        found = payment(steps.spec.debit, str(arguments.get("pPayInfo", "")), most, steps.behaviour)
        if found is None:
            raise steps.reader.failure("PAY-INFO")
        return found

    def check_info(self, card: Card, arguments: Arguments) -> None:
        """Refuse a card that is not that of pCardInfo."""
        fits = self._steps.fits(card, str(arguments.get("pCardInfo", "")))
        if not self._steps.behaviour.debit_info_fits(fits):
            raise self._steps.reader.failure("DIFFERS")

    def agreed(self, card: Card) -> None:
        """Have the holder enter the PIN, where the card has one; the initial one buys nothing."""
        behaviour = self._steps.behaviour
        if not behaviour.asks_trade_pin(not self._at_card.has_none(card)):
            return
        pin = self._entry.entered(ENTER)
        if not behaviour.may_trade(pin, self._steps.spec.pin.initial):
            raise self._steps.reader.failure("INITIAL-PIN")
        try:
            self._at_card.present(card, "VERIFY", self._entry.octets(pin))
        except Failure:
            if behaviour.looks_at_trade_pin():
                raise

    def identified(self, card: Card) -> None:
        """Have the holder enter the PIN before the log is read, where the card has one."""
        if self._steps.behaviour.asks_record_pin(not self._at_card.has_none(card)):
            self._at_card.present(card, "VERIFY", self._entry.octets(self._entry.entered(ENTER)))

    def select(self, card: Card) -> None:
        """Select the purse's application."""
        application = self._steps.card_spec.applications[self._steps.card_spec.command(INITIALISE).where[0]]
        _, sw = card.channel.select_name(application.df_name)
        self._must(card, sw, INITIALISE)

    def initialised(self, card: Card, wanted: Payment, number: str) -> dict[str, bytes]:
        """The fields of a purchase that the card has initialised; ``number``: of the terminal, 12 digits."""
        rules, lengths = self._steps.spec.debit, self.purse.lengths
        fields = {name: amount.to_bytes(lengths[name], "big") for name, amount in wanted.amounts.items()}
        fields |= {
            "index": rules.index.to_bytes(lengths["index"], "big"),
            "terminal": bytes.fromhex(number),
            "time": wanted.time,
            "type": bytes((self.purse.types[PURCHASE],)),
        }
        return fields | self._done(card, INITIALISE, fields)

    def paid(self, card: Card, fields: Mapping[str, bytes]) -> dict[str, bytes]:
        """What the card answers to the purchase of ``fields`` (with terminal-serial and mac1): tac and mac2."""
        behaviour = self._steps.behaviour
        sent = behaviour.purchase_sent(fields)
        answer = self._done(card, DEBIT, sent)
        for _ in range(behaviour.further_purchases(bool(answer["tac"]))):
            self._done(card, DEBIT, sent)
        return answer

    def _done(self, card: Card, identifier: str, fields: Mapping[str, bytes]) -> dict[str, bytes]:
        command = self._steps.card_spec.command(identifier)
        p1, p2 = p1_p2(command)
        data, sw = card.channel.command(identifier, p1, p2 or 0, b"".join(fields[n] for n in names(command, "data")))
        self._must(card, sw, identifier)
        return split(names(command, "answer"), self.purse.lengths, data)

    def _must(self, card: Card, sw: int, command: str) -> None:
        if not card.channel.is_ok(sw) and self._steps.behaviour.looks_at_purchase_answer(command):
            raise Failure(self._steps.reader.code_of_status(sw))


def split(order: tuple[str, ...], lengths: Mapping[str, int], data: bytes) -> dict[str, bytes]:
    """The fields of an answer by name, in ``order``; what is missing of it is missing of the last ones."""
    found, start = {}, 0
    for name in order:
        found[name] = data[start : start + lengths[name]]
        start += lengths[name]
    return found
