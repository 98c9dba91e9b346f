"""Many SM2 signatures by one key: what ``onecard.oracle.sm2`` computes, with multiples of G kept.

gmssl's own multiplication starts from nothing each time; here its point addition adds up kept multiples of G. k comes
of the private key and what is signed: secret, not the same for two messages, and the same again when a run is told from
its evidence.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gmssl.sm2 import CryptSM2, default_ecc_table

from onecard.oracle import sm2
from onecard.oracle.sm3 import sm3

WIDTH: Final = 4
"""Bits of the scalar that one addition takes in."""

_N: Final = int(default_ecc_table["n"], 16)
_G: Final = str(default_ecc_table["g"])


@lru_cache(maxsize=1)
def _multiples() -> tuple[tuple[str, ...], ...]:
    """At [i][j] the point j * 16**i * G as gmssl writes it; at [i][0] nothing."""
    engine = CryptSM2(private_key="", public_key="")
    rows, base = [], _G
    for _ in range(256 // WIDTH):
        row = ["", base, _normal(engine, engine._double_point(base + "1"))]
        while len(row) < 1 << WIDTH:
            row.append(_normal(engine, engine._add_point(row[-1] + "1", base)))
        rows.append(tuple(row))
        base = _normal(engine, engine._add_point(row[-1] + "1", base))
    return tuple(rows)


def _normal(engine: CryptSM2, point: str) -> str:
    return str(engine._convert_jacb_to_nor(point))


def times_g(scalar: int) -> bytes:
    """x then y of ``scalar`` * G, for 0 < scalar < n."""
    engine = CryptSM2(private_key="", public_key="")
    total = ""
    for row in _multiples():
        part = row[scalar & (1 << WIDTH) - 1]
        scalar >>= WIDTH
        if part:
            total = engine._add_point(total, part) if total else part + "1"
    return bytes.fromhex(_normal(engine, total))


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with one private key (32 bytes) under one user id."""

    private: bytes
    public: sm2.PublicKey
    identity_digest: bytes

    def sign(self, message: bytes) -> bytes:
        """r then s, 32 bytes each. The same message has the same signature."""
        d = int.from_bytes(self.private)
        digest = sm3(self.identity_digest + message)
        for counter in range(256):
            k = int.from_bytes(sm3(self.private + digest + bytes((counter,))))
            if not 0 < k < _N:
                continue
            r = (int.from_bytes(digest) + int.from_bytes(times_g(k)[:32])) % _N
            s = pow(1 + d, -1, _N) * (k - r * d) % _N
            if r and s and r + k != _N:
                return r.to_bytes(32) + s.to_bytes(32)
        raise sm2.UnusableScalar(zh="没有可用的 k", en="no k can be used")


@lru_cache(maxsize=16)
def signer(private: bytes, identity: bytes) -> Signer:
    """The signer of a key and user id, kept; raises UnusableScalar for a key outside its range."""
    d = int.from_bytes(private)
    if len(private) != 32 or not 0 < d < _N - 1:
        raise sm2.UnusableScalar(zh="私钥不在允许范围内", en="the private key is outside its range")
    octets = times_g(d)
    public = sm2.PublicKey(octets[:32], octets[32:])
    return Signer(private, public, sm2.identity_digest(public, identity))
