"""The contactless interface as data, and the card as it is seen over it."""

from dataclasses import dataclass, replace
from typing import cast

from onecard.spec.card import Access, AccessRule, CardSpec, Command, FileSpec


@dataclass(frozen=True, slots=True)
class Contactless:
    """``ats``: the answer to activation of the reference. In ``environment``, and below it, the commands ``refused``
    (ids) are refused in the field, and unless ``updates`` no file is updated.
    """

    ats: bytes
    environment: str
    refused: frozenset[str]
    updates: bool


def contactless_of(spec: CardSpec) -> Contactless | None:
    """The contactless interface of a card; None for a card without one."""
    for node in spec.table("contactless").values():
        return Contactless(
            ats=bytes.fromhex(cast(str, node["ats"])),
            environment=cast(str, node["environment"]),
            refused=frozenset(cast(list[str], node["refused"])),
            updates=cast(bool, node["updates"]),
        )
    return None


def in_the_field(spec: CardSpec, rules: Contactless) -> CardSpec:
    """The card as a contactless reader finds it: read rules of the field, and what is refused there taken away."""
    never = AccessRule(Access.NEVER)

    def file_there(file: FileSpec) -> FileSpec:
        closed = not rules.updates and rules.environment in spec.lineage(file.application)
        return replace(file, read=file.contactless or file.read, update=never if closed else file.update)

    def command_there(command: Command) -> Command:
        return replace(command, where=()) if command.id in rules.refused else command

    return replace(
        spec,
        files={name: file_there(file) for name, file in spec.files.items()},
        commands={name: command_there(command) for name, command in spec.commands.items()},
    )
