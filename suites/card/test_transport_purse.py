"""The transport purse: balance, purchase, load, log, proof, states and maintenance."""

from onecard.oracle.transport import WrongElements
from onecard.testing import (
    CardUnderTest,
    Ends,
    TransportBegun,
    TransportDesk,
    check,
    destructive,
    expect,
    for_each,
    verifies,
)

ORDER = 610
LOAD, PURCHASE, COMPOUND = "TRANSPORT-LOAD", "TRANSPORT-PURCHASE", "TRANSPORT-COMPOUND"
DEBITS = (PURCHASE, COMPOUND)
BLOCK, PROOF = "TRANSPORT-BLOCK", "TRANSPORT-PROOF"
LOG = "TRANSPORT/EF18"
FARE = 120
CONSTANT = ("balance", "sequence", "overdraft", "key-version", "algorithm")
MOST = 0xFFFFFFFF
SPENDS = "money of the transport purse"


def opened(card: CardUnderTest) -> TransportDesk:
    """The application selected."""
    desk = TransportDesk(card)
    desk.select()
    return desk


def amounts(desk: TransportDesk) -> tuple[int, int, int]:
    """Balance, and the sequence numbers of the next purchase and the next load."""
    return desk.balance(), desk.sequence(PURCHASE), desk.sequence(LOAD)


def same_amounts(card: CardUnderTest, before: tuple[int, int, int], after: tuple[int, int, int]) -> None:
    """Neither balance nor sequence numbers have changed."""
    check(card, before == after, what="balance and sequence numbers", expected=str(before), received=str(after))


@verifies("CARD-TRANSPORT-BALANCE")
def test_balance(card: CardUnderTest) -> None:
    """GET BALANCE gives 4 bytes, the same again, and the balance that INITIALIZE FOR PURCHASE tells."""
    desk = opened(card)
    first = card.send(desk.balance_command())
    expect(first).ok().length(4)
    expect(card.send(desk.balance_command())).ok().data(first.data, "balance")
    begun = desk.begin(PURCHASE, 0)
    told, limit = begun.balance, int.from_bytes(begun.fields["overdraft"], "big")
    found = int.from_bytes(first.data, "big")
    check(
        card,
        found in (told, told + limit) or found + limit == told,
        what="balance",
        expected=f"{told}, with or without the overdraft limit",
        received=str(found),
    )


@verifies("CARD-TRANSPORT-BALANCE")
def test_balance_bounds_purchases(card: CardUnderTest) -> None:
    """A purchase of a fen more than the balance told and the overdraft limit is refused when it is initialised."""
    desk = opened(card)
    begun = desk.begin(PURCHASE, 0)
    told = max(desk.balance(), begun.balance)
    beyond = told + int.from_bytes(begun.fields["overdraft"], "big") + 1
    expect(card.send(desk.initialize_command(PURCHASE, min(beyond, MOST)))).refused()


@verifies("CARD-TRANSPORT-BALANCE-PARTS")
def test_parts_of_balance(card: CardUnderTest) -> None:
    """P1 03 gives the balance without overdraft and P1 01 what is overdrawn: one of both is nothing."""
    desk = opened(card)
    answers = {query.p1: card.send(desk.balance_command(query.p1, query.p2)) for query in desk.data.balances}
    for p1 in (0x01, 0x03):
        expect(answers[p1]).ok().length(4)
    parts = [int.from_bytes(answers[p1].data, "big") for p1 in (0x01, 0x03)]
    received = " and ".join(map(str, parts))
    check(card, 0 in parts, what="parts of the balance", expected="one of them 0", received=received)
    if not parts[0]:
        plain = int.from_bytes(answers[0x00].data, "big")
        limit = int.from_bytes(desk.begin(PURCHASE, 0).fields["overdraft"], "big")
        fits = plain in (parts[1], parts[1] + limit)
        check(card, fits, what="P1 00 and 03", expected=str(parts[1]), received=str(plain))


