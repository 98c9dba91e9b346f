"""The encryptor's services as data: what drives the reference encryptor and what the suite expects of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from onecard.spec.build import text_of
from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec, Node
from onecard.spec.text import Text

T = TypeVar("T")

REGION, HISTORICAL, ALGORITHM, KEY_ADDRESS = "region", "historical", "algorithm", "key-address"
"""Roles of fields that say which key is meant."""


@dataclass(frozen=True, slots=True)
class HsmTransport:
    """How a string is carried: HTTP method and path, members of the JSON objects, headers of the credential."""

    method: str
    path: str
    request: str
    response: str
    id_header: str
    key_header: str


@dataclass(frozen=True, slots=True)
class HsmStrings:
    """Form of the strings.

    ``separator`` ends each field; a string has fewer than ``limit`` bytes; ``tails``: how an answer without an optional
    part may end; ``lower_case``: whether lower-case hexadecimal is taken.
    """

    separator: str
    limit: int
    tails: tuple[str, ...]
    lower_case: bool


@dataclass(frozen=True, slots=True)
class HsmAlgorithm:
    """An algorithm by its ``identifier`` in the strings; ``card``: the profile of cards that compute by it."""

    identifier: str
    card: str


@dataclass(frozen=True, slots=True)
class HsmKey:
    """A key: ``key`` is its name on the card, ``address`` None for one that no address names, ``levels`` of
    diversification from its root to the card.
    """

    key: str
    address: str | None
    levels: int


@dataclass(frozen=True, slots=True)
class HsmField:
    """A field of a request: what it carries, ``digits`` or ``hexadecimal``, its length in characters."""

    id: str
    role: str
    form: str
    length: int
    optional: bool


@dataclass(frozen=True, slots=True)
class HsmAnswer:
    """A part of the answer: authentication data under ``key`` (None: of the address in the request), made of two
    fields, and the second field again.
    """

    id: str
    key: str | None
    factor: str
    original: str


@dataclass(frozen=True, slots=True)
class HsmService:
    """A service: its number is the first field of a request."""

    id: str
    number: str
    fields: tuple[HsmField, ...]
    answers: tuple[HsmAnswer, ...]


@dataclass(frozen=True, slots=True)
class HsmError:
    """A refusal: ``code`` in the body, HTTP ``status``, message."""

    id: str
    code: str
    status: int
    message: Text


@dataclass(frozen=True, slots=True)
class HsmSpec:
    """Everything that the data say of one encryptor. ``region_digits``: leading digits that a served region shares."""

    profile: str
    level: str
    transport: HsmTransport
    strings: HsmStrings
    algorithms: Mapping[str, HsmAlgorithm]
    keys: Mapping[str, HsmKey]
    region_digits: int
    services: Mapping[str, HsmService]
    errors: Mapping[str, HsmError]

    def service(self, number: str) -> HsmService:
        """A service by its number; raises KeyError."""
        return self.services[f"HSM/SERVICE-{number}"]

    def key_at(self, address: str) -> HsmKey | None:
        """The key at an address, or None."""
        return next((key for key in self.keys.values() if key.address == address), None)

    def error(self, name: str) -> HsmError:
        """A refusal by its id without the prefix, e.g. ``FIELD-FORM``; raises KeyError."""
        return self.errors[f"HSM/{name}"]


def hsm_spec(interface: InterfaceSpec) -> HsmSpec:
    """The typed view; raises SpecError where the data are incomplete."""
    try:
        return _view(interface)
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError(
            zh=f"加密机的规范数据不完整：{error!r}", en=f"the data of the encryptor are broken: {error!r}"
        ) from None


def _view(interface: InterfaceSpec) -> HsmSpec:
    transport = interface.datum("transport", "HSM/TRANSPORT")
    strings = interface.datum("strings", "HSM/STRINGS")
    return HsmSpec(
        profile=interface.profile,
        level=str(interface.ics["hsm.level"]),
        transport=HsmTransport(
            *(transport[key] for key in ("method", "path", "request", "response", "id-header", "key-header"))
        ),
        strings=HsmStrings(
            strings["separator"],
            interface.datum("strings", "HSM/LIMIT")["limit"],
            tuple(strings["tails"]),
            interface.datum("strings", "HSM/CASE")["lower-case"],
        ),
        algorithms={
            node["identifier"]: HsmAlgorithm(node["identifier"], node["card"])
            for node in interface.table("algorithms").values()
        },
        keys=_each(interface, "keys", lambda node: HsmKey(node["key"], node.get("address"), node["levels"])),
        region_digits=interface.datum("regions", "HSM/SERVED")["digits"],
        services=_each(interface, "services", _service),
        errors=_each(
            interface, "errors", lambda node: HsmError(node["id"], node["code"], node["status"], text_of(node["name"]))
        ),
    )


def _each(interface: InterfaceSpec, section: str, make: Callable[[Node], T]) -> dict[str, T]:
    return {identifier: make(node) for identifier, node in interface.table(section).items()}


def _service(node: Node) -> HsmService:
    return HsmService(
        node["id"],
        node["number"],
        tuple(
            HsmField(field["id"], field["role"], field["form"], field["length"], field["optional"])
            for field in node["fields"]
        ),
        tuple(HsmAnswer(part["id"], part.get("key"), part["factor"], part["original"]) for part in node["answers"]),
    )
