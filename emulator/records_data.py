"""Raw material of synthetic records: places, organisations, schools, telephones. None of them exists."""

PLACES = ("测试市示例区甲路1号", "测试市示例区乙街22号3室", "测试县样例镇丙村4组", "测试市样例区丁巷55号6幢701室")
ORGANISATIONS = ("示例机械有限公司", "样例职业介绍中心", "测试市第一示例医院", "样例县社会保障局", "示例大学")
CONTACTS = ("测试甲", "测试乙", "测试丙丁")
DEVICES = ("轮椅", "助听器", "拐杖")
BLOOD = ("A型", "B型", "O型", "AB型")

PHOTO_WIDTH, PHOTO_HEIGHT = 26, 32
"""Pixels of the synthetic photo; its file is larger and is filled up."""


def telephone(number: int) -> str:
    """A telephone number that no network gives out: it begins with 000."""
    return f"000{number % 10**8:08d}"


def photo(shade: int) -> bytes:
    """A picture of an oval on a plain ground: BMP of 24 bits a pixel, little endian; ``shade`` sets its colours."""
    row = PHOTO_WIDTH * 3
    padding = bytes(-row % 4)
    pixels = b"".join(
        b"".join([_pixel(x, y, shade) for x in range(PHOTO_WIDTH)]) + padding for y in range(PHOTO_HEIGHT)
    )
    header = b"BM" + _numbers(4, 54 + len(pixels), 0, 54)
    form = (
        _numbers(4, 40, PHOTO_WIDTH, PHOTO_HEIGHT) + _numbers(2, 1, 24) + _numbers(4, 0, len(pixels), 2835, 2835, 0, 0)
    )
    return header + form + pixels


def _numbers(octets: int, *values: int) -> bytes:
    return b"".join([value.to_bytes(octets, "little") for value in values])


def _pixel(x: int, y: int, shade: int) -> bytes:
    inside = (2 * x - PHOTO_WIDTH) ** 2 * 2 + (2 * y - PHOTO_HEIGHT) ** 2 < PHOTO_HEIGHT**2
    return bytes((shade % 200, 120, 200)) if inside else b"\xf0\xe0\xd0"


def fingerprint(length: int, number: int) -> bytes:
    """Bytes in the place of a template: the sources give no format. Two halves, one for each hand."""
    return bytes([(place * 7 + number * 13 + 1) % 251 for place in range(length)])