@verifies("CARD-TRANSPORT-INITIALIZE")
@for_each("kind", DEBITS)
def test_initialize(card: CardUnderTest, kind: str) -> None:
    """The initialisation answers 15 bytes; the random values of eight of them differ, all else stays."""
    desk = opened(card)
    randoms: set[bytes] = set()
    constant: set[tuple[bytes, ...]] = set()
    for _ in range(8):
        response = card.send(desk.initialize_command(kind, FARE))
        expect(response).ok().length(15)
        begun = desk.begun(kind, FARE, response)
        randoms.add(begun.fields["random"])
        constant.add(tuple(begun.fields[name] for name in CONSTANT))
    check(card, len(randoms) == 8, what="random values", expected="8 different", received=f"{len(randoms)} different")
    check(card, len(constant) == 1, what="the rest", expected="the same", received=f"{len(constant)} different")


@verifies("CARD-TRANSPORT-INITIALIZE-REFUSED")
@for_each("kind", ("funds", "key", "p1", "p2", "short", "long"))
def test_initialize_refused(card: CardUnderTest, kind: str) -> None:
    """The wrong initialisation is refused without data, and the DEBIT after it too."""
    desk = opened(card)
    begun = desk.begin(PURCHASE, FARE)
    debit = desk.complete_command(begun)
    right = desk.initialize_command(PURCHASE, FARE)
    wrong = {
        "funds": desk.initialize_command(PURCHASE, 0x7FFFFFFF),
        "key": desk.initialize_command(PURCHASE, FARE, index=0x7E),
        "p1": right[:2] + b"\x7e" + right[3:],
        "p2": right[:3] + b"\x7e" + right[4:],
        "short": right[:4] + bytes((len(right) - 6,)) + right[5:-1],
        "long": right[:4] + bytes((len(right) - 4,)) + right[5:] + b"\x00",
    }[kind]
    expect(card.send(wrong)).refused()
    if kind not in ("short", "long"):
        expect(card.send(debit)).refused()


@verifies("CARD-TRANSPORT-PURCHASE")
@for_each("kind", DEBITS)
@destructive(SPENDS)
def test_purchase(card: CardUnderTest, kind: str) -> None:
    """DEBIT with the right MAC1 answers TAC and MAC2; balance and sequence number follow, twice over."""
    desk = opened(card)
    for _ in range(2):
        begun = begun_by(card, desk, kind, FARE)
        response = card.send(desk.complete_command(begun))
        expect(response).ok().data(desk.expected_answer(begun), "TAC and MAC2")
        after = desk.begin(kind, 0)
        moved = (begun.balance - after.balance, sequence(after.fields) - sequence(begun.fields))
        received = f"{-moved[0]}, {moved[1]:+}"
        check(card, moved == (FARE, 1), what="balance and sequence", expected=f"{-FARE}, +1", received=received)


def begun_by(card: CardUnderTest, desk: TransportDesk, kind: str, amount: int) -> TransportBegun:
    """An initialised transaction, the initialisation being part of what the case is about."""
    response = card.send(desk.initialize_command(kind, amount))
    expect(response).ok()
    return desk.begun(kind, amount, response)


def sequence(fields: dict[str, bytes]) -> int:
    """The sequence number of an initialisation."""
    return int.from_bytes(fields["sequence"], "big")


@verifies("CARD-TRANSPORT-PURCHASE-MAC")
@for_each("kind", DEBITS)
def test_wrong_mac1(card: CardUnderTest, kind: str) -> None:
    """DEBIT with one bit of MAC1 changed is refused, nothing changes, and the right MAC1 after it is refused too."""
    desk = opened(card)
    before, newest = amounts(desk), desk.record(LOG, 1)
    begun = desk.begin(kind, FARE)
    expect(card.send(desk.complete_command(begun, spoil=True))).refused()
    expect(card.send(desk.complete_command(begun))).refused()
    same_amounts(card, before, amounts(desk))
    after = desk.record(LOG, 1)
    same = (after.sw, after.data) == (newest.sw, newest.data)
    check(card, same, what="newest log record", expected=newest.shown(), received=after.shown())


