"""The application flows of part 7, step by step as the data list them, each from a reset to its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from onecard.oracle.tlv import fci_decode
from onecard.spec.card import Access, FileSpec
from onecard.spec.card_flows import whole
from onecard.spec.card_purse import LOAD, PURCHASE
from onecard.testing import (
    Begun,
    CardUnderTest,
    IssuerDesk,
    PurseHost,
    Response,
    check,
    destructive,
    expect,
    files,
    verifies,
)

ORDER = 460
ISSUER_FILE = "SSSE/EF05"
FILES = ("DF01/EF05", "DF01/EF07")
TIME = bytes.fromhex("20260315101112")
MOVED = "the balance, by one fen"
AMOUNTS = MappingProxyType({"amount": 1, "account": 1, "self-paid": 2, "pooled": 3})


@dataclass
class Run:
    """One flow under way: what later steps need of earlier ones."""

    card: CardUnderTest
    desk: IssuerDesk
    challenge: bytes = b""
    record: bytes = b""
    balance: int = 0
    begun: Begun | None = None
    answer: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def file(self) -> FileSpec:
        """The file that is queried and updated: the first of DF01, or another where no PIN is set to open that."""
        data = self.card.spec
        found = (data.file(name) for name in FILES)
        return next(file for file in found if files.opening(data, file.read) and files.opening(data, file.update))

    @property
    def host(self) -> PurseHost:
        """The other side of the purse."""
        return PurseHost(self.card)

    def transaction(self) -> Begun:
        """The transaction begun."""
        assert self.begun is not None
        return self.begun


def select_environment(run: Run) -> Response:
    """SELECT SSSE; its FCI names the declared algorithm, where it names one."""
    card = run.card
    response = card.send(card.apdu.select_name(card.spec.applications["SSSE"].df_name))
    expect(response).ok().conforms(fci_decode, "FCI")
    named = fci_decode(response.data).algorithm
    fits = named in (None, card.spec.algorithm.identifier)
    check(card, fits, what="algorithm", expected=str(card.spec.algorithm.identifier), received=str(named))
    return response


def authenticate_card(run: Run) -> Response:
    """INTERNAL AUTHENTICATE with two random values; the answer is that of the card's key."""
    random, original = run.card.random.bytes(8), run.card.random.bytes(8)
    response = run.card.send(run.card.internal_authentication(random, original))
    expect(response).ok().data(run.card.expected_internal(random, original), "authentication data")
    return response


def reading(tag: int) -> Callable[[Run], Response]:
    """READ RECORD of an issuer item by its tag."""
    return lambda run: run.card.read_item(ISSUER_FILE, tag)


def query_pin(run: Run) -> Response:
    """VERIFY with Lc 00."""
    return run.card.send(run.card.apdu.verify(b""))


def verify_pin(run: Run) -> Response | None:
    """VERIFY, where a PIN is set."""
    if not run.card.ics["card.pin"]:
        return None
    response = run.card.send(run.card.apdu.verify(run.card.pin_bytes))
    run.card.noted("PIN", response)
    return response


def selecting(application: Callable[[Run], str]) -> Callable[[Run], Response]:
    """SELECT an application by name."""
    return lambda run: run.card.send(run.card.apdu.select_name(run.card.spec.applications[application(run)].df_name))


def selecting_file(file: Callable[[Run], str]) -> Callable[[Run], Response]:
    """SELECT an EF."""
    return lambda run: run.card.send(run.card.apdu.select_ef(run.card.spec.file(file(run)).fid))


def prove_right_to_read(run: Run) -> Response | None:
    """EXTERNAL AUTHENTICATE with the read key, where the PIN alone does not open."""
    rule = run.file.read
    opened_by_pin = rule.access in (Access.FREE, Access.PIN) or (
        rule.access is Access.PIN_OR_KEY and bool(run.card.ics["card.pin"])
    )
    return None if opened_by_pin else external(run, rule.key or "", run.card.get_challenge(8))


