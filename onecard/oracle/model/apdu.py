"""A command as its header and what follows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """CLA INS P1 P2, ``p3`` (0 where there is none), ``data``; ``whole``: Lc agrees with the data.

    T=0 has one length byte: it is Lc before data and Le without. ``has_le``: Le follows the data (APDU level only).
    """

    cla: int
    ins: int
    p1: int
    p2: int
    p3: int
    data: bytes
    has_le: bool
    whole: bool


def parse(command: bytes) -> CommandApdu:
    """A short command APDU of 4 bytes or more; raises ValueError for fewer."""
    if len(command) < 4:
        raise ValueError("a command has four bytes at least")
    p3 = command[4] if len(command) > 4 else 0
    body = command[5:]
    return CommandApdu(
        cla=command[0],
        ins=command[1],
        p1=command[2],
        p2=command[3],
        p3=p3,
        data=body[:p3],
        has_le=bool(body) and len(body) == p3 + 1,
        whole=not body or len(body) in (p3, p3 + 1),
    )
