"""The e-card service as data: callers, fields, operations, refusals, states of the card, and the dynamic code."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote

from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec, Node
from onecard.spec.text import Text

T = TypeVar("T")

ANYONE = "anyone"
"""The role of an operation that needs no key of the caller."""


class Use(StrEnum):
    """What a state of the card means for its e-card: usable, usable once the holder authorised, not usable."""

    ALL = "all"
    AUTHORISED = "authorised"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of requests. ``pattern``: a regular expression for the whole text.

    ``recorded``: part of a card's record, against which an issue is compared (the identification code finds the
    record). ``personal``: stands in full in no answer to a verifier.
    """

    key: str
    pattern: str
    recorded: bool
    personal: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """A call: ``path`` may hold ``{esscNo}``. ``request`` and ``answer`` are keys of the JSON bodies.

    ``success`` is the HTTP status; ``repeated`` the one where what was asked for exists already.
    """

    id: str
    method: str
    path: str
    role: str
    success: int
    repeated: int
    request: tuple[str, ...]
    answer: tuple[str, ...]

    def at(self, essc_no: str) -> str:
        """The path for one e-card; what may not stand in a path is percent-encoded."""
        return self.path.replace("{esscNo}", quote(essc_no, safe="", errors="replace"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error: its code and HTTP status, and what is told to people."""

    id: str
    code: str
    status: int
    message: Text


@dataclass(frozen=True, slots=True)
class Proof:
    """Whose rules the internal authentication of a card's ``algorithm`` follows: card profile, root key, version."""

    algorithm: str
    card: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class CardState:
    """A state of the physical card; ``code`` as in aaz502. ``final``: no report leads out of it."""

    id: str
    code: str
    issue: bool
    use: Use
    final: bool


@dataclass(frozen=True, slots=True)
class CodeField:
    """A field of the dynamic code: ``length`` in bytes; ``value``: a fixed number, big-endian."""

    id: str
    length: int
    value: int | None


@dataclass(frozen=True, slots=True)
class CodeFormat:
    """The dynamic code: prefix, encoding of its bytes, how many seconds it holds, its fields in order."""

    prefix: str
    encoding: str
    validity: int
    layout: tuple[CodeField, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Of dynamic codes: the SM2 user id, and the fields under which a public key is given."""

    user_id: str
    published: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mask:
    """A field of which the ``first`` and ``last`` characters stay and the others become ``character``."""

    field: str
    first: int
    last: int
    character: str


@dataclass(frozen=True, slots=True)
class EcardSpec:
    """Everything about the e-card service. Mappings by the last part of the id, fields and masks by their key."""

    roles: tuple[str, ...]
    fields: Mapping[str, Field]
    operations: Mapping[str, Operation]
    errors: Mapping[str, Refusal]
    proofs: Mapping[str, Proof]
    issued_action: str
    states: Mapping[str, CardState]
    code: CodeFormat
    signature: Signature
    masks: Mapping[str, Mask]

    def operation(self, name: str) -> Operation:
        """An operation by the last part of its id; raises SpecError."""
        return _found(self.operations, name, "operations")

    def error(self, name: str) -> Refusal:
        """A refusal by the last part of its id; raises SpecError."""
        return _found(self.errors, name, "errors")

    def state(self, name: str) -> CardState:
        """A state of the card by the last part of its id; raises SpecError."""
        return _found(self.states, name, "card-states")

    def state_of(self, code: str) -> CardState | None:
        """The state with this code; None for an unknown one."""
        return next((state for state in self.states.values() if state.code == code), None)

    @property
    def recorded(self) -> tuple[str, ...]:
        """Keys of what a card's record holds."""
        return tuple(field.key for field in self.fields.values() if field.recorded)


def ecard_spec(interface: InterfaceSpec) -> EcardSpec:
    """The typed view of the resolved data; raises SpecError where a datum is missing."""
    table = interface.table
    return EcardSpec(
        roles=tuple(node["code"] for node in table("roles").values()),
        fields={
            node["key"]: Field(node["key"], node["pattern"], node.get("recorded", False), node.get("personal", False))
            for node in table("fields").values()
        },
        operations={_last(node): _operation(node) for node in table("operations").values()},
        errors={_last(node): _refusal(node) for node in table("errors").values()},
        proofs={
            node["algorithm"]: Proof(node["algorithm"], node["card"], node["key"], node["key-version"])
            for node in table("proofs").values()
        },
        issued_action=interface.datum("actions", "ECARD/ACTION/FIRST-LEVEL")["code"],
        states={
            _last(node): CardState(_last(node), node["code"], node["issue"], Use(node["use"]), node["final"])
            for node in table("card-states").values()
        },
        code=_code(interface.datum("codes", "ECARD/CODE")),
        signature=_signature(interface.datum("signatures", "ECARD/SIGNATURE")),
        masks={
            node["field"]: Mask(node["field"], node["first"], node["last"], node["character"])
            for node in table("masks").values()
        },
    )


def _last(node: Node) -> str:
    return str(node["id"]).rpartition("/")[2]


def _operation(node: Node) -> Operation:
    return Operation(
        id=_last(node),
        method=node["method"],
        path=node["path"],
        role=node["role"],
        success=node["success"],
        repeated=node.get("repeated", node["success"]),
        request=tuple(node["request"]),
        answer=tuple(node["answer"]),
    )


def _refusal(node: Node) -> Refusal:
    return Refusal(_last(node), node["code"], node["status"], Text(zh=node["name"]["zh"], en=node["name"]["en"]))


def _code(node: Node) -> CodeFormat:
    layout = tuple(CodeField(_last(field), field["length"], field.get("value")) for field in node["layout"])
    return CodeFormat(node["prefix"], node["encoding"], node["validity"], layout)


def _signature(node: Node) -> Signature:
    return Signature(node["user-id"], tuple(node["published"]))


def _found(table: Mapping[str, T], name: str, section: str) -> T:
    if name not in table:
        raise SpecError(
            zh=f"ecard 的规范数据 {section} 中没有 {name}", en=f"the data of ecard have no {name} in {section}"
        )
    return table[name]
