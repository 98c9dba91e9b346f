"""Purchases by the PSAM, and the records of purchases."""

from collections.abc import Iterator, Mapping

from emulator.terminal.failure import Failure
from emulator.terminal.payment import yuan
from emulator.terminal.reading import Card
from emulator.terminal.sam import Sam
from emulator.terminal.steps import Arguments, Function, Steps
from emulator.terminal.strings import written
from emulator.terminal.trade import Trade, split

SERIAL, MAC = 4, 4
MOST_RECORDS = 0xFE
AMOUNTS = ("account", "self-paid", "pooled")


class DebitBySam:
    """iDoDebit and iReadDebitRecord."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._trade = Trade(steps)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {"DEBIT": self._debit, "READ-DEBIT-RECORD": self._read_records}

    def _debit(self, arguments: Arguments) -> str:
        steps, trade, behaviour = self._steps, self._trade, self._steps.behaviour
        wanted = trade.wanted(arguments)
        card, sam, _, number = steps.proved_by_sam(arguments, trusted=not behaviour.authenticates_before_debit())
        trade.check_info(card, arguments)
        trade.agreed(card)
        trade.select(card)
        fields = trade.initialised(card, wanted, number)
        fields |= self._begun(card, sam, fields)
        fields |= trade.paid(card, fields)
        self._credit(sam, fields["mac2"])
        shown = {name: fields[name].hex().upper() for name in ("terminal-serial", "time", "mac2", "tac")}
        return written(steps.spec.debit.result, {}, behaviour.debit_result(shown), behaviour)

    def _begun(self, card: Card, sam: Sam, fields: Mapping[str, bytes]) -> dict[str, bytes]:
        """Terminal serial and MAC1 of the PSAM; raises Failure."""
        steps, rules = self._steps, self._steps.spec.debit
        factors = steps.behaviour.factors(steps.reader.factors(card)[: rules.levels])
        right = b"".join(fields[name] for name in rules.sam_data)
        data, sw = sam.sent("INIT-PURCHASE", steps.behaviour.sam_purchase(fields, right) + b"".join(factors))
        if card.channel.is_ok(sw) and len(data) == SERIAL + MAC:
            return {"terminal-serial": data[:SERIAL], "mac1": data[SERIAL:]}
        if steps.behaviour.goes_on_without_key():
            return {"terminal-serial": bytes(SERIAL), "mac1": bytes(MAC)}
        raise steps.reader.failure(f"SAM-{rules.key}")

    def _credit(self, sam: Sam, mac2: bytes) -> None:
        steps, behaviour = self._steps, self._steps.behaviour
        if not behaviour.credits_sam():
            return
        _, sw = sam.sent("CREDIT-PURCHASE", behaviour.credited_mac(mac2))
        if not steps.card_spec.general.ok.matches(sw) and behaviour.looks_at_credit_answer():
            raise steps.reader.failure("MAC2")

    # --- the log ---

    def _read_records(self, arguments: Arguments) -> str:
        steps, rules = self._steps, self._steps.spec.debit
        card = steps.proved_by_sam(arguments)[0]
        self._trade.identified(card)
        self._trade.select(card)
        told = []
        for record in steps.behaviour.debit_records(tuple(self._records(card))):
            values = steps.behaviour.record_values(self._values(record))
            told.append(written(rules.record, {}, values, steps.behaviour))
        return "".join(one + steps.spec.address.end for one in told)

    def _records(self, card: Card) -> Iterator[bytes]:
        """The records of the log, newest first; raises Failure."""
        steps, file = self._steps, self._steps.card_spec.file(self._trade.purse.log)
        card.channel.select_file(file.fid, frozenset(("ef",)))
        command = steps.card_spec.command("READ-RECORD")
        one = next(mode.number for mode in command.modes if mode.by == "number" and mode.takes == "one")
        for number in range(1, MOST_RECORDS + 1):
            data, sw = card.channel.send(bytes((command.cla, command.ins, number, one, file.record_length)))
            if card.channel.is_ok(sw):
                yield data
                continue
            if steps.behaviour.ends_log(sw, command.statuses["record-not-found"].matches(sw)):
                return
            raise Failure(steps.reader.code_of_status(sw))

    def _values(self, record: bytes) -> dict[str, str]:
        """A record by field: amounts in yuan, the serial as a number, everything else as digits."""
        purse, rules = self._trade.purse, self._steps.spec.debit
        fields = split(purse.log_record, purse.lengths, record)
        values = {name: value.hex().upper() for name, value in fields.items()}
        values |= {name: yuan(rules, int.from_bytes(fields[name], "big")) for name in AMOUNTS}
        return values | {"serial": str(int.from_bytes(fields["serial"], "big"))}
