"""Items that no source describes so: forms between two readings, and old tags rewritten badly."""

from emulator.card.image import CardImage
from emulator.mutants.card.edits import ISSUER_FILE, put, value_of
from emulator.mutants.model import image_mutant
from onecard.spec.text import Text

_NEW, _OLD = ("card-2.0", "card-3.0"), ("card-1.0",)
_EMPLOYMENT, _INSURANCE, _CERTIFICATE, _CODE = "DF02/EF06", "DF03/EF05", 0x55, 0x01


@image_mutant(
    "card/certificate-number-of-ten-bytes",
    breaks="CARD-READINGS",
    because=Text("编号沿用一代卡的十字节长度", "the number kept the ten bytes of 1.0 cards"),
    profiles=_NEW,
)
def certificate_number_of_ten_bytes(image: CardImage) -> None:
    """Tag 55 has neither of the forms told of it."""
    put(image, "DF02/EF09", _CERTIFICATE, bytes.fromhex("01234567890123456789"))


@image_mutant(
    "card/identification-code-without-authentication-code",
    breaks="CARD-READINGS",
    because=Text("不使用的认证码被省去，而非填 FF", "the unused authentication code was left out, not filled with FF"),
)
def identification_code_short(image: CardImage) -> None:
    """The identification code ends behind its serial."""
    put(image, ISSUER_FILE, _CODE, value_of(image, ISSUER_FILE, _CODE)[:12])


@image_mutant(
    "card/new-meaning-filled-with-f",
    breaks="CARD-TAG-MEANING",
    because=Text("以新含义重写时按 cn 规则填 F", "the new value was filled with F, as the rule for cn is"),
    profiles=_OLD,
)
def new_meaning_filled_with_f(image: CardImage) -> None:
    """The date of signing the contract is a division code and FF."""
    put(image, _EMPLOYMENT, 0x4D, bytes.fromhex("340100FF"))


@image_mutant(
    "card/unemployment-date-in-both-files",
    breaks="CARD-UNEMPLOYMENT-DATE",
    because=Text("失业登记日期在两个文件中都写了", "the date of unemployment was written to both files"),
)
def unemployment_date_in_both_files(image: CardImage) -> None:
    """Item 60 stands in DF02 EF06 and in DF03 EF05."""
    content = image.linear(_INSURANCE)
    content.write(len(content.records), bytes((0x60, 4)) + value_of(image, _EMPLOYMENT, 0x60))


@image_mutant(
    "card/wage-date-as-text",
    breaks="CARD-TAG-MEANING",
    because=Text("日期写成了未登记的数字", "the date was written as digits that are no date"),
    profiles=_OLD,
)
def wage_date_as_text(image: CardImage) -> None:
    """Tag 39 of the wages holds no date in either meaning."""
    put(image, "DF01/EF0A", 0x39, bytes.fromhex("99999999"))
