"""Command APDUs in words."""

from collections.abc import Callable, Mapping
from typing import Final

from onecard.explain.binary import binary_text
from onecard.explain.certificate import certificate_asked
from onecard.explain.context import (
    MF,
    MF_FID,
    UNKNOWN,
    Context,
    application_by_fid,
    application_by_name,
    command_of,
    file_by_fid,
    file_label,
    key_by_id,
    mf_of,
)
from onecard.explain.financial import processing_asked
from onecard.explain.maintenance import change_pin_text, secured_text, unblock_text
from onecard.explain.octets import Octets, hexed, known, number, octets
from onecard.explain.parts import Parts, parts
from onecard.explain.purse import PURSE_COMMANDS, purse_asked
from onecard.explain.records import cache_asked, record_asked, secured_update_asked, update_asked
from onecard.explain.words import count, joined, named, same
from onecard.spec.card import CardSpec, Command, FileSpec
from onecard.spec.text import Text

_DESCRIBED: Final = ("CERT-", "TRANSPORT-")
"""Commands without a name of their own in any text: the data describe them in each language."""
_BLOCK: Final = 8
"""Random values, original data and authentication data have 8 bytes (2011 draft, part 5)."""


def decode_command(spec: CardSpec | None, command: bytes | str, context: Context = UNKNOWN) -> Text:
    """What ``command`` asks of the card, e.g. ``READ RECORD identifier 08, current EF06, first occurrence``.

    ``command`` is bytes, or hex with ``__`` for sealed bytes. ``context`` says which file is current (see Trace). What
    the specification does not know is told as unknown; nothing is raised.
    """
    raw = octets(command)
    found = command_of(spec, raw, context)
    taken = parts(raw, found.case if found is not None else None)
    if spec is None or found is None:
        return joined([_unknown(taken), taken.problem])
    details = _details_of(found)(spec, found, taken, context) if taken.p2 is not None else same("")
    wrong_class = None
    if taken.cla != found.cla:
        wrong_class = Text(
            zh=f"CLA 为 {_byte(taken.cla)}，应为 {found.cla:02X}",
            en=f"class {_byte(taken.cla)} instead of {found.cla:02X}",
        )
    return joined([_told(found, details), wrong_class, taken.problem])


def _told(found: Command, details: Text) -> Text:
    if found.id.startswith(_DESCRIBED):
        return Text(zh=f"{found.name.zh}：{details.zh}".rstrip("："), en=f"{found.name.en}: {details.en}".rstrip(": "))
    # Commands bear their English names in Chinese texts too (LD/T 32.5-2015, contents page).
    head = found.name.en
    return Text(zh=f"{head} {details.zh}".strip(), en=f"{head} {details.en}".strip())


def _byte(value: int | None) -> str:
    return hexed((value,))


def _unknown(taken: Parts) -> Text:
    if taken.ins is None:
        return Text(zh="无法识别的命令", en="unrecognisable command")
    return Text(
        zh=f"未知命令，CLA {_byte(taken.cla)} INS {_byte(taken.ins)}",
        en=f"unknown command, class {_byte(taken.cla)} instruction {_byte(taken.ins)}",
    )


