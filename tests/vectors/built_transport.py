"""Vectors of the transport application of a PSAM."""

from functools import partial
from typing import Any

from tests.vectors.book import ROOT, Group, bump, document
from tests.vectors.recompute import RECOMPUTE, padded, swapped

ALGORITHM = "3des"
FACTORS = ("09999990ffffffff", "0310489900000001")
"""Issuer, application serial: highest level first."""
BLOCKING = bytes.fromhex("841e000004")
MAC, PURCHASE = "PsamTransportMac", "PsamTransportPurchase"


def psam_transport() -> dict[str, Any]:
    return document(
        "PSAM-TRANSPORT",
        "mac = 80 1A, then 80 FA 05 (the first block is the initial value); answer = sequence (4) ‖ MAC1 (4); mac2: "
        "the card's. Factors highest level first, in commands lowest first; sequence: as stored before.",
        (
            "field",
            ["programs that serve transport cards"],
            "Single DES, the last block 3DES (profile). The sequence counts before it is answered. Toys.",
        ),
        {
            "Toy": ("KNOWN_ANSWER", "Toy vector: the rules applied step by step."),
            "Long": ("EDGE_CASE", "Several blocks, and none but the last in 3DES."),
            "Carry": ("EDGE_CASE", "The sequence counts over a whole byte; its last two bytes make the session key."),
            "Amounts": ("EDGE_CASE", "Amounts of zero and of all bits."),
            "Compound": ("BASIC", "A compound purchase: type 09."),
            "Order": ("WRONG_ORDER", "The factors of the command are applied from the end."),
            "ZeroInitial": ("WRONG_INPUT", "The initial value is the first block."),
            "Exchanged": ("KEY_HALVES", "The halves of a key in their order."),
            "SequenceBefore": ("WRONG_INPUT", "The session key is made of the sequence that is answered."),
            "OneBit": ("MODIFIED", "Another MAC."),
            "Amount": ("MODIFIED", "MAC1 and MAC2 cover the amount."),
        },
        [macs(), purchases()],
    )


def macs() -> Group:
    group = Group(MAC, ALGORITHM)
    initial = "a1b2c3d400000000"
    given: dict[str, Any] = {"rootKey": ROOT, "usage": "45", "version": "02", "factors": list(FACTORS)}
    long = bytes.fromhex("04d6951422") + bytes(range(30))
    block = {**given, "data": initial + padded(8, BLOCKING).hex()}
    update = {**given, "data": initial + padded(8, long).hex()}

    def other(right: dict[str, Any], **changed: Any) -> dict[str, Any]:
        return {"mac": RECOMPUTE[MAC](ALGORITHM, {**right, **changed})["mac"]}

    group.right("APPLICATION BLOCK", "Toy", **block)
    group.right("a secured update of 30 bytes", "Long", **update)
    group.wrong("factors in the order of the command", "Order", partial(other, factors=list(FACTORS[::-1])), **block)
    group.wrong("MAC from a block of 00", "ZeroInitial", lambda t: other(t, data="00" * 8 + t["data"][16:]), **block)
    group.wrong("the root with its halves exchanged", "Exchanged", partial(other, rootKey=swapped(ROOT)), **block)
    group.wrong("one bit of the MAC", "OneBit", lambda t: {"mac": bump(t["mac"])}, **update)
    return group


def purchases() -> Group:
    group = Group(PURCHASE, ALGORITHM)
    fields = {
        "random": "11223344",
        "sequence": "0007",
        "amount": "00000064",
        "type": "06",
        "date": "20260101",
        "time": "120000",
        "key-version": "01",
        "algorithm": "00",
    }
    given: dict[str, Any] = {
        "rootKey": ROOT,
        "factors": list(FACTORS),
        "fields": fields,
        "terminal": "110100000001",
        "sequence": "000002d0",
    }

    def other(right: dict[str, Any], **changed: Any) -> dict[str, Any]:
        made = RECOMPUTE[PURCHASE](ALGORITHM, {**right, **changed})
        return {"answer": right["answer"][:8] + made["answer"][8:], "mac2": made["mac2"]}

    group.right("a single purchase", "Toy", **given)
    group.right("a compound purchase", "Compound", **{**given, "fields": {**fields, "type": "09"}})
    group.right("sequence 000000FF before", "Carry", **{**given, "sequence": "000000ff"})
    for comment, amount in (("an amount of zero", "00000000"), ("an amount of all bits", "ffffffff")):
        group.right(comment, "Amounts", **{**given, "fields": {**fields, "amount": amount}})
    group.wrong("sequence before it counted", "SequenceBefore", lambda t: other(t, sequence="000002cf"), **given)
    group.wrong("factors in the order of the command", "Order", partial(other, factors=list(FACTORS[::-1])), **given)
    group.wrong("one bit of MAC1", "OneBit", lambda t: {"answer": bump(t["answer"])}, **given)
    group.wrong("one bit of MAC2", "OneBit", lambda t: {"mac2": bump(t["mac2"])}, **given)
    group.wrong("another amount", "Amount", partial(other, fields={**fields, "amount": "00000065"}), **given)
    return group
