"""Mistakes of local extensions: items where the rules allow none, tags that the rules use already."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage
from emulator.mutants.model import image_mutant, mutant
from onecard.spec.text import Text


@image_mutant(
    "card/item-more-in-holder-file",
    breaks="CARD-EXTENSION-RULES",
    because=Text("在持卡人文件中追加了本地数据项", "a local item was added to the holder file"),
)
def item_more_in_holder_file(image: CardImage) -> None:
    """EF06 has a record EA behind those of the rules."""
    content = image.linear("SSSE/EF06")
    content.write(len(content.records), bytes.fromhex("EA0431323334"))


@image_mutant(
    "card/tag-reused",
    breaks="CARD-EXTENSION-RULES",
    because=Text("本地数据项借用了其它文件的标签", "a local item took the tag of an item of another file"),
)
def tag_reused(image: CardImage) -> None:
    """DF01 EF08 has a record with the tag of the telephone number."""
    content = image.linear("DF01/EF08")
    content.write(len(content.records), bytes.fromhex("28023131"))


@image_mutant(
    "card/tag-of-another-area",
    breaks="CARD-EXTENSION-RULES",
    because=Text("只核对了本信息区的标签表", "the tags were looked up in the table of the area alone"),
)
def tag_of_another_area(image: CardImage) -> None:
    """DF02 EF05 has a record with a tag of the pension file in DF03."""
    content = image.linear("DF02/EF05")
    content.write(len(content.records), bytes.fromhex("6E0420200101"))


@mutant(
    "card/extension-application-refused",
    breaks="CARD-FCI-ADF",
    because=Text("选择时只认 DF01 至 DF07", "SELECT knows DF01 to DF07 only"),
    profiles=("card-3.0-anhui",),
)
class ExtensionApplicationRefused(CardBehaviour):
    """DF0A is on the card and is not found by its identifier."""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return bytes.fromhex("6A82") if command[:2] + command[5:] == bytes.fromhex("00A4DF0A") else right
