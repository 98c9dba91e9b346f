"""Compound purchase: records are cached and written together with the purse, or not at all; and tearing."""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Text, TransportDesk, check, destructive, expect, for_each, verifies

ORDER = 620
LOAD, PURCHASE, COMPOUND = "TRANSPORT-LOAD", "TRANSPORT-PURCHASE", "TRANSPORT-COMPOUND"
RECORDS, CYCLE, LOG = "TRANSPORT/EF1A", "TRANSPORT/EF1E", "TRANSPORT/EF18"
CACHE = "TRANSPORT-CACHE"
FARE = 150
SPENDS = "money and records of the transport purse"
CUTS = 64
Standing = tuple[int, bytes, bytes, bytes]


def opened(card: CardUnderTest) -> TransportDesk:
    """The application selected."""
    desk = TransportDesk(card)
    desk.select()
    return desk


def cached_record(card: CardUnderTest, desk: TransportDesk) -> bytes:
    """The first record of file 1A, travelled on: another status and an entry time."""
    response = desk.record(RECORDS, 1)
    expect(response, "CARD-TRANSPORT-RECORDS").ok()
    record = bytearray(response.data)
    record[14] ^= 0x01
    record[67:74] = bytes.fromhex("20260101120000")
    record[-1] ^= 0x5A
    return bytes(record)


def cycle_record(card: CardUnderTest) -> bytes:
    """A record for file 1E."""
    return card.random.bytes(card.spec.file(CYCLE).record_length)


def cache(card: CardUnderTest, desk: TransportDesk, file_id: str, record: bytes) -> bytes:
    """80 DC: the record's second byte (00 for the cyclic file) and the file's SFI."""
    file = card.spec.file(file_id)
    return desk.command(CACHE, record[1] if file_id == RECORDS else 0x00, (file.sfi or 0) << 3, record)


def newest(desk: TransportDesk, file_id: str) -> bytes:
    """The first record of a file, empty where there is none."""
    return desk.record(file_id, 1).data


@verifies("CARD-TRANSPORT-COMPOUND")
@for_each("files", ((RECORDS,), (CYCLE,), (RECORDS, CYCLE)), ids=lambda files: "+".join(f[-2:] for f in files))
@destructive(SPENDS)
def test_compound_purchase(card: CardUnderTest, files: tuple[str, ...]) -> None:
    """What was cached stands in the files after DEBIT, with the log's type 09, the TAC and MAC2 right."""
    desk = opened(card)
    made = {RECORDS: cached_record(card, desk), CYCLE: cycle_record(card)}
    kept = {file: newest(desk, file) for file in made if file not in files}
    response = card.send(desk.initialize_command(COMPOUND, FARE))
    expect(response).ok()
    begun = desk.begun(COMPOUND, FARE, response)
    for file in files:
        expect(card.send(cache(card, desk, file, made[file]))).ok().length(0)
    expect(card.send(desk.complete_command(begun))).ok().data(desk.expected_answer(begun), "TAC and MAC2")
    for file in files:
        expect(desk.record(file, 1)).ok().data(made[file], f"record of {file}")
    for file, before in kept.items():
        after = newest(desk, file)
        check(card, after == before, what=f"record of {file}", expected=before.hex(), received=after.hex())
    expect(desk.record(LOG, 1), "CARD-TRANSPORT-LOG").ok().data(desk.expected_record(begun), "log")


@verifies("CARD-TRANSPORT-RECORDS", "CARD-TRANSPORT-COMPOUND")
@destructive(SPENDS)
def test_cycle_is_cyclic(card: CardUnderTest) -> None:
    """More compound purchases than file 1E has records: as many of the last ones as the data say stand in it."""
    desk = opened(card)
    count = card.spec.file(CYCLE).record_count
    done = []
    for _ in range(count + 1):
        done.append(cycle_record(card))
        begun = desk.begin(COMPOUND, 0)
        expect(card.send(cache(card, desk, CYCLE, done[-1])), "CARD-TRANSPORT-COMPOUND").ok()
        expect(card.send(desk.complete_command(begun)), "CARD-TRANSPORT-COMPOUND").ok()
    for number in (1, 2, count):
        expect(desk.record(CYCLE, number)).ok().data(done[-number], f"record {number}")


@verifies("CARD-TRANSPORT-COMPOUND")
@destructive(SPENDS)
def test_record_by_identifier(card: CardUnderTest) -> None:
    """P1 names the record by the second byte of its identifier: the second record changes, the first does not."""
    desk = opened(card)
    first, second = desk.record(RECORDS, 1), desk.record(RECORDS, 2)
    if not second.is_ok:
        card.note(Text("文件 1A 只有一条记录", "file 1A has one record only"))
        expect(first).ok()
        return
    changed = second.data[:-1] + bytes((second.data[-1] ^ 0x01,))
    begun = desk.begin(COMPOUND, 0)
    expect(card.send(cache(card, desk, RECORDS, changed))).ok()
    expect(card.send(desk.complete_command(begun))).ok()
    expect(desk.record(RECORDS, 1)).ok().data(first.data, "first record")
    expect(desk.record(RECORDS, 2)).ok().data(changed, "second record")


ENDS = ("wrong-mac", "selection", "reset", "new-purchase", "new-compound")


