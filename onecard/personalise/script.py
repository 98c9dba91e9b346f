"""A personalisation script for a real card: commands in hex, and placeholders for what each COS does in its own way.

A line is a comment (``#``), a placeholder in braces (creating files, writing keys and the PIN: fill it in for the COS),
or a command APDU. Values are coded by the oracle; keys are named and never given.
"""

from collections import Counter
from collections.abc import Iterator

from onecard.harness.apdu import Apdu
from onecard.oracle.items import encode
from onecard.oracle.tlv import simple_tlv_encode
from onecard.personalise.columns import numbered
from onecard.personalise.rules import CARD_NUMBER, Holder
from onecard.spec.card import Application, CardSpec, FileSpec, Item, Structure

_LINEAR = (Structure.LINEAR_VARIABLE, Structure.LINEAR_FIXED)
_ENVIRONMENT = "SSSE"
_BY_NUMBER = "number"


def script_of(spec: CardSpec, holder: Holder) -> str:
    """The script of a holder's card: the social security application with its files, keys and data."""
    return "\n".join(_lines(spec, holder)) + "\n"


def _lines(spec: CardSpec, holder: Holder) -> Iterator[str]:
    yield f"# {spec.profile}  {holder.texts[CARD_NUMBER]}  个人化脚本 / personalisation script"
    yield "# {…}：COS 专有命令，请按所用 COS 填写 / a command of the COS: fill it in for yours"
    yield f"{{HISTORICAL region={holder.region[:4]} serial={holder.serial}}}"
    apdu = Apdu(spec)
    for application in spec.applications.values():
        if _ENVIRONMENT not in spec.lineage(application.id):
            continue
        yield _create_application(application)
        yield apdu.select_name(application.df_name).hex().upper()
        for key in spec.keys.values():
            if key.application == application.id:
                for version in spec.key_versions:
                    yield f"{{WRITE-KEY {key.id} version={version:02X} id={key.key_id:02X} function={key.function}}}"
        if application.id == _ENVIRONMENT and spec.ics["card.pin"]:
            yield f"{{WRITE-PIN digits={len(holder.pin)} tries={spec.ics['card.pin_try_limit']}}}"
        for file in spec.files.values():
            if file.application == application.id:
                yield from _file(spec, apdu, file, holder)


def _create_application(application: Application) -> str:
    fid = f" fid={application.fid:04X}" if application.fid else ""
    return f"{{CREATE-DF {application.id}{fid} name={application.df_name.hex().upper()}}}"


def _file(spec: CardSpec, apdu: Apdu, file: FileSpec, holder: Holder) -> Iterator[str]:
    yield f"# {file.id} {file.name.zh} / {file.name.en}"
    yield (
        f"{{CREATE-EF {file.id} fid={file.fid:04X} sfi={file.sfi:02X} structure={file.structure} size={_size(file)} "
        f'read="{_rule(file.read.access, file.read.key)}" update="{_rule(file.update.access, file.update.key)}"}}'
    )
    if file.structure not in _LINEAR:
        return
    yield apdu.select_ef(file.fid).hex().upper()
    mode = next(mode.number for mode in spec.command("UPDATE-RECORD").modes if mode.by == _BY_NUMBER)
    items = {item.tag: item for item in file.items}
    written: Counter[int] = Counter()
    for number, tag in enumerate(file.record_order, start=1):
        record = simple_tlv_encode(tag, _value(spec, items[tag], holder, written[tag]))
        written[tag] += 1
        yield apdu.update_record(number, mode, record).hex().upper()


def _value(spec: CardSpec, item: Item, holder: Holder, number: int) -> bytes:
    if item.inner:
        parts = [simple_tlv_encode(inner.tag, _value(spec, inner, holder, number)) for inner in item.inner]
        return b"".join(parts).ljust(item.length, b"\x00")
    return encode(spec, item, holder.texts.get(numbered(item.id, number), ""))


def _rule(access: str, key: str | None) -> str:
    return access if key is None else f"{access} {key}"


def _size(file: FileSpec) -> int:
    if file.size:
        return file.size
    if file.record_count:
        return file.record_count * file.record_length
    lengths = {item.tag: item.length + 2 for item in file.items}
    return sum(lengths[tag] for tag in file.record_order)
