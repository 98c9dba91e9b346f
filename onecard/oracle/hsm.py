"""What a platform asks of an encryptor, and what it must answer, by the specification's data.

Independent of the reference encryptor. Keys are computed from the roots of the IXIT over every level to the card.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from onecard.oracle.session import authentication_data, card_key, rules_of, session_key
from onecard.spec.card import CardSpec
from onecard.spec.hsm import ALGORITHM, HISTORICAL, KEY_ADDRESS, REGION, HsmService, HsmSpec


@dataclass(frozen=True, slots=True)
class CardSide:
    """The card in whose name is asked: region (six digits), historical bytes, algorithm, and its data."""

    region: str
    historical: bytes
    identifier: str
    spec: CardSpec


def request(spec: HsmSpec, service: HsmService, fields: Mapping[str, str]) -> str:
    """The string of a request: number and fields, each ended by the separator; a field that is not given is empty."""
    values = [service.number, *(fields.get(field.role, "") for field in service.fields)]
    return "".join(value + spec.strings.separator for value in values)


def fields_of(card: CardSide, **more: str) -> dict[str, str]:
    """The fields that tell the card, and ``more`` by role (``_`` for ``-``)."""
    told = {REGION: card.region, HISTORICAL: card.historical.hex().upper(), ALGORITHM: card.identifier}
    return told | {role.replace("_", "-"): value for role, value in more.items()}


def proof(card: CardSide, root: bytes, levels: int, factor: bytes, original: bytes) -> str:
    """A part of an answer: authentication data under the card's key ``levels`` below ``root``, then the original."""
    rules = rules_of(card.spec)
    key = card_key(rules, root, levels, card.region, card.historical)
    return (authentication_data(rules, session_key(rules, key, factor), original) + original).hex().upper()


def answers(
    spec: HsmSpec, service: HsmService, fields: Mapping[str, str], roots: Mapping[str, bytes], card: CardSide
) -> tuple[str, ...]:
    """The strings that answer a request rightly: more than one where the tail without an optional part is free.

    ``roots``: root keys by name. Raises KeyError for a key address that the data do not name.
    """
    end = spec.strings.separator
    parts, open_tail = [], False
    for part in service.answers:
        if part.factor not in fields:
            open_tail = True
            continue
        name = part.key or _name_at(spec, fields[KEY_ADDRESS])
        levels = next(key.levels for key in spec.keys.values() if key.key == name)
        factor, original = bytes.fromhex(fields[part.factor]), bytes.fromhex(fields[part.original])
        parts.append(proof(card, roots[name], levels, factor, original))
    text = end.join(parts)
    return tuple(text + tail for tail in spec.strings.tails) if open_tail else (text + end,)


def _name_at(spec: HsmSpec, address: str) -> str:
    key = spec.key_at(address.upper())
    if key is None:
        raise KeyError(address)
    return key.key
