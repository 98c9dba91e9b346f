"""GET TRANSACTION PROOF: what a terminal asks for when the answer of a transaction was lost."""

from onecard.spec.card_purse import LOAD, PURCHASE
from onecard.testing import Begun, CardUnderTest, PurseHost, Response, check, destructive, expect, for_each, verifies

ORDER = 440
TIME = bytes.fromhex("20260315101112")
MOVED = "the balance, by a few fen"
OTHER = {LOAD: PURCHASE, PURCHASE: LOAD}


def ready(card: CardUnderTest) -> PurseHost:
    """The purse, ready for transactions."""
    host = PurseHost(card)
    host.ready()
    return host


def proof(host: PurseHost, transaction: str, serial: bytes) -> Response:
    """The proof of a transaction."""
    return host.card.send(host.command("GET-TRANSACTION-PROOF", serial, p2=host.purse.types[transaction]))


def unavailable(card: CardUnderTest) -> str:
    """The word for a proof that is not there."""
    return card.spec.command("GET-TRANSACTION-PROOF").statuses["unavailable"].text


@verifies("CARD-PURSE-PROOF")
@destructive(MOVED)
@for_each("transaction", (LOAD, PURCHASE))
@for_each("route", ("at-once", "after-reset", "after-the-other-type"))
def test_proof(card: CardUnderTest, transaction: str, route: str) -> None:
    """The proof holds the TAC (and of a purchase MAC2) of the last transaction of its type, also after a reset."""
    host = ready(card)
    host.fund(2)
    begun = host.begin(transaction, {"amount": 2, "account": 1, "self-paid": 3})
    done = host.complete(begun, TIME)
    expect(done, "CARD-PURSE-CREDIT" if transaction == LOAD else "CARD-PURSE-DEBIT").ok()
    if route == "after-reset":
        card.power_on()
        host.ready()
    elif route == "after-the-other-type":
        other = host.begin(OTHER[transaction], {"amount": 1, "account": 1})
        expect(host.complete(other, TIME), "CARD-PURSE-DEBIT" if transaction == LOAD else "CARD-PURSE-CREDIT").ok()
    response = proof(host, transaction, begun.fields["serial"])
    expect(response).ok().length(host.length("GET-TRANSACTION-PROOF"))
    found, given = host.split("GET-TRANSACTION-PROOF", response.data), host.answer(begun, done)
    check(card, found["tac"] == given["tac"], what="TAC", expected=given["tac"].hex(), received=found["tac"].hex())
    if transaction == PURCHASE:
        same = found["mac"] == given["mac2"]
        check(card, same, what="MAC", expected=given["mac2"].hex(), received=found["mac"].hex())


def transact(host: PurseHost, transaction: str, amount: int) -> tuple[Begun, Response]:
    """A transaction from beginning to end."""
    begun = host.begin(transaction, {"amount": amount, "self-paid": amount})
    done = host.complete(begun, TIME)
    expect(done, "CARD-PURSE-CREDIT" if transaction == LOAD else "CARD-PURSE-DEBIT").ok()
    return begun, done


@verifies("CARD-PURSE-PROOF")
@destructive(MOVED)
@for_each("transaction", (LOAD, PURCHASE))
def test_newer_proof(card: CardUnderTest, transaction: str) -> None:
    """Of two transactions the proof of the later one is that of its own serial."""
    host = ready(card)
    host.fund(2)
    transact(host, transaction, 1)
    begun, done = transact(host, transaction, 2)
    response = proof(host, transaction, begun.fields["serial"])
    expect(response).ok().length(host.length("GET-TRANSACTION-PROOF"))
    found, given = host.split("GET-TRANSACTION-PROOF", response.data)["tac"], host.answer(begun, done)["tac"]
    check(card, found == given, what="TAC", expected=given.hex(), received=found.hex())


@verifies("CARD-PURSE-PROOF-NONE")
@for_each("transaction", (LOAD, PURCHASE))
def test_not_yet(card: CardUnderTest, transaction: str) -> None:
    """A transaction that was only begun has no proof: 9406."""
    host = ready(card)
    begun = host.begin(transaction, {"amount": 1})
    expect(proof(host, transaction, begun.fields["serial"])).refused_with(unavailable(card))


@verifies("CARD-PURSE-PROOF-NONE")
@for_each("transaction", (LOAD, PURCHASE))
def test_refused_has_none(card: CardUnderTest, transaction: str) -> None:
    """A transaction whose MAC was wrong has no proof: 9406."""
    host = ready(card)
    begun = host.begin(transaction, {"amount": 1})
    refusal = host.refused_mac(begun, TIME, bytes(4))
    expect(refusal, "CARD-PURSE-LOAD-MAC" if transaction == LOAD else "CARD-PURSE-PURCHASE-MAC").refused()
    expect(proof(host, transaction, begun.fields["serial"])).refused_with(unavailable(card))


@verifies("CARD-PURSE-PROOF-NONE")
@destructive(MOVED)
@for_each("transaction", (LOAD, PURCHASE))
@for_each("ahead", (2, 0x100), ids=lambda ahead: f"serial-plus-{ahead}")
def test_other_serial(card: CardUnderTest, transaction: str, ahead: int) -> None:
    """After a transaction a serial that was not reached answers 9406."""
    host = ready(card)
    host.fund(1)
    begun = host.begin(transaction, {"amount": 1})
    done = host.complete(begun, TIME)
    expect(done, "CARD-PURSE-CREDIT" if transaction == LOAD else "CARD-PURSE-DEBIT").ok()
    serial = (int.from_bytes(begun.fields["serial"], "big") + ahead) % 0x10000
    expect(proof(host, transaction, serial.to_bytes(2, "big"))).refused_with(unavailable(card))
