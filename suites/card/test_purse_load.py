"""Loading the medical account: INITIALIZE FOR LOAD, CREDIT FOR LOAD, and what each leaves on the card."""

from onecard.oracle.purse import after_load
from onecard.oracle.session import mac4, session_key, tac, zero_block
from onecard.spec.card import CardSpec
from onecard.spec.card_purse import LOAD, PURCHASE, purse_of
from onecard.testing import CardUnderTest, PurseHost, check, destructive, expect, for_each, verifies

ORDER = 400
AMOUNTS = (1, 100, 0x012345)
NEVER = "the balance, for ever by what was loaded"


def status(card: CardUnderTest, command: str, condition: str) -> str:
    """A status word of a command."""
    return card.spec.command(command).statuses[condition].text


def wrong_mac(card: CardUnderTest) -> tuple[str, ...]:
    """The words for a wrong MAC2: that of the table and that of the running text."""
    other = card.spec.command("CREDIT-FOR-LOAD").parameters["other-mac-status"]
    return status(card, "CREDIT-FOR-LOAD", "mac"), str(other)


def versions(spec: CardSpec) -> tuple[int, ...]:
    """The key versions that the card declares."""
    return spec.key_versions


def ready(card: CardUnderTest) -> PurseHost:
    """The purse, ready for transactions."""
    host = PurseHost(card)
    host.ready()
    return host


@verifies("CARD-PURSE-INITIALIZE-LOAD")
@for_each("amount", AMOUNTS)
def test_initialize(card: CardUnderTest, amount: int) -> None:
    """INITIALIZE FOR LOAD answers 16 bytes that begin with the balance and end with MAC1 over it."""
    host = ready(card)
    balance = host.balance(1)
    expect(balance, "CARD-PURSE-BALANCE").ok().length(4)
    response = card.send(host.initialize(LOAD, {"amount": amount}))
    expect(response).ok().length(host.length("INITIALIZE-FOR-LOAD")).starts_with(balance.data, "balance")
    begun = host.begun(LOAD, {"amount": amount}, response)
    check(card, begun.version == 1, what="key version", expected="01", received=f"{begun.version:02X}")
    mac1 = host.mac(begun, "mac1")
    check(card, begun.fields["mac1"] == mac1, what="MAC1", expected=mac1.hex(), received=begun.fields["mac1"].hex())


@verifies("CARD-PURSE-INITIALIZE-LOAD")
def test_literal(card: CardUnderTest) -> None:
    """B02800010B 01 00000064 112233445566, and MAC1 by the written-out rule: balance, amount, 31, terminal."""
    ready(card)
    response = card.send(bytes.fromhex("B02800010B0100000064112233445566"))
    expect(response).ok().length(0x10)
    balance, serial, random, found = (response.data[a:b] for a, b in ((0, 4), (4, 6), (8, 12), (12, 16)))
    session = session_key(card.rules, card.key("DLK", 1), random + serial + b"\x80\x00")
    inputs = balance + bytes.fromhex("0000006431112233445566")
    wanted = mac4(card.rules, session, inputs, zero_block(card.rules))
    check(card, found == wanted, what="MAC1", expected=wanted.hex(), received=found.hex())


@verifies("CARD-PURSE-RANDOM")
@for_each("transaction", (LOAD, PURCHASE))
def test_random(card: CardUnderTest, transaction: str) -> None:
    """Six initialisations, two of them after resets, give six random values."""
    found: list[bytes] = []
    host = ready(card)
    for step in range(6):
        if step % 3 == 2:
            card.reset()
            host.ready()
        found.append(host.begin(transaction, {"amount": 1}).fields["random"])
    check(card, len(set(found)) == len(found), what="random values", expected="all different", received="repeated")


@verifies("CARD-PURSE-KEY-VERSION")
@for_each("version", versions, ids=lambda version: f"version-{version}")
def test_load_key_version(card: CardUnderTest, version: int) -> None:
    """Each index gives its version back, and MAC1 is that of the key of this version."""
    host = ready(card)
    index = card.spec.keys["DLK"].key_id + version - 1
    begun = host.begin(LOAD, {"amount": 5}, index)
    check(card, begun.version == version, what="version", expected=f"{version:02X}", received=f"{begun.version:02X}")
    mac1 = host.mac(begun, "mac1")
    check(card, begun.fields["mac1"] == mac1, what="MAC1", expected=mac1.hex(), received=begun.fields["mac1"].hex())


@verifies("CARD-PURSE-INDEX")
@for_each("transaction", (LOAD, PURCHASE))
@for_each("index", (0x00, 0x04, 0x7F, 0xFF), ids=lambda index: f"{index:02X}")
def test_unknown_index(card: CardUnderTest, transaction: str, index: int) -> None:
    """A key index that does not exist answers 9403."""
    host = ready(card)
    command = {LOAD: "INITIALIZE-FOR-LOAD", PURCHASE: "INITIALIZE-FOR-PURCHASE"}[transaction]
    response = card.send(host.initialize(transaction, {"amount": 1}, index))
    expect(response).refused_with(status(card, command, "index"))


