"""The PSAM as data, resolved for one declaration: what drives the reference PSAM and what the suite expects of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from onecard.spec.build import status_of
from onecard.spec.card import T0, General
from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec, Node
from onecard.spec.psam_command import PsamCommand, command_of, one_of
from onecard.spec.psam_loading import Loading, loading_of
from onecard.spec.psam_purchase import Purchase, purchase_of
from onecard.spec.psam_transport import PsamTransport, transport_in

T = TypeVar("T")

MASTER, APPLICATION = "master", "application"
"""Where a file lies: under the master file, or in the PSAM application of every environment."""


@dataclass(frozen=True, slots=True)
class PsamAtr:
    """Form of the answer to reset: TS, high nibble of T0, interface bytes, number of historical bytes."""

    initial_character: int
    format: int
    interface_bytes: bytes
    historical_length: int


@dataclass(frozen=True, slots=True)
class PsamAlgorithm:
    """A symmetric algorithm: ``code`` 3des or sm4, ``block`` in bytes; lengths of challenges; longest data of CIPHER
    DATA in bytes; ``mac_fold``: 4 bytes of the last block, leftmost or its words exclusive-ored.
    """

    code: str
    block: int
    challenge_lengths: tuple[int, ...]
    cipher_limit: int
    mac_fold: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A DDF: ``aid`` is its DF name; ``fid`` None where no source gives one; all keys in it use ``algorithm``."""

    id: str
    fid: int | None
    aid: bytes
    algorithm: str


@dataclass(frozen=True, slots=True)
class PsamApplication:
    """The ADF with the keys, one in each environment."""

    id: str
    fid: int
    aid: bytes


@dataclass(frozen=True, slots=True)
class PsamFci:
    """Tags of the file control information."""

    template: int
    name_tag: int


@dataclass(frozen=True, slots=True)
class PsamField:
    """A part of a file in BCD: so many bytes from ``offset``."""

    id: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class PsamFile:
    """A transparent file, read freely. ``place``: master or application. ``update``: free, never, or ``key`` and the
    own key that opens it.
    """

    id: str
    place: str
    fid: int
    length: int
    fields: tuple[PsamField, ...]
    update: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Meaning of a key's usage byte: which bits are the number of levels and the type; types by what they allow."""

    levels_mask: int
    type_mask: int
    enciphers: tuple[int, ...]
    macs: tuple[int, ...]

    def levels(self, usage: int) -> int:
        """Number of diversification levels below the key."""
        mask = self.levels_mask
        return (usage & mask) >> ((mask & -mask).bit_length() - 1) if mask else 0

    def type(self, usage: int) -> int:
        """Type of the key."""
        return usage & self.type_mask


@dataclass(frozen=True, slots=True)
class PsamKey:
    """A root key: ``key`` is its name on the user card, ``usage`` and ``number`` are P1 and P2 of its delivery."""

    id: str
    key: str
    usage: int
    number: int


@dataclass(frozen=True, slots=True)
class PsamDiversification:
    """``factor``: bytes of one factor; ``order`` in the command; ``second_half`` of a child: complement or repeat."""

    factor: int
    order: str
    second_half: str


@dataclass(frozen=True, slots=True)
class PsamSpec:
    """Everything that the data say of one PSAM. ``session_uses``: computations that a session key serves;
    ``transport``: None for a PSAM without the transport application.
    """

    profile: str
    atr: PsamAtr
    general: General
    t0: T0
    algorithms: Mapping[str, PsamAlgorithm]
    environments: tuple[Environment, ...]
    application: PsamApplication
    fci: PsamFci
    files: Mapping[str, PsamFile]
    usage: Usage
    keys: Mapping[str, PsamKey]
    diversification: PsamDiversification
    session_uses: int
    loading: Loading
    purchase: Purchase
    transport: PsamTransport | None
    commands: Mapping[str, PsamCommand]

    @property
    def master(self) -> Environment:
        """The environment that is the master file; raises SpecError."""
        return one_of([found for found in self.environments if found.fid is not None], "master file")

    def environment(self, algorithm: str) -> Environment:
        """The environment of an algorithm; raises SpecError."""
        return one_of([found for found in self.environments if found.algorithm == algorithm], algorithm)

    def file(self, identifier: str) -> PsamFile:
        """A file by its id without the prefix, e.g. ``EF0016``; raises KeyError."""
        return self.files[f"PSAM/{identifier}"]

    def command(self, identifier: str) -> PsamCommand:
        """A command by its id without the prefix, e.g. ``CIPHER-DATA``; raises KeyError."""
        return self.commands[f"PSAM/{identifier}"]


