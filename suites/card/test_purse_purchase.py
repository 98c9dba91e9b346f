"""Medical purchases: INITIALIZE FOR PURCHASE, DEBIT FOR PURCHASE, and what each leaves on the card."""

from onecard.oracle.purse import after_purchase
from onecard.oracle.session import mac4, session_key, tac, zero_block
from onecard.spec.card import CardSpec
from onecard.spec.card_purse import PURCHASE, purse_of
from onecard.testing import Begun, CardUnderTest, PurseHost, check, destructive, expect, for_each, verifies

ORDER = 410
Terms = tuple[int, int, int]
# Account, own payment and pooled fund, in fen.
TERMS: tuple[Terms, ...] = ((100, 0, 0), (1, 23, 456), (0, 700, 0), (0x0102, 0x010203, 0x01020304))
SPENT = "the balance, for ever by what was paid"


def terms_id(terms: Terms) -> str:
    """Amounts in a case id."""
    return "-".join(map(str, terms))


def amounts(terms: Terms) -> dict[str, int]:
    """Amounts by name."""
    return dict(zip(("account", "self-paid", "pooled"), terms, strict=True))


def versions(spec: CardSpec) -> tuple[int, ...]:
    """The key versions that the card declares."""
    return spec.key_versions


def status(card: CardUnderTest, command: str, condition: str) -> str:
    """A status word of a command."""
    return card.spec.command(command).statuses[condition].text


def ready(card: CardUnderTest) -> PurseHost:
    """The purse, ready for transactions."""
    host = PurseHost(card)
    host.ready()
    return host


@verifies("CARD-PURSE-INITIALIZE-PURCHASE")
@for_each("terms", TERMS[:3], ids=terms_id)
def test_initialize(card: CardUnderTest, terms: Terms) -> None:
    """INITIALIZE FOR PURCHASE answers 22 bytes, whose amounts and year are those of GET BALANCE."""
    host = ready(card)
    shown = [host.balance(each.p2).data for each in host.purse.balances]
    account = min(terms[0], int.from_bytes(shown[0], "big"))
    response = card.send(host.initialize(PURCHASE, {**amounts(terms), "account": account}))
    expect(response).ok().length(host.length("INITIALIZE-FOR-PURCHASE"))
    fields = host.split("INITIALIZE-FOR-PURCHASE", response.data)
    wanted = [b"".join(fields[name] for name in each.answer) for each in host.purse.balances]
    received = " ".join(map(bytes.hex, wanted))
    check(card, shown == wanted, what="amounts", expected=" ".join(map(bytes.hex, shown)), received=received)


@verifies("CARD-PURSE-KEY-VERSION")
@destructive(SPENT)
@for_each("version", versions, ids=lambda version: f"version-{version}")
def test_purchase_key_version(card: CardUnderTest, version: int) -> None:
    """Each index gives its version back, and takes MAC1 of the key of this version."""
    host = ready(card)
    books = host.books()
    index = card.spec.keys["DPK"].key_id + version - 1
    begun = host.begin(PURCHASE, {"pooled": 1}, index)
    check(card, begun.version == version, what="version", expected=f"{version:02X}", received=f"{begun.version:02X}")
    expect(host.complete(begun, host.time(host.first_day(books)))).ok()


@verifies("CARD-PURSE-DEBIT")
@destructive(SPENT)
@for_each("terms", TERMS, ids=terms_id)
def test_debit(card: CardUnderTest, terms: Terms) -> None:
    """With the right MAC1 the balance falls, the sums grow, the off-line counter goes on, and MAC2 is right."""
    host = ready(card)
    host.fund(terms[0])
    before = host.books()
    date = host.first_day(before)
    begun = host.begin(PURCHASE, amounts(terms))
    response = host.complete(begun, host.time(date))
    expect(response).ok().length(host.length("DEBIT-FOR-PURCHASE"))
    mac2, found = host.mac(begun, "mac2"), host.answer(begun, response)["mac2"]
    check(card, found == mac2, what="MAC2", expected=mac2.hex(), received=found.hex())
    after, wanted = host.books(), after_purchase(before, *terms, date)
    same = (after.balance, after.purchase_serial, after.load_serial) == (
        *(wanted.balance, wanted.purchase_serial, wanted.load_serial),
    )
    check(card, same, what="balance and counters", expected=str(wanted), received=str(after))


@verifies("CARD-PURSE-DEBIT")
@destructive(SPENT)
def test_whole_balance(card: CardUnderTest) -> None:
    """A purchase of exactly the balance is carried out, also after a reset the balance is 0, and 1 fen more is 9401."""
    host = ready(card)
    host.fund(1)
    before = host.books()
    response = card.send(host.initialize(PURCHASE, {"account": before.balance}))
    expect(response).ok()
    begun = host.begun(PURCHASE, {"account": before.balance}, response)
    expect(host.complete(begun, host.time(host.first_day(before)))).ok()
    card.power_on()
    host.ready()
    expect(host.balance(1), "CARD-PURSE-BALANCE").ok().data(bytes(4), "balance")
    response = card.send(host.initialize(PURCHASE, {"account": 1}))
    expect(response, "CARD-PURSE-FUNDS").refused_with(status(card, "INITIALIZE-FOR-PURCHASE", "amount"))


