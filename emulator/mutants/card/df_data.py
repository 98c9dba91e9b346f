"""Mistakes of personalisation in the information areas: items that are missing or of another length, codes outside
their tables, dates and regions that are none.
"""

from collections.abc import Callable

from emulator.card.image import CardImage
from emulator.card.variant import VariantSpec
from emulator.mutants.card.df_access import WHERE
from emulator.mutants.card.edits import drop, move, put, value_of
from emulator.mutants.model import ImageEdit, Mutant, image_mutant
from onecard.spec.text import Text

SECOND = ("card-2.0", "card-3.0", "card-3.0-anhui")
Place = tuple[str, int]


def _filled(value: str, place: Place) -> ImageEdit:
    def edit(image: CardImage) -> None:
        file, tag = place
        length = len(value_of(image, file, tag))
        put(image, file, tag, bytes.fromhex(value).ljust(length, b"\x00"))

    return edit


def _dropped(place: Place) -> ImageEdit:
    return lambda image: drop(image, *place)


def _changed(place: Place, change: Callable[[bytes], bytes]) -> ImageEdit:
    return lambda image: put(image, *place, change(value_of(image, *place)))


def _mutant(name: str, breaks: str, because: Text, edit: ImageEdit, profiles: tuple[str, ...] = SECOND) -> Mutant:
    return Mutant(f"card/{name}", breaks, because, lambda _spec: VariantSpec(edit=edit), profiles)


def _profiles(area: str) -> tuple[str, ...]:
    return WHERE.get(area, SECOND)


def _records(area: str, name: str, because: Text, edit: ImageEdit) -> Mutant:
    return _mutant(f"{area.lower()}-{name}", f"CARD-{area}-RECORDS", because, edit, _profiles(area))


def _codes(area: str, name: str, place: Place, value: str, because: Text) -> Mutant:
    return _mutant(f"{area.lower()}-{name}", f"CARD-{area}-CODES", because, _filled(value, place), _profiles(area))


_OLD_TABLE = Text("使用了一代卡的数据项表", "the items of 1.0 cards were used")
_SHORT = Text("按一代卡的长度写入", "written with the length of 1.0 cards")
_LONG = Text("长度按相邻数据项写入", "written with the length of the item beside it")
_OLD_CODE = Text("使用了旧代码表", "the codes of an older table were used")
_NO_REGION = Text("缺少行政区划时以 9 填满", "a missing division was filled with digits 9")
_NO_DATE = Text("日期按日月年书写或未校验", "the date was not checked before it was written")

RECORDS = (
    _records("DF01", "region-missing", _OLD_TABLE, _dropped(("DF01/EF05", 0x0E))),
    _records("DF01", "address-short", _SHORT, _changed(("DF01/EF05", 0x21), lambda value: value[:0x46])),
    _records("DF02", "certificate-number-short", _SHORT, _changed(("DF02/EF09", 0x55), lambda value: value[:10])),
    _records("DF02", "occupation-missing", _OLD_TABLE, _dropped(("DF02/EF06", 0x3A))),
    _records("DF03", "place-missing", _OLD_TABLE, _dropped(("DF03/EF07", 0x71))),
    _records("DF03", "months-longer", _LONG, _changed(("DF03/EF05", 0x63), lambda value: value + b"\x00")),
    _records("DF04", "account-short", _SHORT, _changed(("DF04/EF05", 0x8B), lambda value: value[:10])),
    _records("DF04", "limit-missing", _OLD_TABLE, _dropped(("DF04/EF06", 0x93))),
    _records("DF05", "rhesus-missing", _OLD_TABLE, _dropped(("DF05/EF05", 0xA9))),
    _records("DF06", "organisation-missing", _OLD_TABLE, _dropped(("DF06/EF05", 0xC2))),
    _records("DF0A", "services-missing", _OLD_TABLE, _dropped(("DF0A/EF0C", 0xFB))),
    _records("DF07", "level-of-two-bytes", _LONG, _changed(("DF07/EF05", 0xF1), lambda value: value + b"\x00")),
)

CODES = (
    _codes("DF01", "marriage-zero", ("DF01/EF08", 0x2B), "30", _OLD_CODE),
    _codes("DF01", "no-region", ("DF01/EF05", 0x0E), "999999", _NO_REGION),
    _codes("DF01", "no-date", ("DF01/EF0A", 0x39), "31121999", _NO_DATE),
    _codes("DF02", "no-region", ("DF02/EF09", 0x97), "999999", _NO_REGION),
    _codes("DF02", "no-date", ("DF02/EF09", 0x96), "20230230", _NO_DATE),
    _codes("DF03", "grade-twelve", ("DF03/EF06", 0x47), "3132", _OLD_CODE),
    _codes("DF03", "no-date", ("DF03/EF07", 0x73), "20231301", _NO_DATE),
    _codes("DF04", "use-three", ("DF04/EF05", 0x8F), "33", _OLD_CODE),
    _codes("DF04", "no-region", ("DF04/EF05", 0x84), "999999", _NO_REGION),
    _codes("DF05", "health-nine", ("DF05/EF05", 0xA0), "39", _OLD_CODE),
    _codes("DF06", "class-five", ("DF06/EF06", 0xC9), "05", _OLD_CODE),
    _codes("DF0A", "services-two", ("DF0A/EF0C", 0xFB), "32303030", _OLD_CODE),
    _codes("DF07", "level-two", ("DF07/EF05", 0xF1), "32", _OLD_CODE),
)


@image_mutant(
    "card/area-records-exchanged",
    breaks="CARD-AREA-ORDER",
    because=Text("按数据项编号的次序写入记录", "the records were written in the order of their tags"),
    profiles=SECOND,
)
def area_records_exchanged(image: CardImage) -> None:
    """The division code of the household stands before the rest."""
    move(image, "DF01/EF05", 0x0E, 0)


@image_mutant(
    "card/photo-short",
    breaks="CARD-PHOTO-SIZE",
    because=Text(
        "照片文件按图像长度建立，未取 4096 字节", "the photo file was made as long as the image, not 4096 bytes"
    ),
    profiles=SECOND,
)
def photo_short(image: CardImage) -> None:
    """The photo file ends early."""
    del image.binary("SSSE/EF08").data[-0x20:]


@image_mutant(
    "card/fingerprint-short",
    breaks="CARD-FINGERPRINT-SIZE",
    because=Text("指纹文件按模板长度建立", "the fingerprint file was made as long as one template"),
    profiles=SECOND,
)
def fingerprint_short(image: CardImage) -> None:
    """The fingerprint file ends early."""
    del image.binary("SSSE/EF07").data[-0x100:]


@image_mutant(
    "card/reserved-file-short",
    breaks="CARD-DF01-SIZE",
    because=Text("296 误作 256", "296 bytes were taken for 256"),
    profiles=SECOND,
)
def reserved_file_short(image: CardImage) -> None:
    """A reserved file has 256 bytes."""
    del image.binary("DF01/EF16").data[0x100:]
