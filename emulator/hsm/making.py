"""The parts of an answer by their kind: authentication data, secured commands, MACs and TAC of a purchase."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from emulator.card.purse.crypto import assemble, mac4, tac
from emulator.card.purse.crypto import session_key as purse_session_key
from emulator.crypto_card import authentication_data, session_key
from emulator.crypto_messaging import encipher, mac
from emulator.hsm.behaviour import HsmBehaviour
from emulator.hsm.reading import Refused
from onecard.spec.card import CardSpec
from onecard.spec.card_messaging import messaging_of
from onecard.spec.hsm import AMOUNTS, HEADER, HsmAnswer, HsmSpec

AMOUNT = 4
"""Bytes of an amount."""
_NOTHING: Mapping[str, bytes] = MappingProxyType(dict.fromkeys(("account", "self-paid", "pooled"), bytes(AMOUNT)))
_ABSENT = "00" * 8
_TAC, _COMMAND = "tac", "command"


@dataclass(frozen=True, slots=True)
class Work:
    """What a part is made with: the encryptor's data and decisions, the card's data and its 16-byte key."""

    spec: HsmSpec
    behaviour: HsmBehaviour
    card: CardSpec
    key: bytes = field(repr=False)


def proof(work: Work, part: HsmAnswer, fields: Mapping[str, str]) -> str:
    """Authentication data over the original data, which follow."""
    factor, original = (bytes.fromhex(fields.get(role, _ABSENT)) for role in (part.factor, part.original))
    random, datum = work.behaviour.operands(part.id, factor, original)
    session = session_key(work.card, work.key, random)
    return work.behaviour.part(authentication_data(work.card, session, datum), original)


def message(work: Work, part: HsmAnswer, fields: Mapping[str, str]) -> str:
    """The secured command: header, enciphered plain text where there is one, MAC. Raises Refused."""
    behaviour, rules, algorithm = work.behaviour, messaging_of(work.card), work.card.algorithm
    header, plain = (bytes.fromhex(fields.get(role, "")) for role in (HEADER, part.original))
    random, _ = behaviour.operands(part.id, bytes.fromhex(fields[part.factor]), plain)
    session = session_key(work.card, work.key, random)
    made = encipher(rules.encipherment, algorithm, session, behaviour.plain(plain)) if plain else b""
    enciphered = behaviour.enciphered(plain, made)
    known = work.spec.messages.get(header)
    fits = (
        known is not None
        and known.plain == bool(plain)
        and known.block in (None, algorithm.block)
        and header[-1] == len(made) + rules.mac.length
    )
    if not behaviour.accepts_header(header, fits):
        raise Refused("HEADER")
    code = mac(rules.mac, algorithm, session, behaviour.covered(header, enciphered))
    form = behaviour.message_form(part.forms)
    return behaviour.message(header if form == _COMMAND else b"", enciphered, code).hex().upper()


def purchase(work: Work, part: HsmAnswer, fields: Mapping[str, str]) -> str:
    """MAC1, MAC2 or TAC of a medical purchase."""
    behaviour, code = work.behaviour, work.card.algorithm.code
    octets = {role: bytes.fromhex(value) for role, value in fields.items()}
    octets |= behaviour.amounts(_amounts(work.spec, octets[AMOUNTS]))

    def inputs(gives: str) -> bytes:
        return behaviour.inputs(gives, octets, assemble(work.spec.inputs[gives], octets))

    if part.gives == _TAC:
        return behaviour.purchase_part(part.gives, tac(code, work.key, inputs(part.gives)))
    session = purse_session_key(code, work.key, inputs("session"), work.card.session_key.random_pad)
    key = behaviour.mac_key(part.gives, work.key, session)
    return behaviour.purchase_part(part.gives, mac4(code, key, inputs(part.gives)))


def _amounts(spec: HsmSpec, given: bytes) -> Mapping[str, bytes]:
    told = spec.amounts.get(2 * len(given))
    if told is None:
        raise Refused("FIELD-FORM")
    return {**_NOTHING, **{name: given[at * AMOUNT :][:AMOUNT] for at, name in enumerate(told.holds)}}
