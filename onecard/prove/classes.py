"""Kinds of datum: what sort of rule a specification mutant breaks; they are counted, and columns of the kill matrix."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from onecard.spec.model import Leaf
from onecard.spec.text import Text

BEHAVIOUR_CLASS: Final = "behaviour"

CLASSES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        BEHAVIOUR_CLASS: Text(zh="行为", en="behaviour"),
        "access-condition": Text(zh="访问条件", en="access condition"),
        "key-id": Text(zh="密钥标识与归属", en="key id and owner"),
        "key-version": Text(zh="密钥版本", en="key version"),
        "retry-limit": Text(zh="重试次数", en="retry limit"),
        "identifier": Text(zh="标识与名称", en="identifier, name"),
        "tag": Text(zh="标签", en="tag"),
        "length": Text(zh="长度", en="length"),
        "padding": Text(zh="填充", en="padding"),
        "coding": Text(zh="编码", en="coding"),
        "record-order": Text(zh="记录次序", en="record order"),
        "code-table": Text(zh="代码表", en="code table entry"),
        "file-structure": Text(zh="文件结构", en="file structure"),
        "sfi": Text(zh="短文件标识", en="SFI"),
        "status-word": Text(zh="状态字", en="status word"),
        "error-code": Text(zh="返回码", en="return or error code"),
        "command-availability": Text(zh="命令可用性", en="command availability"),
        "parameters": Text(zh="P1、P2、Lc、Le", en="P1, P2, Lc, Le rule"),
        "presence": Text(zh="有无", en="presence"),
        "state-transition": Text(zh="状态转换", en="state transition"),
        "computation": Text(zh="计算规则", en="computation rule"),
        "answer-to-reset": Text(zh="复位应答", en="answer to reset"),
        "message": Text(zh="报文与数据项", en="message and field"),
        "limit": Text(zh="限额与时限", en="limit of amount or time"),
        "measurement": Text(zh="尺寸与物理量", en="measured quantity"),
    }
)
"""Every class with its name, in the order of the matrix's columns."""

