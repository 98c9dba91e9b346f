"""The oracle's quick signer, and the emulator's two engines."""

import pytest

from emulator.envelope import sm2 as emulated
from onecard.oracle import sm2
from onecard.oracle.signer import signer, times_g

PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


@pytest.mark.parametrize("scalar", [1, 2, 15, 16, 17, 2**255 + 1, ORDER - 1])
def test_multiples_of_g(scalar: int) -> None:
    if scalar < ORDER - 1:
        assert times_g(scalar) == sm2.public_key_of(scalar.to_bytes(32)).octets
    else:
        x, y = times_g(1)[:32], times_g(scalar)[32:]
        assert times_g(scalar)[:32] == x
        assert y != times_g(1)[32:]


@pytest.mark.parametrize("message", [b"", b"message digest", bytes(200)])
def test_signatures_hold_and_repeat(message: bytes) -> None:
    found = signer(PRIVATE, b"ALICE123@YAHOO.COM")
    signature = found.sign(message)
    assert signature == found.sign(message)
    assert found.public == sm2.public_key_of(PRIVATE)
    assert sm2.verify(found.public, message, b"ALICE123@YAHOO.COM", signature)


def test_two_messages_never_share_k() -> None:
    """One k for two messages would give s1 - s2 = (r2 - r1) * d / (1 + d): the private key."""
    found = signer(PRIVATE, b"id")
    first, second = (found.sign(message) for message in (b"one", b"two"))
    (r1, s1), (r2, s2) = ((int.from_bytes(each[:32]), int.from_bytes(each[32:])) for each in (first, second))
    d = int.from_bytes(PRIVATE)
    assert (s1 * (1 + d) + r1 * d - s2 * (1 + d) - r2 * d) % ORDER


@pytest.mark.parametrize("private", [bytes(32), (ORDER - 1).to_bytes(32), b"\x01" * 31])
def test_impossible_private_keys(private: bytes) -> None:
    with pytest.raises(sm2.UnusableScalar):
        signer(private, b"id")
    with pytest.raises(emulated.BadKey):
        emulated.PrivateKey(private)


def test_impossible_public_key() -> None:
    with pytest.raises(emulated.BadKey):
        emulated.PublicKey(bytes(64))


def test_engine_without_tongsuopy_agrees() -> None:
    """Where tongsuopy has no wheel gmssl does the arithmetic: the same keys, signatures that hold either way."""
    key, engine = emulated.PrivateKey(PRIVATE), emulated._Gmssl()
    assert engine.public(PRIVATE) == key.public.octets
    digest = key.public.digest(b"message", b"id")
    assert key.public.verify(b"message", engine.sign(PRIVATE, digest), b"id")
    assert engine.verify(key.public.octets, digest, key.sign(b"message", b"id"))
    assert not engine.verify(key.public.octets, key.public.digest(b"other", b"id"), key.sign(b"message", b"id"))
    assert not key.public.verify(b"message", bytes(64), b"id")
