"""Mistakes of personalisation in the holder file."""

from emulator.card.image import CardImage
from emulator.mutants.card.edits import HOLDER_FILE, ISSUER_FILE, drop, move, put, value_of
from emulator.mutants.model import image_mutant
from onecard.spec.text import Text

_NUMBER, _NAME, _EXTENSION, _SEX, _NATION, _BIRTHPLACE, _BIRTH = 0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D
_WITH_EXTENSION = ("card-2.0", "card-3.0")


@image_mutant(
    "card/name-extension-missing",
    breaks="CARD-EF06-RECORDS",
    because=Text("使用了一代卡的记录表", "the table of records of 1.0 cards was used"),
    profiles=_WITH_EXTENSION,
)
def name_extension_missing(image: CardImage) -> None:
    """There is no record 4E."""
    drop(image, HOLDER_FILE, _EXTENSION)


@image_mutant(
    "card/birthplace-as-text",
    breaks="CARD-EF06-RECORDS",
    because=Text("cn 项按 an 写入，长度加倍", "a cn item was written as characters, twice as long"),
)
def birthplace_as_text(image: CardImage) -> None:
    """The birthplace takes six bytes."""
    put(image, HOLDER_FILE, _BIRTHPLACE, value_of(image, HOLDER_FILE, _BIRTHPLACE).hex().encode())


@image_mutant(
    "card/order-of-other-generation",
    breaks="CARD-EF06-ORDER",
    because=Text(
        "按一代卡的次序个人化，4E 追加在末尾", "personalised in the order of 1.0 cards, 4E appended at the end"
    ),
    profiles=_WITH_EXTENSION,
)
def order_of_other_generation(image: CardImage) -> None:
    """The name extension is the last record."""
    move(image, HOLDER_FILE, _EXTENSION, len(image.linear(HOLDER_FILE).records) - 1)


@image_mutant(
    "card/order-exchanged",
    breaks="CARD-EF06-ORDER",
    because=Text("两条记录的写入次序颠倒", "two records were written in the wrong order"),
)
def order_exchanged(image: CardImage) -> None:
    """The name stands before the number."""
    move(image, HOLDER_FILE, _NAME, 0)


@image_mutant(
    "card/number-wrong-check",
    breaks="CARD-EF06-NUMBER",
    because=Text(
        "号码由 15 位升位时校验码算错",
        "the check digit was computed wrongly when the number was lengthened from 15 digits",
    ),
)
def number_wrong_check(image: CardImage) -> None:
    """The check character of the number is wrong."""
    value = value_of(image, HOLDER_FILE, _NUMBER)
    put(image, HOLDER_FILE, _NUMBER, value[:-1] + (b"1" if value[-1:] != b"1" else b"2"))


@image_mutant(
    "card/number-small-x",
    breaks="CARD-EF06-NUMBER",
    because=Text("校验码 X 以小写写入", "the check character X was written in lower case"),
)
def number_small_x(image: CardImage) -> None:
    """The number ends in a small x."""
    value = value_of(image, HOLDER_FILE, _NUMBER)
    put(image, HOLDER_FILE, _NUMBER, value[:-1] + b"x")


@image_mutant(
    "card/name-cut-in-a-character",
    breaks="CARD-EF06-NAME",
    because=Text("按字节截断 GBK 姓名", "a GBK name was cut at a byte"),
)
def name_cut_in_a_character(image: CardImage) -> None:
    """The name ends in half a character."""
    value = value_of(image, HOLDER_FILE, _NAME)
    content = value.rstrip(b"\x00")
    put(image, HOLDER_FILE, _NAME, content[:-1].ljust(len(value), b"\x00"))


@image_mutant(
    "card/name-empty",
    breaks="CARD-EF06-NAME",
    because=Text("只写了姓名扩展，姓名为空", "only the extension was written and the name left empty"),
)
def name_empty(image: CardImage) -> None:
    """The name is all padding."""
    put(image, HOLDER_FILE, _NAME, bytes(len(value_of(image, HOLDER_FILE, _NAME))))


@image_mutant(
    "card/name-in-utf16",
    breaks="CARD-EF06-NAME",
    because=Text("姓名以 UTF-16 而非 GBK 写入", "the name was written in UTF-16 instead of GBK"),
)
def name_in_utf16(image: CardImage) -> None:
    """The name is in another coding."""
    value = value_of(image, HOLDER_FILE, _NAME)
    text = value.rstrip(b"\x00").decode("gbk")
    put(image, HOLDER_FILE, _NAME, text.encode("utf-16-be")[: len(value)].ljust(len(value), b"\x00"))