@verifies("CARD-TRANSPORT-PURCHASE-MAC")
@for_each("changed", ("amount", "time"))
def test_mac1_of_other_elements(card: CardUnderTest, changed: str) -> None:
    """MAC1 over another amount, or sent with another time, does not pay: it is bound to what it was made for."""
    desk = opened(card)
    before = amounts(desk)
    begun = desk.begin(PURCHASE, FARE)
    if changed == "amount":
        begun.fields["amount"] = (FARE - 1).to_bytes(4, "big")
        command = desk.complete_command(begun)
    else:
        right = desk.complete_command(begun)
        command = right[:-5] + bytes((right[-5] ^ 0x01,)) + right[-4:]
    expect(card.send(command)).refused()
    same_amounts(card, before, amounts(desk))


@verifies("CARD-TRANSPORT-LOG")
@for_each("kind", (PURCHASE, COMPOUND, LOAD))
@destructive(SPENDS)
def test_log(card: CardUnderTest, kind: str) -> None:
    """The transaction is the newest record of the log, and the one before it has become the second."""
    desk = opened(card)
    desk.carry_out(PURCHASE, 1)
    second = desk.record(LOG, 1)
    limit = desk.begin(PURCHASE, 0).fields["overdraft"]
    begun = desk.carry_out(kind, FARE)
    begun.fields["overdraft"] = limit
    expect(desk.record(LOG, 1)).ok().data(desk.expected_record(begun), "newest record")
    expect(desk.record(LOG, 2)).ok().data(second.data, "second record")


@verifies("CARD-TRANSPORT-LOG")
@destructive(SPENDS)
def test_log_is_cyclic(card: CardUnderTest) -> None:
    """More purchases than the log has records: the newest ones stand in it, newest first."""
    desk = opened(card)
    count = card.spec.file(LOG).record_count
    done = [desk.expected_record(desk.carry_out(PURCHASE, amount + 1)) for amount in range(count + 2)]
    for number in range(1, count + 1):
        expect(desk.record(LOG, number)).ok().data(done[-number], f"record {number}")


@verifies("CARD-TRANSPORT-OVERDRAFT")
@destructive(SPENDS)
def test_overdraft(card: CardUnderTest) -> None:
    """All that balance and overdraft limit allow is paid, at once; a fen more is refused before and after."""
    desk = opened(card)
    begun = desk.begin(PURCHASE, 0)
    limit = begun.balance + int.from_bytes(begun.fields["overdraft"], "big")

    def load_again() -> None:
        desk.select()
        desk.carry_out(LOAD, limit)

    card.at_end("load what was spent", load_again)
    expect(card.send(desk.initialize_command(PURCHASE, limit + 1))).refused()
    response = card.send(desk.initialize_command(PURCHASE, limit))
    expect(response).ok()
    begun = desk.begun(PURCHASE, limit, response)
    expect(card.send(desk.complete_command(begun))).ok().data(desk.expected_answer(begun), "TAC and MAC2")
    expect(card.send(desk.initialize_command(PURCHASE, 1))).refused()
    expect(card.send(desk.initialize_command(PURCHASE, 0)), "CARD-TRANSPORT-INITIALIZE").ok()


@verifies("CARD-TRANSPORT-LOAD-INITIALIZE")
def test_initialize_load(card: CardUnderTest) -> None:
    """INITIALIZE FOR LOAD answers 16 bytes; their MAC1 is right for several amounts, and the random values differ."""
    desk = opened(card)
    randoms: set[bytes] = set()
    for amount in (1, FARE, 0x00010000):
        response = card.send(desk.initialize_command(LOAD, amount))
        expect(response).ok().length(16)
        begun = desk.begun(LOAD, amount, response)
        expect(response).data(response.data[:-4] + desk.expected_mac1(begun), "balance … random, MAC1")
        randoms.add(begun.fields["random"])
    check(card, len(randoms) == 3, what="random values", expected="3 different", received=f"{len(randoms)} different")


