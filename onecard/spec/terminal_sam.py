"""How a terminal uses its PSAM, as data.

The functions raise KeyError, TypeError or ValueError where the data lack something.
"""

from dataclasses import dataclass

from onecard.spec.interface import Node


@dataclass(frozen=True, slots=True)
class SamKey:
    """A key in the PSAM: ``usages`` in the order in which they are tried; their high three bits count the levels."""

    id: str
    key: str
    usages: tuple[int, ...]
    key_id: int


@dataclass(frozen=True, slots=True)
class SamAccess:
    """How the PSAM is used.

    ``application``: AID below the environment; ``retry_on``: status words after which the next usage is tried;
    ``number_file``: identifier of the file with the terminal number, ``number_length`` in bytes; ``number_absent``:
    the number without a PSAM.
    """

    application: bytes
    retry_on: tuple[int, ...]
    number_file: int
    number_length: int
    number_absent: str


@dataclass(frozen=True, slots=True)
class SamCommand:
    """The header of a command to the PSAM; ``p1`` where it is fixed, else 0."""

    id: str
    cla: int
    ins: int
    p1: int


def sam_key(identifier: str, node: Node) -> SamKey:
    """A key."""
    return SamKey(identifier, str(node["key"]), tuple(node["usages"]), int(node["key-id"]))


def sam_command(identifier: str, node: Node) -> SamCommand:
    """A command."""
    return SamCommand(identifier, int(node["cla"]), int(node["ins"]), int(node.get("p1", 0)))


def sam_access(node: Node) -> SamAccess:
    """Where everything is."""
    return SamAccess(
        application=bytes.fromhex(node["application"]),
        retry_on=tuple(int(sw, 16) for sw in node["retry-on"]),
        number_file=int(node["number-file"]),
        number_length=int(node["number-length"]),
        number_absent=str(node["number-absent"]),
    )
