"""Mistakes of personalisation in the issuer file."""

from emulator.card.image import CardImage
from emulator.mutants.card.edits import ISSUER_FILE, drop, put, value_of
from emulator.mutants.model import image_mutant
from onecard.spec.text import Text

_IDENTIFICATION, _CLASS, _VERSION, _BODY, _ISSUED, _VALID, _NUMBER = range(1, 8)


@image_mutant(
    "card/issuer-record-missing",
    breaks="CARD-EF05-RECORDS",
    because=Text("卡有效期在初始化时未写入", "the end of validity was not written at initialisation"),
)
def issuer_record_missing(image: CardImage) -> None:
    """The issuer file has six records."""
    drop(image, ISSUER_FILE, _VALID)


@image_mutant(
    "card/card-number-of-eight-characters",
    breaks="CARD-EF05-RECORDS",
    because=Text("卡号未含校验码，长度少一", "the card number was written without its check character"),
)
def card_number_of_eight_characters(image: CardImage) -> None:
    """The card number is one byte short."""
    put(image, ISSUER_FILE, _NUMBER, value_of(image, ISSUER_FILE, _NUMBER)[:-1])


@image_mutant(
    "card/identification-without-rid",
    breaks="CARD-EF05-IDENTIFICATION",
    because=Text("注册标识写成应用标识的前缀", "another registered identifier stands in the code"),
)
def identification_without_rid(image: CardImage) -> None:
    """The registered identifier is D156000004."""
    value = value_of(image, ISSUER_FILE, _IDENTIFICATION)
    put(image, ISSUER_FILE, _IDENTIFICATION, value[:3] + bytes.fromhex("D156000004") + value[8:])


@image_mutant(
    "card/identification-without-serial",
    breaks="CARD-EF05-IDENTIFICATION",
    because=Text("流水号未写入，仍为填充", "the serial was never written over its filler"),
)
def identification_without_serial(image: CardImage) -> None:
    """The serial is FFFFFFFF."""
    value = value_of(image, ISSUER_FILE, _IDENTIFICATION)
    put(image, ISSUER_FILE, _IDENTIFICATION, value[:8] + bytes.fromhex("FFFFFFFF") + value[12:])


@image_mutant(
    "card/identification-region-binary",
    breaks="CARD-EF05-IDENTIFICATION",
    because=Text("地区代码写成二进制", "the region was written as a binary number"),
)
def identification_region_binary(image: CardImage) -> None:
    """The region is no BCD."""
    value = value_of(image, ISSUER_FILE, _IDENTIFICATION)
    put(image, ISSUER_FILE, _IDENTIFICATION, int(value[:3].hex()).to_bytes(3, "big") + value[3:])


@image_mutant(
    "card/class-unknown",
    breaks="CARD-EF05-CLASS",
    because=Text("卡的类别写入默认值 0", "the card class was left at 0"),
)
def class_unknown(image: CardImage) -> None:
    """The card class is "0"."""
    put(image, ISSUER_FILE, _CLASS, b"0")


@image_mutant(
    "card/class-binary",
    breaks="CARD-EF05-CLASS",
    because=Text("代码以二进制写入而非字符", "the code was written as a number instead of a character"),
)
def class_binary(image: CardImage) -> None:
    """The card class is the byte 03."""
    put(image, ISSUER_FILE, _CLASS, b"\x03")


@image_mutant(
    "card/version-of-other-generation",
    breaks="CARD-EF05-VERSION",
    because=Text("个人化模板沿用另一代卡的版本", "the template of another generation was used"),
)
def version_of_other_generation(image: CardImage) -> None:
    """A 3.0 card says 2.00, the others say 3.00."""
    own = value_of(image, ISSUER_FILE, _VERSION)
    put(image, ISSUER_FILE, _VERSION, b"2.00" if own.startswith(b"3") else b"3.00")


@image_mutant(
    "card/body-without-prefix",
    breaks="CARD-EF05-BODY",
    because=Text("初始化机构编号缺少固定前缀", "the number was written without its fixed prefix"),
)
def body_without_prefix(image: CardImage) -> None:
    """The initialising body's number begins with zeros."""
    put(image, ISSUER_FILE, _BODY, bytes(5) + value_of(image, ISSUER_FILE, _BODY)[5:])


@image_mutant(
    "card/issue-date-impossible",
    breaks="CARD-EF05-DATES",
    because=Text("日期拼接未作校验", "dates are put together without a check"),
)
def issue_date_impossible(image: CardImage) -> None:
    """The card was issued on 30 February."""
    put(image, ISSUER_FILE, _ISSUED, bytes.fromhex("20240230"))


@image_mutant(
    "card/valid-before-issue",
    breaks="CARD-EF05-DATES",
    because=Text("发卡日期与有效期写反", "issue date and end of validity were exchanged"),
)
def valid_before_issue(image: CardImage) -> None:
    """The end of validity lies before the issue."""
    issued, valid = value_of(image, ISSUER_FILE, _ISSUED), value_of(image, ISSUER_FILE, _VALID)
    put(image, ISSUER_FILE, _ISSUED, valid)
    put(image, ISSUER_FILE, _VALID, issued)


@image_mutant(
    "card/card-number-wrong-check",
    breaks="CARD-EF05-CARD-NUMBER",
    because=Text("校验码权重用错", "the check character was computed with other weights"),
)
def card_number_wrong_check(image: CardImage) -> None:
    """The check character of the card number is wrong."""
    value = value_of(image, ISSUER_FILE, _NUMBER)
    put(image, ISSUER_FILE, _NUMBER, value[:-1] + (b"1" if value[-1:] != b"1" else b"2"))


@image_mutant(
    "card/card-number-lower-case",
    breaks="CARD-EF05-CARD-NUMBER",
    because=Text("首字母以小写写入", "the first letter was written in lower case"),
)
def card_number_lower_case(image: CardImage) -> None:
    """The card number begins with a small letter."""
    put(image, ISSUER_FILE, _NUMBER, value_of(image, ISSUER_FILE, _NUMBER).lower())