# The branch decides for everything beneath it.
_BRANCHES: Mapping[str, str] = MappingProxyType({"statuses": "status-word", "query": "parameters"})
# What a key means in one section only.
_OF_SECTION: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("applications", "value"): "tag",
        ("applications", "template"): "tag",
        ("applications", "parent"): "file-structure",
        ("applications", "level"): "file-structure",
        ("applications", "is-mf"): "file-structure",
        ("checks", "length"): "code-table",
        ("codes", "length"): "message",
        ("codes", "validity"): "limit",
        ("codes", "value"): "message",
        ("codes", "status"): "error-code",
        ("commands", "length"): "parameters",
        ("commands", "lengths"): "parameters",
        ("commands", "max"): "parameters",
        ("commands", "min"): "parameters",
        ("commands", "when"): "command-availability",
        ("fci", "template"): "tag",
        ("keys", "application"): "key-id",
        ("measurements", "when"): "presence",
        ("printed-data", "when"): "presence",
        ("style", "when"): "presence",
        ("files", "when"): "presence",
        ("files", "application"): "file-structure",
        ("files", "offset"): "length",
        ("strings", "limit"): "length",
        ("masks", "first"): "message",
        ("sam-access", "retry-on"): "error-code",
        ("files", "codes"): "code-table",
        ("files", "check"): "code-table",
        ("transport-messaging", "length"): "computation",
        ("messaging", "length"): "computation",
        ("computations", "length"): "computation",
        ("purse-computations", "length"): "computation",
        ("transport-factors", "length"): "computation",
        ("strings", "length"): "length",
        ("regions", "when"): "code-table",
        **{
            (section, limit): "measurement"
            for section in ("measurements", "style")
            for limit in ("max", "min", "below", "nominal")
        },
    }
)
_OF_KEY: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("read", "update"), "access-condition"),
        **dict.fromkeys(("key-id", "number", "function", "usage", "usages", "application"), "key-id"),
        **dict.fromkeys(("key-version", "versions", "held-versions"), "key-version"),
        **dict.fromkeys(("limit", "counted"), "retry-limit"),
        **dict.fromkeys(("aid", "fid", "identifier", "algorithm-identifier"), "identifier"),
        **dict.fromkeys(("length", "size", "year-length", "key-length", "historical-length"), "length"),
        **dict.fromkeys(("max-bytes", "min-digits", "number-length"), "length"),
        **dict.fromkeys(("tag", "tags", "marker"), "tag"),
        **dict.fromkeys(("pad", "random-pad", "pad-nibble"), "padding"),
        **dict.fromkeys(("type", "charset", "coding", "packing", "lower-case", "lower-hex"), "coding"),
        **dict.fromkeys(("record-order", "first-file", "first-application"), "record-order"),
        **dict.fromkeys(("structure", "count"), "file-structure"),
        "sfi": "sfi",
        **dict.fromkeys(("cla", "ins", "where", "environments"), "command-availability"),
        **dict.fromkeys(("p1", "p2", "case", "by", "takes", "mode", "sfi-range"), "parameters"),
        **dict.fromkeys(("balance-limit", "largest", "past", "future", "validity"), "limit"),
        **dict.fromkeys(("levels", "levels-mask", "suffix", "block", "factor"), "computation"),
        **dict.fromkeys(("uses", "offset", "challenge"), "computation"),
        **dict.fromkeys(("status", "code", "success"), "error-code"),
        "when": "presence",
    }
)
_OF_WHOLE_SECTION: Mapping[str, str] = MappingProxyType(
    {
        "algorithms": "computation",
        "applications": "tag",
        "atr": "answer-to-reset",
        "certificate-coding": "coding",
        "certificate-pairs": "presence",
        "certificate-pins": "parameters",
        "checks": "code-table",
        "codes": "code-table",
        "commands": "parameters",
        "computations": "computation",
        "contactless": "command-availability",
        "default-algorithms": "computation",
        "directories": "tag",
        "fci": "tag",
        "firewall-states": "command-availability",
        "general-statuses": "status-word",
        "key-algorithms": "computation",
        "key-files": "key-id",
        "key-forms": "length",
        "key-types": "key-id",
        "key-versions": "key-version",
        "loading-messaging": "computation",
        "messaging": "computation",
        "own-keys": "key-id",
        "padding": "padding",
        "pins": "coding",
        "purchase-algorithms": "identifier",
        "purchase-computations": "computation",
        "purchase-data": "length",
        "purchase-keys": "key-id",
        "purchase-sequences": "computation",
        "purse-computations": "computation",
        "purses": "message",
        "t0": "status-word",
        "transport-applications": "key-id",
        "transport-balances": "parameters",
        "transport-computations": "computation",
        "transport-data": "length",
        "transport-factors": "computation",
        "transport-keys": "key-id",
        "transport-macs": "computation",
        "transport-messaging": "computation",
        "transport-purchase-keys": "key-id",
        "transport-purses": "key-version",
        "transport-transactions": "computation",
        "usages": "computation",
        **dict.fromkeys(
            ("card-states", "transitions", "activation", "admission", "roles", "channels", "check-orders"),
            "state-transition",
        ),
        **dict.fromkeys(("key-derivations", "signatures", "encipherments", "proofs", "status-rules"), "computation"),
    }
)
# Sections that are spoken of as a whole: a key's own name says less.
_WHOLE: frozenset[str] = frozenset(
    (
        *("atr", "checks", "padding", "general-statuses", "t0", "card-states", "transitions", "key-versions"),
        *("transport-messaging", "messaging", "purse-computations", "key-derivations", "signatures", "encipherments"),
    )
)


def class_of(leaf: Leaf) -> str:
    """The kind of datum of a leaf: a key of ``CLASSES``."""
    steps = [step for step in leaf.path.split(".")[1:] if not step.isdigit()]
    if len(steps) > 1 and steps[-1] in ("value", "when"):
        # `read.1.value` is the value of `read` for one declaration, and `read.1.when` the condition of it.
        steps = steps[:-1]
    key = steps[-1] if steps else ""
    found = next((_BRANCHES[step] for step in steps if step in _BRANCHES), None) or _OF_SECTION.get((leaf.section, key))
    if found is None and leaf.section not in _WHOLE:
        found = _OF_KEY.get(key) or ("tag" if key.endswith("-tag") else None)
    return found or _OF_WHOLE_SECTION.get(leaf.section, "message")
