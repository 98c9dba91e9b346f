"""Check values of keys, components of keys, and keys of one level below those of another.

Sources: diversification as in ``session`` (draft of 2011, part 9); check values and components are the project's choice
(``specs/keys/hierarchy.yaml``, profile).
"""

from collections.abc import Sequence
from functools import reduce

from onecard.oracle import session
from onecard.oracle.blocks import BLOCK_SIZE, Algorithm, encrypt_block, xor
from onecard.oracle.session import WrongOperandLength
from onecard.spec.card import CardSpec
from onecard.spec.hierarchy import CheckValueRule

KEY_BYTES = 16
_HISTORICAL_BYTES = 13


def check_value(rule: CheckValueRule, algorithm: str, key: bytes) -> bytes:
    """The check value of a 16-byte key in its algorithm (3des, sm4). Raises WrongKeyLength."""
    cipher = Algorithm(algorithm)
    return encrypt_block(cipher, key, bytes((rule.octet,)) * BLOCK_SIZE[cipher])[: rule.length]


def combine(components: Sequence[bytes]) -> bytes:
    """The key (16 bytes) of its components, each of 16 bytes: their exclusive or. Raises WrongOperandLength."""
    for component in components:
        if len(component) != KEY_BYTES:
            raise WrongOperandLength(
                zh=f"密钥分量应为 {KEY_BYTES} 字节，实为 {len(component)} 字节",
                en=f"a component of a key has {KEY_BYTES} bytes, this one has {len(component)}",
            )
    if len(components) < 2:
        raise WrongOperandLength(
            zh=f"至少需要两个分量，实有 {len(components)} 个",
            en=f"two components at least make a key, here is {len(components)}",
        )
    return reduce(xor, components)


def below(
    card: CardSpec, key: bytes, steps_from: int, steps_to: int, region: str, historical: bytes | None = None
) -> bytes:
    """The key ``steps_to`` above the card (0: the card's) of a key ``steps_from`` above it.

    ``historical``: the 13 bytes of the ATR, needed for the card's own key only. Raises NotDigits, WrongOperandLength.
    """
    if historical is None and steps_to == 0:
        raise WrongOperandLength(zh="卡级密钥需要历史字节", en="a card's own key needs its historical bytes")
    rules = session.rules_of(card)
    factors = session.factors_of(rules, region, historical or bytes(_HISTORICAL_BYTES))
    last = len(factors) - steps_to
    return session.diversify(rules, key, factors[len(factors) - steps_from : last])
