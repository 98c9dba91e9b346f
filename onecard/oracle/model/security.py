"""GET CHALLENGE, INTERNAL and EXTERNAL AUTHENTICATE, VERIFY."""

from collections.abc import Iterable
from dataclasses import replace

from onecard.oracle import session
from onecard.oracle.model.apdu import CommandApdu
from onecard.oracle.model.data import NO_DATA, Pattern
from onecard.oracle.model.expectation import Alternative
from onecard.oracle.model.rules import Card, exact, left_open, refusals, status
from onecard.oracle.model.state import Held, Learn, State, learn_nothing
from onecard.spec.card import Command, KeySpec, PinQuery, Status

ABSENT_KEY_IDS = (0x1E, 0x1F)
"""Key identifiers (P2 of EXTERNAL AUTHENTICATE) that no rule gives to a key."""


def _general_faults(command: Command, apdu: CommandApdu, length: int) -> list[Status]:
    faults = []
    if apdu.p1 or apdu.p2:
        faults.append(status(command, "parameters"))
    if length not in command.lengths:
        faults.append(status(command, "length"))
    return faults


def _learn_challenge(state: State, data: bytes, sw: int) -> State:
    del sw
    return replace(state, challenge=data, challenge_held=Held.YES)


def get_challenge(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """As many random bytes as Le asks; they take the place of the challenge before."""
    faults = _general_faults(command, apdu, apdu.p3)
    if faults:
        return refusals(faults, state.challenge_in_doubt())
    return (card.data(Pattern((apdu.p3,)), state, _learn_challenge),)


def _version(card: Card, apdu: CommandApdu) -> int:
    return apdu.data[16] if len(apdu.data) == 17 else card.spec.default_key_version


def _keys(card: Card, state: State, function: str) -> Iterable[KeySpec]:
    return (key for key in card.spec.keys.values() if (key.function, key.application) == (function, state.application))


def internal_authenticate(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """Authentication data over the second 8 bytes, under the session key of the first 8."""
    if state.application is None:
        return left_open(card, state)
    key = next(iter(_keys(card, state, "internal-authentication")), None)
    if key is None:
        return left_open(card, state)
    after = state.challenge_in_doubt()
    faults = _general_faults(command, apdu, len(apdu.data))
    if (apdu.p2 and not apdu.p1) or _version(card, apdu) not in card.spec.key_versions:
        faults.append(status(command, "key"))
    if faults:
        return refusals(faults, after)
    secret = card.keys.get((key.id, _version(card, apdu)))
    if secret is None:
        expected = Pattern((card.spec.authentication_data.length,))
    else:
        process = session.session_key(card.rules, secret, apdu.data[:8])
        expected = Pattern((session.authentication_data(card.rules, process, apdu.data[8:16]),))
    return (card.case4(expected, expected.length, after, learn_nothing),)


def external_authenticate(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """Right data grant the key, wrong data take a try; either way the challenge is used up."""
    if state.application is None:
        return left_open(card, state)
    key = next((key for key in _keys(card, state, "external-authentication") if key.key_id == apdu.p2), None)
    if key is None and apdu.p2 not in ABSENT_KEY_IDS:
        return left_open(card, state)
    faults = []
    if apdu.p1:
        faults.append(status(command, "parameters"))
    if len(apdu.data) not in command.lengths:
        faults.append(status(command, "length"))
    if key is None or _version(card, apdu) not in card.spec.key_versions:
        faults.append(status(command, "key"))
    if state.challenge_held is not Held.YES:
        faults.append(status(command, "no-challenge"))
    if key is not None and key.counted and state.key_tries.get(key.id) == 0:
        faults.append(status(command, "blocked"))
    refused = refusals(faults, state.challenge_in_doubt())
    only_doubt = state.challenge_held is Held.MAYBE and len(faults) == 1
    if key is None or (faults and not only_doubt):
        return refused
    return (*_judged(card, state, command, key, apdu), *refused)


def _judged(card: Card, state: State, command: Command, key: KeySpec, apdu: CommandApdu) -> tuple[Alternative, ...]:
    used = replace(state, challenge_held=Held.NO)
    limit = key.tries or int(card.spec.ics["card.key_try_limit"])
    tries = state.key_tries.get(key.id)
    granted = card.ok(used.with_key(key.id, Held.YES).with_tries(key.id, limit))
    # No rule says whether a right that was granted before outlives a failure.
    kept = Held.NO if state.key_granted(key.id) is Held.NO else Held.MAYBE
    after = used.with_key(key.id, kept)
    if not key.counted:
        # What 63Cx says of a key without a counter is left open.
        failed = Alternative(status(command, "failed"), NO_DATA, after)
    elif tries is None:
        failed = Alternative(status(command, "failed"), NO_DATA, after, _learn_key_tries(key.id))
    else:
        failed = Alternative(_left(command, tries - 1), NO_DATA, after.with_tries(key.id, tries - 1))
    secret = card.keys.get((key.id, _version(card, apdu)))
    # Where the tries left are not known there may be none.
    locked = refusals((status(command, "blocked"),), state) if key.counted and tries is None else ()
    if secret is None or len(state.challenge) not in card.rules.random_lengths:
        return granted, failed, *locked
    process = session.session_key(card.rules, secret, state.challenge)
    right = session.authentication_data(card.rules, process, apdu.data[8:16]) == apdu.data[:8]
    return (granted if right else failed, *locked)


def _left(command: Command, tries: int) -> Status:
    return exact(status(command, "failed").base | tries)


def _learn_key_tries(key: str) -> Learn:
    def learn(state: State, data: bytes, sw: int) -> State:
        del data
        return state.with_tries(key, sw & 0xF)

    return learn


def _learn_pin_tries(state: State, data: bytes, sw: int) -> State:
    del data
    return replace(state, pin_tries=sw & 0xF)


def verify(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """The PIN, or without data the tries left."""
    after = state.challenge_in_doubt()
    query = command.query
    asks = query is not None and len(apdu.data) == query.length
    faults = []
    if apdu.p1 or apdu.p2:
        faults.append(status(command, "parameters"))
    if not asks and len(apdu.data) not in command.lengths:
        faults.append(status(command, "length"))
    if faults:
        return refusals(faults, after)
    if query is not None and asks:
        return _query(card, after, command, query)
    if not card.spec.ics["card.pin"]:
        return refusals((status(command, "not-set"),), after)
    return _compared(card, after, command, apdu.data)


def _query(card: Card, state: State, command: Command, query: PinQuery) -> tuple[Alternative, ...]:
    if not card.spec.ics["card.pin"]:
        return (Alternative(query.none, NO_DATA, state),)
    if state.pin_tries is None:
        return (Alternative(query.set, NO_DATA, state, _learn_pin_tries),)
    left = exact(query.set.base | state.pin_tries)
    blocked = refusals((status(command, "blocked"),), state) if state.pin_tries == 0 else ()
    return (Alternative(left, NO_DATA, state), *blocked)


def _compared(card: Card, state: State, command: Command, pin: bytes) -> tuple[Alternative, ...]:
    limit = int(card.spec.ics["card.pin_try_limit"])
    granted = card.ok(replace(state, pin_verified=Held.YES, pin_tries=limit))
    kept = Held.NO if state.pin_verified is Held.NO else Held.MAYBE
    after = replace(state, pin_verified=kept)
    if state.pin_tries == 0:
        return refusals((status(command, "blocked"),), state)
    if state.pin_tries is None:
        failed = Alternative(status(command, "failed"), NO_DATA, after, _learn_pin_tries)
    else:
        tries = state.pin_tries - 1
        failed = Alternative(_left(command, tries), NO_DATA, replace(after, pin_tries=tries))
    # Where the tries left are not known there may be none.
    locked = refusals((status(command, "blocked"),), state) if state.pin_tries is None else ()
    if card.pin is None:
        return granted, failed, *locked
    return (granted if pin == card.pin else failed, *locked)
