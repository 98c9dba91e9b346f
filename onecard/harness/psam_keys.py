"""The desk of who loads keys into a PSAM: which keys are there, and that they serve."""

from collections.abc import Iterable
from dataclasses import replace

from onecard.harness.apdu_subject import Response
from onecard.harness.expect import check, expect
from onecard.harness.psam_desk import PsamDesk
from onecard.harness.verdict import Inconclusive
from onecard.oracle.psam_loading import NewKey
from onecard.spec.card import Status
from onecard.spec.psam_loading import CHANGE, KeyFile
from onecard.spec.text import Text

BOTH = 0x28
"""Usage of a key of one level that makes MACs and enciphers."""


UNDEFINED = (0x21, 0x32)
"""Usages of one level whose type (1, 18) nothing defines."""


class PsamKeys(PsamDesk):
    """Keys in one environment. Whether an id is free shows by DELIVERY SESSION KEY."""

    def file(self, identifier: str) -> KeyFile:
        """A key file by its id; raises StopIteration for an unknown one."""
        return next(file for file in self.issuer.loading.files if file.id == identifier)

    def serves(self, key: NewKey) -> None:
        """Check that a session key of the key enciphers as one of its value does."""
        psam, side = self._psam, self._psam.opened(self._algorithm)
        factors = tuple(psam.random.bytes(8) for _ in range(side.spec.usage.levels(key.usage)))
        random, data = psam.random.bytes(8), psam.random.bytes(side.algorithm.block)
        delivery = side.delivery_of(key.usage, key.number, side.delivery_data(factors, random))
        expect(psam.send(delivery)).ok()
        wanted = side.enciphered(side.session(key.value, factors, random), data)
        expect(psam.send(side.encipher(data))).ok().data(wanted, "cipher text")

    def is_absent(self, usage: int, number: int) -> bool:
        """Whether DELIVERY SESSION KEY knows no such key."""
        return self._unknown.matches(self._asked_for(usage, number).sw)

    @property
    def _unknown(self) -> Status:
        return self.side.spec.command("DELIVERY-SESSION-KEY").statuses["key"]

    def _asked_for(self, usage: int, number: int) -> Response:
        side = self._psam.opened(self._algorithm)
        factors = tuple(bytes(8) for _ in range(side.spec.usage.levels(usage)))
        return self._psam.send(side.delivery_of(usage, number, side.delivery_data(factors, bytes(8))))

    def unknown_key(self, file: KeyFile) -> NewKey:
        """A key of drawn value for the first free id of a file. Inconclusive where all have one; a PSAM that knows keys
        of types that nothing defines as well fails.
        """
        numbers = tuple(file.numbers())
        if not any(self.is_absent(BOTH, number) for number in numbers):
            for usage in UNDEFINED:
                expect(self._asked_for(usage, numbers[0])).refused_with(self._unknown.text)
        return self.new_key(file)

    def stays_absent(self, key: NewKey) -> None:
        """Check that a refused key was not loaded."""
        absent = self.is_absent(key.usage, key.number)
        received = "none" if absent else "one"
        check(self._psam, absent, what="key", expected="none of this usage and id", received=received)

    def free(self, places: Iterable[tuple[int, int]]) -> tuple[int, int]:
        """The first usage and id that no key has; Inconclusive where all have one."""
        found = next((place for place in places if self.is_absent(*place)), None)
        if found is None:
            raise Inconclusive(zh="PSAM 中没有空闲的密钥标识", en="the PSAM has no free key id")
        return found

    def new_key(self, file: KeyFile, kind: str = "", usage: int = BOTH) -> NewKey:
        """A key of drawn value for the first free id of a file; ``kind``: id of its algorithm, else the first."""
        return self.key_at(*self.free((usage, number) for number in file.numbers()), kind)

    def key_at(self, usage: int, number: int, kind: str = "") -> NewKey:
        """A key of drawn value."""
        found = next(each for each in self.issuer.algorithms() if kind in ("", each.id))
        return NewKey(usage, number, found.code, self._value(found.key_length))

    def held(self, identifier: str) -> tuple[KeyFile, NewKey]:
        """A key that the PSAM holds, and its file; its value is put back at the end."""
        key = self._psam.data.keys[identifier]
        file = next(each for each in self.issuer.loading.files if each.has(key.number))
        code = self.issuer.algorithms()[0].code
        root = self._psam.root_key(key.key, algorithm=self.issuer.side.algorithm.code)
        found = NewKey(key.usage, key.number, code, root)
        self._psam.at_end("key", lambda: self._put_back(file, found))
        return file, found

    def another(self, key: NewKey) -> NewKey:
        """The same key with a drawn value."""
        return replace(key, value=self._value(len(key.value)))

    def _value(self, length: int) -> bytes:
        # Drawn, and enciphered by an own key: nobody finds it by the nonce, and the same run sends the same.
        own = self.own(self.issuer.loading.own[self.issuer.loading.files[0].own])
        return self.issuer.block_by_block(own, self._psam.random.bytes(16))[:length]

    def _put_back(self, file: KeyFile, key: NewKey) -> None:
        response = PsamDesk(self._psam, self._algorithm).load(CHANGE, file, key)
        self._psam.preamble(response, Text("恢复密钥", "put the key back"))
