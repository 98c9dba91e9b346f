"""The tester's non-secret randomness: derived from (nonce, case id), so that a run can be told again.

Never used for keys, salts or signature ephemerals (a known nonce would give them away).
"""

from collections.abc import Sequence
from typing import TypeVar

from cryptography.hazmat.primitives import hashes

T = TypeVar("T")


class TesterRandom:
    """Deterministic bytes: SM3(nonce ‖ case id ‖ counter), concatenated."""

    def __init__(self, nonce: bytes, label: str) -> None:
        self._prefix = len(nonce).to_bytes(2, "big") + nonce + label.encode()
        self._counter = 0
        self._pool = b""

    def bytes(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        while len(self._pool) < count:
            digest = hashes.Hash(hashes.SM3())
            digest.update(self._prefix + self._counter.to_bytes(4, "big"))
            self._pool += digest.finalize()
            self._counter += 1
        out, self._pool = self._pool[:count], self._pool[count:]
        return out

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1 (bias below 2**-40, which is of no matter to test data)."""
        return int.from_bytes(self.bytes(8), "big") % bound

    def choice(self, values: Sequence[T]) -> T:
        """One of ``values``."""
        return values[self.below(len(values))]
