"""SELECT and GET RESPONSE."""

from dataclasses import replace

from onecard.oracle.model.apdu import CommandApdu
from onecard.oracle.model.data import ExpectedData, FciOf, Pattern, Sized
from onecard.oracle.model.expectation import Alternative
from onecard.oracle.model.rules import Card, View, exact, left_open, refusals, status
from onecard.oracle.model.state import Held, Place, Pointer, State
from onecard.oracle.tlv import Fci
from onecard.spec.card import Application, Command, SelectMethod

ABSENT_FIDS = (0x7FEE, 0xEFEE, 0xDFEE)
"""File identifiers that no rule gives to a file: EF numbers are 01 to 1E, DF numbers are counted from 01."""

ABSENT_NAMES = (bytes.fromhex("F04F4E454341524401"), bytes.fromhex("F04F4E454341524402AABBCCDDEEFF00"))
"""DF names of no application: F0 begins proprietary identifiers that are not registered."""

MF_FID = 0x3F00


def _declared(card: Card, application: Application, fci: Fci) -> bool:
    tags = application.fci
    if tags.directory_tag is None and tags.issuer_tag is None:
        return True
    ics = card.spec.ics
    directory = ics["card.directory_sfi"] or None
    algorithm = card.spec.algorithm.identifier if ics["card.algorithm_identifier"] else None
    return fci.directory_sfi == directory and fci.algorithm == algorithm


def _selected(card: Card, state: State, application: Application) -> Alternative:
    here = state.application == application.id
    # Selecting another application takes the rights away; whether selecting the same one does is not fixed.
    kept = state.rights_in_doubt() if here or state.application is None else _without_rights(state)
    after = replace(kept, application=application.id, file=Place.NO_FILE, pointer=Pointer.UNSET)
    known = state.fcis.get(application.id)
    expected: ExpectedData
    if known is not None:
        expected, length = Pattern((known,)), len(known)
    else:
        expected, length = FciOf(application.df_name, lambda fci: _declared(card, application, fci)), None

    def learn(learned: State, data: bytes, sw: int) -> State:
        del sw
        return replace(learned, fcis={**learned.fcis, application.id: data})

    return card.case4(expected, length, after, learn)


def _without_rights(state: State) -> State:
    return replace(state, granted={}, challenge_held=Held.NO)


def _faults(command: Command, method: SelectMethod | None, apdu: CommandApdu) -> list[str]:
    faults = []
    if method is None or apdu.p2 not in (command.occurrences or {}).values():
        faults.append("parameters")
    if method is not None and len(apdu.data) not in method.lengths:
        faults.append("length")
    return faults


def select(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """By file identifier or name. A SELECT that fails leaves place and rights in doubt: no public text keeps them."""
    method = next((way for way in command.methods if way.p1 == apdu.p1), None)
    faults = _faults(command, method, apdu)
    if faults or method is None:
        return refusals((status(command, fault) for fault in faults), state.lost())
    if method.by == "name":
        return _by_name(card, state, command, apdu)
    if apdu.p2 != (command.occurrences or {}).get("first"):
        return left_open(card, state)
    fid = int.from_bytes(apdu.data) if apdu.data else MF_FID
    return _by_fid(card, state, command, method, fid)


def _by_name(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    not_found = refusals((status(command, "not-found"),), state.lost())
    named = [found for found in card.spec.applications.values() if found.df_name.startswith(apdu.data)]
    whole = next((found for found in named if found.df_name == apdu.data), None)
    if apdu.p2 == (command.occurrences or {}).get("next"):
        found_again = tuple(_selected(card, state, found) for found in named)
        exhausted = whole is not None and state.application == whole.id
        return not_found if exhausted or not named else (*found_again, *not_found)
    if whole is not None:
        certain = whole.level == "environment" or state.application == whole.parent
        return (_selected(card, state, whole), *(() if certain else not_found))
    if named and card.spec.ics["card.partial_name_selection"]:
        return tuple(_selected(card, state, found) for found in named)
    return not_found if named or apdu.data in ABSENT_NAMES else left_open(card, state)


def _by_fid(card: Card, state: State, command: Command, method: SelectMethod, fid: int) -> tuple[Alternative, ...]:
    not_found = refusals((status(command, "not-found"),), state.lost())
    if fid in ABSENT_FIDS:
        return not_found
    if fid == MF_FID:
        root = next((found for found in card.spec.applications.values() if found.is_mf), None)
        if root is None:
            return left_open(card, state)
        return (_selected(card, state, root),) if "mf" in method.finds else not_found
    applications = [found for found in card.spec.applications.values() if found.fid and found.fid == fid]
    if applications and state.application is not None:
        if "df" not in method.finds:
            return not_found
        child = next((found for found in applications if found.parent == state.application), None)
        if child is not None:
            return (_selected(card, state, child),)
        # Applications of other environments may have the identifier too; no rule says what is found from here.
        above = card.spec.lineage(state.application)
        around = [found for found in applications if found.parent in above]
        return (*(_selected(card, state, found) for found in around), *not_found) if around else left_open(card, state)
    return _ef_by_fid(card, state, method, fid, not_found)


def _ef_by_fid(
    card: Card, state: State, method: SelectMethod, fid: int, not_found: tuple[Alternative, ...]
) -> tuple[Alternative, ...]:
    # 0 is no identifier: a file that has none is found by its SFI only.
    here = (f for f in card.spec.files.values() if f.fid and f.application == state.application)
    file = next((f for f in here if f.fid == fid), None)
    if file is None:
        return left_open(card, state)
    after = replace(state.challenge_in_doubt(), file=file.id, pointer=Pointer.UNSET)
    # P1 = 02 is the draft's way to an EF; P1 = 00 is a declared capability.
    if method.finds == frozenset({"ef"}) or card.spec.ics["card.select_ef_by_p1_00"]:
        return (card.ok(after),)
    return not_found


def get_response(card: Card, state: State, command: Command, apdu: CommandApdu) -> tuple[Alternative, ...]:
    """Data that a case-4 command left waiting. Data that another command came after may be there or not."""
    if card.view is View.APDU:
        return left_open(card, state)
    waiting = state.waiting
    idle = replace(state.challenge_in_doubt(), waiting=None)
    nothing = refusals((status(command, "nothing"),), idle)
    faults = refusals((status(command, "parameters"),), state.between()) if apdu.p1 or apdu.p2 else ()
    if waiting is None:
        return (*faults, *nothing)
    if faults:
        return (*faults, *nothing)
    stale = () if waiting.fresh else nothing
    if apdu.p3 == waiting.length & 0xFF and apdu.p3:
        announced = Sized(waiting.data, waiting.length)
        return (Alternative(card.spec.general.ok, announced, idle, waiting.learn), *stale)
    wrong_length = refusals((exact(card.spec.t0.wrong_le << 8 | waiting.length & 0xFF),), state)
    # Fewer bytes than wait: the draft names the length, ISO/IEC 7816 cards may hand out a part.
    return (*wrong_length, *stale) if apdu.p3 == 0 or apdu.p3 > waiting.length else left_open(card, state)
