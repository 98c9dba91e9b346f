"""Files whose tags changed their meaning between 1.0 and 2.0: what a value says on a 1.0 card, rewritten or not.

Source: 人社信息函〔2012〕37号, appendix C (basis notice). The version of the card decides first: only on a 1.0 card can
a value have either meaning.
"""

from collections.abc import Callable, Mapping, Sequence

from onecard.oracle.errors import DecodeError
from onecard.oracle.items import Decoded, decode, decode_record
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.card_rules import TagConflict, conflicts_of

FIRST_GENERATION = "1.0"


class WrongRewriting(DecodeError):
    """A new value that is not filled with E to the length of the old one."""


def conflicts_in(spec: CardSpec, file: FileSpec) -> Mapping[int, TagConflict]:
    """The tags of a file that have two meanings on this card, by tag; none on cards of later generations."""
    if spec.ics["card.generation"] != FIRST_GENERATION:
        return {}
    return {conflict.tag: conflict for conflict in conflicts_of(spec) if conflict.file == file.id}


def rewritten(spec: CardSpec, file: FileSpec, records: Sequence[bytes]) -> Mapping[int, TagConflict]:
    """Those whose value in ``records`` (whole TLVs) has the new meaning, by themselves or by the value that tells for
    them.
    """
    conflicts = conflicts_in(spec, file)
    values = {record[0]: record[2:] for record in records if len(record) >= 2}
    found: dict[int, TagConflict] = {}
    for tag, conflict in conflicts.items():
        judge = conflicts.get(conflict.judged_by or tag)
        if judge is not None and judge.is_new(values.get(judge.tag, b"")):
            found[tag] = conflict
    return found


def reader(spec: CardSpec, file: FileSpec, records: Sequence[bytes]) -> Callable[[bytes], tuple[Decoded, ...]]:
    """What reads one record of the file, knowing all of them. What it gives raises as ``decode_record``, and
    WrongRewriting.
    """
    new = rewritten(spec, file, records)

    def read(record: bytes) -> tuple[Decoded, ...]:
        conflict = new.get(record[0]) if record else None
        return decode_record(spec, file, record) if conflict is None else (_new(spec, conflict, record),)

    return read


def _new(spec: CardSpec, conflict: TagConflict, record: bytes) -> Decoded:
    value, wanted = record[2:], max(conflict.old.length, conflict.new.length)
    rest = value[conflict.new.length :]
    if len(value) != wanted or record[1] != wanted or rest.strip(bytes((conflict.filler,))):
        raise WrongRewriting(
            offset=2,
            zh=f"标签 {conflict.tag:02X} 的新值应以 E 填充至 {wanted} 字节",
            en=f"the new value of tag {conflict.tag:02X} is filled with E to {wanted} bytes",
        )
    return decode(spec, conflict.new, conflict.new_value(value))


def rewrite(conflict: TagConflict, value: bytes) -> bytes:
    """A new value as it is written on a 1.0 card: filled to the old length."""
    return value.ljust(conflict.old.length, bytes((conflict.filler,)))
