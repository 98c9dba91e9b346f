"""Numbers of a purse: binary amounts and decimal dates, as bytes."""


def octets(number: int, length: int) -> bytes:
    """Big-endian in ``length`` bytes; what does not fit is lost."""
    return (number % (1 << 8 * length)).to_bytes(length, "big")


def number(value: bytes) -> int:
    """Of big-endian bytes."""
    return int.from_bytes(value, "big")


def decimal(value: bytes) -> int:
    """Of BCD digits; a nibble that is no digit counts as its value."""
    result = 0
    for octet in value:
        result = result * 100 + (octet >> 4) * 10 + (octet & 0x0F)
    return result


def bcd(result: int, length: int) -> bytes:
    """The last digits of a number as ``length`` bytes of BCD."""
    digits = str(max(result, 0)).zfill(2 * length)
    return bytes.fromhex(digits[len(digits) - 2 * length :])
