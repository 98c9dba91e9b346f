"""What a platform asks of an encryptor, and what it must answer, by the specification's data.

Independent of the reference encryptor. Keys are computed from the roots of the IXIT over every level to the card.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from onecard.oracle import purse
from onecard.oracle.session import authentication_data, card_key, encipher, rules_of, secured, session_key
from onecard.spec.card import CardSpec
from onecard.spec.hsm import (
    ALGORITHM,
    AMOUNTS,
    ECHO,
    HEADER,
    HISTORICAL,
    KEY_ADDRESS,
    MESSAGE,
    PROOF,
    PURCHASE,
    REGION,
    HsmAnswer,
    HsmKey,
    HsmService,
    HsmSpec,
)


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


def message(card: CardSide, root: bytes, levels: int, fields: Mapping[str, str], part: HsmAnswer) -> str:
    """The secured command of service 03: header, enciphered plain text (nothing where it is empty), MAC."""
    rules = rules_of(card.spec)
    key = card_key(rules, root, levels, card.region, card.historical)
    session = session_key(rules, key, bytes.fromhex(fields[part.factor]))
    plain = bytes.fromhex(fields.get(part.original, ""))
    # The length in the header is that of the enciphered data and the MAC, which the rule counts itself.
    command = bytes.fromhex(fields[HEADER])[:4]
    return secured(rules, session, command, encipher(rules, session, plain) if plain else b"").hex().upper()


def amounts_of(spec: HsmSpec, given: str) -> dict[str, bytes]:
    """Account, own and pooled payment, four bytes each; one that the string does not tell is zero. Raises KeyError."""
    octets, told = bytes.fromhex(given), spec.amounts[len(given)].holds
    values = {name: octets[4 * place : 4 * place + 4] for place, name in enumerate(told)}
    return {name: values.get(name, bytes(4)) for name in ("account", "self-paid", "pooled")}


def purchase(
    spec: HsmSpec, card: CardSide, root: bytes, levels: int, fields: Mapping[str, str], part: HsmAnswer
) -> str:
    """MAC1, MAC2 or TAC of a purchase, 8 digits."""
    rules = rules_of(card.spec)
    key = card_key(rules, root, levels, card.region, card.historical)
    octets = {role: bytes.fromhex(value) for role, value in fields.items()} | amounts_of(spec, fields[AMOUNTS])
    inputs = spec.inputs[part.gives]
    if part.gives == "tac":
        return purse.tac(rules, key, inputs, octets).hex().upper()
    session = purse.session_key(rules, key, spec.inputs["session"], octets)
    return purse.mac(rules, session, inputs, octets).hex().upper()


def answers(
    spec: HsmSpec, service: HsmService, fields: Mapping[str, str], roots: Mapping[str, bytes], card: CardSide
) -> tuple[str, ...]:
    """The strings that answer a request rightly: more than one where the tail without an optional part, or
    the header of a secured command, is free.

    ``roots``: root keys by name. Raises KeyError for a key address that the data do not name.
    """
    end = spec.strings.separator
    parts: list[tuple[str, ...]] = []
    open_tail = False
    for part in service.answers:
        if part.kind == ECHO:
            parts.append((fields[part.original].upper(),))
        elif part.kind == PROOF and part.factor not in fields:
            open_tail = True
        else:
            parts.append(_made(spec, part, fields, roots, card))
    tails = spec.strings.tails if open_tail else (end,)
    return tuple(end.join(chosen) + tail for chosen in product(*parts) for tail in tails)


def _made(
    spec: HsmSpec, part: HsmAnswer, fields: Mapping[str, str], roots: Mapping[str, bytes], card: CardSide
) -> tuple[str, ...]:
    key = spec.key_named(part.key) if part.key else _key_at(spec, fields[KEY_ADDRESS])
    root = roots[key.key]
    if part.kind == MESSAGE:
        command = message(card, root, key.levels, fields, part)
        forms = {"command": command, "data": command[len(fields[HEADER]) :]}
        return tuple(forms[form] for form in part.forms)
    if part.kind == PURCHASE:
        return (purchase(spec, card, root, key.levels, fields, part),)
    factor, original = bytes.fromhex(fields[part.factor]), bytes.fromhex(fields[part.original])
    return (proof(card, root, key.levels, factor, original),)


def _key_at(spec: HsmSpec, address: str) -> HsmKey:
    key = spec.key_at(address.upper())
    if key is None:
        raise KeyError(address)
    return key