@verifies("CARD-TRANSPORT-LOAD")
@destructive(SPENDS)
def test_load(card: CardUnderTest) -> None:
    """CREDIT FOR LOAD with the right MAC2 answers the TAC; balance and on-line sequence number follow, twice over."""
    desk = opened(card)
    for _ in range(2):
        begun = begun_by(card, desk, LOAD, FARE)
        response = card.send(desk.complete_command(begun))
        expect(response).ok().data(desk.expected_answer(begun), "TAC over the balance after loading")
        after = desk.begin(LOAD, 0)
        moved = (after.balance - begun.balance, sequence(after.fields) - sequence(begun.fields))
        received = f"{moved[0]}, {moved[1]:+}"
        check(card, moved == (FARE, 1), what="balance and sequence", expected=f"{FARE}, +1", received=received)


@verifies("CARD-TRANSPORT-LOAD-MAC")
def test_wrong_mac2(card: CardUnderTest) -> None:
    """CREDIT FOR LOAD with one bit of MAC2 changed is refused, nothing changes, and the right one after it too."""
    desk = opened(card)
    before = amounts(desk)
    begun = desk.begin(LOAD, FARE)
    expect(card.send(desk.complete_command(begun, spoil=True))).refused()
    expect(card.send(desk.complete_command(begun))).refused()
    same_amounts(card, before, amounts(desk))


def proof(desk: TransportDesk, kind: int, number: int) -> bytes:
    """GET TRANSACTION PROOF."""
    return desk.command(PROOF, 0x00, kind, number.to_bytes(2, "big"))


@verifies("CARD-TRANSPORT-PROOF")
@for_each("kind", (PURCHASE, COMPOUND, LOAD))
@destructive(SPENDS)
def test_proof(card: CardUnderTest, kind: str) -> None:
    """After a transaction, and after a reset, its proof is given; of another type or number there is none."""
    desk = opened(card)
    begun = desk.carry_out(kind, FARE)
    answer = desk.expected_answer(begun)
    number, type_ = sequence(begun.fields), begun.transaction.type
    card.power_on()
    desk.select()
    response = card.send(proof(desk, type_, number))
    expect(response).ok().length(8)
    code = response.data[4:]
    check(card, code == answer[:4], what="TAC", expected=answer[:4].hex(), received=code.hex())
    if kind != LOAD:
        expect(response).data(answer[4:] + answer[:4], "MAC2 and TAC")
    expect(card.send(proof(desk, type_, number + 1))).refused()
    expect(card.send(proof(desk, 0x7E, number))).refused()


@verifies("CARD-TRANSPORT-STATE")
@for_each("kind", ("none", "load", "again", "selection", "reset", "environment"))
def test_debit_needs_its_initialisation(card: CardUnderTest, kind: str) -> None:
    """A DEBIT right for an earlier initialisation is refused once that one is over, or was of another kind."""
    desk = opened(card)
    before = amounts(desk)
    begun = desk.begin(PURCHASE, FARE)
    debit = desk.complete_command(begun)
    if kind == "load":
        desk.begin(LOAD, FARE)
    elif kind == "again":
        desk.begin(PURCHASE, FARE)
    elif kind == "environment":
        card.select_environment()
        desk.select()
    else:
        {"none": card.power_on, "reset": card.reset}.get(kind, desk.select)()
        desk.select()
    expect(card.send(debit)).refused()
    same_amounts(card, before, amounts(desk))


@verifies("CARD-TRANSPORT-STATE")
def test_credit_needs_its_initialisation(card: CardUnderTest) -> None:
    """A CREDIT right for a load is refused after a purchase was initialised in its place."""
    desk = opened(card)
    before = amounts(desk)
    credit = desk.complete_command(desk.begin(LOAD, FARE))
    desk.begin(PURCHASE, FARE)
    expect(card.send(credit)).refused()
    same_amounts(card, before, amounts(desk))