@verifies("CARD-PURSE-CREDIT")
@destructive(NEVER)
@for_each("amount", AMOUNTS)
@for_each("version", versions, ids=lambda version: f"version-{version}")
def test_credit(card: CardUnderTest, amount: int, version: int) -> None:
    """With the right MAC2 the balance grows by the amount and the on-line counter by one; all else stays."""
    host = ready(card)
    before = host.books()
    index = card.spec.keys["DLK"].key_id + version - 1
    time = host.time(host.first_day(before))
    response = host.complete(host.begin(LOAD, {"amount": amount}, index), time)
    expect(response).ok().length(host.length("CREDIT-FOR-LOAD"))
    after = host.books()
    wanted = after_load(before, amount)
    same = (after.balance, after.load_serial, after.purchase_serial, after.self_paid_sum, after.pooled_sum) == (
        *(wanted.balance, wanted.load_serial, wanted.purchase_serial, wanted.self_paid_sum, wanted.pooled_sum),
    )
    check(card, same, what="books", expected=str(wanted), received=str(after))


@verifies("CARD-PURSE-CREDIT")
@destructive(NEVER)
def test_credit_survives_reset(card: CardUnderTest) -> None:
    """What was loaded is still there after the supply went."""
    host = ready(card)
    before = host.books()
    expect(host.complete(host.begin(LOAD, {"amount": 7}), host.time(host.first_day(before)))).ok()
    card.power_on()
    host.ready()
    balance = int.from_bytes(host.balance(1).data, "big")
    wanted = before.balance + 7
    check(card, balance == wanted, what="balance", expected=str(wanted), received=str(balance))


@verifies("CARD-PURSE-LOAD-TAC")
@destructive(NEVER)
@for_each("version", versions, ids=lambda version: f"version-{version}")
def test_tac(card: CardUnderTest, version: int) -> None:
    """The answer to CREDIT FOR LOAD is the TAC under DTK of the same version."""
    host = ready(card)
    index = card.spec.keys["DLK"].key_id + version - 1
    begun = host.begin(LOAD, {"amount": 300}, index)
    time = host.time(host.first_day(host.books()))
    begun = host.begin(LOAD, {"amount": 300}, index)
    response = host.complete(begun, time)
    expect(response, "CARD-PURSE-CREDIT").ok()
    tacs = host.tacs(begun, time)
    found = response.data
    check(card, found in tacs, what="TAC", expected=" or ".join(sorted(map(bytes.hex, tacs))), received=found.hex())


@verifies("CARD-PURSE-LOAD-TAC")
@destructive(NEVER)
def test_literal_tac(card: CardUnderTest) -> None:
    """TAC by the written-out rule: balance, serial, amount, 31, terminal, time; the balance after or before."""
    host = ready(card)
    begun = host.begin(LOAD, {"amount": 0x64})
    time = bytes.fromhex("20260315101112")
    response = host.complete(begun, time)
    expect(response, "CARD-PURSE-CREDIT").ok().length(4)
    start = int.from_bytes(begun.response.data[:4], "big")
    rest = begun.response.data[4:6] + bytes.fromhex("0000006431112233445566") + time
    allowed = [
        tac(card.rules, card.key("DTK", 1), balance.to_bytes(4, "big") + rest) for balance in (start + 0x64, start)
    ]
    expected = " or ".join(map(bytes.hex, allowed))
    check(card, response.data in allowed, what="TAC", expected=expected, received=response.data.hex())


# What a wrong MAC2 is made of.
WRONG = ("first-bit", "last-bit", "zero", "MAC1", "other-amount", "other-time", "other-key")


@verifies("CARD-PURSE-LOAD-MAC")
@for_each("kind", WRONG)
def test_wrong_mac(card: CardUnderTest, kind: str) -> None:
    """A wrong MAC2 is refused, and balance, counters and log are as they were."""
    host = ready(card)
    before = host.books()
    time = host.time(host.first_day(before))
    begun = host.begin(LOAD, {"amount": 100})
    right = host.mac(begun, "mac2", time)
    other = host.begun(LOAD, {"amount": 101}, begun.response)
    wrong = {
        "first-bit": lambda: bytes((right[0] ^ 0x80,)) + right[1:],
        "last-bit": lambda: right[:-1] + bytes((right[-1] ^ 0x01,)),
        "zero": lambda: bytes(4),
        "MAC1": lambda: begun.fields["mac1"],
        "other-amount": lambda: host.mac(other, "mac2", time),
        "other-time": lambda: host.mac(begun, "mac2", time[:-1] + b"\x01"),
        "other-key": lambda: host.mac(begun, "mac2", time, key=purse_of(card.spec).purchase_key),
    }[kind]()
    expect(host.refused_mac(begun, time, wrong)).refused_with(*wrong_mac(card))
    after = host.books()
    check(card, after == before, what="books", expected=str(before), received=str(after))


@verifies("CARD-PURSE-LOAD-LIMIT")
@destructive(NEVER)
def test_limit(card: CardUnderTest) -> None:
    """A load up to the greatest balance is initialised; one of 0.01 more is refused at the latest by CREDIT.

    The balance stays.
    """
    host = ready(card)
    host.fund(1)
    before = host.books()
    amount = purse_of(card.spec).balance_limit - before.balance + 1
    expect(card.send(host.initialize(LOAD, {"amount": amount - 1}))).ok().length(host.length("INITIALIZE-FOR-LOAD"))
    response = card.send(host.initialize(LOAD, {"amount": amount}))
    if response.is_ok:
        expect(response).length(host.length("INITIALIZE-FOR-LOAD"))
        begun = host.begun(LOAD, {"amount": amount}, response)
        response = host.complete(begun, host.time(host.first_day(before)))
    expect(response).refused()
    after = host.books()
    check(card, after == before, what="books", expected=str(before), received=str(after))
