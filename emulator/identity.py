"""Check characters, structured numbers and codes of identity data, by the rules in the data."""

from collections.abc import Mapping

from onecard.spec.card import Check, CheckField, CodeTable

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(rule: Check, body: str) -> str:
    """The check character of ``body``: weighted sum modulo, looked up; empty for a rule that computes none.

    Digits count as themselves, letters A to Z as 10 to 35 where the rule has letters, else as 0.
    """
    if not rule.weights:
        return ""
    values = (_ALPHABET.index(character) for character in body)
    total = sum(
        weight * (value if value < 10 or rule.letters else 0)
        for weight, value in zip(rule.weights, values, strict=False)
    )
    remainder = total % (rule.modulus or 1)
    return rule.characters[remainder : remainder + 1]


def with_check(rule: Check | None, body: str) -> str:
    """``body`` and its check character, as long as the rule says; without a weighted rule the body alone.

    A letter in front stays only where the rule has one there.
    """
    if rule is None or rule.kind != "weighted":
        return body
    cut = body[: rule.length - 1]
    if not rule.first_letter and cut[:1].isalpha():
        cut = "0" + cut[1:]
    return cut + check_character(rule, cut)


def structured(rule: Check, contents: Mapping[str, str], filler: int = 0xFF) -> str:
    """A structured number in hexadecimal; ``contents`` by the last part of the field's id, or the rule's value.

    ``filler`` stands where no field writes anything.
    """
    out = bytearray((filler,)) * max((field.offset + field.length for field in rule.fields), default=0)
    for field in rule.fields:
        out[field.offset : field.offset + field.length] = _field(field, contents, filler)
    return out.hex().upper()


def _field(field: CheckField, contents: Mapping[str, str], filler: int) -> bytes:
    if field.coding == "fixed":
        value = field.value or b""
    else:
        value = bytes.fromhex(contents.get(field.id.rpartition("/")[2], ""))
    return value[: field.length].ljust(field.length, bytes((filler,)))


def code_meaning(table: CodeTable | None, meaning: str) -> str:
    """The code whose English meaning is ``meaning``, else the table's last one; empty without a table."""
    values = table.values if table is not None else {}
    found = [code for code, text in values.items() if text.en == meaning]
    return (found or list(values)[-1:] or [""])[0]


def code_ordinal(table: CodeTable | None, ordinal: int) -> str:
    """The code at place ``ordinal`` (from 1) of the table's ranges, or the last one; empty without ranges."""
    ranges = table.ranges if table is not None else ()
    codes = [str(code).zfill(len(low)) for low, high in ranges for code in range(int(low), int(high) + 1)]
    return (codes[ordinal - 1 : ordinal] or codes[-1:] or [""])[0]