@verifies("CARD-PURSE-DEBIT")
@destructive(SPENT)
def test_on_line(card: CardUnderTest) -> None:
    """As an encryptor does it on line: nothing from the account, and the card's own serial for the terminal's."""
    host = ready(card)
    before = host.books()
    begun = host.begin(PURCHASE, amounts((0, 100, 200)))
    serial = bytes(2) + begun.fields["serial"]
    begun = Begun(PURCHASE, {**begun.fields, "terminal-serial": serial}, begun.response)
    date = host.first_day(before)
    expect(host.complete(begun, host.time(date))).ok()
    after, wanted = host.books(), after_purchase(before, 0, 100, 200, date)
    same = (after.balance, after.purchase_serial) == (wanted.balance, wanted.purchase_serial)
    check(card, same, what="balance and counter", expected=str(wanted), received=str(after))


@verifies("CARD-PURSE-DEBIT")
@destructive(SPENT)
def test_literal_macs(card: CardUnderTest) -> None:
    """MAC1 and MAC2 by the written-out rules: session key of random, serial and last two of the terminal's serial."""
    host = ready(card)
    host.fund(0x64)
    response = card.send(bytes.fromhex("B028010113 01 00000064 00000005 00000006 112233445566"))
    expect(response, "CARD-PURSE-INITIALIZE-PURCHASE").ok().length(0x16)
    serial, random = response.data[14:16], response.data[18:22]
    session = session_key(card.rules, card.key("DPK", 1), random + serial + bytes.fromhex("0304"))
    paid, time = bytes.fromhex("000000640000000500000006"), bytes.fromhex("20260315101112")
    terminal = bytes.fromhex("32112233445566")
    zero = zero_block(card.rules)
    mac1 = mac4(card.rules, session, paid + terminal + time, zero)
    debit = card.send(bytes.fromhex("B02C01000F 01020304") + time + mac1)
    expect(debit).ok().length(8)
    wanted = mac4(card.rules, session, paid, zero)
    check(card, debit.data[4:] == wanted, what="MAC2", expected=wanted.hex(), received=debit.data[4:].hex())
    code = tac(card.rules, card.key("DTK", 1), paid + terminal + bytes.fromhex("01020304") + time)
    received = debit.data[:4].hex()
    right = debit.data[:4] == code
    check(card, right, what="TAC", expected=code.hex(), received=received, requirement="CARD-PURSE-PURCHASE-TAC")


@verifies("CARD-PURSE-PURCHASE-TAC")
@destructive(SPENT)
@for_each("version", versions, ids=lambda version: f"version-{version}")
def test_tac(card: CardUnderTest, version: int) -> None:
    """DEBIT FOR PURCHASE answers with the TAC under DTK of the same version."""
    host = ready(card)
    host.fund(10)
    time = host.time(host.first_day(host.books()))
    begun = host.begin(PURCHASE, amounts((10, 20, 30)), card.spec.keys["DPK"].key_id + version - 1)
    response = host.complete(begun, time)
    expect(response, "CARD-PURSE-DEBIT").ok()
    found, tacs = host.answer(begun, response)["tac"], host.tacs(begun, time)
    check(card, found in tacs, what="TAC", expected=" or ".join(map(bytes.hex, tacs)), received=found.hex())


# What a wrong MAC1 is made of.
WRONG = ("first-bit", "last-bit", "zero", "MAC2", "other-amount", "other-time", "other-key")


@verifies("CARD-PURSE-PURCHASE-MAC")
@for_each("kind", WRONG)
def test_wrong_mac(card: CardUnderTest, kind: str) -> None:
    """A wrong MAC1 answers 9302, and balance, sums, counters and log are as they were."""
    host = ready(card)
    before = host.books()
    time = host.time(host.first_day(before))
    begun = host.begin(PURCHASE, {"pooled": 100})
    right = host.mac(begun, "mac1", time)
    other = host.begun(PURCHASE, {"pooled": 101}, begun.response)
    wrong = {
        "first-bit": lambda: bytes((right[0] ^ 0x80,)) + right[1:],
        "last-bit": lambda: right[:-1] + bytes((right[-1] ^ 0x01,)),
        "zero": lambda: bytes(4),
        "MAC2": lambda: host.mac(begun, "mac2", time),
        "other-amount": lambda: host.mac(other, "mac1", time),
        "other-time": lambda: host.mac(begun, "mac1", time[:-1] + b"\x01"),
        "other-key": lambda: host.mac(begun, "mac1", time, key=purse_of(card.spec).load_key),
    }[kind]()
    expect(host.refused_mac(begun, time, wrong)).refused_with(status(card, "DEBIT-FOR-PURCHASE", "mac"))
    after = host.books()
    check(card, after == before, what="books", expected=str(before), received=str(after))


@verifies("CARD-PURSE-FUNDS")
@for_each("excess", (1, 0x100, 0x10000000), ids=hex)
def test_too_much(card: CardUnderTest, excess: int) -> None:
    """A purchase for more than the balance answers 9401, and the balance is as before."""
    host = ready(card)
    before = host.balance(1)
    expect(before, "CARD-PURSE-BALANCE").ok().length(4)
    response = card.send(host.initialize(PURCHASE, {"account": int.from_bytes(before.data, "big") + excess}))
    expect(response).refused_with(status(card, "INITIALIZE-FOR-PURCHASE", "amount"))
    expect(host.balance(1)).ok().data(before.data, "balance")
