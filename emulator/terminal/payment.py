"""What the caller wants to have paid (pPayInfo), and amounts as text."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.terminal_debit import DebitRules

_AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_TIME = re.compile(r"[0-9]{14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Payment:
    """``amounts`` by name (account, self-paid, pooled), in fen; ``time``: yyyymmddhhmmss in BCD, 7 bytes."""

    amounts: Mapping[str, int]
    time: bytes


def payment(rules: DebitRules, text: str, most: int, behaviour: TerminalBehaviour) -> Payment | None:
    """What pPayInfo ``text`` says; None where it is not in its format. ``most``: greatest amount in fen."""
    given = behaviour.pay_fields(text, _fields(rules, text))
    if given is None or not _is_time(given["time"]):
        return None
    amounts = {"account": rules.account}
    for name in ("self-paid", "pooled"):
        read = behaviour.fen(given[name], _fen(rules, given[name], most))
        if read is None:
            return None
        amounts[name] = read
    return Payment(behaviour.purchase_amounts(amounts), bytes.fromhex(given["time"]))


def yuan(rules: DebitRules, fen: int) -> str:
    """An amount in fen as text in yuan."""
    whole, part = divmod(fen, 10**rules.decimals)
    return f"{whole}.{part:0{rules.decimals}d}" if rules.decimals else str(whole)


def _fields(rules: DebitRules, text: str) -> Mapping[str, str] | None:
    *fields, rest = text.split(rules.pay_info.separator)
    if rest or len(fields) != len(rules.pay_info.fields):
        return None
    if any(one.length not in (None, len(value)) for one, value in zip(rules.pay_info.fields, fields, strict=True)):
        return None
    return {one.source: value for one, value in zip(rules.pay_info.fields, fields, strict=True)}


def _fen(rules: DebitRules, text: str, most: int) -> int | None:
    match = _AMOUNT.fullmatch(text)
    if match is None or len(match[2] or "") > rules.decimals:
        return None
    amount = int(match[1] + (match[2] or "").ljust(rules.decimals, "0"))
    return amount if amount <= most else None


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        dt.datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError:
        return False
    return True
