"""What is changed of one leaf of the data: operators by the kind of value and of datum.

Freedoms of one card's data are in ``onecard.prove.conforming``; here stands what a kind of datum allows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from onecard.spec.model import BasisClass, Leaf

_STATUS = re.compile(r"[0-9A-F]{2}[0-9A-Fx]{2}")
_HEX = re.compile(r"([0-9A-F]{2})*")
_HEX_KEYS = frozenset(("aid", "suffix", "value", "reference-interface-bytes"))
_EXPRESSION_KEYS = frozenset(("when", "is-mf"))
_STATUS_BRANCHES = frozenset(("statuses", "query"))
# Lists whose order says nothing: each is what is allowed, or the members of a JSON object. (Not so `usages` of the
# PSAM's keys, which are tried in turn, or the factors of a diversification.)
_UNORDERED = frozenset(
    (
        *("lengths", "challenge-lengths", "finds"),
        *("enciphers", "macs", "retry-on", "held-versions"),
        *("request", "answer", "published"),
        *("channels", "scenes", "states", "events", "items", "from"),
        *("completes", "files", "keeps"),
        "refused",
        # Calls name their arguments; their order is that of the library's signatures.
        "arguments",
        # What is proved is one set: the internal authentication comes first by other rules.
        "authentication",
    )
)
# Lists of answers of which a device gives any one (fewer of them, or others first, conform as well), and bounds of what
# its issuer chooses.
_ALTERNATIVES = frozenset(
    (
        "codes",
        "tails",
        "message-forms",
        "cyclic-append",
        "short-log-record",
        "range",
        "name-lengths",
        "label-lengths",
        "roots",
        "may-read",
        "told",
        "may-be",
    ),
)
# Lists of which a card shows any one, the reference the first.
_CHOICES = frozenset(("plain-formats", "indicated-formats", "max-digits"))
# So are the lengths of challenge of the certificate application (those of a PSAM are all shown).
_CHOICES_OF = frozenset((("certificate-coding", "challenge-lengths"),))
# A range of which the lower or the upper half is left out. (Beyond its end no file has a number, and the word for a
# number outside is left open.)
_BOUNDS = frozenset(("sfi-range",))
# Lists of which a card shows any one, by the names that the schema has for it: one beside them breaks the rule.
_ANY_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"readings": ("without-overdraft", "with-overdraft", "overdrawn")}
)
# Closed lists of the schema: a value is exchanged for the others.
_ENUMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "charset": ("gbk", "ascii", "binary"),
        "coding": ("bcd", "any", "region", "fixed"),
        "fold": ("xor-halves", "left-half"),
        "final-cipher": ("3des", "des"),
        "function": ("internal-authentication", "external-authentication"),
        "level": ("environment", "application"),
        "packing": ("bcd", "ascii"),
        "source": ("region", "historical"),
        "structure": ("linear-variable", "transparent"),
        "type": ("an", "cn", "b"),
        "kind": ("weighted", "structure", "date"),
        "check": ("CHECK/DATE", "CHECK/GB11643"),
        "codes": ("CODES/SEX", "CODES/NATION", "CODES/CARD-CLASS"),
        "application": ("SSSE", "DF01"),
        "scenario": ("身份认证", "交易支付"),
        "shows": ("text", "hex"),
        "proves": ("pin", "key"),
        "part": ("TRANSPORT/EF15/START", "TRANSPORT/EF17/COUNTRY"),
    }
)
# Applications in which another may be put; and of those, the ones that lie in it by the rules.
_PARENTS = ("MF", "DF01", "TRANSPORT")
_WITHIN: Mapping[str, tuple[str, ...]] = MappingProxyType({"SSSE": ("DF01",)})
# What a mode takes of the records with an identifier, and what by a number.
_TAKES = (("first", "last", "next", "previous"), ("one", "from", "up-to"))
# Closed lists of numbers: nothing is made with another one. (A key has no more levels than there are factors, and a
# region no more than six digits.)
_CLOSED: Mapping[str, Sequence[int]] = MappingProxyType(
    {"block": (8, 16), "key-length": (8, 16), "levels": range(4), "case": range(1, 5), "digits": range(7)}
)
# Numbers of which more is no mistake, or is none by less than so much: data of CIPHER DATA come in whole blocks, and
# who asks for more than there is learns by 6Cxx how much there is; a file may have room for more records.
_NOT_MORE: Mapping[str, int | None] = MappingProxyType({"cipher-limit": 16, "number-length": None, "count": None})
# Numbers that say an order only.
_PLACES = frozenset(("level",))
BEHIND_ALL = 0x7F
ACCEPTED = "9000"
# Over T=0 no Le is sent: without an answer a command of case 3 is one of case 4.
_SAME = frozenset((("case", 3, 4),))
# Limits of what a laboratory measures, decimal numbers as text: name of the change, factor, and what is added.
_MEASURED = frozenset(("measurements", "style"))
_LIMITS: Mapping[str, tuple[str, Decimal, int]] = MappingProxyType(
    {
        "max": ("doubled", Decimal(2), 0),
        "below": ("doubled", Decimal(2), 0),
        "min": ("halved", Decimal("0.5"), 0),
        "nominal": ("one-more", Decimal(1), 1),
    }
)
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
# What may stand on a card beside the data: further elements of a face, further keys.
_FACES, _KEYS = "STYLE/", "keys"
# Where keys of SSSE are proved. Elsewhere none of them is ever, and a rule that names one is another word for "never".
_WITH_KEYS = "SSSE/"
Change = tuple[str, object]


def changes(leaf: Leaf) -> Iterator[Change]:
    """The applicable changes of a leaf as (name of the operator, new value)."""
    key = _key(leaf.path)
    value = leaf.value
    match value:
        case bool():
            yield "flipped", not value
        case int():
            yield from _of_number(key, value)
        case list() if key in _CHOICES or (leaf.section, key) in _CHOICES_OF:
            yield from _of_choice(value)
        case list() if key in _ANY_OF:
            yield from ((f"is-{other}", [other]) for other in _ANY_OF[key] if other not in value)
        case list() if key == "where" and len(value) > 1:
            yield from (("without-last", value[:-1]), ("without-first", value[1:]))
        case list() if key in _BOUNDS:
            yield from _of_bounds(value)
        case list() if key == "ranges":
            yield from _of_ranges(value)
        case list() if key not in _ALTERNATIVES:
            yield from _of_list(value, ordered=key not in _UNORDERED)
        case str() if leaf.section in _MEASURED and key in _LIMITS and _DECIMAL.fullmatch(value):
            yield from _of_limit(key, Decimal(value))
        case str():
            changed = _of_unsaid(leaf) if _is_unsaid(leaf) else _of_text(key, leaf.path, value)
            more = leaf.path.startswith(_FACES) or leaf.section == _KEYS
            yield from (change for change in changed if not (more and change[1] == "true"))


def _of_limit(key: str, value: Decimal) -> Iterator[Change]:
    # So far that a body made by the changed limit lies outside of the true one and its tolerance.
    operator, factor, more = _LIMITS[key]
    yield operator, str(value * factor + (more or (0 if value else 1)))


def _is_unsaid(leaf: Leaf) -> bool:
    """Whether a leaf is the status word of a refusal for which no source gives a word: any refusal conforms."""
    return leaf.basis.cls is BasisClass.PROFILE and bool(_STATUS_BRANCHES.intersection(leaf.path.split(".")))


def _of_unsaid(leaf: Leaf) -> Iterator[Change]:
    if leaf.value != "9000":
        yield "status-9000", "9000"


def _key(path: str) -> str:
    # `read.1.value` is the value of `read` for one declaration.
    steps = [step for step in path.split(".")[1:] if not step.isdigit()]
    return steps[-2] if len(steps) > 1 and steps[-1] == "value" else steps[-1]


def _of_number(key: str, value: int) -> Iterator[Change]:
    if key == "limit":
        # A limit far above is beyond what 63Cx can tell (fifteen).
        yield from (("plus-one", value + 1), ("minus-one", value - 1))
        return
    if key in _PLACES:
        yield from (("before-all", 0), ("behind-all", BEHIND_ALL))
        return
    if value < 0:
        # A code: the next one may tell the same.
        changed = [("negated", -value), ("bit-4", value ^ 0x10)]
    else:
        less = [("minus-one", value - 1)] if value else []
        # Where the nearest places are as good, the first one is not.
        start = [("at-start", 0)] if key == "offset" and value > 1 else []
        changed = [("plus-one", value + 1), *less, ("bit-4", value ^ 0x10), *start]
    if key in _CLOSED:
        near = [change for change in changed if change[1] in _CLOSED[key]]
        told = {other for _, other in near}
        changed = near + [(f"is-{other}", other) for other in _CLOSED[key] if other != value and other not in told]
    if key in _NOT_MORE:
        least = _NOT_MORE[key]
        changed = [change for change in changed if change[1] < value or (least and change[1] >= value + least)]
    yield from (change for change in changed if (key, value, change[1]) not in _SAME)


def _of_choice(value: Sequence[int]) -> Iterator[Change]:
    others = (value[0] ^ 1 << bit for bit in range(4))
    for number, other in enumerate([other for other in others if other not in value], start=1):
        yield f"first-not-allowed-{number}", [other, *value[1:]]


def _of_bounds(value: Sequence[int]) -> Iterator[Change]:
    low, high = value
    middle = (low + high) // 2
    yield from (("upper-half", [middle + 1, high]), ("lower-half", [low, middle]))


def _of_ranges(value: Sequence[Sequence[str]]) -> Iterator[Change]:
    # A holder's code is any one of the ranges: fewer of them make right cards, one beside them a wrong one.
    width = len(value[0][0])
    # From the top, and behind the end of a range: a code of zeros alone stands for an item without content.
    from_top = (str(number).zfill(width) for number in reversed(range(10**width)))
    behind = (str(int(high) + 1).zfill(width) for _, high in value)
    for name, codes in (("beside", from_top), ("behind", behind)):
        beside = (code for code in codes if len(code) == width and not any(low <= code <= high for low, high in value))
        code = next(beside, None)
        if code is not None:
            yield name, [[code, code]]


def _of_list(value: Sequence[object], *, ordered: bool) -> Iterator[Change]:
    if len(value) > 1 and ordered:
        yield "first-two-exchanged", [value[1], value[0], *value[2:]]
    if len(value) > 1:
        yield "without-last", list(value[:-1])
    if value and isinstance(value[-1], int):
        yield "last-plus-one", [*value[:-1], value[-1] + 1]


def _of_text(key: str, path: str, value: str) -> Iterator[Change]:
    general = path.startswith("GENERAL.")
    if (general or _STATUS_BRANCHES.intersection(path.split("."))) and _STATUS.fullmatch(value):
        yield from ((f"status-{other}", other) for other in ("6F00", "6985", "9000") if other != value)
    elif key in ("read", "update"):
        rules = ["free", "never", "key UKSSSE", "key RKSSSE"]
        told = rules if value != "never" or path.startswith(_WITH_KEYS) else rules[:2]
        yield from ((f"rule-{rule.replace(' ', '-')}", rule) for rule in told if rule != value)
    elif key in _EXPRESSION_KEYS or path.endswith(".when"):
        yield from ((f"always-{other}", other) for other in ("true", "false") if other != value)
    elif key in _HEX_KEYS and _HEX.fullmatch(value):
        yield from _of_hex(value)
    elif key == "by":
        pair = ("fid", "name") if "SELECT/" in path else ("identifier", "number")
        yield from ((f"is-{other}", other) for other in pair if other != value)
    elif key == "takes":
        alike = next((names for names in _TAKES if value in names), ())
        yield from ((f"is-{other}", other) for other in alike if other != value)
    elif key == "parent":
        yield from ((f"is-{other}", other) for other in _PARENTS if other != value and other not in _around(path))
    elif key in _ENUMS:
        yield from ((f"is-{other.replace('/', '-')}", other) for other in _ENUMS[key] if other != value)
    elif key in ("characters", "initial") and value[1:] + value[:1] != value:
        yield "turned", value[1:] + value[:1]


def _around(path: str) -> tuple[str, ...]:
    # No application lies in itself, nor in one that lies in it.
    name = path.partition(".")[0]
    return (name, *_WITHIN.get(name, ()))


def _of_hex(value: str) -> Iterator[Change]:
    octets = bytes.fromhex(value)
    yield "one-more-byte", (octets + b"\x00").hex().upper()
    if octets:
        yield "last-byte-changed", (octets[:-1] + bytes((octets[-1] ^ 0x01,))).hex().upper()
        yield "first-byte-changed", (bytes((octets[0] ^ 0x01,)) + octets[1:]).hex().upper()
