"""Transactions of the medical insurance account and of the transport purse in words."""

from collections.abc import Mapping
from typing import Final

from onecard.explain.fields import Field, fields_text, medical_fields, transport_fields
from onecard.explain.octets import Octets, hexed
from onecard.explain.parts import Parts
from onecard.explain.words import joined, same
from onecard.spec.card import CardSpec, Command
from onecard.spec.card_purse import MEDICAL, purses_of
from onecard.spec.card_transport import Transaction, transport_of
from onecard.spec.text import Text

TRANSPORT_DATA: Final[Mapping[str, tuple[str, ...]]] = {
    "TRANSPORT-INITIALIZE": ("index", "amount", "terminal"),
    "TRANSPORT-DEBIT": ("terminal-sequence", "date", "time", "mac1"),
    "TRANSPORT-CREDIT": ("date", "time", "mac2"),
    "TRANSPORT-PROOF": ("sequence",),
    "TRANSPORT-BLOCK": ("mac",),
}
"""Data of the transport commands whose data do not name their fields (see specs/transport)."""

TRANSPORT_ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    "TRANSPORT-GET-BALANCE": ("balance",),
    "TRANSPORT-DEBIT": ("tac", "mac2"),
    "TRANSPORT-CREDIT": ("tac",),
    "TRANSPORT-PROOF": ("mac", "tac"),
}
"""Their answers."""

PURSE_COMMANDS: Final = frozenset(
    {
        "INITIALIZE-FOR-LOAD",
        "INITIALIZE-FOR-PURCHASE",
        "CREDIT-FOR-LOAD",
        "DEBIT-FOR-PURCHASE",
        "GET-BALANCE",
        "GET-TRANSACTION-PROOF",
        "UPDATE-STARTING-DAY",
        "GET-STARTING-DAY",
        *TRANSPORT_DATA,
        *TRANSPORT_ANSWERS,
    }
)
"""Commands that are told here."""


def purse_asked(spec: CardSpec, command: Command, taken: Parts) -> Text:
    """What a command of a purse asks for: what P1 and P2 choose, and its data."""
    chosen = _chosen(spec, command, taken)
    fields = _data_fields(spec, command)
    return joined([chosen, fields_text(fields, taken.data) if taken.data else None])


def purse_told(spec: CardSpec, command: Command, p1: int | None, p2: int | None, data: Octets) -> Text:
    """What a command of a purse answers."""
    return fields_text(_answer_fields(spec, command, p1, p2), data)


def _data_fields(spec: CardSpec, command: Command) -> tuple[Field, ...]:
    if command.id in TRANSPORT_DATA:
        return transport_fields(TRANSPORT_DATA[command.id])
    return medical_fields(spec, command.words("data"))


def _answer_fields(spec: CardSpec, command: Command, p1: int | None, p2: int | None) -> tuple[Field, ...]:
    if command.id == "TRANSPORT-INITIALIZE":
        found = _transaction(spec, p1)
        return transport_fields(found.answer if found is not None else ())
    if command.id in TRANSPORT_ANSWERS:
        return transport_fields(TRANSPORT_ANSWERS[command.id])
    if command.id == "GET-BALANCE":
        purse = purses_of(spec).get(MEDICAL)
        chosen = next((each for each in purse.balances if each.p2 == p2), None) if purse is not None else None
        return medical_fields(spec, chosen.answer if chosen is not None else ())
    return medical_fields(spec, command.words("answer"))


def _transaction(spec: CardSpec, p1: int | None) -> Transaction | None:
    transport = transport_of(spec)
    if transport is None:
        return None
    return next((each for each in transport.transactions if each.p1 == p1), None)


def _chosen(spec: CardSpec, command: Command, taken: Parts) -> Text | None:
    if command.id == "TRANSPORT-INITIALIZE":
        found = _transaction(spec, taken.p1)
        return _named(spec, "transport-transactions", found.id if found is not None else None, taken.p1, "P1")
    if command.id == "TRANSPORT-GET-BALANCE":
        transport = transport_of(spec)
        balances = transport.balances if transport is not None else ()
        query = next((each.id for each in balances if each.p1 == taken.p1), None)
        return _named(spec, "transport-balances", query, taken.p1, "P1")
    if command.id == "GET-BALANCE":
        return _medical_balance(spec, taken.p2)
    if command.id in ("GET-TRANSACTION-PROOF", "TRANSPORT-PROOF"):
        shown = hexed((taken.p2,))
        return Text(zh=f"交易类型 {shown}", en=f"type of transaction {shown}")
    return None


def _named(spec: CardSpec, section: str, name: str | None, value: int | None, label: str) -> Text:
    node = spec.table(section).get(name or "", {}).get("name")
    if not isinstance(node, Mapping):
        shown = hexed((value,))
        return Text(zh=f"{label} = {shown}（未定义）", en=f"{label} = {shown} (not defined)")
    return Text(zh=str(node["zh"]), en=str(node["en"]))


def _medical_balance(spec: CardSpec, p2: int | None) -> Text:
    purse = purses_of(spec).get(MEDICAL)
    chosen = next((each for each in purse.balances if each.p2 == p2), None) if purse is not None else None
    if chosen is None:
        return Text(zh=f"P2 = {hexed((p2,))}（未定义）", en=f"P2 = {hexed((p2,))} (not defined)")
    fields = medical_fields(spec, chosen.answer)
    return joined([field.name for field in fields], zh="与", en=" and ") if fields else same("")
