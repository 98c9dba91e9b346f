"""The card as data, resolved for one declaration (ICS): what drives the reference card and what the suite expects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from onecard.spec.expr import Value
from onecard.spec.text import Text

MASTER_FILE, ENVIRONMENT = "MF", "environment"


@dataclass(frozen=True, slots=True)
class Status:
    """A status word as the data write it: ``6A82``, or with ``x`` digits for a counter or length (``63Cx``,
    ``61xx``). ``base`` has zeros there.
    """

    text: str
    base: int
    mask: int

    def matches(self, sw: int) -> bool:
        """Whether ``sw`` is this status word."""
        return sw & self.mask == self.base


@dataclass(frozen=True, slots=True)
class NamedStatus:
    """Meaning of a status word."""

    status: Status
    name: Text


@dataclass(frozen=True, slots=True)
class HistoricalField:
    """A part of the historical bytes; ``coding`` is ``bcd`` or ``any``."""

    id: str
    name: Text
    offset: int
    length: int
    coding: str


@dataclass(frozen=True, slots=True)
class Atr:
    """Rules of the answer to reset.

    Formats are the allowed high nibbles of T0, without and with class or clock-stop indication. ``reference``: which
    of them the reference shows, the first of plain or of indicated ones. ``historical``: parts that follow a rule.
    """

    initial_character: int
    plain_formats: tuple[int, ...]
    indicated_formats: tuple[int, ...]
    tb1: int
    td1: int
    td2: int
    historical_length: int
    reference: str
    historical: tuple[HistoricalField, ...]


@dataclass(frozen=True, slots=True)
class T0:
    """First status byte for data waiting (61) and for a wrong Le (6C)."""

    more_data: int
    wrong_le: int


@dataclass(frozen=True, slots=True)
class FciObject:
    """A data object of the proprietary template: ``value``, then the content of the transparent ``file`` it names."""

    id: str
    tag: int
    value: bytes
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Fci:
    """Tags of the file control information, None where the template has none; ``objects`` close its proprietary one."""

    template: int
    name_tag: int
    proprietary_tag: int | None
    directory_tag: int | None
    issuer_tag: int | None
    algorithm_tag: int | None
    objects: tuple[FciObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """A DDF (``environment``) or ADF (``application``); ``parent`` an application id or ``MF``.

    ``fid`` 0: not selectable by file identifier. ``aid`` is the DF name, empty for an application without one, which
    is selected by its ``label`` (V2.0 notice; GBK).
    """

    id: str
    name: Text
    level: str
    parent: str
    fid: int
    aid: bytes
    label: str
    is_mf: bool
    fci: Fci

    @property
    def df_name(self) -> bytes:
        """What SELECT by name asks for: the AID, or without one the label in GBK."""
        return self.aid or self.label.encode("gbk")


class Access(StrEnum):
    """How an operation on a file is guarded."""

    FREE = "free"
    NEVER = "never"
    KEY = "key"
    PIN = "pin"
    PIN_OR_KEY = "pin or key"
    PIN_AND_KEY = "pin and key"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """An access condition; ``key`` names the key of Access.KEY and of the two combined conditions."""

    access: Access
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A data item, or a field of a record without tags (``tag`` 0).

    ``type`` an, cn, b or B-TLV (``inner`` items); ``charset`` ascii, gbk, bcd, binary or tlv; ``length`` in bytes;
    ``check`` and ``codes`` name rules of CardSpec. ``optional``: may be absent or filled with padding only.
    """

    id: str
    tag: int
    name: Text
    type: str
    charset: str
    length: int
    check: str | None
    codes: str | None
    personal: bool
    optional: bool = False
    inner: tuple["Item", ...] = ()


