"""The data types of the card's items: ``cn`` (BCD), ``an`` (ASCII or GBK) and dates.

Source: 人社信息函〔2012〕37号 (basis notice); the stripping of F filler in ``an`` items is field: one program
writes it.
"""

import datetime as dt
from enum import StrEnum
from typing import Final

from onecard.oracle.errors import DecodeError, EncodeError


class Charset(StrEnum):
    """The character set of an ``an`` item."""

    ASCII = "ascii"
    GBK = "gbk"
    GB18030 = "gb18030"


class NotBcd(DecodeError):
    """A nibble A to E in a ``cn`` item."""


class DigitAfterFiller(DecodeError):
    """A digit to the right of the filler nibble F: ``cn`` items are left aligned."""


class UndecodableText(DecodeError):
    """Bytes that are no characters of the item's character set."""


class ControlCharacter(DecodeError):
    """A control character (perhaps 00) to the left of the last character of an ``an`` item."""


class NotADate(DecodeError):
    """Four bytes that are no calendar date CCYYMMDD."""


class ValueTooLong(EncodeError):
    """The value needs more bytes than the item has."""


class NotEncodable(EncodeError):
    """The value holds something that the coding cannot express."""


_FILLER: Final = 0xF
_AN_FILLERS: Final = b"\x00\xff"


def bcd_encode(digits: str, length: int) -> bytes:
    """``digits`` as a ``cn`` item of ``length`` bytes: high nibble first, left aligned, filled with nibbles F.

    Raises NotEncodable, ValueTooLong.
    """
    if digits and not (digits.isascii() and digits.isdigit()):
        raise NotEncodable(zh=f"cn 数据只能是数字，实为「{digits}」", en=f"cn data are digits, not {digits!r}")
    if len(digits) > 2 * length:
        raise ValueTooLong(
            zh=f"{len(digits)} 位数字放不进 {length} 字节", en=f"{len(digits)} digits do not fit in {length} bytes"
        )
    return bytes.fromhex(digits.ljust(2 * length, "F"))


def bcd_decode(octets: bytes, start: int = 0) -> str:
    """The digits of a ``cn`` item without the filler; an item of filler alone gives "".

    ``start``: where the bytes stand in their whole, added to the offset of an error.
    Raises NotBcd, DigitAfterFiller.
    """
    digits = ""
    filled = False
    for position in range(2 * len(octets)):
        index, low = divmod(position, 2)
        offset = start + index
        nibble = octets[index] & 0xF if low else octets[index] >> 4
        if nibble == _FILLER:
            filled = True
        elif nibble > 9:
            raise NotBcd(offset=offset, zh=f"半字节 {nibble:X} 不是 BCD 数字", en=f"nibble {nibble:X} is no BCD digit")
        elif filled:
            raise DigitAfterFiller(
                offset=offset, zh=f"填充 F 之后出现数字 {nibble}", en=f"digit {nibble} after the filler F"
            )
        else:
            digits += str(nibble)
    return digits


def _is_control(code: int) -> bool:
    return code < 0x20 or code == 0x7F


def an_encode(text: str, length: int, charset: Charset) -> bytes:
    """``text`` as an ``an`` item of ``length`` bytes: left aligned, filled with 00.

    Raises NotEncodable, ValueTooLong.
    """
    control = next((character for character in text if _is_control(ord(character))), None)
    if control is not None:
        raise NotEncodable(zh=f"含控制字符 {control!r}", en=f"holds the control character {control!r}")
    try:
        octets = text.encode(charset.value)
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise NotEncodable(
            zh=f"{charset.value.upper()} 中没有字符「{character}」", en=f"{charset.value.upper()} has no {character!r}"
        ) from None
    if len(octets) > length:
        raise ValueTooLong(
            zh=f"{len(octets)} 字节的文本放不进 {length} 字节", en=f"{len(octets)} bytes of text do not fit in {length}"
        )
    return octets.ljust(length, b"\x00")


def an_strip(octets: bytes) -> bytes:
    """An ``an`` item without the filler at its right: 00 by the rule, F nibbles as some personalisation writes them.

    Neither 00 nor FF is the last byte of an ASCII or GBK character, so no character is cut.
    """
    return octets.rstrip(_AN_FILLERS)


def an_decode(octets: bytes, charset: Charset) -> str:
    """The text of an ``an`` item without the filler at its right. Raises UndecodableText, ControlCharacter."""
    stripped = an_strip(octets)
    for offset, octet in enumerate(stripped):
        if _is_control(octet):
            raise ControlCharacter(
                offset=offset, zh=f"文本中有控制字符 {octet:02X}", en=f"control character {octet:02X} in the text"
            )
    try:
        return stripped.decode(charset.value)
    except UnicodeDecodeError as error:
        raise UndecodableText(
            offset=error.start,
            zh=f"{stripped[error.start]:02X} 处不是 {charset.value.upper()} 字符",
            en=f"{stripped[error.start]:02X} begins no {charset.value.upper()} character",
        ) from None


def name_decode(name: bytes, extension: bytes) -> str:
    """The holder's name of items 09 (``name``) and 4E (``extension``, which goes on where 09 is full); GBK.

    Raises UndecodableText, ControlCharacter; offsets count through both items without their filler.
    """
    return an_decode(an_strip(name) + an_strip(extension), Charset.GBK)


def date_decode(octets: bytes) -> dt.date:
    """The date of a ``cn`` item of 4 bytes, CCYYMMDD. Raises NotBcd, DigitAfterFiller, NotADate."""
    digits = bcd_decode(octets)
    if len(digits) == 8:
        try:
            return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            pass
    raise NotADate(
        offset=0, zh=f"{octets.hex().upper()} 不是 CCYYMMDD 日期", en=f"{octets.hex().upper()} is no date CCYYMMDD"
    )


def date_encode(date: dt.date) -> bytes:
    """``date`` as 4 bytes BCD, CCYYMMDD."""
    return bcd_encode(f"{date.year:04d}{date.month:02d}{date.day:02d}", 4)
