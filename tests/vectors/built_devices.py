"""Vectors of the PSAM (session keys, loading of keys) and of the encryptor."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from emulator.crypto import xor
from tests.vectors.book import (
    ALGORITHMS,
    DRAFT,
    FACTORS,
    HISTORICAL,
    OTHER,
    REGION,
    ROOT,
    Change,
    Group,
    bump,
    document,
)
from tests.vectors.recompute import BLOCKS, RECOMPUTE, hsm_data, hsm_service, padded, psam_data, swapped


def psam_sessions() -> dict[str, Any]:
    return document(
        "PSAM-SESSION",
        "DELIVERY SESSION KEY, CIPHER DATA; factors highest level first (in commands lowest first); answer: its data.",
        ("draft", [DRAFT + "part 9 (PSAM)"], "SM4 by the draft's rules for 16-byte blocks. Keys are toys."),
        {
            "Toy": ("KNOWN_ANSWER", "Toy vector: the rules applied step by step."),
            "Blocks": ("EDGE_CASE", "Several blocks one by one."),
            "Mac": ("BASIC", "The first block of the data is the initial value."),
            "Order": ("WRONG_ORDER", "The factors of the command are applied from the end."),
            "NoFactors": ("MISSING_STEP", "Another key than the diversified one."),
            "Chained": ("WRONG_MODE", "Blocks are enciphered one by one (ECB)."),
            "Fold": ("WRONG_PRIMITIVE", "Another part of the last block."),
        },
        [psam_sessions_in(algorithm) for algorithm in ALGORITHMS],
    )


def psam_sessions_in(algorithm: str) -> Group:
    group, size = Group("PsamSession", algorithm), BLOCKS[algorithm]
    one = bytes(range(1, 9)).hex().ljust(2 * size, "0")
    irk = {"name": "IRK", "rootKey": ROOT, "factors": list(FACTORS), "random": "1122334455667788"}
    uk = {"name": "UKSSSE", "rootKey": OTHER, "factors": list(FACTORS[1:]), "random": "8877665544332211"}
    mac_data = bytes(size).hex() + padded(size, bytes.fromhex("842400010c112233")).hex()
    group.right("IRK, one block", "Toy", **irk, does="encipher", data=one)
    group.right("IRK, three blocks", "Blocks", **irk, does="encipher", data=one * 3)
    group.right("UKSSSE, one block", "Toy", **uk, does="encipher", data=one)
    group.right("UKSSSE, MAC from a block of 00", "Mac", **uk, does="mac", data=mac_data)
    group.right(
        "UKSSSE, MAC from a challenge",
        "Mac",
        **uk,
        does="mac",
        data="a1b2c3d4".ljust(2 * size, "0") + mac_data[2 * size :],
    )
    group.wrong(
        "factors in the order of the command",
        "Order",
        lambda t: answered(algorithm, t, factors=t["factors"][::-1]),
        **irk,
        does="encipher",
        data=one,
    )
    group.wrong(
        "the root itself, without diversification",
        "NoFactors",
        lambda t: {"answer": bump(t["answer"], 0)},
        **irk,
        does="encipher",
        data=one,
    )
    group.wrong("blocks chained", "Chained", lambda t: {"answer": chained(t)}, **irk, does="encipher", data=one * 3)
    group.wrong(
        "the last bytes of the block", "Fold", lambda t: {"answer": bump(t["answer"], 3)}, **uk, does="mac",
        data=mac_data,
    )  # fmt: skip
    return group


def answered(algorithm: str, test: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """The answer of a PSAM to a computation of changed inputs, beside the commands as they were."""
    return {"answer": RECOMPUTE["PsamSession"](algorithm, {**test, **changed})["answer"]}


def chained(test: Mapping[str, Any]) -> str:
    answer = bytes.fromhex(test["answer"])
    size = len(answer) // 3
    return (answer[:size] + xor(answer[:size], answer[size : 2 * size]) + answer[2 * size :]).hex()


def psam_key_loading() -> dict[str, Any]:
    return document(
        "PSAM-KEY-LOADING",
        "command = header ‖ Lc ‖ ENC(own key, LD ‖ plain) ‖ MAC under the whole own key, from the challenge and 00.",
        ("draft", [DRAFT + "part 9 (PSAM)"], "With 8-byte blocks the left half chains, the whole key ends. Toys."),
        {
            "Toy": ("KNOWN_ANSWER", "Toy vector: the rules applied step by step."),
            "Challenge": ("EDGE_CASE", "A challenge of zeros gives the initial value of commands to cards."),
            "ZeroInitial": ("WRONG_PRIMITIVE", "The initial value is the challenge."),
            "OneBit": ("MODIFIED", "The MAC covers the enciphered key."),
            "Exchanged": ("KEY_HALVES", "The halves of a key in their order."),
        },
        [psam_key_loading_in(algorithm) for algorithm in ALGORITHMS],
    )


def psam_key_loading_in(algorithm: str) -> Group:
    loading = psam_data().loading
    group = Group("PsamKeyLoading", algorithm)
    code = next(
        f"{each.code:02x}" for each in loading.algorithms if each.algorithm == algorithm and each.key_length == 16
    )
    own = {"ownKey": ROOT, "challenge": "a1b2c3d4"}
    create = {**own, "header": "84d40012", "plain": f"481200{code}00000000{OTHER}"}
    group.right("CREATE KEY, a root of a province", "Toy", **create)
    group.right("CHANGE KEY", "Toy", **own, header="84d40112", plain=f"481200{OTHER}")
    group.right("CREATE KEY, another challenge", "Challenge", **{**create, "challenge": "00000000"})
    group.wrong(
        "MAC from a block of 00",
        "ZeroInitial",
        lambda t: RECOMPUTE["PsamKeyLoading"](algorithm, {**t, "challenge": "00000000"}),
        **create,
    )
    group.wrong("one bit of the enciphered key", "OneBit", lambda t: {"command": bump(t["command"], 8)}, **create)
    group.wrong("one bit of the MAC", "OneBit", lambda t: {"command": bump(t["command"])}, **create)
    group.wrong(
        "the own key with its halves exchanged",
        "Exchanged",
        lambda t: RECOMPUTE["PsamKeyLoading"](algorithm, {**t, "ownKey": swapped(t["ownKey"])}),
        **create,
    )
    return group


def psam_purchases() -> dict[str, Any]:
    return document(
        "PSAM-PURCHASE",
        "answer = terminal sequence (4) ‖ MAC1 (4), mac2 = what the card must answer; sequence: as stored before.",
        (
            "draft",
            [DRAFT + "part 9 (PSAM)", DRAFT + "part 7 (flows)"],
            "The sequence counts before it is answered. Toys.",
        ),
        {
            "Toy": ("KNOWN_ANSWER", "Toy vector: the rules applied step by step."),
            "Carry": ("EDGE_CASE", "The sequence counts over a whole byte; its last two bytes make the session key."),
            "Amounts": ("EDGE_CASE", "Amounts of zero and of all bits."),
            "SequenceBefore": ("WRONG_INPUT", "The session key is made of the sequence that is answered."),
            "Terminal": ("WRONG_INPUT", "The last two bytes of the sequence make the session key, not the terminal's."),
            "OneBit": ("MODIFIED", "Another MAC."),
            "Amount": ("MODIFIED", "MAC1 and MAC2 cover all three amounts."),
        },
        [psam_purchases_in(algorithm) for algorithm in ALGORITHMS],
    )


def psam_purchases_in(algorithm: str) -> Group:
    purchase, group = psam_data().purchase, Group("PsamPurchase", algorithm)
    levels = purchase.key.levels if purchase.key is not None else 0
    fields = {
        "random": "a1b2c3d4",
        "purchase-serial": "0007",
        "account": "00001388",
        "self-paid": "000003e8",
        "pooled": "000007d0",
        "type": "32",
        "time": "20260101120000",
        "version": "01",
        "algorithm": f"{purchase.identifiers[algorithm]:02x}",
    }
    given: dict[str, Any] = {
        "rootKey": ROOT,
        "factors": list(FACTORS[len(FACTORS) - levels :]),
        "fields": fields,
        "terminal": "112233445566",
        "sequence": "00000010",
    }

    def other(right: dict[str, Any], **changed: Any) -> dict[str, Any]:
        made = RECOMPUTE["PsamPurchase"](algorithm, {**right, **changed})
        return {"answer": right["answer"][:8] + made["answer"][8:], "mac2": made["mac2"]}

    group.right("a purchase", "Toy", **given)
    group.right("sequence 000000FF before", "Carry", **{**given, "sequence": "000000ff"})
    for comment, amount in (("amounts of zero", "00000000"), ("amounts of all bits", "ffffffff")):
        amounts = {"account": amount, "self-paid": amount, "pooled": amount}
        group.right(comment, "Amounts", **{**given, "fields": {**fields, **amounts}})
    group.wrong("sequence before it counted", "SequenceBefore", lambda t: other(t, sequence="0000000f"), **given)
    group.wrong("session key by the terminal number", "Terminal", lambda t: other(t, sequence="00005565"), **given)
    group.wrong("one bit of MAC1", "OneBit", lambda t: {"answer": bump(t["answer"])}, **given)
    group.wrong("one bit of MAC2", "OneBit", lambda t: {"mac2": bump(t["mac2"])}, **given)
    for name in ("account", "self-paid", "pooled"):
        changed = {**fields, name: "00000001"}
        group.wrong(f"another amount ({name})", "Amount", partial(other, fields=changed), **given)
    return group


def hsm_services() -> dict[str, Any]:
    data, group = hsm_data(), Group("HsmService", None)
    names = sorted({key.key for key in data.keys.values()})
    roots = {name: bytes.fromhex(ROOT)[at:].hex() + ROOT[: 2 * at] for at, name in enumerate(names)}
    place = {"region": REGION, "roots": roots}
    told = f"{REGION}|{HISTORICAL.upper()}|"
    for identifier, words in (("01", "3DES"), ("03", "SM4")):
        of_one_algorithm(group, place, told + identifier, words)
    return document(
        "HSM-SERVICES",
        "response = what each service gives, every part ended by |. Roots: at the level where a key starts.",
        ("field", ["programs of the terminal interface with encryptor"], "SM4 by the rules for 16-byte blocks. Toys."),
        {
            "Toy": ("KNOWN_ANSWER", "Toy vector: the rules applied step by step."),
            "InternalOnly": ("BASIC", "Without the external pair the second part is empty."),
            "Exchanged": ("WRONG_INPUT", "The session key is made of the factor."),
            "WrongKey": ("WRONG_KEY", "The key is that of the address."),
            "WrongCard": ("WRONG_KEY", "The key is the card's own."),
            "Message": ("KNOWN_ANSWER", "A secured command: header, enciphered PIN, MAC."),
            "Purchase": ("KNOWN_ANSWER", "MAC1, MAC2 and TAC; both readings of the amounts."),
            "Amounts": ("WRONG_INPUT", "Own payment first, then the pooled one."),
            "OneBit": ("MODIFIED", "Another MAC."),
            "Separator": ("WRONG_FORM", "Every field is ended by a separator."),
        },
        [group],
    )


def of_one_algorithm(group: Group, place: Mapping[str, Any], told: str, words: str) -> None:
    """``told``: region, historical bytes and algorithm of the card."""
    internal, external = "1111111122222222|3333333344444444|", "5555555566666666|7777777788888888|"
    basics = f"01|{told}|{REGION}D156000005{'0' * 16}|{internal}"
    group.right(f"service 01, {words}, both parts", "Toy", **place, request=basics + external)
    group.right(f"service 01, {words}, internal part alone", "InternalOnly", **place, request=basics + "||")
    for name, address in (("UKSSSE", "0094"), ("PUK", "0090")):
        group.right(f"service 02, {words}, {name}", "Toy", **place, request=f"02|{told}|{address}|{external}")

    message = f"03|{told}|0173|1122334455667788|"
    reload = "842400010C" if words == "3DES" else "8424000114"
    group.right(
        f"service 03, {words}, reload of the PIN 123456", "Message", **place, request=f"{message}{reload}|123456|"
    )
    group.right(f"service 03, {words}, unblocking", "Message", **place, request=f"{message}8424000004||")
    head, identifier = told.rsplit("|", 1)
    purchase = f"04|{head}|00000011|{identifier}|017F|A1B2C3D4|0007|"
    rest = "|32|112233445566|20260101120000|"
    for amounts in ("000003E8000007D0", "00001388000003E8000007D0"):
        comment = f"service 04, {words}, amounts of {len(amounts)} digits"
        group.right(comment, "Purchase", **place, request=purchase + amounts + rest)
    group.wrong(
        f"service 04, {words}: amounts exchanged",
        "Amounts",
        lambda t: hsm_service("", {**t, "request": purchase + "000007D0000003E8" + rest}),
        **place,
        request=purchase + "000003E8000007D0" + rest,
    )
    group.wrong(
        f"service 03, {words}: one bit of the MAC",
        "OneBit",
        lambda t: {"response": bump(t["response"][:-1]).upper() + "|"},
        **place,
        request=f"{message}8424000004||",
    )

    def exchanged(right: dict[str, Any]) -> dict[str, Any]:
        other = "7777777788888888|5555555566666666|"
        made = hsm_service("", {**right, "request": f"02|{told}|0094|{other}"})
        return {"response": str(made["response"])[:16] + "7777777788888888|"}

    def at(address: str) -> Change:
        return lambda right: hsm_service("", {**right, "request": f"02|{told}|{address}|{external}"})

    def other_card(right: dict[str, Any]) -> dict[str, Any]:
        return hsm_service("", {**right, "request": right["request"].replace("00000001|", "00000002|")})

    def open_end(right: dict[str, Any]) -> dict[str, Any]:
        return {"response": right["response"].removesuffix("|")}

    wrong: tuple[tuple[str, str, Change], ...] = (
        ("factor and original data exchanged", "Exchanged", exchanged),
        ("the key of another address", "WrongKey", at("0090")),
        ("other historical bytes", "WrongCard", other_card),
        ("no separator at the end", "Separator", open_end),
    )
    for comment, flag, change in wrong:
        group.wrong(f"service 02, {words}: {comment}", flag, change, **place, request=f"02|{told}|0094|{external}")
