"""Purchases by a terminal, read from the transcript: what the card was asked to pay, and what came of it.

Commands and computations are those of the card's purse (draft of 2011, parts 5, 7 and 9). The answers of card and PSAM
are the tester's own: ``debit_faults`` names those that are not what the oracle computes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from onecard.oracle import purse as computation
from onecard.oracle import session
from onecard.oracle.blocks import Algorithm
from onecard.oracle.errors import OracleError
from onecard.oracle.terminal import FACTOR, Keys, UnusableRequest
from onecard.oracle.terminal_strings import Comparison, fields_of
from onecard.oracle.terminal_trace import CARD_SLOTS, SAM_SLOT, Exchange, Observed
from onecard.spec.card import CardSpec
from onecard.spec.card_purse import PURCHASE, PurseSpec, names, purse_of
from onecard.spec.terminal import TerminalSpec
from onecard.spec.text import Text

INITIALISE, DEBIT = "INITIALIZE-FOR-PURCHASE", "DEBIT-FOR-PURCHASE"
PURCHASE_KEY, TAC_KEY = "DPK", "DTK"
OK, WRONG_MAC = 0x9000, 0x9302
SERIAL: Final = 4
AMOUNTS: Final = ("account", "self-paid", "pooled")

Fields = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A command of a purchase to the card: what it said and what was answered, by field; for the
    second command those of the first too. ``sw``: the card's status word, None without an answer.
    """

    fields: Fields
    sw: int | None

    @property
    def taken(self) -> bool:
        """Whether the card took it."""
        return self.sw == OK


@dataclass
class Purchases:
    """Everything that a transcript shows of purchases.

    ``begun``: initialisations; ``paid``: purchases that the card was sent; ``sam``: initialisations of the PSAM as
    (data, answer, status word); ``credited``: MAC2 that the PSAM got, with its status word, and the number of
    initialisations of the PSAM before it.
    """

    begun: list[Attempt] = field(default_factory=list)
    paid: list[Attempt] = field(default_factory=list)
    sam: list[tuple[bytes, bytes, int | None]] = field(default_factory=list)
    credited: list[tuple[bytes, int | None, int]] = field(default_factory=list)

    @property
    def made(self) -> list[Attempt]:
        """Purchases that the card made."""
        return [one for one in self.paid if one.taken]


def purchases_of(spec: TerminalSpec, card: CardSpec, seen: Observed) -> Purchases:
    """The purchases of a transcript, in order."""
    purse, found = purse_of(card), Purchases()
    sam = {(c.cla, c.ins): name for name, c in spec.sam_commands.items()}
    own = {_head(card, name): name for name in (INITIALISE, DEBIT)}
    for one in seen.exchanges:
        data = one.command[5:]
        if one.slot == SAM_SLOT:
            _note_sam(found, sam.get((one.command[0], one.command[1])), data, one)
            continue
        name = own.get(one.command[:3]) if one.slot in CARD_SLOTS else None
        if name == INITIALISE:
            found.begun.append(Attempt(_both(card, purse, name, data, one.data), one.sw))
        elif name == DEBIT:
            before = found.begun[-1].fields if found.begun else {}
            found.paid.append(Attempt({**before, **_both(card, purse, name, data, one.data)}, one.sw))
    return found


def _head(card: CardSpec, name: str) -> bytes:
    # P1 tells a purchase from a load.
    command = card.command(name)
    return bytes((command.cla, command.ins, command.number("p1")))


def _note_sam(found: Purchases, name: str | None, data: bytes, one: Exchange) -> None:
    if name == "INIT-PURCHASE":
        found.sam.append((data, one.data, one.sw))
    elif name == "CREDIT-PURCHASE":
        found.credited.append((data, one.sw, len(found.sam)))


def _both(card: CardSpec, purse: PurseSpec, name: str, sent: bytes, answered: bytes) -> dict[str, bytes]:
    command = card.command(name)
    return _cut(purse, names(command, "data"), sent) | _cut(purse, names(command, "answer"), answered)


def _cut(purse: PurseSpec, order: Sequence[str], octets: bytes) -> dict[str, bytes]:
    found, start = {}, 0
    for name in order:
        found[name] = octets[start : start + purse.lengths[name]]
        start += purse.lengths[name]
    return found


