"""The table of commands: class and instruction -> form, allowed lengths and handler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from emulator.card.authentication import ExternalAuthenticate, GetChallenge, InternalAuthenticate
from emulator.card.binary import ReadBinary, UpdateBinary
from emulator.card.blocking import ApplicationBlock, CardBlock
from emulator.card.certificate.handlers import CERTIFICATE_HANDLERS
from emulator.card.chip import Chip
from emulator.card.financial.options import GetProcessingOptions
from emulator.card.maintenance import ChangePin, PinChangeUnblock
from emulator.card.messaging import SecureUpdateBinary, SecureUpdateRecord
from emulator.card.pin import Verify
from emulator.card.purse.completing import CreditForLoad, DebitForPurchase
from emulator.card.purse.initialising import InitializeForLoad, InitializeForPurchase
from emulator.card.purse.inquiring import GetBalance, GetStartingDay, GetTransactionProof, UpdateStartingDay
from emulator.card.records import ReadRecord, UpdateRecord
from emulator.card.selection import Select
from emulator.card.t0 import GetResponse
from emulator.card.transport.handlers import TRANSPORT_HANDLERS
from onecard.spec.card import Command, Status

LARGEST_BYTE = 0xFF

Form = Callable[[bytes], tuple[int, bytes] | None]
"""A command APDU as (third parameter: Lc or Le, 0 when absent; data); None when it has not the form of its case."""


class Handler(Protocol):
    """A command: P1, P2, Lc or Le, data in; data and status out. Class, instruction, form and length are checked."""

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes: ...


def _without_data(apdu: bytes) -> tuple[int, bytes] | None:
    # A command of four bytes is sent with P3 = 00 in T=0.
    if len(apdu) == 5:
        return apdu[4], b""
    return (0, b"") if len(apdu) == 4 else None


def _nothing(apdu: bytes) -> tuple[int, bytes] | None:
    form = _without_data(apdu)
    return form if form is not None and form[0] == 0 else None


def _with_data(apdu: bytes) -> tuple[int, bytes] | None:
    if len(apdu) < 5:
        return 0, b""
    return (apdu[4], apdu[5:]) if len(apdu) == 5 + apdu[4] else None


def _with_data_and_answer(apdu: bytes) -> tuple[int, bytes] | None:
    # Raw T=0 sends no Le; PC/SC software at APDU level may leave it on.
    if len(apdu) < 5:
        return 0, b""
    end = 5 + apdu[4]
    return (apdu[4], apdu[5:end]) if len(apdu) in (end, end + 1) else None


def _either(apdu: bytes) -> tuple[int, bytes] | None:
    # Two steps under one instruction: five bytes end in Le, more hold data.
    return _without_data(apdu) if len(apdu) <= 5 else _with_data_and_answer(apdu)


FORMS: Mapping[int, Form] = MappingProxyType({1: _nothing, 2: _without_data, 3: _with_data, 4: _with_data_and_answer})

OWN_FORMS: Mapping[tuple[str, int], Form] = MappingProxyType({("CERT-EXPORT", 4): _either})
"""Commands that come in more than one form of their ISO case."""

HANDLERS: Mapping[str, Callable[[Chip, Command], Handler]] = MappingProxyType(
    {
        "SELECT": Select,
        "READ-RECORD": ReadRecord,
        "UPDATE-RECORD": UpdateRecord,
        "READ-BINARY": ReadBinary,
        "UPDATE-BINARY": UpdateBinary,
        "GET-RESPONSE": GetResponse,
        "GET-CHALLENGE": GetChallenge,
        "INTERNAL-AUTHENTICATE": InternalAuthenticate,
        "EXTERNAL-AUTHENTICATE": ExternalAuthenticate,
        "VERIFY": Verify,
        "CHANGE-PIN": ChangePin,
        "PIN-CHANGE-UNBLOCK": PinChangeUnblock,
        "APPLICATION-BLOCK": ApplicationBlock,
        "CARD-BLOCK": CardBlock,
        "SECURE-UPDATE-RECORD": SecureUpdateRecord,
        "SECURE-UPDATE-BINARY": SecureUpdateBinary,
        "INITIALIZE-FOR-LOAD": InitializeForLoad,
        "INITIALIZE-FOR-PURCHASE": InitializeForPurchase,
        "CREDIT-FOR-LOAD": CreditForLoad,
        "DEBIT-FOR-PURCHASE": DebitForPurchase,
        "GET-BALANCE": GetBalance,
        "GET-TRANSACTION-PROOF": GetTransactionProof,
        "UPDATE-STARTING-DAY": UpdateStartingDay,
        "GET-STARTING-DAY": GetStartingDay,
        **CERTIFICATE_HANDLERS,
        "GET-PROCESSING-OPTIONS": GetProcessingOptions,
        **TRANSPORT_HANDLERS,
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command of the card. ``lengths`` empty: not restricted. ``wrong_length``: its answer to a bad Lc or form."""

    command: Command
    form: Form
    lengths: frozenset[int]
    wrong_length: Status
    handler: Handler


def _lengths(command: Command) -> frozenset[int]:
    # An empty VERIFY is the query.
    query = set() if command.query is None or command.id != "VERIFY" else {command.query.length}
    return frozenset((*command.lengths, *query))


@dataclass(frozen=True, slots=True)
class Repertoire:
    """The commands where one application is current: by class and instruction (two bytes), and by instruction alone.

    ``variants``: those whose P1 is fixed, by class, instruction and P1; two commands may differ in it alone.
    """

    entries: Mapping[bytes, Entry]
    variants: Mapping[bytes, Entry]
    classes: frozenset[int]
    instructions: Mapping[int, Entry]


def _entries(chip: Chip) -> dict[str, Entry]:
    spec = chip.spec
    return {
        command.id: Entry(
            command=command,
            form=OWN_FORMS.get((command.id, command.case), FORMS[command.case]),
            lengths=_lengths(command),
            wrong_length=command.statuses.get("length", spec.general.malformed),
            handler=HANDLERS[command.id](chip, command),
        )
        for command in spec.commands.values()
        if command.id in HANDLERS
    }


def repertoires(chip: Chip) -> dict[str, Repertoire]:
    """The card's commands by current application (the master file included)."""
    spec = chip.spec
    every = _entries(chip)
    found: dict[str, Repertoire] = {}
    for application in (*spec.applications, chip.files.root):
        here = [every[command.id] for command in spec.commands_in(application) if command.id in every]
        found[application] = Repertoire(
            entries={bytes((entry.command.cla, entry.command.ins)): entry for entry in here},
            variants={
                bytes((entry.command.cla, entry.command.ins, p1)): entry
                for entry in here
                if isinstance(p1 := entry.command.parameters.get("p1"), int) and p1 <= LARGEST_BYTE
            },
            classes=frozenset(entry.command.cla for entry in here),
            instructions={
                entry.command.ins: entry for entry in sorted(here, key=lambda entry: entry.command.cla, reverse=True)
            },
        )
    return found