@verifies("CARD-TRANSPORT-COMPOUND-CACHE")
@for_each("end", ENDS)
def test_abandoned(card: CardUnderTest, end: str) -> None:
    """A cached record of a compound purchase that does not succeed is not written."""
    desk = opened(card)
    before = newest(desk, RECORDS), newest(desk, CYCLE)
    begun = desk.begin(COMPOUND, 0)
    for file, record in ((RECORDS, cached_record(card, desk)), (CYCLE, cycle_record(card))):
        expect(card.send(cache(card, desk, file, record)), "CARD-TRANSPORT-COMPOUND").ok()
    if end == "wrong-mac":
        expect(card.send(desk.complete_command(begun, spoil=True)), "CARD-TRANSPORT-PURCHASE-MAC").refused()
    elif end == "reset":
        card.reset()
    elif end.startswith("new"):
        desk.begin(PURCHASE if end == "new-purchase" else COMPOUND, 0)
    desk.select()
    after = newest(desk, RECORDS), newest(desk, CYCLE)
    check(card, after == before, what="records of 1A and 1E", expected="as before", received="others")


@verifies("CARD-TRANSPORT-COMPOUND-CACHE")
@for_each("next_", (PURCHASE, COMPOUND))
@destructive(SPENDS)
def test_cache_does_not_reach_the_next(card: CardUnderTest, next_: str) -> None:
    """The next purchase, which succeeds, does not write what the abandoned one had cached."""
    desk = opened(card)
    before = newest(desk, RECORDS)
    desk.begin(COMPOUND, 0)
    expect(card.send(cache(card, desk, RECORDS, cached_record(card, desk))), "CARD-TRANSPORT-COMPOUND").ok()
    desk.carry_out(next_, 1)
    after = newest(desk, RECORDS)
    check(card, after == before, what="record of 1A", expected=before.hex(), received=after.hex())


@verifies("CARD-TRANSPORT-COMPOUND-CACHE")
@for_each("state", ("idle", PURCHASE, LOAD))
def test_cache_outside_compound(card: CardUnderTest, state: str) -> None:
    """80 DC without a compound purchase at hand is refused, and the file is as before."""
    desk = opened(card)
    record = newest(desk, RECORDS)
    if state != "idle":
        desk.begin(state, 0)
    expect(card.send(cache(card, desk, RECORDS, record))).refused()
    after = newest(desk, RECORDS)
    check(card, after == record, what="record of 1A", expected=record.hex(), received=after.hex())


WRONG = ("unknown-record", "other-file", "short", "p1-of-cycle")


@verifies("CARD-TRANSPORT-COMPOUND-CACHE")
@for_each("wrong", WRONG)
def test_wrong_cache(card: CardUnderTest, wrong: str) -> None:
    """80 DC for a record or file that takes none, or of a wrong length, is refused."""
    desk = opened(card)
    record = newest(desk, RECORDS)
    desk.begin(COMPOUND, 0)
    right = cache(card, desk, RECORDS, record)
    command = {
        "unknown-record": right[:2] + b"\x7e" + right[3:],
        "other-file": right[:3] + bytes(((card.spec.file(LOG).sfi or 0) << 3,)) + right[4:],
        "short": right[:4] + b"\x08" + right[5:13],
        "p1-of-cycle": cache(card, desk, CYCLE, cycle_record(card))[:2]
        + b"\x7e"
        + cache(card, desk, CYCLE, cycle_record(card))[3:],
    }[wrong]
    expect(card.send(command)).refused()


def standing(desk: TransportDesk) -> Standing:
    """Balance, newest log record, first record of 1A and newest of 1E."""
    return desk.balance(), newest(desk, LOG), newest(desk, RECORDS), newest(desk, CYCLE)


def kinds(spec: CardSpec) -> list[str]:
    """The transactions that are torn."""
    return [COMPOUND, LOAD] if "TRANSPORT" in spec.applications else []


@verifies("CARD-TRANSPORT-TEAR")
@for_each("kind", kinds)
@destructive(SPENDS)
def test_torn(card: CardUnderTest, kind: str) -> None:
    """The supply is cut before each write of the last command: everything is old, or everything is new."""
    desk = opened(card)
    states = {"old": 0, "new": 0}
    limit = desk.begin(PURCHASE, 0).fields["overdraft"]
    for point in range(1, CUTS):
        before, number = standing(desk), desk.sequence(kind)
        begun = desk.begin(kind, FARE)
        made = (before[2], before[3])
        if kind == COMPOUND:
            made = (cached_record(card, desk), cycle_record(card))
            for file, record in zip((RECORDS, CYCLE), made, strict=True):
                card.preamble(card.send(cache(card, desk, file, record)), Text("缓存记录", "cache a record"))
        amount = FARE if kind == LOAD else -FARE
        begun.fields["overdraft"] = limit
        new = (before[0] + amount, desk.expected_record(begun), *made)
        answered = card.transmit_and_cut(desk.complete_command(begun), point)
        card.power_on()
        desk.select()
        after = standing(desk)
        counted = desk.sequence(kind) - number
        found = {before: "old", new: "new"}.get(after, "between")
        whole = found in states and counted == (found == "new")
        check(card, whole, what=f"after the cut at {point}", expected="all old or all new", received=found)
        if answered is not None:
            break
        states[found] += 1
    points = states["old"] + states["new"]
    card.note(Text(f"断电点 {points} 个：{states}", f"{points} tear points: {states}"))
    check(card, points > 0 or kind == LOAD, what="tear points", expected="some", received=str(points))
