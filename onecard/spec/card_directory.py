"""The directory file of an environment: where it lies, and how its entries are built."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from onecard.spec.build import access_of, text_of
from onecard.spec.card import CardSpec, FileSpec, Structure

FILE_IDENTIFIERS = 0xEF00
"""A file identifier is EF and the short identifier."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory ``file`` (linear records of BER-TLV entries); ``environment``: whose applications it lists.

    An entry is ``entry_tag { name_tag DF name, label_tag label }``, the label for an ADF only. Lengths are (least,
    most) bytes. ``sfis``: what sources say of its short identifier, as inclusive ranges; none of them fails a card.
    """

    file: FileSpec
    environment: str
    entry_tag: int
    name_tag: int
    label_tag: int
    name_lengths: tuple[int, int]
    label_lengths: tuple[int, int]
    sfis: tuple[tuple[int, int], ...]


def _pair(value: object) -> tuple[int, int]:
    low, high = cast(list[int], value)
    return low, high


def directory_of(spec: CardSpec) -> Directory | None:
    """The directory file of the card; None where the card declares none (``card.directory_sfi`` 0)."""
    sfi = spec.ics["card.directory_sfi"]
    node = next(iter(spec.table("directories").values()), None)
    if node is None or not isinstance(sfi, int) or not sfi:
        return None
    application = str(node["application"])
    return Directory(
        file=FileSpec(
            id=str(node["id"]),
            name=text_of(node["name"]),
            application=application,
            fid=FILE_IDENTIFIERS | sfi,
            sfi=sfi,
            structure=Structure.LINEAR_VARIABLE,
            read=access_of(str(node["read"])),
            update=access_of(str(node["update"])),
            record_order=(),
            items=(),
        ),
        environment=application,
        entry_tag=cast(int, node["entry-tag"]),
        name_tag=cast(int, node["name-tag"]),
        label_tag=cast(int, node["label-tag"]),
        name_lengths=_pair(node["name-lengths"]),
        label_lengths=_pair(node["label-lengths"]),
        sfis=tuple(_pair(each["range"]) for each in cast(list[Mapping[str, object]], node["sfis"])),
    )
