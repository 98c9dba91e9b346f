"""What proves a card to a terminal and a terminal to a card, computed from the transcript and the tester's root keys.

The values that card and PSAM (the tester's own side) answered are computed again too: ``own_faults`` names those that
are not what the oracle computes, and nothing is judged over such a transcript.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from onecard.oracle import session
from onecard.oracle.blocks import Algorithm, cbc_last_block, encrypt_block
from onecard.oracle.errors import OracleError
from onecard.oracle.terminal_strings import fields_of
from onecard.oracle.terminal_trace import Delivery, ExternalAuthentication, InternalAuthentication, Observed
from onecard.spec.card import CardSpec
from onecard.spec.terminal import TerminalSpec
from onecard.spec.text import Text

FACTOR: Final = 8
LEVELS_SHIFT: Final = 5
"""Above the five low bits of the usage byte stand the levels of diversification (draft of 2011, part 9)."""
NATIONAL: Final = 3
MAC: Final = 4
"""Bytes of a MAC, at the beginning of the PSAM's reply."""
READ_KEY, INTERNAL_KEY = "RKSSSE", "IRK"
_BY_BLOCK: Final = {8: Algorithm.TDES, 16: Algorithm.SM4}

RootKeys = Mapping[str, bytes]


class UnusableRequest(OracleError):
    """A request of step 1 that an encryptor could not answer."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the card that was read, by name."""

    rules: session.Rules
    keys: Mapping[str, bytes]

    def proof(self, key: str, random: bytes, original: bytes) -> bytes:
        """Authentication data of ``key`` over ``original`` under the session key of ``random``."""
        made = session.session_key(self.rules, self.keys[key], random)
        return session.authentication_data(self.rules, made, original)


def keys_of(card: CardSpec, seen: Observed, roots: RootKeys) -> Keys:
    """The keys of the card that a transcript shows, from national root keys; ``card``: data of cards of its kind."""
    rules = session.rules_of(card)
    made = {
        name: session.card_key(rules, root, card.keys[name].levels, seen.region, seen.historical)
        for name, root in roots.items()
        if name in card.keys
    }
    return Keys(rules, made)


def genuine(keys: Keys, proved: InternalAuthentication) -> bool:
    """Whether the card's answer is what its IRK gives."""
    return proved.proof == keys.proof(INTERNAL_KEY, proved.random, proved.original)


def right_external(keys: Keys, found: ExternalAuthentication, card: CardSpec) -> bool:
    """Whether what was proved to the card is the read key over the card's last challenge."""
    if READ_KEY not in keys.keys or found.challenge is None or len(found.original) != FACTOR:
        return False
    of_key = found.key_id == card.keys[READ_KEY].key_id
    return of_key and found.proof == keys.proof(READ_KEY, found.challenge, found.original)


def encryptor_answer(spec: TerminalSpec, keys: Keys, request: str) -> str:
    """pKey: what an encryptor answers to the request of step 1, ``||`` at the end without an external part.

    Raises UnusableRequest.
    """
    given = dict(zip((field.source for field in spec.request.fields), fields_of(spec.request, request), strict=False))
    parts = (_encryptor_part(keys, INTERNAL_KEY, given, "internal"), _encryptor_part(keys, READ_KEY, given, "external"))
    if not parts[0]:
        raise UnusableRequest(
            zh="请求中没有内部鉴别的因子", en="the request has no factors of the internal authentication"
        )
    return "".join(part + spec.key_input.separator for part in parts)


def _encryptor_part(keys: Keys, key: str, given: Mapping[str, str], which: str) -> str:
    factor, original = given.get(f"{which}-factor", ""), given.get(f"{which}-original", "")
    if not factor and not original:
        return ""
    try:
        random, datum = bytes.fromhex(factor), bytes.fromhex(original)
        return (keys.proof(key, random, datum) + datum).hex().upper()
    except (ValueError, KeyError) as error:
        raise UnusableRequest(
            zh=f"加密机无法使用第一步的结果：{error}", en=f"an encryptor cannot use the result of step 1: {error}"
        ) from None


def spoilt(text: str, place: int) -> str:
    """``text`` with the hexadecimal digit at ``place`` changed."""
    return text[:place] + f"{int(text[place], 16) ^ 1:X}" + text[place + 1 :]


