"""Data objects in BER-TLV, at any depth."""

MULTI_BYTE, CONSTRUCTED = 0x1F, 0x20
LONG_LENGTH = 0x80


def data_object(octets: bytes, wanted: int) -> bytes | None:
    """The value of the first object with tag ``wanted``; None without one, or where what comes before is no BER-TLV."""
    while len(octets) >= 2:
        behind = 1
        if octets[0] & MULTI_BYTE == MULTI_BYTE:
            behind = 2
            while len(octets) > behind and octets[behind - 1] & LONG_LENGTH:
                behind += 1
        tag, constructed = int.from_bytes(octets[:behind], "big"), bool(octets[0] & CONSTRUCTED)
        rest = octets[behind:]
        if not rest:
            return None
        size = rest[0] & ~LONG_LENGTH if rest[0] & LONG_LENGTH else 0
        length = int.from_bytes(rest[1 : 1 + size], "big") if size else rest[0]
        value, octets = rest[1 + size : 1 + size + length], rest[1 + size + length :]
        found = value if tag == wanted else data_object(value, wanted) if constructed else None
        if found is not None:
            return found
    return None
