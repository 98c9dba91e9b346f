"""A command APDU taken apart, whether or not its lengths agree."""

from dataclasses import dataclass
from typing import Final

from onecard.explain.octets import Octets
from onecard.explain.words import count
from onecard.spec.text import Text

_NO_DATA_SENT: Final = frozenset({1, 2})
"""ISO/IEC 7816-3 command cases in which a lone fifth byte is Le, not Lc."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Header, data and lengths of a command; ``problem`` tells where the lengths disagree.

    A byte that is sealed or absent is None.
    """

    cla: int | None
    ins: int | None
    p1: int | None
    p2: int | None
    p3: int | None
    data: Octets
    le: int | None
    problem: Text | None


def parts(command: Octets, case: int | None) -> Parts:
    """``command`` by its ISO case (None: unknown command)."""
    header = [*command[:5], *[None] * 5]
    cla, ins, p1, p2, p3 = header[:5]
    rest = command[5:]
    if len(command) < 4:
        problem = Text(
            zh=f"只有 {len(command)} 字节，不足命令头", en=f"only {count(len(command)).en}, less than a command header"
        )
        return Parts(cla, ins, p1, p2, None, (), None, problem)
    if not rest:
        le = p3 if case in _NO_DATA_SENT else None
        missing = p3 if case not in _NO_DATA_SENT and case is not None else 0
        return Parts(cla, ins, p1, p2, p3, (), le, _length_problem(missing or 0, 0))
    length = p3 if p3 is not None else len(rest)
    data, tail = rest[:length], rest[length:]
    return Parts(
        cla, ins, p1, p2, p3, data, tail[0] if len(tail) == 1 else None, _length_problem(length, len(data), len(tail))
    )


def _length_problem(announced: int, present: int, beyond: int = 0) -> Text | None:
    if present < announced:
        return Text(
            zh=f"Lc 称 {announced} 字节，实有 {present}", en=f"Lc announces {announced} bytes, {present} follow"
        )
    if beyond > 1:
        return Text(zh=f"数据之后多出 {beyond} 字节", en=f"{count(beyond).en} stand after the data")
    return None