def compare_payment(paid: Attempt, amounts: Mapping[str, int], time: str) -> Iterator[Comparison]:
    """What the card was made to pay against what the caller asked; ``amounts`` in fen, ``time`` yyyymmddhhmmss."""
    for name in AMOUNTS[1:]:
        received = int.from_bytes(paid.fields.get(name, b""), "big")
        yield Comparison(f"{name} (fen)", str(amounts[name]), str(received))
    yield Comparison("time", time, paid.fields.get("time", b"").hex())


def mac1(keys: Keys, purse: PurseSpec, fields: Fields) -> bytes:
    """MAC1 of a purchase. Raises OracleError."""
    return _mac(keys.rules, keys.keys[PURCHASE_KEY], purse, "mac1", fields)


def mac2(keys: Keys, purse: PurseSpec, fields: Fields) -> bytes:
    """The card's MAC2. Raises OracleError."""
    return _mac(keys.rules, keys.keys[PURCHASE_KEY], purse, "mac2", fields)


def tac(keys: Keys, purse: PurseSpec, fields: Fields) -> bytes:
    """The card's TAC. Raises OracleError."""
    inputs = purse.computation(PURCHASE, "tac").inputs
    return computation.tac(keys.rules, keys.keys[TAC_KEY], inputs, _typed(purse, fields))


def _mac(rules: session.Rules, key: bytes, purse: PurseSpec, gives: str, fields: Fields) -> bytes:
    typed = _typed(purse, fields)
    made = computation.session_key(rules, key, purse.computation(PURCHASE, "session").inputs, typed)
    return computation.mac(rules, made, purse.computation(PURCHASE, gives).inputs, typed)


def _typed(purse: PurseSpec, fields: Fields) -> Fields:
    return {"type": bytes((purse.types[PURCHASE],)), **fields}


def debit_faults(
    spec: TerminalSpec, card: CardSpec, keys: Keys, found: Purchases, root: bytes, *, hostile: bool
) -> Sequence[Text]:
    """Answers of the tester's card and PSAM that are not what the oracle computes; ``root``: of the purchase key.

    ``hostile``: the card was laid out to answer wrongly.
    """
    purse = purse_of(card)
    wrong = [] if hostile else [fault for one in found.paid for fault in _of_card(keys, purse, one)]
    wrong += [fault for one in found.sam for fault in _of_sam(spec, purse, one, found, root)]
    return wrong


def _of_card(keys: Keys, purse: PurseSpec, one: Attempt) -> Iterator[Text]:
    try:
        right = mac1(keys, purse, one.fields) == one.fields["mac1"]
    except (OracleError, KeyError):
        right = False
    if (one.taken and not right) or (one.sw == WRONG_MAC and right):
        yield Text(zh="测试卡对 MAC1 的判定有误", en="the tester's card decided wrongly on MAC1")
    if (
        one.taken
        and right
        and (mac2(keys, purse, one.fields), tac(keys, purse, one.fields))
        != (
            one.fields["mac2"],
            one.fields["tac"],
        )
    ):
        yield Text(zh="测试卡的 MAC2 或 TAC 有误", en="the tester's card answered a wrong MAC2 or TAC")


def _of_sam(
    spec: TerminalSpec, purse: PurseSpec, one: tuple[bytes, bytes, int | None], found: Purchases, root: bytes
) -> Iterator[Text]:
    data, answer, sw = one
    if sw != OK:
        return
    place = found.sam.index(one)
    fields = _cut(purse, spec.debit.sam_data, data)
    head = sum(purse.lengths[name] for name in spec.debit.sam_data)
    factors = [data[at : at + FACTOR] for at in range(head, len(data), FACTOR)][::-1]
    serial, given = answer[:SERIAL], answer[SERIAL:]
    terminal = next((paid.fields["terminal"] for paid in found.begun if paid.taken), b"")
    fields |= {"terminal-serial": serial, "terminal": terminal}
    proofs = []
    for algorithm in (Algorithm.TDES, Algorithm.SM4):
        # In which environment the PSAM computed decides the algorithm.
        rules = session.DRAFT_RULES[algorithm]
        key = session.diversify(rules, root, factors)
        proofs.append((_mac(rules, key, purse, "mac1", fields), _mac(rules, key, purse, "mac2", fields)))
    mine = [two for one_, two in proofs if one_ == given]
    if terminal and not mine:
        yield Text(zh="测试 PSAM 卡的 MAC1 有误", en="the tester's PSAM computed a wrong MAC1")
    for proof, status, before in found.credited:
        if mine and before == place + 1 and (status == OK) is not (proof in mine):
            yield Text(zh="测试 PSAM 卡对 MAC2 的判定有误", en="the tester's PSAM decided wrongly on MAC2")


