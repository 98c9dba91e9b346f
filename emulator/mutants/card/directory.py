"""Mistakes of the directory file, and of finding applications and their files."""

from collections.abc import Mapping
from dataclasses import replace

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage, RecordFile
from emulator.mutants.model import data_mutant, image_mutant, mutant
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.text import Text

_FILE = "SSSE/DIR"
_SELECT_MASTER_FILE = bytes.fromhex("00A40000023F00")


def _altered(spec: CardSpec, **changes: object) -> CardSpec:
    nodes: Mapping[str, Mapping[str, object]] = {
        name: {**node, **changes} for name, node in spec.table("directories").items()
    }
    return replace(spec, tables={**spec.tables, "directories": nodes})


def _listing(image: CardImage) -> list[bytes]:
    return list(image.linear(_FILE).records)


def _list(image: CardImage, records: list[bytes]) -> None:
    image.files[_FILE] = RecordFile.full(records)


@data_mutant(
    "card/directory-guarded",
    breaks="CARD-DIRECTORY-READ",
    because=Text("目录文件按数据文件设置了读权限", "the directory was given the read rule of a data file"),
)
def directory_guarded(spec: CardSpec) -> CardSpec:
    """The directory reads after UKSSSE only."""
    return _altered(spec, read="key UKSSSE")


@data_mutant(
    "card/directory-open",
    breaks="CARD-DIRECTORY-UPDATE",
    because=Text("目录文件建成可自由修改以便增加应用", "the directory was left open so that applications can be added"),
)
def directory_open(spec: CardSpec) -> CardSpec:
    """Anybody may update the directory."""
    return _altered(spec, update="free")


@image_mutant(
    "card/directory-empty",
    breaks="CARD-DIRECTORY-READ",
    because=Text("目录文件已建而未写入", "the directory was created and never written"),
)
def directory_empty(image: CardImage) -> None:
    """The directory has no record."""
    _list(image, [])


@image_mutant(
    "card/directory-without-template",
    breaks="CARD-DIRECTORY-ENTRY",
    because=Text("入口缺少外层 61", "the entries lack their outer 61"),
)
def directory_without_template(image: CardImage) -> None:
    """A record holds 4F and 50 at once."""
    _list(image, [record[2:] for record in _listing(image)])


@image_mutant(
    "card/directory-entry-divided",
    breaks="CARD-DIRECTORY-ENTRY",
    because=Text("目录按固定长度切分写入", "the list was cut into pieces of one length"),
)
def directory_entry_divided(image: CardImage) -> None:
    """Entries cross the boundaries of records."""
    whole = b"".join(_listing(image))
    _list(image, [whole[at : at + 0x14] for at in range(0, len(whole), 0x14)])


@image_mutant(
    "card/directory-name-cut",
    breaks="CARD-DIRECTORY-ENTRY",
    because=Text("入口只写了注册标识的前四字节", "the entries have four bytes of the registered identifier only"),
)
def directory_name_cut(image: CardImage) -> None:
    """Names have four bytes."""
    _list(image, [b"\x61\x06\x4f\x04" + record[4:8] for record in _listing(image)])


@image_mutant(
    "card/directory-stale",
    breaks="CARD-DIRECTORY-SELECT",
    because=Text(
        "目录沿用另一配置，含卡上没有的应用", "the list is that of another layout, with an application not on the card"
    ),
)
def directory_stale(image: CardImage) -> None:
    """The last entry names an application that the card does not have."""
    records = _listing(image)
    _list(image, [*records[:-1], bytes.fromhex("61084F06D1560000057E")])


@image_mutant(
    "card/directory-without-labels",
    breaks="CARD-DIRECTORY-COMPLETE",
    because=Text("入口未写应用标签", "the labels were left out"),
)
def directory_without_labels(image: CardImage) -> None:
    """Entries have 4F alone."""
    _list(image, [b"\x61" + bytes((2 + record[3],)) + record[2 : 4 + record[3]] for record in _listing(image)])


@image_mutant(
    "card/directory-incomplete",
    breaks="CARD-DIRECTORY-COMPLETE",
    because=Text("后增加的应用未列入目录", "an application that was added later is not in the list"),
)
def directory_incomplete(image: CardImage) -> None:
    """The first application is not listed."""
    _list(image, [*_listing(image)[1:], bytes.fromhex("61084F067378312E7368")])


@data_mutant(
    "card/directory-sfi-20",
    breaks="CARD-DIRECTORY-SFI",
    because=Text("目录文件 SFI 取自另一规范", "the SFI of the directory is that of another standard"),
)
def directory_sfi_20(spec: CardSpec) -> CardSpec:
    """88 names SFI 20."""
    return replace(spec, ics={**spec.ics, "card.directory_sfi": 20})


@mutant(
    "card/master-file-unknown",
    breaks="CARD-SELECT-MF-FIRST",
    because=Text("文件标识查找不含主控文件", "the search by identifier leaves out the MF"),
)
class MasterFileUnknown(CardBehaviour):
    """3F00 is not found."""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return b"\x6a\x82" if command == _SELECT_MASTER_FILE else right


@mutant(
    "card/label-in-utf8",
    breaks="CARD-SELECT-LABEL",
    because=Text("应用标签以 UTF-8 写入", "the labels were personalised in UTF-8"),
)
class LabelInUtf8(CardBehaviour):
    """An application without an identifier is known by its label in UTF-8."""

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        if name[0] < 0xB0 or name[:1] == b"\xd1":
            return super().name_matches(asked, name, partial)
        return asked == name.decode("gbk", errors="replace").encode()


@mutant(
    "card/identifiers-only",
    breaks="CARD-SELECT-LABEL",
    because=Text("以名称选择只比较应用标识", "selection by name compares application identifiers only"),
)
class IdentifiersOnly(CardBehaviour):
    """An application without an identifier is not found."""

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        known = name[0] < 0xB0 or name[:1] == b"\xd1"
        return known and super().name_matches(asked, name, partial)


@mutant(
    "card/first-file-of-identifier",
    breaks="CARD-SELECT-SAME-IDENTIFIER",
    because=Text("按文件标识在全卡查找，取第一个", "an identifier is looked up in the whole card and the first taken"),
)
class FirstFileOfIdentifier(CardBehaviour):
    """EF05 of any application is that of SSSE."""

    def file_in_reach(self, file: FileSpec | None, anywhere: FileSpec | None) -> FileSpec | None:
        return anywhere if file is not None else None