class Structure(StrEnum):
    """How the content of a file is organised."""

    LINEAR_VARIABLE = "linear-variable"
    LINEAR_FIXED = "linear-fixed"
    CYCLIC = "cyclic"
    TRANSPARENT = "transparent"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class FileSpec:
    """An elementary file.

    Linear files of TLV records: ``items`` by tag, their places in ``record_order`` (a tag may repeat). Fixed and cyclic
    records: ``record_count`` (where no source says how many, those of the reference) and ``record_length`` (bytes),
    without TLV a ``layout`` of fields in order. Transparent: ``size`` in bytes. ``fid`` or ``sfi`` 0: none.
    ``contactless``: the read rule over the contactless interface, None as ``read``.
    ``category``: in-use, preset or reserved (启用, 预设, 预留).
    """

    id: str
    name: Text
    application: str
    fid: int
    sfi: int
    structure: str
    read: AccessRule
    update: AccessRule
    record_order: tuple[int, ...]
    items: tuple[Item, ...]
    layout: tuple[Item, ...] = ()
    record_count: int = 0
    record_length: int = 0
    size: int = 0
    contactless: AccessRule | None = None
    category: str = "in-use"

    def item(self, tag: int) -> Item:
        """The item with ``tag``; raises KeyError."""
        for item in self.items:
            if item.tag == tag:
                return item
        raise KeyError(f"{self.id} has no item {tag:02X}")


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Allowed codes: single ``values`` with their meaning and inclusive ``ranges`` of equal-length strings."""

    id: str
    name: Text
    values: Mapping[str, Text]
    ranges: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to address records (low three bits of P2): ``by`` identifier or number; ``takes`` first, last, next,
    previous, one, from, up-to.
    """

    id: str
    number: int
    by: str
    takes: str


@dataclass(frozen=True, slots=True)
class SelectMethod:
    """A value of P1 of SELECT: ``by`` fid or name; ``finds`` which kinds of file; ``lengths`` the allowed Lc."""

    id: str
    p1: int
    by: str
    finds: frozenset[str]
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PinQuery:
    """VERIFY without data: the Lc that asks, and the answers with and without a PIN."""

    length: int
    set: Status
    none: Status


@dataclass(frozen=True, slots=True)
class Command:
    """A command: header, ISO case, allowed ``lengths`` (Lc, or Le of case 2; empty: not restricted), status words
    by condition, and its own tables.

    ``where``: the applications in which (and below which) the card has it; ``any``: in all. ``parameters``: values of
    its own, by name.
    """

    id: str
    name: Text
    cla: int
    ins: int
    case: int
    lengths: tuple[int, ...]
    statuses: Mapping[str, Status]
    modes: tuple[Mode, ...] = ()
    methods: tuple[SelectMethod, ...] = ()
    occurrences: Mapping[str, int] | None = None
    sfi_range: tuple[int, int] = (1, 30)
    length_rule: str | None = None
    query: PinQuery | None = None
    where: tuple[str, ...] = ("SSSE",)
    parameters: Mapping[str, object] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """A parameter that is a number; raises KeyError for one that the data do not have."""
        return int(str(self.parameters[name]))

    def words(self, name: str) -> tuple[str, ...]:
        """A parameter that is a list of words; empty where the data have none."""
        found = self.parameters.get(name, ())
        return tuple(map(str, found)) if isinstance(found, (list, tuple)) else (str(found),)


@dataclass(frozen=True, slots=True)
class General:
    """Status words that no single command owns."""

    ok: Status
    cla: Status
    instruction: Status
    malformed: Status


@dataclass(frozen=True, slots=True)
class Algorithm:
    """The card's symmetric algorithm: ``code`` 3des or sm4, identifier in the FCI, block and key length in bytes."""

    id: str
    code: str
    identifier: int
    block: int
    key_length: int


@dataclass(frozen=True, slots=True)
class Factor:
    """A diversification factor: ``length`` characters (region, ASCII) or bytes (historical) from ``start`` of
    ``source``, then ``suffix``.
    """

    level: int
    source: str
    start: int
    length: int
    suffix: bytes


@dataclass(frozen=True, slots=True)
class Diversification:
    """Factors from the root downwards; ``second_half`` complement: the second half of a child key comes from the
    complemented factor.
    """

    levels: tuple[Factor, ...]
    second_half: str


@dataclass(frozen=True, slots=True)
class SessionKey:
    """The random value is right-padded with ``random_pad`` to a block."""

    random_pad: int


