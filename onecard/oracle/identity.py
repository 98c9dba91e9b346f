"""Numbers that carry a check of their own: social security number, card number, identification code, body number.

Sources: GB 11643-1999; 人社信息函〔2012〕37号 with its appendix A; GB/T 2260-2007 (basis notice).
"""

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Final

from onecard.oracle.codec import bcd_decode, bcd_encode
from onecard.oracle.errors import DecodeError


class NumberError(DecodeError):
    """A number that breaks a rule of its structure; ``offset`` counts characters or bytes from 0."""


class WrongLength(NumberError):
    """Too few or too many characters or bytes."""


class WrongCharacter(NumberError):
    """A character that may not stand at this place."""


class ImpossibleBirthDate(NumberError):
    """Characters 7 to 14 are no calendar date."""


class UnknownProvince(NumberError):
    """The first two digits are no province-level code of GB/T 2260."""


class WrongCheckCharacter(NumberError):
    """The last character is not the one that the others give."""


class WrongRegisteredIdentifier(NumberError):
    """The fixed five bytes are others."""


class Sex(Enum):
    """Sex by GB/T 2261.1-2003; the value is the character that the card holds."""

    MALE = "1"
    FEMALE = "2"
    NOT_STATED = "9"


PROVINCES: Final = frozenset(
    f"{code}"
    for region in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82),
    )
    for code in region
)
"""The first two digits of every province-level division of GB/T 2260-2007."""

_CITIZEN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_CHECKS: Final = "10X98765432"
_CARD_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_CARD_CHECKS: Final = "0X987654321"
_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS: Final = "0123456789"


def _length(what: tuple[str, str], value: str | bytes, length: int) -> None:
    if len(value) != length:
        zh, en = what
        raise WrongLength(
            offset=min(len(value), length),
            zh=f"{zh}长度应为 {length}，实为 {len(value)}",
            en=f"a {en} has the length {length}, this one {len(value)}",
        )


def _characters(text: str, allowed: str, start: int) -> None:
    for offset, character in enumerate(text, start):
        if character not in allowed:
            raise WrongCharacter(offset=offset, zh=f"此处不能是「{character}」", en=f"{character!r} may not stand here")


def _province(region: str, offset: int) -> None:
    if region[:2] not in PROVINCES:
        raise UnknownProvince(
            offset=offset,
            zh=f"GB/T 2260 中没有省级代码 {region[:2]}",
            en=f"GB/T 2260 has no province-level code {region[:2]}",
        )


def _check(found: str, expected: str, offset: int) -> None:
    if found != expected:
        raise WrongCheckCharacter(
            offset=offset,
            zh=f"校验码应为 {expected}，实为 {found}",
            en=f"the check character is {expected}, not {found}",
        )


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """A citizen's social security number, GB 11643: region 6, birth date 8, sequence 3 (odd: male), check 1."""

    region: str
    birth_date: dt.date
    sequence: str
    check: str

    @property
    def sex(self) -> Sex:
        """The sex that the sequence tells: odd male, even female."""
        return Sex.MALE if int(self.sequence) % 2 else Sex.FEMALE


def citizen_check(body: str) -> str:
    """The check character (digit or X) of 17 digits: ISO 7064 MOD 11-2. Raises WrongLength, WrongCharacter."""
    _length(("公民身份号码本体", "citizen number's body"), body, 17)
    _characters(body, _DIGITS, 0)
    total = sum(int(digit) * weight for digit, weight in zip(body, _CITIZEN_WEIGHTS, strict=True))
    return _CITIZEN_CHECKS[total % 11]


def citizen_number_decode(number: str) -> CitizenNumber:
    """The parts of an 18-character number. A number that the ministry gives to others than citizens need not fit.

    Raises WrongLength, WrongCharacter, UnknownProvince, ImpossibleBirthDate, WrongCheckCharacter.
    """
    _length(("公民身份号码", "citizen number"), number, 18)
    _characters(number[:17], _DIGITS, 0)
    _characters(number[17], _DIGITS + "X", 17)
    _province(number, 0)
    birth = number[6:14]
    try:
        birth_date = dt.date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        raise ImpossibleBirthDate(offset=6, zh=f"{birth} 不是日历日期", en=f"{birth} is no calendar date") from None
    _check(number[17], citizen_check(number[:17]), 17)
    return CitizenNumber(number[:6], birth_date, number[14:17], number[17])


