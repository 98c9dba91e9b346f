"""CREDIT FOR LOAD and DEBIT FOR PURCHASE: the MAC of the other side, then all of the transaction or nothing."""

from emulator.card.image import CyclicFile
from emulator.card.memory import CyclicRecords, Write
from emulator.card.purse.command import PurseCommand
from emulator.card.purse.image import LastProof, Proof, PurseValue
from emulator.card.purse.log import log_record
from emulator.card.purse.numbers import bcd, decimal, number
from onecard.spec.card_purse import LOAD, PURCHASE

DATE = 4
"""Bytes yyyymmdd at the head of the time."""
ZERO = bytes(4)


class Complete(PurseCommand):
    """What both share: the books of the transaction."""

    __slots__ = ()

    def _value(self, name: str, value: bytes) -> Write:
        return PurseValue(self._purse.spec.id, name), value

    def _books(self, transaction: str, serial: str, fields: dict[str, bytes]) -> list[Write]:
        # Balance, counter, log and proof: the counter stands last, as what says that a transaction was made.
        purse, behaviour = self._purse, self._chip.behaviour
        proof = behaviour.purse_proof_kept(Proof(fields["serial"], fields["mac"], fields["tac"]))
        after = behaviour.purse_serial_after(transaction, number(fields[serial]))
        return [
            self._value("balance", fields["balance-after"]),
            *self._log(fields),
            (LastProof(purse.spec.id, transaction), proof),
            self._value(serial, self._octets(serial, after)),
        ]

    def _log(self, fields: dict[str, bytes]) -> list[Write]:
        purse, behaviour = self._purse, self._chip.behaviour
        log = self._chip.image.files.get(purse.spec.log)
        names, card = purse.spec.log_record, self._chip.spec
        values = [self._sized(name, fields[name]) for name in names]
        record = behaviour.purse_log_record(
            log_record(names, values, card.file(purse.spec.log).layout, card.padding),
        )
        if not isinstance(log, CyclicFile) or not record:
            return []
        # A shorter log keeps what fits: the personal account alone (2011 draft, part 7).
        whole = record.ljust(log.length, b"\x00")[: log.length]
        return [(CyclicRecords(purse.spec.log), behaviour.purse_log(whole, tuple(log.records), log.capacity))]

    def _balance(self, transaction: str, fields: dict[str, bytes], change: int) -> bytes:
        before = number(fields["balance"])
        after = self._chip.behaviour.purse_balance_after(transaction, before, before + change)
        return self._octets("balance", after)


class CreditForLoad(Complete):
    """``B0 2A 00 00``: host time ‖ MAC2 in, TAC out."""

    __slots__ = ()

    def _work(self, p2: int, fields: dict[str, bytes]) -> bytes | str:
        purse, behaviour = self._purse, self._chip.behaviour
        given = fields.pop("mac2", b"")
        known = purse.fields
        known |= fields | {"account": known["amount"], "self-paid": ZERO, "pooled": ZERO, "mac": known["mac1"]}
        known["balance-after"] = self._balance(LOAD, known, number(known["amount"]))
        accepted = behaviour.purse_accepts_mac(LOAD, purse.mac(LOAD, "mac2"), given)
        known["tac"] = purse.tac(LOAD)
        writes = self._books(LOAD, "load-serial", known)
        purse.write(writes if accepted else list(behaviour.purse_kept_after_refusal(writes)))
        return self._joined(known) if accepted else "mac"


class DebitForPurchase(Complete):
    """``B0 2C 01 00``: terminal's serial ‖ time ‖ MAC1 in, TAC ‖ MAC2 out."""

    __slots__ = ()

    def _work(self, p2: int, fields: dict[str, bytes]) -> bytes | str:
        purse, behaviour = self._purse, self._chip.behaviour
        given = fields.pop("mac1", b"")
        known = purse.fields
        known |= fields
        known["balance-after"] = self._balance(PURCHASE, known, -number(known["account"]))
        accepted = behaviour.purse_accepts_mac(PURCHASE, purse.mac(PURCHASE, "mac1"), given)
        known["mac2"] = known["mac"] = behaviour.purse_mac(PURCHASE, "mac2", purse.mac(PURCHASE, "mac2"))
        known["tac"] = purse.tac(PURCHASE)
        writes = self._sums(known) + self._books(PURCHASE, "purchase-serial", known)
        purse.write(writes if accepted else list(behaviour.purse_kept_after_refusal(writes)))
        return self._joined(known) if accepted else "mac"

    def _sums(self, fields: dict[str, bytes]) -> list[Write]:
        behaviour = self._chip.behaviour
        date, start = decimal(fields["time"][:DATE]), decimal(fields["starting-day"])
        difference = date - (decimal(fields["pay-year"]) * 10000 + start)
        begins = behaviour.purse_year_begins(difference, self._purse.spec.year_length)
        # Before its starting day a date belongs to the payment year of the year before (profile).
        year = date // 10000 - (date % 10000 < start) if begins else decimal(fields["pay-year"])
        sums = {
            name: behaviour.purse_sum_after(number(fields[name]), number(fields[amount]), begins)
            for name, amount in (("self-paid-sum", "self-paid"), ("pooled-sum", "pooled"))
        }
        return [
            self._value("pay-year", bcd(year, self._purse.spec.lengths["pay-year"])),
            *(self._value(name, self._octets(name, total)) for name, total in sums.items()),
        ]
