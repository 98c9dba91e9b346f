"""INITIALIZE FOR LOAD and INITIALIZE FOR PURCHASE."""

from abc import abstractmethod
from typing import ClassVar

from emulator.card.purse.command import PurseCommand
from emulator.card.purse.numbers import number
from onecard.spec.card_purse import LOAD, PURCHASE


class Initialize(PurseCommand):
    """Key index, amounts and terminal in; what the other side needs for its MAC out."""

    __slots__ = ()
    transaction: ClassVar[str]
    serial: ClassVar[str]

    def _work(self, p2: int, fields: dict[str, bytes]) -> bytes | str:
        chip, purse = self._chip, self._purse
        stored = purse.image.values
        version = self._version(number(fields["index"]))
        if version is None:
            return "index"
        if number(stored[self.serial]) >= purse.spec.counter_limit:
            return "counter"
        if not self._sound(number(stored["balance"]), fields):
            return "amount"
        purse.last_random = self._random()
        fields |= stored | {
            "version": self._octets("version", version),
            "algorithm": self._octets("algorithm", chip.spec.algorithm.identifier),
            "random": purse.last_random,
            "type": self._octets("type", purse.spec.types[self.transaction]),
            "serial": stored[self.serial],
        }
        purse.begin(number(fields["index"]), chip.image.keys[purse.spec.key(self.transaction)][version], fields)
        self._complete(purse.fields)
        shown = self._octets("version", chip.behaviour.purse_version_shown(version))
        answer = self._joined(purse.fields | {"version": shown})
        return chip.behaviour.purse_initialised(self.transaction, answer)

    def _random(self) -> bytes:
        purse, chip = self._purse, self._chip
        return chip.behaviour.purse_random(chip.random(purse.spec.lengths["random"]), purse.last_random)

    def _version(self, index: int) -> int | None:
        chip = self._chip
        name = self._purse.spec.key(self.transaction)
        key = chip.spec.keys.get(name)
        if key is None or key.function != self.transaction or key.application != chip.position.application:
            return None
        # The key id is the index of version 01.
        versions = tuple(chip.image.keys[name])
        meant = index - key.key_id + 1
        used = chip.behaviour.purse_version(index, versions, meant if meant in versions else None)
        return used if used in versions else None

    @abstractmethod
    def _sound(self, balance: int, fields: dict[str, bytes]) -> bool:
        """Whether the amounts are possible."""

    def _complete(self, fields: dict[str, bytes]) -> None:
        """Fields that are computed."""


class InitializeForLoad(Initialize):
    """``B0 28 00 01``."""

    __slots__ = ()
    transaction = LOAD
    serial = "load-serial"

    def _sound(self, balance: int, fields: dict[str, bytes]) -> bool:
        return self._chip.behaviour.purse_takes(balance, number(fields["amount"]), self._purse.spec.balance_limit)

    def _complete(self, fields: dict[str, bytes]) -> None:
        fields["mac1"] = self._chip.behaviour.purse_mac(LOAD, "mac1", self._purse.mac(LOAD, "mac1"))


class InitializeForPurchase(Initialize):
    """``B0 28 01 01``."""

    __slots__ = ()
    transaction = PURCHASE
    serial = "purchase-serial"

    def _sound(self, balance: int, fields: dict[str, bytes]) -> bool:
        return self._chip.behaviour.purse_covers(balance, number(fields["account"]))
