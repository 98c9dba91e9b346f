"""GET BALANCE, GET TRANSACTION PROOF, GET and UPDATE STARTING DAY."""

from emulator.card.purse.command import PurseCommand, Reading
from emulator.card.purse.image import PurseValue

STARTING_DAY = "starting-day"


class GetBalance(Reading):
    """``B0 26 00`` and which of the amounts."""

    __slots__ = ()

    def _knows(self, p2: int) -> bool:
        return any(balance.p2 == p2 for balance in self._purse.spec.balances)

    def _work(self, p2: int, fields: dict[str, bytes]) -> bytes | str:
        chip, values = self._chip, self._purse.image.values
        if not chip.behaviour.purse_balance_readable(chip.image.pin is not None, chip.security.pin):
            return "security"
        found = next((each for each in self._purse.spec.balances if each.p2 == p2), self._purse.spec.balances[0])
        return chip.behaviour.purse_balance_read(
            p2, b"".join([self._sized(name, values[name]) for name in found.answer])
        )


class GetTransactionProof(PurseCommand):
    """``B0 2E 00`` and the type of transaction; its serial in, MAC and TAC out."""

    __slots__ = ()

    def _knows(self, p2: int) -> bool:
        return p2 in self._purse.spec.types.values()

    def _work(self, p2: int, fields: dict[str, bytes]) -> bytes | str:
        purse = self._purse
        transaction = next((name for name, code in purse.spec.types.items() if code == p2), "")
        found = self._chip.behaviour.purse_proof(purse.image.proofs, transaction, fields["serial"])
        return "unavailable" if found is None else self._joined({"mac": found.mac, "tac": found.tac})


class GetStartingDay(Reading):
    """``B0 56 01 00``."""

    __slots__ = ()

    def _work(self, p2: int, fields: dict[str, bytes]) -> bytes | str:
        return self._joined(self._purse.image.values)


class UpdateStartingDay(PurseCommand):
    """``B0 56 00 00`` mmdd, after authenticating the key that grants it."""

    __slots__ = ()

    def _work(self, p2: int, fields: dict[str, bytes]) -> bytes | str:
        chip, keys = self._chip, self._chip.spec.keys
        granted = any(keys[name].grants == STARTING_DAY for name in chip.security.keys if name in keys)
        if not chip.behaviour.purse_day_updatable(granted):
            return "security"
        cell = PurseValue(self._purse.spec.id, STARTING_DAY)
        chip.memory.put((cell, chip.behaviour.purse_day_stored(fields[STARTING_DAY], cell.get(chip.image))))
        return b""
