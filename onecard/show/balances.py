"""Balances that commands give: of the medical account and of the transport purse."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from onecard.show.model import ShownFile, ShownItem
from onecard.show.session import Answer, CardSession
from onecard.spec.build import text_of
from onecard.spec.card import Access, AccessRule, Command
from onecard.spec.text import Text

BALANCE = Text("余额", "balance")
AMOUNT = 4
YEAR = 2
MEDICAL, TRANSPORT = "GET-BALANCE", "TRANSPORT-GET-BALANCE"

Node = Mapping[str, Any]


def balances(session: CardSession, application: str) -> ShownFile | None:
    """The balances of the current application; None where it has none to give."""
    asked = [(node, _ask(session, command, node)) for command, node in _queries(session, application)]
    items = tuple(_item(node, answer.data) for node, answer in asked if answer.ok and len(answer.data) >= AMOUNT)
    if items:
        return ShownFile(f"{application}/BALANCE", BALANCE, items)
    refused = next((answer for _, answer in asked), None)
    if refused is None:
        return None
    return ShownFile(f"{application}/BALANCE", BALANCE, why_not=session.why(refused, None))


def _queries(session: CardSession, application: str) -> Iterator[tuple[Command, Node]]:
    spec = session.spec
    medical, transport = spec.commands.get(MEDICAL), spec.commands.get(TRANSPORT)
    if medical is not None and application in medical.where:
        for purse in cast(Mapping[str, Node], spec.table("purses")).values():
            for node in purse.get("balances", ()):
                yield medical, node
    if transport is not None and application in transport.where:
        for node in cast(Mapping[str, Node], spec.table("transport-balances")).values():
            yield transport, node


def _ask(session: CardSession, command: Command, node: Node) -> Answer:
    if command.id == MEDICAL:
        session.prove(AccessRule(Access.PIN))
    p1 = node.get("p1", command.parameters.get("p1", 0))
    length = AMOUNT + YEAR * (len(node.get("answer", ("",))) - 1)
    return session.send(bytes((command.cla, command.ins, int(str(p1)), node["p2"], length)))


def _item(node: Node, data: bytes) -> ShownItem:
    fen, year = int.from_bytes(data[:AMOUNT]), data[AMOUNT:]
    amount = f"{fen // 100}.{fen % 100:02d}"
    if not year:
        told = Text(f"{amount} 元", f"{amount} yuan")
    else:
        told = Text(f"{amount} 元（年度 {year.hex()}）", f"{amount} yuan (year {year.hex()})")
    return ShownItem("", text_of(node["name"]), told, data)
