"""What a payment terminal makes of a bank application: data objects, object lists, file locators, account numbers.

By ISO/IEC 7812 (check digit), ISO/IEC 7813 (track 2) and the codings of EMV, which JR/T 0025 takes over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from onecard.oracle.errors import DecodeError
from onecard.oracle.tlv import BerTlv, ber_tlv_decode

CONSTRUCTED: Final = 0x20
ENTRY: Final = 4
AMOUNT: Final = 0x9F02
CURRENCY: Final = 0x5F2A
_FILLED: Final = {AMOUNT: "000000000001", CURRENCY: "0156"}


class WrongAccount(DecodeError):
    """An account number, track 2 or date is not coded by its rule."""


class WrongLocator(DecodeError):
    """An AFL is not of entries of four bytes that name records."""


def _constructed(tag: int) -> bool:
    first = tag
    while first > 0xFF:
        first >>= 8
    return bool(first & CONSTRUCTED)


def data_objects(octets: bytes) -> Iterator[BerTlv]:
    """Every data object within ``octets``, those in templates after their template. Raises the errors of BER-TLV."""
    for found in ber_tlv_decode(octets, 0, len(octets)):
        yield found
        if _constructed(found.tag):
            yield from data_objects(found.value)


def object_of(octets: bytes, tag: int) -> bytes | None:
    """The value of the first data object with ``tag``, at any depth; None without one."""
    return next((found.value for found in data_objects(octets) if found.tag == tag), None)


def object_list(octets: bytes) -> list[tuple[int, int]]:
    """A data object list (PDOL) as tags and lengths. Raises WrongLocator where it is cut."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(octets):
        end = at + 1
        if octets[at] & 0x1F == 0x1F:
            while end < len(octets) and octets[end] & 0x80:
                end += 1
            end += 1
        if end >= len(octets):
            raise WrongLocator(offset=at, zh="数据对象列表不完整", en="the data object list is cut")
        found.append((int.from_bytes(octets[at:end], "big"), octets[end]))
        at = end + 1
    return found


def answer_to_list(octets: bytes) -> bytes:
    """The bytes that a data object list asks for: the smallest amount, yuan, zeros for the rest."""
    return b"".join(
        bytes.fromhex(_FILLED.get(tag, "")).rjust(length, b"\x00")[-length:] if length else b""
        for tag, length in object_list(octets)
    )


@dataclass(frozen=True, slots=True)
class Options:
    """The answer to GPO: interchange profile, and the records to read as (SFI, number)."""

    profile: bytes
    records: tuple[tuple[int, int], ...]


def options_of(octets: bytes) -> Options:
    """The answer to GPO, in template 80 (AIP ‖ AFL) or 77 (82, 94). Raises WrongLocator and the errors of BER-TLV."""
    outer = ber_tlv_decode(octets, 0, len(octets))
    if len(outer) != 1 or outer[0].tag not in (0x77, 0x80):
        raise WrongLocator(offset=0, zh="应为模板 77 或 80", en="template 77 or 80 is required here")
    value = outer[0].value
    if outer[0].tag == 0x77:
        profile, locator = object_of(value, 0x82) or b"", object_of(value, 0x94) or b""
    else:
        profile, locator = value[:2], value[2:]
    if len(profile) != 2 or not locator or len(locator) % ENTRY:
        raise WrongLocator(offset=2, zh="AIP 或 AFL 长度不符", en="AIP or AFL has a wrong length")
    entries = [locator[at : at + ENTRY] for at in range(0, len(locator), ENTRY)]
    for entry in entries:
        if entry[0] & 0x07 or not 1 <= entry[0] >> 3 <= 30 or not 1 <= entry[1] <= entry[2]:
            raise WrongLocator(
                offset=2, zh=f"AFL 项 {entry.hex().upper()} 无效", en=f"the AFL entry {entry.hex().upper()} is invalid"
            )
    return Options(profile, tuple((entry[0] >> 3, n) for entry in entries for n in range(entry[1], entry[2] + 1)))


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (modulus 10, every second digit doubled)."""
    total = 0
    for index, character in enumerate(digits[::-1]):
        value = int(character) << (index & 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def account_number(octets: bytes) -> str:
    """The digits of 5A: BCD, 12 to 19 digits, filled with F, with a right check digit. Raises WrongAccount."""
    digits = octets.hex().upper().rstrip("F")
    if not digits.isdigit() or not 12 <= len(digits) <= 19:
        raise WrongAccount(offset=0, zh=f"主账号 {digits} 不是 12 至 19 位数字", en=f"{digits} is not 12 to 19 digits")
    if not luhn_holds(digits):
        raise WrongAccount(
            offset=len(octets) - 1, zh=f"主账号 {digits} 校验位错误", en=f"the check digit of {digits} is wrong"
        )
    return digits


def track2_account(octets: bytes) -> tuple[str, str]:
    """Account number and expiry (YYMM) of 57. Raises WrongAccount."""
    number, separator, rest = octets.hex().upper().rstrip("F").partition("D")
    if not separator or not number.isdigit() or not rest.isdigit() or len(rest) < 7 or not "01" <= rest[2:4] <= "12":
        raise WrongAccount(offset=0, zh="二磁道等效数据格式错误", en="track 2 equivalent data is not of its form")
    return number, rest[:4]


def expiry(octets: bytes) -> str:
    """A date YYMMDD of 5F24. Raises WrongAccount."""
    digits = octets.hex()
    if len(digits) != 6 or not digits.isdigit() or not "0101" <= digits[2:] <= "1231":
        raise WrongAccount(offset=0, zh=f"{digits} 不是日期", en=f"{digits} is not a date")
    return digits
