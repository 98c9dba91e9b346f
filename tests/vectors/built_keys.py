"""Vectors of check values, components of keys and secured commands."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.crypto import encrypt
from tests.vectors.book import ALGORITHMS, DRAFT, OTHER, ROOT, SESSIONS, Group, bump, document
from tests.vectors.recompute import BLOCKS, RECOMPUTE, swapped


def check_values() -> dict[str, Any]:
    return document(
        "KEY-CHECK-VALUE",
        "check = first 3 bytes of ENC(key, one block of 00).",
        ("profile", ["key project profile"], "No public source gives a rule: the common one. Keys are toys."),
        {
            "Toy": ("KNOWN_ANSWER", "Toy vector: the rule applied."),
            "Parity": ("EDGE_CASE", "3DES does not look at the parity bits of a key, SM4 has none."),
            "Tail": ("WRONG_PRIMITIVE", "The first bytes count, not the last."),
            "WrongDatum": ("WRONG_PRIMITIVE", "The block is one of 00."),
            "WrongAlgorithm": ("WRONG_PRIMITIVE", "A key is checked in its own algorithm."),
            "Exchanged": ("KEY_HALVES", "The halves of a key in their order."),
        },
        [check_values_in(algorithm) for algorithm in ALGORITHMS],
    )


def check_values_in(algorithm: str) -> Group:
    group, other = Group("CheckValue", algorithm), "sm4" if algorithm == "3des" else "3des"
    for comment, key in (("toy root key", ROOT), ("second toy key", OTHER), ("a key of zeros", "00" * 16)):
        group.right(comment, "Toy", key=key)
    group.right("the toy root key with its parity bits the other way", "Parity", key=parity(ROOT))
    group.wrong("the last bytes of the block", "Tail", lambda t: {"check": block(algorithm, t, 0)[-6:]}, key=ROOT)
    group.wrong("a block of FF", "WrongDatum", lambda t: {"check": block(algorithm, t, 0xFF)[:6]}, key=ROOT)
    group.wrong("in the other algorithm", "WrongAlgorithm", lambda t: {"check": block(other, t, 0)[:6]}, key=ROOT)
    group.wrong(
        "the halves of the key exchanged",
        "Exchanged",
        lambda t: {"check": block(algorithm, {"key": swapped(t["key"])}, 0)[:6]},
        key=ROOT,
    )
    return group


def block(algorithm: str, test: Mapping[str, Any], octet: int) -> str:
    return encrypt(algorithm, bytes.fromhex(test["key"]), bytes((octet,)) * BLOCKS[algorithm]).hex()


def parity(key: str) -> str:
    return bytes(octet ^ 1 for octet in bytes.fromhex(key)).hex()


def key_components() -> dict[str, Any]:
    return document(
        "KEY-COMPONENTS",
        "key = exclusive or of all components; check = its check value.",
        ("profile", ["key project profile"], "No public source describes a ceremony: the common one. Keys are toys."),
        {
            "Toy": ("KNOWN_ANSWER", "Toy vector: the rule applied."),
            "ZeroComponent": ("EDGE_CASE", "A component may be zero; the key is then the others'."),
            "ZeroKey": ("EDGE_CASE", "Equal components make a key of zeros, which a ceremony should notice."),
            "Added": ("WRONG_PRIMITIVE", "Exclusive or, no addition."),
            "LeftOut": ("MISSING_STEP", "Every component counts."),
            "OneBit": ("MODIFIED", "Another key."),
            "CheckOfComponent": ("MODIFIED", "The check value is the key's, not a component's."),
        },
        [key_components_in(algorithm) for algorithm in ALGORITHMS],
    )


def key_components_in(algorithm: str) -> Group:
    group = Group("KeyComponents", algorithm)
    group.right("two custodians", "Toy", components=[ROOT, OTHER])
    group.right("three custodians", "Toy", components=[ROOT, OTHER, "5a" * 16])
    group.right("a component of zeros", "ZeroComponent", components=["00" * 16, ROOT])
    group.right("equal components cancel out", "ZeroKey", components=[ROOT, ROOT])
    group.wrong(
        "added modulo 256",
        "Added",
        lambda t: {"key": added(t["components"])},
        components=[ROOT, OTHER],
    )
    group.wrong(
        "one component left out",
        "LeftOut",
        lambda t: RECOMPUTE["KeyComponents"](algorithm, {"components": t["components"][:2]}),
        components=[ROOT, OTHER, "5a" * 16],
    )
    group.wrong("one bit of the key another", "OneBit", lambda t: {"key": bump(t["key"])}, components=[ROOT, OTHER])
    group.wrong(
        "the check value of a component",
        "CheckOfComponent",
        lambda t: RECOMPUTE["CheckValue"](algorithm, {"key": t["components"][0]}),
        components=[ROOT, OTHER],
    )
    return group


def added(components: Sequence[str]) -> str:
    first, second = (bytes.fromhex(each) for each in components[:2])
    return bytes((left + right) & 0xFF for left, right in zip(first, second, strict=True)).hex()


def secured_commands() -> dict[str, Any]:
    return document(
        "CARD-SECURED-COMMAND",
        "command = header ‖ Lc ‖ enciphered data ‖ MAC; Lc counts the MAC, which covers header, Lc and those data.",
        ("draft", [DRAFT + "part 4 (security)"], "Session keys are those of the toy vectors."),
        {
            "Toy": ("KNOWN_ANSWER", "Toy vector: the rules applied step by step."),
            "NoData": ("EDGE_CASE", "Without data nothing is enciphered."),
            "BlockBoundary": ("EDGE_CASE", "LD and data fill their blocks, or miss them by one."),
            "Lc": ("WRONG_INPUT", "Lc counts the MAC."),
            "NoHeader": ("WRONG_INPUT", "The MAC covers the header."),
            "Initial": ("WRONG_PRIMITIVE", "The initial value is a block of 00."),
            "PlainMac": ("WRONG_INPUT", "The MAC covers what is sent, enciphered."),
            "Clear": ("MISSING_STEP", "The data are enciphered."),
            "OneBit": ("MODIFIED", "Another MAC."),
        },
        [secured_commands_in(algorithm) for algorithm in ALGORITHMS],
    )


def secured_commands_in(algorithm: str) -> Group:
    group, session = Group("SecuredCommand", algorithm), SESSIONS[algorithm]
    group.right("PIN reload, 123456", "Toy", session=session, header="84240001", plain="123456")
    group.right("PIN unblock, no data", "NoData", session=session, header="84240000", plain="")
    for size in (1, BLOCKS[algorithm] - 1, BLOCKS[algorithm], 2 * BLOCKS[algorithm] - 1):
        plain = bytes(range(1, size + 1)).hex()
        group.right(f"{size} bytes", "BlockBoundary", session=session, header="84240001", plain=plain)
    reload = {"session": session, "header": "84240001", "plain": "123456"}
    group.wrong("Lc without the MAC", "Lc", lambda t: {"command": remade(algorithm, t, counts_mac=False)}, **reload)
    group.wrong(
        "MAC over the data alone", "NoHeader", lambda t: {"command": remade(algorithm, t, header=False)}, **reload
    )
    group.wrong(
        "MAC from a block of FF", "Initial", lambda t: {"command": remade(algorithm, t, initial=0xFF)}, **reload
    )
    group.wrong(
        "MAC over the plain text",
        "PlainMac",
        lambda t: {"command": remade(algorithm, t, over=bytes.fromhex(t["plain"]))},
        **reload,
    )
    group.wrong("data in the clear", "Clear", lambda t: {"command": clear(algorithm, t)}, **reload)
    group.wrong("one bit of the MAC", "OneBit", lambda t: {"command": bump(t["command"])}, **reload)
    return group


def remade(
    algorithm: str,
    test: Mapping[str, Any],
    *,
    counts_mac: bool = True,
    header: bool = True,
    initial: int = 0,
    over: bytes | None = None,
) -> str:
    """The command with one rule of its MAC another."""
    made = bytes.fromhex(test["command"])
    size = BLOCKS[algorithm]
    data = made[5:-4]
    lc = len(data) + (4 if counts_mac else 0)
    covered = (made[:4] + bytes((lc,)) if header else b"") + (data if over is None else over)
    mac = RECOMPUTE["Mac4"](
        algorithm, {"session": test["session"], "iv": (bytes((initial,)) * size).hex(), "msg": covered.hex()}
    )["mac"]
    return (made[:4] + bytes((lc,)) + data).hex() + str(mac)


def clear(algorithm: str, test: Mapping[str, Any]) -> str:
    plain, made = bytes.fromhex(test["plain"]), bytes.fromhex(test["command"])
    head = made[:4] + bytes((len(plain) + 4,)) + plain
    mac = RECOMPUTE["Mac4"](
        algorithm, {"session": test["session"], "iv": bytes(BLOCKS[algorithm]).hex(), "msg": head.hex()}
    )["mac"]
    return head.hex() + str(mac)