def card_number_check(body: str) -> str:
    """The check character (digit or X) of a card number's 8 body characters. Raises WrongLength, WrongCharacter."""
    _length(("卡号本体", "card number's body"), body, 8)
    _characters(body[:1], _CAPITALS, 0)
    _characters(body[1:], _DIGITS + _CAPITALS, 1)
    values = (int(character, 36) for character in body)
    return _CARD_CHECKS[sum(value * weight for value, weight in zip(values, _CARD_WEIGHTS, strict=True)) % 11]


def card_number_decode(number: str) -> str:
    """The 8-character body of a stored card number (9 characters, no hyphen).

    Raises WrongLength, WrongCharacter, WrongCheckCharacter.
    """
    _length(("卡号", "card number"), number, 9)
    _characters(number[8], _DIGITS + "X", 8)
    expected = card_number_check(number[:8])
    _check(number[8], expected, 8)
    return number[:8]


CARD_RID: Final = bytes.fromhex("D156000005")
"""The registered identifier of the social security applications, in the identification code too."""

BODY_RID: Final = bytes.fromhex("9156000002")
"""The fixed beginning of an initialising body's number."""


def _registered(found: bytes, expected: bytes, offset: int) -> None:
    if found != expected:
        raise WrongRegisteredIdentifier(
            offset=offset,
            zh=f"应为 {expected.hex().upper()}，实为 {found.hex().upper()}",
            en=f"{expected.hex().upper()} is required here, not {found.hex().upper()}",
        )


def region_decode(octets: bytes, offset: int) -> str:
    """The six digits of a region code in 3 bytes BCD, with a province-level code of GB/T 2260.

    ``offset``: where the bytes stand, for the errors. Raises NotBcd, DigitAfterFiller, WrongLength, UnknownProvince.
    """
    region = bcd_decode(octets, offset)
    if len(region) != 6:
        raise WrongLength(offset=offset, zh="行政区划代码应为 6 位数字", en="a region code has six digits")
    _province(region, offset)
    return region


@dataclass(frozen=True, slots=True)
class IdentificationCode:
    """The card's identification code (item 01): region (6 digits), serial and authentication code of 4 bytes each."""

    region: str
    serial: bytes
    authentication: bytes

    @property
    def authenticated(self) -> bool:
        """Whether an authentication code is there: FFFFFFFF stands for none."""
        return self.authentication != b"\xff" * 4


def identification_code_decode(octets: bytes) -> IdentificationCode:
    """The parts of the 16 bytes: region 3, D156000005, serial 4, authentication code 4 (its algorithm is not public).

    Raises WrongLength, NotBcd, DigitAfterFiller, UnknownProvince, WrongRegisteredIdentifier.
    """
    _length(("卡识别码", "card identification code"), octets, 16)
    region = region_decode(octets[:3], 0)
    _registered(octets[3:8], CARD_RID, 3)
    return IdentificationCode(region, octets[8:12], octets[12:])


@dataclass(frozen=True, slots=True)
class InitialisingBody:
    """The initialising body's number (item 04): issuing region, the body's own region, and a sequence byte."""

    issuing_region: str
    body_region: str
    sequence: str


def initialising_body_decode(octets: bytes) -> InitialisingBody:
    """The parts of the 12 bytes: 9156000002, issuing region 3, the body's region 3, sequence 1, all BCD.

    Raises WrongLength, NotBcd, DigitAfterFiller, UnknownProvince, WrongRegisteredIdentifier.
    """
    _length(("初始化机构编号", "initialising body's number"), octets, 12)
    _registered(octets[:5], BODY_RID, 0)
    sequence = bcd_decode(octets[11:], 11)
    if len(sequence) != 2:
        raise WrongLength(offset=11, zh="初始化机构序号应为 2 位数字", en="the body's sequence has two digits")
    return InitialisingBody(region_decode(octets[5:8], 5), region_decode(octets[8:11], 8), sequence)


def region_encode(region: str) -> bytes:
    """Six digits as 3 bytes BCD. Raises NotEncodable, ValueTooLong."""
    return bcd_encode(region, 3)