@dataclass(frozen=True, slots=True)
class AuthenticationData:
    """``length`` bytes; the 8-byte datum is right-padded with ``pad`` to a block; 16-byte blocks are folded by
    ``fold`` (xor-halves or left-half).
    """

    length: int
    pad: int
    fold: str


@dataclass(frozen=True, slots=True)
class KeySpec:
    """A key: ``function`` (internal-authentication, external-authentication, maintenance, load, purchase, tac, master),
    ``key_id`` as in P2 (of a key that no command names: the number under which it is loaded), ``levels`` of
    diversification from its root, ``counted`` whether it has a try counter (where no source says so: it has none).

    ``grants``: what authenticating it opens beside access rules (unblock, block, starting-day). ``tries``: its own
    limit, None for the declared one.
    """

    id: str
    name: Text
    function: str
    application: str
    key_id: int
    levels: int
    counted: bool
    grants: str | None = None
    tries: int | None = None


@dataclass(frozen=True, slots=True)
class PinSpec:
    """Coding of the PIN: ``packing`` bcd (an odd count of digits filled with ``pad_nibble``) or ascii; at most
    ``max_bytes`` bytes, at least ``min_digits`` digits.
    """

    packing: str
    pad_nibble: int
    max_bytes: int
    min_digits: int


@dataclass(frozen=True, slots=True)
class CheckField:
    """A field of a structured item: ``coding`` region, fixed (``value``), bcd, filled (not all filler) or any."""

    id: str
    offset: int
    length: int
    coding: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Check:
    """A check rule.

    ``kind`` weighted: weights, modulus, check ``characters`` indexed by the remainder; structure: fields; version:
    expected value; date; moment (date and time); region.
    """

    id: str
    name: Text
    kind: str
    length: int = 0
    weights: tuple[int, ...] = ()
    modulus: int = 0
    characters: str = ""
    letters: bool = False
    first_letter: bool = False
    fields: tuple[CheckField, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Padding:
    """Fill of an items (byte) and of cn items (nibble)."""

    an: int
    cn: int


@dataclass(frozen=True, slots=True)
class CardSpec:
    """Everything that the standards' data say of one card, for one declaration."""

    profile: str
    ics: Mapping[str, Value]
    algorithm: Algorithm
    atr: Atr
    t0: T0
    general: General
    applications: Mapping[str, Application]
    files: Mapping[str, FileSpec]
    codes: Mapping[str, CodeTable]
    commands: Mapping[str, Command]
    status_words: tuple[NamedStatus, ...]
    keys: Mapping[str, KeySpec]
    key_versions: tuple[int, ...]
    default_key_version: int
    pin: PinSpec
    diversification: Diversification
    session_key: SessionKey
    authentication_data: AuthenticationData
    checks: Mapping[str, Check]
    padding: Padding
    tables: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    """Data of further sections by section and id, for the typed views of onecard.spec.card_*."""

    def table(self, section: str) -> Mapping[str, Mapping[str, object]]:
        """The data of a further section by id; empty where nothing of it applies to this declaration."""
        return self.tables.get(section, {})

    def lineage(self, application: str) -> tuple[str, ...]:
        """An application and those above it, nearest first; ``MF`` is no application.

        An application directly under the MF that is no environment lies in the one that is the MF, where there is one.
        """
        found: list[str] = []
        while application in self.applications and application not in found:
            found.append(application)
            here = self.applications[application]
            inside = here.parent == MASTER_FILE and here.level != ENVIRONMENT
            application = self._master() if inside else here.parent
        return tuple(found)

    def _master(self) -> str:
        return next((found.id for found in self.applications.values() if found.is_mf), MASTER_FILE)

    def commands_in(self, application: str) -> tuple[Command, ...]:
        """The commands that the card has where ``application`` is current."""
        here = {"any", application, *self.lineage(application)}
        return tuple(command for command in self.commands.values() if not here.isdisjoint(command.where))

    def file(self, file_id: str) -> FileSpec:
        """The file with this id, e.g. ``SSSE/EF06``; raises KeyError."""
        return self.files[file_id]

    def command(self, command_id: str) -> Command:
        """The command with this id, e.g. ``READ-RECORD``; raises KeyError."""
        return self.commands[command_id]