def take_challenge(run: Run) -> Response:
    """GET CHALLENGE of eight bytes."""
    response = run.card.send(run.card.apdu.get_challenge(8))
    run.challenge = response.data
    return response


def prove_right_to_update(run: Run) -> Response:
    """EXTERNAL AUTHENTICATE with the update key, over the challenge taken."""
    return external(run, run.file.update.key or "", run.challenge)


def external(run: Run, key: str, challenge: bytes) -> Response:
    """A right external authentication."""
    response = run.card.send(run.card.external_authentication(key, challenge))
    run.card.noted(key, response)
    return response


def read_record(run: Run) -> Response:
    """READ RECORD of the file's first item; the same as at the time before."""
    response = run.card.read_item(run.file.id, run.file.record_order[0])
    if run.record:
        expect(response).ok().data(run.record, "the record as written")
    run.record = response.data
    return response


def update_record(run: Run) -> Response:
    """UPDATE RECORD with what the record holds already."""
    return run.card.send(run.card.apdu.update_record(1, 4, run.record))


def changing(back: bool) -> Callable[[Run], Response]:
    """CHANGE PIN to another PIN, or back; the PIN is put back at the end where it is not."""

    def step(run: Run) -> Response:
        run.desk.keep_pin()
        old, new = run.desk.pin, run.card.pin_bytes if back else run.desk.another_pin()
        return run.desk.change(old, new)

    return step


def verify_other_pin(run: Run) -> Response:
    """VERIFY of the PIN changed to."""
    return run.card.send(run.card.apdu.verify(run.desk.pin))


def prove_right_to_unblock(run: Run) -> Response:
    """EXTERNAL AUTHENTICATE with the key that opens unblocking."""
    run.card.select_environment()
    return external(run, run.desk.key_for("unblock"), run.card.get_challenge(8))


def unblock_pin(run: Run) -> Response:
    """PIN CHANGE/UNBLOCK that resets the counter, its MAC made with the challenge taken."""
    return run.card.send(run.desk.unblock_command(run.desk.session(run.challenge)))


def read_balance(run: Run) -> Response:
    """GET BALANCE of the account."""
    response = run.host.balance(1)
    run.balance = int.from_bytes(response.data, "big")
    return response


def initialising(transaction: str) -> Callable[[Run], Response]:
    """INITIALIZE, whose MAC1 is checked as a host does."""

    def step(run: Run) -> Response:
        response = run.card.send(run.host.initialize(transaction, AMOUNTS))
        expect(response).ok()
        run.begun = run.host.begun(transaction, AMOUNTS, response)
        return response

    return step


def complete(run: Run) -> Response:
    """CREDIT or DEBIT with the right MAC; its TAC is checked as a host does."""
    begun = run.transaction()
    response = run.host.complete(begun, TIME)
    expect(response).ok()
    run.answer = run.host.answer(begun, response)
    tacs = run.host.tacs(begun, TIME)
    expected, received = " or ".join(sorted(map(bytes.hex, tacs))), run.answer["tac"].hex()
    check(run.card, run.answer["tac"] in tacs, what="TAC", expected=expected, received=received)
    return response


def read_proof(run: Run) -> Response:
    """GET TRANSACTION PROOF of the transaction just made."""
    begun = run.transaction()
    command = run.host.command(
        "GET-TRANSACTION-PROOF", begun.fields["serial"], p2=run.host.purse.types[begun.transaction]
    )
    response = run.card.send(command)
    expect(response).ok()
    found = run.host.split("GET-TRANSACTION-PROOF", response.data)["tac"]
    check(run.card, found == run.answer["tac"], what="TAC", expected=run.answer["tac"].hex(), received=found.hex())
    return response