def psam_spec(interface: InterfaceSpec) -> PsamSpec:
    """The typed view; raises SpecError where the data are incomplete or contradict themselves."""
    try:
        return _view(interface)
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError(
            zh=f"PSAM 的规范数据不完整：{error!r}", en=f"the data of the PSAM are broken: {error!r}"
        ) from None


def _view(interface: InterfaceSpec) -> PsamSpec:
    general = interface.datum("general-statuses", "PSAM/GENERAL")
    t0 = interface.datum("t0", "PSAM/T0")
    atr = interface.datum("atr", "PSAM/ATR")
    fci = interface.datum("fci", "PSAM/FCI")
    usage = interface.datum("usages", "PSAM/USAGE")
    diversification = interface.datum("computations", "PSAM/DIVERSIFICATION")
    algorithms = [_algorithm(node) for node in interface.table("algorithms").values()]
    environments = _each(interface, "environments", _environment)
    codes = {algorithm.code for algorithm in algorithms}
    if unknown := {environment.algorithm for environment in environments.values()} - codes:
        raise SpecError(
            zh=f"PSAM 环境的算法未定义：{unknown}", en=f"algorithms of environments without data: {unknown}"
        )
    return PsamSpec(
        profile=interface.profile,
        atr=PsamAtr(
            atr["initial-character"], atr["format"], bytes.fromhex(atr["interface-bytes"]), atr["historical-length"]
        ),
        general=General(*(status_of(general[key]) for key in ("ok", "class", "instruction", "malformed"))),
        t0=T0(t0["more-data"], t0["wrong-le"]),
        algorithms={algorithm.code: algorithm for algorithm in algorithms},
        environments=tuple(environments.values()),
        application=_application(interface.datum("applications", "PSAM/DF01")),
        fci=PsamFci(fci["template"], fci["name-tag"]),
        files=_each(interface, "files", _file),
        usage=Usage(usage["levels-mask"], usage["type-mask"], tuple(usage["enciphers"]), tuple(usage["macs"])),
        keys=_each(interface, "keys", _key),
        diversification=PsamDiversification(*(diversification[key] for key in ("factor", "order", "second-half"))),
        session_uses=interface.datum("computations", "PSAM/SESSION")["uses"],
        loading=loading_of(interface),
        purchase=purchase_of(interface),
        transport=transport_in(interface),
        commands=_each(interface, "commands", command_of),
    )


def _each(interface: InterfaceSpec, section: str, make: Callable[[Node], T]) -> dict[str, T]:
    return {identifier: make(node) for identifier, node in interface.table(section).items()}


def _algorithm(node: Node) -> PsamAlgorithm:
    return PsamAlgorithm(
        node["code"], node["block"], tuple(node["challenge-lengths"]), node["cipher-limit"], node["mac-fold"]
    )


def _environment(node: Node) -> Environment:
    return Environment(node["id"], node.get("fid"), bytes.fromhex(node["aid"]), node["algorithm"])


def _application(node: Node) -> PsamApplication:
    return PsamApplication(node["id"], node["fid"], bytes.fromhex(node["aid"]))


def _file(node: Node) -> PsamFile:
    fields = tuple(PsamField(field["id"], field["offset"], field["length"]) for field in node["fields"])
    return PsamFile(node["id"], node["place"], node["fid"], node["length"], fields, node.get("update", "never"))


def _key(node: Node) -> PsamKey:
    return PsamKey(node["id"], node["key"], node["usage"], node["number"])