def _no_details(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    return same("")


def _select(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    method = next((method for method in command.methods if method.p1 == taken.p1), None)
    if method is None:
        return Text(zh=f"P1 = {_byte(taken.p1)}（未定义）", en=f"P1 = {_byte(taken.p1)} (not defined)")
    occurrences = {value: key for key, value in (command.occurrences or {}).items()}
    which = occurrences.get(taken.p2) if taken.p2 is not None else None
    what = _selected_by_name(spec, taken.data) if method.by == "name" else _selected_by_fid(spec, taken.data, context)
    return joined([what, _occurrence(which, taken.p2)])


def _selected_by_name(spec: CardSpec, data: Octets) -> Text:
    name = known(data)
    found = application_by_name(spec, name) if name is not None else None
    if found is None:
        return Text(zh=f"按名 {hexed(data)}（规范中没有）", en=f"by name {hexed(data)} (none of the specification)")
    return joined([named(found.id, found.name), Text(zh="按名", en="by name")])


def _selected_by_fid(spec: CardSpec, data: Octets, context: Context) -> Text:
    how = Text(zh=f"按文件标识 {hexed(data)}", en=f"by identifier {hexed(data)}")
    fid = number(data)
    if not data:
        return Text(zh="MF（空数据）", en="the MF (no data)")
    if fid is None or len(data) != 2:
        return how
    file = file_by_fid(spec, context, fid)
    if file is not None:
        return joined([_file(file), Text(zh="按文件标识", en="by identifier")])
    application = application_by_fid(spec, context, fid)
    if fid == MF_FID:
        own = mf_of(spec)
        return (
            Text(zh="MF，按文件标识", en="the MF, by identifier")
            if own == MF
            else Text(zh=f"MF（即 {own}）", en=f"the MF ({own})")
        )
    if application is not None:
        return joined([named(application.id, application.name), Text(zh="按文件标识", en="by identifier")])
    elsewhere = {file.fid for file in spec.files.values()} | {other.fid for other in spec.applications.values()}
    if fid in elsewhere:
        return Text(zh=f"{how.zh}（不在当前应用中）", en=f"{how.en} (not in the current application)")
    return Text(zh=f"{how.zh}（规范中没有）", en=f"{how.en} (none of the specification)")


def _occurrence(which: str | None, p2: int | None) -> Text | None:
    if which == "first":
        return None
    if which == "next":
        return Text(zh="下一个", en="next occurrence")
    return Text(zh=f"P2 = {_byte(p2)}（未定义）", en=f"P2 = {_byte(p2)} (not defined)")


def _file(file: FileSpec) -> Text:
    return named(file_label(file), file.name)


def _get_response(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    answered = command_of(spec, context.answered, context)
    of = (
        Text(zh=f"，{answered.name.en} 的应答", en=f" of the answer to {answered.name.en}")
        if answered is not None
        else same("")
    )
    length = taken.le if taken.le is not None else taken.p3
    if not length:
        return Text(zh=f"Le 00{of.zh}", en=f"Le 00{of.en}")
    return Text(zh=f"{count(length).zh}{of.zh}", en=f"{count(length).en}{of.en}")


def _get_challenge(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    length = taken.le if taken.le is not None else taken.p3
    return count(length) if length is not None else same("")


def _internal(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    key = key_by_id(spec, context, "internal-authentication", taken.p2 or 0)
    return joined(
        [_key(key.id if key else None, taken.p2), _authentication(taken, Text(zh="随机数", en="random value"))]
    )


def _external(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    key = key_by_id(spec, context, "external-authentication", taken.p2 or 0)
    return joined(
        [_key(key.id if key else None, taken.p2), _authentication(taken, Text(zh="鉴别数据", en="authentication data"))]
    )


def _key(name: str | None, key_id: int | None) -> Text:
    shown = _byte(key_id)
    if name is None:
        return Text(zh=f"密钥标识 {shown}（规范中没有）", en=f"key {shown} (none of the specification)")
    return Text(zh=f"密钥 {name}（{shown}）", en=f"key {name} ({shown})")


def _authentication(taken: Parts, first: Text) -> Text:
    data = taken.data
    if len(data) not in (2 * _BLOCK, 2 * _BLOCK + 1):
        return count(len(data))
    version = f"{_byte(data[-1])}" if len(data) > 2 * _BLOCK else None
    return joined(
        [
            Text(zh=f"{first.zh} {hexed(data[:_BLOCK])}", en=f"{first.en} {hexed(data[:_BLOCK])}"),
            Text(
                zh=f"原始信息 {hexed(data[_BLOCK : 2 * _BLOCK])}",
                en=f"original data {hexed(data[_BLOCK : 2 * _BLOCK])}",
            ),
            Text(zh=f"密钥版本 {version}", en=f"key version {version}") if version is not None else None,
        ]
    )


def _verify(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    if command.query is not None and not taken.data and taken.p3 == command.query.length:
        return Text(zh="查询剩余次数", en="query of the tries left")
    # The value itself is never told, not even that of a synthetic card: reports are copied.
    return Text(zh=f"密码，{len(taken.data)} 字节", en=f"PIN of {count(len(taken.data)).en}")


def _change_pin(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    return change_pin_text(command, taken)


def _unblock(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    return unblock_text(command, taken)


def _block(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    return secured_text(taken.data, Text(zh="数据", en="data")) or same("")


def _purse(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    return purse_asked(spec, command, taken)


def _certificate(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    return certificate_asked(spec, command, taken)


def _processing_options(spec: CardSpec, command: Command, taken: Parts, context: Context) -> Text:
    return processing_asked(command, taken.data)


_Details = Callable[[CardSpec, Command, Parts, Context], Text]
_DETAILS: Final[Mapping[str, _Details]] = {
    "SELECT": _select,
    "READ-RECORD": record_asked,
    "UPDATE-RECORD": update_asked,
    "GET-RESPONSE": _get_response,
    "GET-CHALLENGE": _get_challenge,
    "INTERNAL-AUTHENTICATE": _internal,
    "EXTERNAL-AUTHENTICATE": _external,
    "VERIFY": _verify,
    "CHANGE-PIN": _change_pin,
    "PIN-CHANGE-UNBLOCK": _unblock,
    "APPLICATION-BLOCK": _block,
    "CARD-BLOCK": _block,
    "READ-BINARY": binary_text,
    "UPDATE-BINARY": binary_text,
    "SECURE-UPDATE-RECORD": secured_update_asked,
    "SECURE-UPDATE-BINARY": binary_text,
    "TRANSPORT-SECURE-UPDATE": binary_text,
    "TRANSPORT-CACHE": cache_asked,
    "GET-PROCESSING-OPTIONS": _processing_options,
}
_FAMILIES: Final[tuple[tuple[str, _Details], ...]] = (("CERT-", _certificate),)
"""Commands whose ids begin alike are told alike."""


def _details_of(command: Command) -> _Details:
    if command.id in _DETAILS:
        return _DETAILS[command.id]
    if command.id in PURSE_COMMANDS:
        return _purse
    return next((told for beginning, told in _FAMILIES if command.id.startswith(beginning)), _no_details)