def read_balance_after(run: Run) -> Response:
    """GET BALANCE again: it has moved by the amount."""
    moved = {LOAD: AMOUNTS["amount"], PURCHASE: -AMOUNTS["account"]}[run.transaction().transaction]
    response = run.host.balance(1)
    found = int.from_bytes(response.data, "big")
    right = found == run.balance + moved
    check(run.card, right, what="balance", expected=str(run.balance + moved), received=str(found))
    return response


ACTIONS: Mapping[str, Callable[[Run], Response | None]] = MappingProxyType(
    {
        "select-environment": select_environment,
        "authenticate-card": authenticate_card,
        "select-issuer-file": selecting_file(lambda _run: ISSUER_FILE),
        "read-identification": reading(0x01),
        "read-body": reading(0x04),
        "read-class": reading(0x02),
        "read-version": reading(0x03),
        "read-validity": reading(0x06),
        "query-pin": query_pin,
        "verify-pin": verify_pin,
        "select-application": selecting(lambda run: run.file.application),
        "prove-right-to-read": prove_right_to_read,
        "select-file": selecting_file(lambda run: run.file.id),
        "read-record": read_record,
        "take-challenge": take_challenge,
        "prove-right-to-update": prove_right_to_update,
        "update-record": update_record,
        "change-pin": changing(back=False),
        "verify-other-pin": verify_other_pin,
        "change-pin-back": changing(back=True),
        "prove-right-to-unblock": prove_right_to_unblock,
        "unblock-pin": unblock_pin,
        "select-medical": selecting(lambda run: run.host.spec_of("INITIALIZE-FOR-LOAD").where[0]),
        "read-balance": read_balance,
        "initialise-load": initialising(LOAD),
        "initialise-purchase": initialising(PURCHASE),
        "complete": complete,
        "read-proof": read_proof,
        "read-balance-after": read_balance_after,
    }
)


def follow(card: CardUnderTest, flow: str) -> None:
    """Run through a flow and those before it; each step answers what the data expect of it."""
    card.power_on()
    run = Run(card, IssuerDesk(card))
    for step in whole(card.spec, flow):
        response = ACTIONS[step.does](run)
        if response is not None:
            expect(response).sw(*step.statuses(card.spec))


@verifies("CARD-FLOW-PREPARE")
def test_prepare(card: CardUnderTest) -> None:
    """Preparation: environment, internal authentication, issuer data, PIN query, PIN."""
    follow(card, "FLOW/PREPARE")


@verifies("CARD-FLOW-QUERY")
def test_query(card: CardUnderTest) -> None:
    """Query: an application is selected after the preparation, and a record of it is read."""
    follow(card, "FLOW/QUERY")


@verifies("CARD-FLOW-UPDATE")
def test_update(card: CardUnderTest) -> None:
    """Update by an operator: the record is written with what it holds, and read back."""
    follow(card, "FLOW/UPDATE")


@verifies("CARD-FLOW-CHANGE-PIN")
def test_change_pin(card: CardUnderTest) -> None:
    """Change of the PIN: changed, verified, and changed back."""
    follow(card, "FLOW/CHANGE-PIN")


@verifies("CARD-FLOW-UNBLOCK-PIN")
def test_unblock_pin(card: CardUnderTest) -> None:
    """Unblocking of the PIN: the unblocking key, a challenge, the command with its MAC, the PIN."""
    follow(card, "FLOW/UNBLOCK-PIN")


@verifies("CARD-FLOW-LOAD")
@destructive(MOVED)
def test_load(card: CardUnderTest) -> None:
    """Load: balance, initialisation, credit, balance."""
    follow(card, "FLOW/LOAD")


@verifies("CARD-FLOW-PURCHASE")
@destructive(MOVED)
def test_purchase(card: CardUnderTest) -> None:
    """Purchase: balance, initialisation, debit, proof, balance."""
    host = PurseHost(card)
    host.ready()
    host.fund(1)
    follow(card, "FLOW/PURCHASE")
