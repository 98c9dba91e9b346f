"""The data of a partner interface, typed: envelope, operations, codes, checks, deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec, Node
from onecard.spec.text import Text

T = TypeVar("T")

ACTIVATE = "PARTNER/ACTIVATE"
NOTIFY = "PARTNER/NOTIFY"


@dataclass(frozen=True, slots=True)
class Field:
    """A protocol field. ``request`` and ``answer``: mandatory, optional, absent. ``pattern`` fits the whole value."""

    id: str
    key: str
    request: str
    answer: str
    signed: bool
    pattern: str


@dataclass(frozen=True, slots=True)
class NormalForm:
    """How the string to sign is formed; the ``drop_…`` say which empty values it leaves out."""

    drop_null: bool
    drop_empty_text: bool
    drop_empty_list: bool
    drop_empty_object: bool
    pair: str
    join: str
    secret_name: str


@dataclass(frozen=True, slots=True)
class KeyDerivation:
    """Where the two keys begin, in the application id and in the enciphered secret; ``coding`` of the latter."""

    first_key_start: int
    key_start: int
    coding: str


@dataclass(frozen=True, slots=True)
class Encipherment:
    """SM4 with PKCS7: ``mode`` ecb or cbc, ``coding`` upper-hex or base64, whether ``lower_hex`` is taken."""

    mode: str
    coding: str
    lower_hex: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """SM2 with SM3: ``user_id`` app-secret or default, ``coding`` of r then s."""

    user_id: str
    coding: str


@dataclass(frozen=True, slots=True)
class Timestamp:
    """``form`` datetime (at ``offset_hours`` from UTC) or epoch-ms; ``past`` and ``future``: the window in seconds."""

    form: str
    offset_hours: int
    past: int
    future: int


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: kind of transaction and path of its POST request."""

    id: str
    trans_type: str
    path: str


@dataclass(frozen=True, slots=True)
class BusinessField:
    """A field of the business data of an operation's ``request`` or ``answer``."""

    id: str
    operation: str
    message: str
    key: str
    mandatory: bool
    pattern: str


@dataclass(frozen=True, slots=True)
class Code:
    """A return code, its HTTP status, and its name."""

    code: str
    status: int
    name: Text


@dataclass(frozen=True, slots=True)
class PartnerSpec:
    """All of it, for one declaration. ``codes`` by the last part of their id, ``transitions`` by (state, event)."""

    version: str
    fields: tuple[Field, ...]
    normal_form: NormalForm
    key: KeyDerivation
    encipherment: Encipherment
    signature: Signature
    timestamp: Timestamp
    content_type: str
    largest_body: int
    operations: Mapping[str, Operation]
    business: tuple[BusinessField, ...]
    codes: Mapping[str, Code]
    transitions: Mapping[tuple[str, str], str]
    stages: tuple[str, ...]
    protocol_checks: tuple[str, ...]
    new_message_id: bool
    attempts: int
    retry_seconds: int

    def field(self, name: str) -> Field:
        """The protocol field with this last part of its id (``APP-ID``); raises SpecError."""
        return _one(name, [field for field in self.fields if field.id.endswith(f"/{name}")])

    def business_fields(self, operation: str, message: str) -> tuple[BusinessField, ...]:
        """The business data of an operation's request or answer, in order."""
        return tuple(field for field in self.business if (field.operation, field.message) == (operation, message))

    def code(self, name: str) -> Code:
        """The code with this last part of its id (``REPLAY``); raises SpecError."""
        return _one(name, [self.codes[name]] if name in self.codes else [])


def partner_spec(interface: InterfaceSpec) -> PartnerSpec:
    """The typed view of a partner's data; raises SpecError where they are broken."""
    normal, key = _only(interface, "normal-forms"), _only(interface, "key-derivations")
    encipherment, signature = _only(interface, "encipherments"), _only(interface, "signatures")
    timestamp, body = _only(interface, "timestamps"), _only(interface, "bodies")
    order = _only(interface, "check-orders")
    return PartnerSpec(
        version=str(interface.ics["partner.version"]),
        fields=tuple(
            Field(each["id"], each["key"], each["request"], each["answer"], each["signed"], each["pattern"])
            for each in interface.table("fields").values()
        ),
        normal_form=NormalForm(
            normal["drop-null"], normal["drop-empty-text"], normal["drop-empty-list"], normal["drop-empty-object"],
            normal["pair"], normal["join"], normal["secret-name"],
        ),
        key=KeyDerivation(key["first-key-start"], key["key-start"], key["coding"]),
        encipherment=Encipherment(encipherment["mode"], encipherment["coding"], encipherment["lower-hex"]),
        signature=Signature(signature["user-id"], signature["coding"]),
        timestamp=Timestamp(timestamp["form"], timestamp["offset-hours"], timestamp["past"], timestamp["future"]),
        content_type=body["content-type"],
        largest_body=body["largest"],
        operations={
            name: Operation(name, each["trans-type"], each["path"])
            for name, each in interface.table("operations").items()
        },
        business=tuple(
            BusinessField(
                each["id"], each["operation"], each["message"], each["key"],
                each["presence"] == "mandatory", each["pattern"],
            )
            for each in interface.table("business-fields").values()
        ),
        codes=_codes(interface),
        transitions={(each["from"], each["event"]): each["to"] for each in interface.table("transitions").values()},
        stages=tuple(order["stages"]),
        protocol_checks=tuple(order["protocol"]),
        new_message_id=_only(interface, "deliveries")["new-message-id"],
        attempts=cast(int, interface.ics["partner.notify_attempts"]),
        retry_seconds=cast(int, interface.ics["partner.retry_seconds"]),
    )  # fmt: skip


def _codes(interface: InterfaceSpec) -> dict[str, Code]:
    table = {name.rpartition("/")[2]: node for name, node in interface.table("codes").items()}
    # Some partners answer everything with the HTTP status of success, and say so.
    success = _one("OK", [table["OK"]] if "OK" in table else [])["status"]
    follows = interface.ics["partner.http_status"]
    return {
        name: Code(node["code"], node["status"] if follows else success, Text(node["name"]["zh"], node["name"]["en"]))
        for name, node in table.items()
    }


def _one(name: str, found: list[T]) -> T:
    if len(found) != 1:
        raise SpecError(zh=f"合作方数据中应恰有一个 {name}", en=f"the partner's data must have one {name}")
    return found[0]


def _only(interface: InterfaceSpec, section: str) -> Node:
    found = list(interface.table(section).values())
    if len(found) != 1:
        raise SpecError(
            zh=f"合作方数据 {section} 应恰有一项，现有 {len(found)} 项",
            en=f"the partner's data must have one entry in {section}, not {len(found)}",
        )
    return found[0]
