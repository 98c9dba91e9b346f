"""The encryptor's services as data: what drives the reference encryptor and what the suite expects of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from onecard.spec.build import text_of
from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec, Node
from onecard.spec.text import Text

T = TypeVar("T")

REGION, HISTORICAL, ALGORITHM, KEY_ADDRESS = "region", "historical", "algorithm", "key-address"
"""Roles of fields that say which key is meant."""

HEADER, PLAIN, AMOUNTS = "header", "plain", "amounts"
"""Roles of fields that are read in a way of their own: header and plain text of a message, amounts of a purchase."""

PROOF, MESSAGE, PURCHASE, ECHO = "proof", "secure-message", "purchase", "echo"
"""Kinds of a part of an answer."""

USES: Mapping[str, str] = MappingProxyType({PROOF: "authentication", MESSAGE: "message", PURCHASE: "purchase"})
"""The use that a key must have whose address stands in a request, by the kind of the part that is made with it."""


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
class HsmFrame:
    """A TCP frame: a big-endian length of ``length_bytes``, then so many bytes of JSON, ``longest`` at most.

    ``status``: the member of an answer that holds what is the HTTP status elsewhere.
    """

    length_bytes: int
    longest: int
    status: str


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
    diversification from its root to the card; ``use``: authentication, message, purchase or tac.
    """

    key: str
    address: str | None
    levels: int
    use: str


@dataclass(frozen=True, slots=True)
class HsmField:
    """A field of a request: what it carries, ``digits`` or ``hexadecimal``, its lengths in characters."""

    id: str
    role: str
    form: str
    lengths: tuple[int, ...]
    optional: bool

    @property
    def length(self) -> int:
        """The length, the greatest where there are several."""
        return max(self.lengths)


@dataclass(frozen=True, slots=True)
class HsmAnswer:
    """A part of the answer, by ``kind``, under ``key`` (None: of the address in the request).

    PROOF: authentication data made of two fields, and the second field again. MESSAGE: the secured command, its session
    key made of ``factor``, its plain text ``original``. ECHO: ``original`` again. PURCHASE: ``gives`` mac1, mac2 or
    tac. What a kind does not have is empty. ``forms`` of a MESSAGE, each of them right: the whole ``command``, or its
    ``data`` and MAC without the header.
    """

    id: str
    kind: str
    key: str | None
    factor: str
    original: str
    gives: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HsmMessage:
    """A header (CLA INS P1 P2 Lc) that gets a MAC; ``plain``: with enciphered data; ``block`` of the algorithm, or
    None where any serves.
    """

    header: bytes
    plain: bool
    block: int | None


@dataclass(frozen=True, slots=True)
class HsmAmounts:
    """A form of the amounts: so many characters, which ``holds`` these amounts in order, four bytes each."""

    length: int
    holds: tuple[str, ...]


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
    """Everything that the data say of one encryptor.

    ``region_digits``: leading digits that a served region shares. ``messages`` by header, ``amounts`` by length,
    ``inputs`` of the purchase's session, mac1, mac2 and tac. ``channel_header``: where a caller names its channel, None
    where it does not; ``frame`` of the TCP interface.
    """

    profile: str
    level: str
    transport: HsmTransport
    strings: HsmStrings
    algorithms: Mapping[str, HsmAlgorithm]
    keys: Mapping[str, HsmKey]
    region_digits: int
    messages: Mapping[bytes, HsmMessage]
    amounts: Mapping[int, HsmAmounts]
    inputs: Mapping[str, tuple[str, ...]]
    services: Mapping[str, HsmService]
    errors: Mapping[str, HsmError]
    channel_header: str | None
    frame: HsmFrame

    def service(self, number: str) -> HsmService:
        """A service by its number; raises KeyError."""
        return self.services[f"HSM/SERVICE-{number}"]

    def key_at(self, address: str) -> HsmKey | None:
        """The key at an address, or None."""
        return next((key for key in self.keys.values() if key.address == address), None)

    def key_named(self, name: str) -> HsmKey:
        """The key of a card's name; raises KeyError."""
        for key in self.keys.values():
            if key.key == name:
                return key
        raise KeyError(name)

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
    frame = interface.datum("frames", "HSM/FRAME")
    amounts = {
        node["length"]: HsmAmounts(node["length"], tuple(node["holds"])) for node in interface.table("amounts").values()
    }
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
        keys=_each(
            interface,
            "keys",
            lambda node: HsmKey(node["key"], node.get("address"), node["levels"], node.get("use", USES[PROOF])),
        ),
        region_digits=interface.datum("regions", "HSM/SERVED")["digits"],
        messages={message.header: message for message in _each(interface, "messages", _message).values()},
        amounts=amounts,
        inputs={node["gives"]: tuple(node["inputs"]) for node in interface.table("computations").values()},
        services=_each(interface, "services", lambda node: _service(node, tuple(amounts))),
        errors=_each(
            interface, "errors", lambda node: HsmError(node["id"], node["code"], node["status"], text_of(node["name"]))
        ),
        channel_header=next((node["channel-header"] for node in interface.table("callers").values()), None),
        frame=HsmFrame(frame["length-bytes"], frame["longest"], frame["status"]),
    )


def _each(interface: InterfaceSpec, section: str, make: Callable[[Node], T]) -> dict[str, T]:
    return {identifier: make(node) for identifier, node in interface.table(section).items()}


def _message(node: Node) -> HsmMessage:
    return HsmMessage(bytes.fromhex(node["header"]), node["plain"], node.get("block"))


def _service(node: Node, of_amounts: tuple[int, ...]) -> HsmService:
    return HsmService(
        node["id"],
        node["number"],
        tuple(
            HsmField(field["id"], field["role"], field["form"], _lengths(field, of_amounts), field["optional"])
            for field in node["fields"]
        ),
        tuple(
            HsmAnswer(
                part["id"],
                part.get("kind", PROOF),
                part.get("key"),
                part.get("factor", ""),
                part.get("original", ""),
                part.get("gives", ""),
                tuple(part.get("message-forms", ())),
            )
            for part in node["answers"]
        ),
    )


def _lengths(field: Node, of_amounts: tuple[int, ...]) -> tuple[int, ...]:
    if field["role"] == AMOUNTS:
        return of_amounts
    return tuple(field["lengths"]) if "lengths" in field else (field["length"],)