# --- the steps by encryptor ---


def compare_request(
    spec: TerminalSpec, card: CardSpec, seen: Observed, begun: Attempt, time: str, out: str
) -> Iterator[Comparison]:
    """The result of step 1 against what the card was sent and answered; either form of the amounts is taken."""
    form, found = spec.debit.request, spec.algorithm(seen.identifier)
    given = fields_of(form, out)
    whole = out.endswith(form.separator) and len(given) == len(form.fields)
    yield Comparison("fields", f"{len(form.fields)}, each ended", f"{len(form.fields)}, each ended" if whole else out)
    forms = ["".join(begun.fields[name].hex().upper() for name in names_) for names_ in spec.debit.amount_forms]
    expected = {name: value.hex().upper() for name, value in begun.fields.items()} | {
        "algorithm": "" if found is None else f"{found.identifier:02X}",
        "key-address": spec.debit.address,
        "type": f"{purse_of(card).types[PURCHASE]:02X}",
        "time": time,
    }
    for one, received in zip(form.fields, given, strict=False):
        taken = forms if one.source == "amounts" else [expected[one.source]]
        yield Comparison(one.name.en, " or ".join(taken), " or ".join(taken) if received.upper() in taken else received)


def encryptor_answer(spec: TerminalSpec, card: CardSpec, keys: Keys, out: str) -> dict[str, str]:
    """The fields of pKey by source: what an encryptor answers to the result of step 1. Raises UnusableRequest.

    The terminal's serial number is 0000 and the card's counter (as one program has it on line).
    """
    purse, form = purse_of(card), spec.debit.request
    said = dict(zip((one.source for one in form.fields), fields_of(form, out), strict=False))
    try:
        fields = {name: bytes.fromhex(said[name]) for name in ("random", "purchase-serial", "type", "terminal", "time")}
        fields |= _amounts(purse, spec, bytes.fromhex(said["amounts"]))
        fields["terminal-serial"] = bytes(2) + fields["purchase-serial"]
        proofs = {"mac1": mac1(keys, purse, fields), "mac2": mac2(keys, purse, fields), "tac": tac(keys, purse, fields)}
    except (ValueError, KeyError, OracleError) as error:
        raise UnusableRequest(
            zh=f"加密机无法使用第一步的结果（{type(error).__name__}）",
            en=f"an encryptor cannot use the result of step 1 ({type(error).__name__})",
        ) from None
    shown = {**proofs, "terminal-serial": fields["terminal-serial"], "time": fields["time"]}
    return {name: value.hex().upper() for name, value in shown.items()}


def _amounts(purse: PurseSpec, spec: TerminalSpec, octets: bytes) -> dict[str, bytes]:
    for order in spec.debit.amount_forms:
        if sum(purse.lengths[name] for name in order) == len(octets):
            return {"account": bytes(purse.lengths["account"]), **_cut(purse, order, octets)}
    raise ValueError("no form of the amounts has this length")


def key_text(spec: TerminalSpec, fields: Mapping[str, str]) -> str:
    """pKey of its fields by source."""
    return "".join(fields[one.source] + spec.debit.key_input.separator for one in spec.debit.key_input.fields)


def spoilt_field(fields: Mapping[str, str], name: str) -> dict[str, str]:
    """The fields of pKey with the last digit of one of them changed."""
    return {**fields, name: fields[name][:-1] + f"{int(fields[name][-1], 16) ^ 1:X}"}


def answered(attempt: Attempt, name: str) -> str:
    """A field of an attempt in upper-case hexadecimal; empty where there is none."""
    return attempt.fields.get(name, b"").hex().upper()