def delivered_factors(card: CardSpec, seen: Observed, delivery: Delivery) -> tuple[bytes, bytes]:
    """What a DELIVERY SESSION KEY must carry for the card, factors from the card upwards, and what it carried."""
    rules = session.rules_of(card)
    factors = session.factors_of(rules, seen.region, seen.historical)[::-1]
    expected = b"".join(factors[: delivery.usage >> LEVELS_SHIFT])
    return expected, delivery.data[: max(0, len(delivery.data) - rules.block)]


def right_for_its_key(keys: Keys, found: ExternalAuthentication, card: CardSpec) -> bool:
    """Whether what was proved to the card is the key that the command names, over the card's last challenge."""
    named = next((name for name in keys.keys if card.keys[name].key_id == found.key_id), None)
    if named is None or found.challenge is None or len(found.original) != FACTOR:
        return False
    return found.proof == keys.proof(named, found.challenge, found.original)


def own_faults(
    spec: TerminalSpec, card: CardSpec, seen: Observed, roots: RootKeys, *, forged: bool = False
) -> Sequence[Text]:
    """What card and PSAM of the tester answered otherwise than the oracle computes.

    ``forged``: the card was laid out to prove nothing and to take anything.
    """
    if not seen.historical or 0x01 not in seen.items:
        return ()
    keys = keys_of(card, seen, roots)
    wrong = [
        Text(zh="测试卡的内部鉴别数据有误", en="the tester's card answered wrong authentication data")
        for proved in seen.internal
        if genuine(keys, proved) is forged
    ]
    wrong += [
        Text(zh="测试 PSAM 卡的运算结果有误", en="the tester's PSAM computed a wrong value")
        for delivery in seen.deliveries
        if any(reply != _sam_reply(spec, card, seen, roots, delivery, data) for data, reply in delivery.computed)
        or any(reply[:MAC] != _sam_mac(spec, card, seen, roots, delivery, data) for data, reply in delivery.macs)
    ]
    wrong += [
        Text(zh="测试卡对外部鉴别的判定有误", en="the tester's card decided wrongly on an external authentication")
        for found in seen.external
        if not forged and _decided_wrongly(found, right_for_its_key(keys, found, card))
    ]
    return wrong


def _decided_wrongly(found: ExternalAuthentication, right: bool) -> bool:
    # Any refusal but "failed" may have reasons of its own (a blocked key): only 63Cx speaks about the proof.
    failed = found.sw is not None and found.sw & 0xFFF0 == 0x63C0
    return failed if right else found.sw == 0x9000


def _sam_reply(
    spec: TerminalSpec, card: CardSpec, seen: Observed, roots: RootKeys, delivery: Delivery, data: bytes
) -> bytes | None:
    found = _sam_session(spec, card, seen, roots, delivery)
    if found is None:
        return None
    rules, under = found
    parts = (data[at : at + rules.block] for at in range(0, len(data), rules.block))
    return b"".join(encrypt_block(rules.algorithm, under, part) for part in parts)


def _sam_mac(
    spec: TerminalSpec, card: CardSpec, seen: Observed, roots: RootKeys, delivery: Delivery, data: bytes
) -> bytes | None:
    found = _sam_session(spec, card, seen, roots, delivery)
    if found is None:
        return None
    rules, under = found
    last = cbc_last_block(rules.algorithm, under, data[: rules.block], data[rules.block :])
    return session.fold_mac(rules, last)


def _sam_session(
    spec: TerminalSpec, card: CardSpec, seen: Observed, roots: RootKeys, delivery: Delivery
) -> tuple[session.Rules, bytes] | None:
    """The rules and the session key of a delivery; None for one of keys that are not known here."""
    algorithm = next((a for a in spec.algorithms if a.environment == delivery.environment), None)
    key = next((held.key for held in spec.sam_keys.values() if held.key_id == delivery.key_id), None)
    if algorithm is None or key is None or key not in roots or key not in card.keys:
        return None
    rules = session.DRAFT_RULES[_BY_BLOCK[algorithm.block]]
    block = algorithm.block
    # A root stands so many levels above the card; a PSAM further down holds the key under the factors between.
    own = card.keys[key].levels
    path = session.factors_of(rules, seen.region, seen.historical)
    above = path[NATIONAL - own : max(NATIONAL - own, NATIONAL - (delivery.usage >> LEVELS_SHIFT))]
    carried = delivery.data[: len(delivery.data) - block]
    given = [carried[at : at + FACTOR] for at in range(0, len(carried), FACTOR)][::-1]
    made = session.diversify(rules, roots[key], (*above, *given))
    return rules, encrypt_block(rules.algorithm, made, delivery.data[-block:])