@verifies("CARD-TRANSPORT-STATE")
@destructive(SPENDS)
def test_one_debit(card: CardUnderTest) -> None:
    """The same DEBIT a second time is refused, and nothing more is paid."""
    desk = opened(card)
    begun = desk.begin(PURCHASE, FARE)
    debit = desk.complete_command(begun)
    expect(card.send(debit), "CARD-TRANSPORT-PURCHASE").ok()
    after = amounts(desk)
    expect(card.send(debit)).refused()
    same_amounts(card, after, amounts(desk))


@verifies("CARD-TRANSPORT-STATE")
@destructive(SPENDS)
def test_looking_keeps_the_transaction(card: CardUnderTest) -> None:
    """GET BALANCE and reading a file between initialisation and DEBIT do not end the transaction."""
    desk = opened(card)
    begun = desk.begin(PURCHASE, FARE)
    desk.balance()
    expect(desk.content("TRANSPORT/EF15"), "CARD-TRANSPORT-FILES").ok()
    expect(card.send(desk.complete_command(begun))).ok().data(desk.expected_answer(begun), "TAC and MAC2")


@verifies("CARD-TRANSPORT-KEYS")
def test_keys(card: CardUnderTest) -> None:
    """MAC1 of a load is made with the key below the root by issuer and serial, by 3DES."""
    desk = opened(card)
    response = card.send(desk.initialize_command(LOAD, FARE))
    expect(response, "CARD-TRANSPORT-LOAD-INITIALIZE").ok()
    begun = desk.begun(LOAD, FARE, response)
    expect(response).data(response.data[:-4] + desk.expected_mac1(begun), "answer with MAC1")


@verifies("CARD-TRANSPORT-BLOCK-REFUSED")
@for_each("kind", ("no-challenge", "wrong-mac"))
def test_block_refused(card: CardUnderTest, kind: str) -> None:
    """APPLICATION BLOCK without a challenge or with a random MAC is refused; the purse works as before."""
    desk = opened(card)
    if kind == "wrong-mac":
        card.get_challenge(4)
    expect(card.send(desk.command(BLOCK, 0x00, 0x00, card.random.bytes(4)))).refused()
    expect(card.send(desk.initialize_command(PURCHASE, FARE)), "CARD-TRANSPORT-INITIALIZE").ok()


@verifies("CARD-TRANSPORT-BLOCK")
@destructive("the transport application (it is blocked)", Ends.APPLICATION)
def test_block(card: CardUnderTest) -> None:
    """After APPLICATION BLOCK no transaction begins, also not after a reset, while SSSE reads as before."""
    desk = opened(card)
    expect(card.send(desk.secured(BLOCK, 0x00, 0x00, b"", card.get_challenge(4)))).ok()
    for kind in (PURCHASE, COMPOUND, LOAD):
        expect(card.send(desk.initialize_command(kind, 0))).refused()
    card.power_on()
    card.send(card.apdu.select_name(card.spec.applications[desk.data.purse.application].aid))
    expect(card.send(desk.initialize_command(PURCHASE, 0))).refused()
    card.open_file("SSSE/EF05")
    expect(card.read_item("SSSE/EF05", 0x01), "CARD-EF05-READ").ok()


@verifies("CARD-TRANSPORT-INITIALIZE")
def test_seen_commands(card: CardUnderTest) -> None:
    """805C000204 and 805001020B as terminals send them answer 4 and 15 bytes (fact: purse commands)."""
    desk = TransportDesk(card)
    name = card.spec.applications[desk.data.purse.application].aid.hex().upper()
    check(card, name == "A000000632010105", what="AID", expected="A000000632010105", received=name)
    expect(card.send(bytes.fromhex("00A4040008A000000632010105")), "CARD-TRANSPORT-SELECT").ok()
    expect(card.send(bytes.fromhex("805C000204")), "CARD-TRANSPORT-BALANCE").ok().length(4)
    response = card.send(bytes.fromhex("805001020B0100000001112233445566"))
    expect(response).ok().length(15)
    try:
        desk.begun(PURCHASE, 1, response)
    except WrongElements as error:
        check(card, False, what="elements", expected="15 bytes", received=str(error))
