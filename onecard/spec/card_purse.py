"""The purses of a card as data: fields, states, keys, log and computations. Gives no values, computes none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from onecard.spec.build import status_of
from onecard.spec.card import CardSpec, Command, Status
from onecard.spec.errors import SpecError

IDLE, LOAD, PURCHASE, SAME = "idle", "load", "purchase", "same"
"""States of a purse; SAME: a command that leaves the state as it is."""

MEDICAL = "MEDICAL"
"""The medical insurance account."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What GET BALANCE answers to one value of P2: fields in order."""

    id: str
    p2: int
    answer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateRule:
    """In which states a command is allowed, and the state after its success (SAME: as before)."""

    command: str
    sources: frozenset[str]
    target: str


@dataclass(frozen=True, slots=True)
class Computation:
    """A session key, MAC or TAC. ``inputs``: ``name`` a field, ``name:last-2`` its last bytes, ``=8000`` these bytes.

    ``other_balance``: the field that may stand for ``balance-after``, where the sources leave it open.
    """

    id: str
    transaction: str
    gives: str
    inputs: tuple[str, ...]
    other_balance: str | None


@dataclass(frozen=True, slots=True)
class PurseSpec:
    """A purse. Keys by name; ``types``: the type byte by transaction (load, purchase); ``lengths`` of fields in bytes.

    ``counter_limit``, ``balance_limit``: greatest values. ``year_length``: the difference of two dates, as numbers
    yyyymmdd, at which a new payment year begins. ``forbidden``: the status word of a command that the state does not
    allow. ``log``: id of the file, ``log_record`` its fields,
    ``short_log_record`` those of a card with the personal account alone.
    """

    id: str
    load_key: str
    purchase_key: str
    tac_key: str
    types: Mapping[str, int]
    counter_limit: int
    balance_limit: int
    year_length: int
    forbidden: Status
    log: str
    log_record: tuple[str, ...]
    short_log_record: tuple[str, ...]
    lengths: Mapping[str, int]
    balances: tuple[Balance, ...]
    states: Mapping[str, StateRule]
    computations: tuple[Computation, ...]

    def computation(self, transaction: str, gives: str) -> Computation:
        """The rule for ``session``, ``mac1``, ``mac2`` or ``tac`` of a transaction; raises KeyError."""
        for each in self.computations:
            if (each.transaction, each.gives) == (transaction, gives):
                return each
        raise KeyError(f"{self.id} has no {gives} of a {transaction}")

    def key(self, transaction: str) -> str:
        """The key from which a transaction's session key is made."""
        return self.load_key if transaction == LOAD else self.purchase_key


def purses_of(spec: CardSpec) -> Mapping[str, PurseSpec]:
    """The purses of a card by id; empty where it has none."""
    return {name: _purse(spec, name) for name in spec.table("purses")}


def purse_of(spec: CardSpec, purse: str = MEDICAL) -> PurseSpec:
    """One purse; raises SpecError where the card has none of this id."""
    if purse not in spec.table("purses"):
        raise SpecError(zh=f"该卡没有钱包 {purse}", en=f"the card has no purse {purse}")
    return _purse(spec, purse)


def names(command: Command, parameter: str) -> tuple[str, ...]:
    """A list of field names among a command's parameters (``data``, ``answer``)."""
    return tuple(cast("list[str]", command.parameters.get(parameter, [])))


def p1_p2(command: Command) -> tuple[int, int | None]:
    """P1 and P2 of a command; P2 None where it selects among answers."""
    return cast(int, command.parameters["p1"]), cast("int | None", command.parameters.get("p2"))


def _purse(spec: CardSpec, purse: str) -> PurseSpec:
    node = cast("Mapping[str, Any]", spec.table("purses")[purse])
    computations = [cast("Mapping[str, Any]", each) for each in spec.table("purse-computations").values()]
    return PurseSpec(
        id=purse,
        load_key=node["load-key"],
        purchase_key=node["purchase-key"],
        tac_key=node["tac-key"],
        types=node["types"],
        counter_limit=node["counter-limit"],
        balance_limit=node["balance-limit"],
        year_length=node["year-length"],
        forbidden=status_of(node["statuses"]["forbidden"]),
        log=node["log"],
        log_record=tuple(node["log-record"]),
        short_log_record=tuple(node["short-log-record"]),
        lengths={each["field"]: each["length"] for each in node["fields"]},
        balances=tuple(Balance(each["id"], each["p2"], tuple(each["answer"])) for each in node["balances"]),
        states={
            each["command"]: StateRule(each["command"], frozenset(each["from"]), each["to"]) for each in node["states"]
        },
        computations=tuple(
            Computation(
                each["id"], each["transaction"], each["gives"], tuple(each["inputs"]), each.get("other-balance")
            )
            for each in computations
            if each["purse"] == purse
        ),
    )
