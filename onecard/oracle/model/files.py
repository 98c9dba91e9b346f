"""What the rules say of the file that a command works on: which it is, whether it is open, what a refusal leaves."""

from dataclasses import replace

from onecard.oracle.model.rules import Card
from onecard.oracle.model.state import Held, Place, Pointer, State
from onecard.spec.card import Access, AccessRule, Command, FileSpec, Structure

ABSENT_SFIS = (1, 2, 3, 4)
"""Short file identifiers that no rule gives to a file of the social security environment."""

ENVIRONMENT = "SSSE"
"""Only of the social security applications do the rules say everything."""

RECORDS_IN_ORDER = frozenset((Structure.LINEAR_VARIABLE, Structure.LINEAR_FIXED))


def granted(state: State, rule: AccessRule) -> Held:
    """Whether the rights proved satisfy an access rule."""
    key = state.key_granted(rule.key) if rule.key is not None else Held.NO
    both = {key, state.pin_verified}
    match rule.access:
        case Access.FREE:
            return Held.YES
        case Access.NEVER:
            return Held.NO
        case Access.KEY:
            return key
        case Access.PIN:
            return state.pin_verified
        case Access.PIN_OR_KEY:
            return next((held for held in (Held.YES, Held.MAYBE) if held in both), Held.NO)
        case Access.PIN_AND_KEY:
            return next((held for held in (Held.NO, Held.MAYBE) if held in both), Held.YES)


def ruled(card: Card, application: str | None) -> bool:
    """Whether an application is one of the social security environment."""
    return application is not None and ENVIRONMENT in card.spec.lineage(application)


def current_file(card: Card, state: State) -> FileSpec | str | None:
    """The current file, or the name of the fault, or None where no rule says which it is."""
    if state.application is None or state.file is Place.UNCERTAIN:
        return None
    return "no-current-ef" if state.file is Place.NO_FILE else card.spec.file(str(state.file))


def file_by_sfi(card: Card, state: State, command: Command, sfi: int) -> FileSpec | str | None:
    """The file that a short identifier names, or the fault, or None where no rule says whether there is one."""
    if state.application is None:
        return None
    low, high = command.sfi_range
    if not low <= sfi <= high:
        # No rule says whether the parameters are wrong or the file is missing.
        return None
    found = next((f for f in card.spec.files.values() if f.sfi == sfi and f.application == state.application), None)
    if found is None:
        return "file-not-found" if state.application == ENVIRONMENT and sfi in ABSENT_SFIS else None
    return found


def after_refusal(state: State, file: FileSpec | str | None) -> State:
    """After a refusal: a file that was named by its SFI is perhaps the current one now."""
    moved = isinstance(file, FileSpec) and state.file != file.id
    place = Place.UNCERTAIN if moved else state.file
    return replace(state.challenge_in_doubt(), file=place, pointer=Pointer.UNCERTAIN)


def records_known(file: FileSpec) -> bool:
    """Whether the rules fix the number and identifier of every record: TLV records in order, none of them optional."""
    optional = {item.tag for item in file.items if item.optional}
    in_order = file.structure in RECORDS_IN_ORDER and bool(file.record_order)
    return in_order and optional.isdisjoint(file.record_order)
