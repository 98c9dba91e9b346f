"""What the bytes of a file say, in words."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from onecard.oracle import items
from onecard.oracle.certificate import card_certificate
from onecard.oracle.errors import OracleError
from onecard.oracle.tlv import ber_tlv_decode
from onecard.show.model import ShownItem
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.text import Text

DATE = "date"
LONGEST = 32
"""Bytes of binary content that are shown whole."""
SSSE = "SSSE"
_TEMPLATES = frozenset((0x61, 0x70))
_TEMPLATE_BYTES = frozenset(bytes((tag,)) for tag in _TEMPLATES)
_NAMES: Mapping[int, Text] = MappingProxyType(
    {
        0x4F: Text("DF 名", "DF name"),
        0x50: Text("应用标签", "application label"),
        0x57: Text("二磁道等效数据", "track 2 equivalent data"),
        0x5A: Text("主账号", "primary account number"),
        0x87: Text("优先级", "priority"),
        0x5F20: Text("持卡人姓名", "cardholder name"),
        0x5F24: Text("应用失效日期", "application expiry date"),
        0x5F25: Text("应用生效日期", "application effective date"),
    }
)
_TEXTS = frozenset((0x50, 0x5F20))
UNKNOWN_NAME = Text("（未知数据项）", "(unknown item)")
EMPTY = Text("（空）", "(empty)")


def same(text: str) -> Text:
    """A text that is the same in both languages."""
    return Text(text, text)


def record_items(spec: CardSpec, file: FileSpec, number: int, record: bytes) -> tuple[ShownItem, ...]:
    """What record ``number`` says; bytes that break the rules stand in hexadecimal beside the reason."""
    objects = _template(spec, file, record)
    if objects:
        return objects
    try:
        found = items.decode_record(spec, file, record)
    except (OracleError, KeyError) as error:
        # Some rules know no coding for an item: the bytes speak for themselves.
        problem = error.text if isinstance(error, OracleError) else None
        name = next((item.name for item in file.items if item.tag == record[0]), UNKNOWN_NAME) if record else EMPTY
        return (ShownItem(_label(file, number, record), name, binary(record), record, problem),)
    return tuple(
        ShownItem(
            f"{each.item.tag:02X}" if each.item.tag else f"{number or ''}",
            each.item.name,
            _words(spec, each),
            each.octets,
            _fault(spec, each),
        )
        for each in found
    )


def _template(spec: CardSpec, file: FileSpec, record: bytes) -> tuple[ShownItem, ...]:
    # Records of directories and of the bank's applications are BER-TLV templates; in the files of SSSE the same bytes
    # are tags of simple TLV.
    ours = SSSE in spec.lineage(file.application) and bool(file.items)
    if ours or file.layout or record[:1] not in _TEMPLATE_BYTES:
        return ()
    try:
        return tuple(_objects(file, record))
    except OracleError:
        return ()


def _objects(file: FileSpec, record: bytes) -> Iterator[ShownItem]:
    names = {inner.tag: inner.name for item in file.items for inner in item.inner}
    for template in ber_tlv_decode(record, 0, len(record)):
        end = template.value_offset + len(template.value)
        for found in ber_tlv_decode(record, template.value_offset, end):
            if found.tag in _TEMPLATES:
                yield from _objects(file, record[found.offset : found.value_offset + len(found.value)])
                continue
            name = names.get(found.tag) or _NAMES.get(found.tag, UNKNOWN_NAME)
            yield ShownItem(f"{found.tag:02X}", name, _readable(found.tag, found.value), found.value)


def _readable(tag: int, value: bytes) -> Text:
    if tag not in _TEXTS:
        return binary(value)
    try:
        return same(value.decode("gbk").rstrip("\x00 "))
    except UnicodeDecodeError:
        return binary(value)


def _label(file: FileSpec, number: int, record: bytes) -> str:
    return f"{number or ''}" if file.layout or not record else f"{record[0]:02X}"


def _words(spec: CardSpec, found: items.Decoded) -> Text:
    if not found.filled:
        return EMPTY
    rule = spec.checks.get(found.item.check or "")
    if rule is not None and rule.kind == DATE and len(found.text) == 8:
        return same(f"{found.text[:4]}-{found.text[4:6]}-{found.text[6:]}")
    return Text(found.shown("zh"), found.shown("en"))


def _fault(spec: CardSpec, found: items.Decoded) -> Text | None:
    try:
        items.verify(spec, found)
    except OracleError as error:
        return error.text
    return None


def transparent_items(spec: CardSpec, file: FileSpec, octets: bytes) -> tuple[ShownItem, ...]:
    """What a transparent file says: fields, a certificate, a picture, or bytes."""
    if items.is_empty(octets):
        return (ShownItem("", file.name, EMPTY, octets),)
    if file.layout:
        # What follows the fields is reserved.
        return record_items(spec, file, 0, octets[: sum(field.length for field in file.layout)])
    told = next((words for begins, words in _KINDS.items() if octets.startswith(begins)), binary)
    return (ShownItem("", file.name, told(octets), octets),)


def binary(octets: bytes) -> Text:
    """Bytes in hexadecimal; of long ones the beginning and how many."""
    shown = octets[:LONGEST].hex().upper()
    if len(octets) <= LONGEST:
        return same(shown)
    return Text(f"{shown}…（共 {len(octets)} 字节）", f"{shown}… ({len(octets)} bytes)")


def _certificate(octets: bytes) -> Text:
    try:
        found = card_certificate(octets)
    except OracleError:
        return binary(octets)
    valid = f"{found.not_before:%Y-%m-%d} – {found.not_after:%Y-%m-%d}"
    return Text(
        f"证书：{found.subject}；颁发者 {found.issuer}；有效期 {valid}",
        f"certificate: {found.subject}; issuer {found.issuer}; valid {valid}",
    )


def _picture(octets: bytes) -> Text:
    size = len(octets.rstrip(b"\x00\xff"))
    return Text(f"JPEG 图像，约 {size} 字节", f"a JPEG picture of about {size} bytes")


_KINDS: Mapping[bytes, Callable[[bytes], Text]] = MappingProxyType(
    {b"\x30\x82": _certificate, b"\xff\xd8\xff": _picture}
)