@image_mutant(
    "card/sex-zero",
    breaks="CARD-EF06-SEX",
    because=Text(
        "写入 GB/T 2261.1 的“未知”0，不在 V2.0 代码表内", "0, 'unknown' of GB/T 2261.1, is not in the table of V2.0"
    ),
)
def sex_zero(image: CardImage) -> None:
    """The sex code is "0"."""
    put(image, HOLDER_FILE, _SEX, b"0")


@image_mutant(
    "card/nation-57",
    breaks="CARD-EF06-NATION",
    because=Text("“其他”写成 57 而非 99", "'other' was written as 57, as older tables have it"),
)
def nation_57(image: CardImage) -> None:
    """The ethnic group is 57."""
    put(image, HOLDER_FILE, _NATION, b"\x57")


@image_mutant(
    "card/nation-binary",
    breaks="CARD-EF06-NATION",
    because=Text("代码按二进制写入而非 BCD", "the code was written as a binary number instead of BCD"),
)
def nation_binary(image: CardImage) -> None:
    """The ethnic group is the byte 0B for 11."""
    put(image, HOLDER_FILE, _NATION, b"\x0b")


@image_mutant(
    "card/birthplace-unknown",
    breaks="CARD-EF06-BIRTHPLACE",
    because=Text("缺少出生地时以 F 填满", "a missing birthplace was filled with F"),
)
def birthplace_unknown(image: CardImage) -> None:
    """The birthplace is FFFFFF."""
    put(image, HOLDER_FILE, _BIRTHPLACE, b"\xff\xff\xff")


@image_mutant(
    "card/birth-date-day-first",
    breaks="CARD-EF06-BIRTHDATE",
    because=Text("日期按日月年书写", "the date was written day first"),
)
def birth_date_day_first(image: CardImage) -> None:
    """The birth date is DDMMCCYY."""
    value = value_of(image, HOLDER_FILE, _BIRTH)
    put(image, HOLDER_FILE, _BIRTH, value[3:] + value[2:3] + value[:2])


@image_mutant(
    "card/birth-date-of-another",
    breaks="CARD-EF06-CONSISTENT",
    because=Text("个人化数据错行", "the personalisation data slipped by one row"),
)
def birth_date_of_another(image: CardImage) -> None:
    """The birth date is not that of the number."""
    put(image, HOLDER_FILE, _BIRTH, bytes.fromhex("19491001"))


@image_mutant(
    "card/sex-of-another",
    breaks="CARD-EF06-CONSISTENT",
    because=Text("性别与号码顺序码奇偶不符", "the sex does not agree with the number's sequence code"),
)
def sex_of_another(image: CardImage) -> None:
    """The sex is the other one."""
    put(image, HOLDER_FILE, _SEX, b"2" if value_of(image, HOLDER_FILE, _SEX) == b"1" else b"1")


@image_mutant(
    "card/name-padded-with-spaces",
    breaks="CARD-PADDING",
    because=Text("按数据库字段以空格补足", "the name was padded with spaces, as in the database"),
)
def name_padded_with_spaces(image: CardImage) -> None:
    """The name is padded with 20."""
    value = value_of(image, HOLDER_FILE, _NAME)
    put(image, HOLDER_FILE, _NAME, value.rstrip(b"\x00").ljust(len(value), b" "))


@image_mutant(
    "card/name-right-aligned",
    breaks="CARD-PADDING",
    because=Text("an 项右对齐，左补 00", "an an item was right-aligned"),
)
def name_right_aligned(image: CardImage) -> None:
    """Padding stands before the name."""
    value = value_of(image, HOLDER_FILE, _NAME)
    put(image, HOLDER_FILE, _NAME, value.rstrip(b"\x00").rjust(len(value), b"\x00"))


@image_mutant(
    "card/validity-right-aligned",
    breaks="CARD-PADDING",
    because=Text("cn 项内夹有填充半字节", "padding nibbles stand within a cn item"),
)
def validity_right_aligned(image: CardImage) -> None:
    """The issue date begins with nibble F."""
    value = value_of(image, ISSUER_FILE, 0x05)
    put(image, ISSUER_FILE, 0x05, bytes((0xF0 | value[0] & 0x0F,)) + value[1:])
