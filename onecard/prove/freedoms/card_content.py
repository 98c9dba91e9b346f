"""Freedoms of what a card holds: empty and absent items, both fillers, local items, a rewritten 1.0 card.

The bytes are written here by hand, not by the coding of either side.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from emulator.card.image import CardImage, RecordFile
from onecard.prove.freedoms.model import Freedom
from onecard.spec.card import CardSpec, FileSpec, Item, Structure
from onecard.spec.text import Text

FIRST, LATER = ("card-1.0",), ("card-2.0", "card-3.0", "card-3.0-anhui")
AREA = "DF0"


def _linear(spec: CardSpec, image: CardImage) -> Iterator[tuple[FileSpec, RecordFile]]:
    for name, file in spec.files.items():
        if file.application.startswith(AREA) and file.items and file.structure != Structure.TRANSPARENT:
            yield file, image.linear(name)


def _each_value(change: Callable[[Item, bytes], bytes]) -> Callable[[CardSpec, CardImage], None]:
    def edit(spec: CardSpec, image: CardImage) -> None:
        for file, content in _linear(spec, image):
            for place, record in enumerate(content.records):
                item = file.item(record[0])
                content.write(place, record[:2] + change(item, record[2:]))

    return edit


def _filled_with_f(item: Item, value: bytes) -> bytes:
    kept = value.rstrip(b"\x00")
    return kept.ljust(len(value), b"\xff") if item.type == "an" else value


def _empty(item: Item, value: bytes) -> bytes:
    return (b"\xff" if item.type == "cn" else b"\x00") * len(value)


def _without_optional(spec: CardSpec, image: CardImage) -> None:
    for file, content in _linear(spec, image):
        if file.structure == Structure.LINEAR_VARIABLE:
            kept = [record for record in content.records if not file.item(record[0]).optional]
            content.records[:] = kept
            content.identifiers[:] = [record[0] for record in kept]


def _local_items(spec: CardSpec, image: CardImage) -> None:
    for name in ("DF01/EF08", "DF02/EF06"):
        content = image.linear(name)
        content.write(len(content.records), bytes.fromhex("EC03313233"))


def _certificate_number_in_bcd(spec: CardSpec, image: CardImage) -> None:
    content = image.linear("DF02/EF09")
    content.write(content.identifiers.index(0x55), bytes.fromhex("55083401002020000001"))


# Every tag with two meanings: the new one, filled with E to the old length where it is shorter.
_NEW_MEANINGS: Mapping[str, tuple[tuple[int, bytes, int], ...]] = MappingProxyType(
    {
        "DF01/EF09": ((0x32, b"11", 3),),
        "DF01/EF0A": ((0x37, b"CHN", 4), (0x38, b"01", 4), (0x39, bytes.fromhex("20101231"), 4)),
        "DF02/EF06": (
            *((0x4B, b"10020", 5), (0x4D, bytes.fromhex("340100"), 4)),
            *((0x4F, b"101000", 6), (0x50, bytes.fromhex("340100"), 4)),
        ),
        "DF02/EF09": (
            *((0x55, bytes.fromhex("3401002020000001"), 10), (0x56, "合肥市".encode("gbk").ljust(70, b"\x00"), 70)),
            *((0x96, bytes.fromhex("20100630"), 4), (0x97, bytes.fromhex("340100"), 4)),
        ),
        "DF03/EF05": ((0x61, bytes.fromhex("340100"), 4),),
        "DF03/EF07": ((0x6F, bytes.fromhex("20100101"), 4), (0x70, b"110", 3), (0x71, bytes.fromhex("340100"), 4)),
        "DF04/EF05": (
            *((0x81, b"31000000", 70), (0x84, bytes.fromhex("340100"), 70)),
            *((0x87, b"34010020100000001", 70),),
        ),
        "DF04/EF06": ((0x90, b"1", 4), (0x92, bytes.fromhex("00001000"), 4), (0x93, b"01", 4)),
    }
)


def _rewritten(spec: CardSpec, image: CardImage) -> None:
    for name, meanings in _NEW_MEANINGS.items():
        content = image.linear(name)
        for tag, value, length in meanings:
            content.write(content.identifiers.index(tag), bytes((tag, length)) + value.ljust(length, b"\xee"))


FREEDOMS = (
    Freedom(
        "card/area-items-filled-with-f",
        Text("an 项以半字节 F 填充", "an items are filled with nibbles F"),
        edit=_each_value(_filled_with_f),
    ),
    Freedom(
        "card/area-items-empty",
        Text("信息区各数据项只有填充", "the items of the areas hold filler only"),
        edit=_each_value(_empty),
    ),
    Freedom(
        "card/optional-items-absent",
        Text("可选数据项未创建", "optional items were not created"),
        edit=_without_optional,
        profiles=LATER,
    ),
    Freedom(
        "card/local-items",
        Text("信息区文件末尾有本地数据项", "local items stand at the end of files of the areas"),
        edit=_local_items,
        profiles=LATER,
    ),
    Freedom(
        "card/certificate-number-in-bcd",
        Text("就业失业登记证编号为 cn 8", "the number of the certificate of employment is cn 8"),
        edit=_certificate_number_in_bcd,
        profiles=LATER,
    ),
    Freedom(
        "card/rewritten-with-new-meanings",
        Text("一代卡以新含义重写，右补 E", "a 1.0 card rewritten with new meanings, filled with E"),
        edit=_rewritten,
        profiles=FIRST,
    ),
)
