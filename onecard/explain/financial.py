"""GET PROCESSING OPTIONS of the bank application in words."""

from onecard.explain.octets import Octets, hexed
from onecard.explain.tlv import templates
from onecard.explain.words import count, joined
from onecard.spec.card import Command
from onecard.spec.text import Text

_PROFILE_LENGTH = 2
"""Bytes of the application interchange profile (JR/T 0025, EMV book 3)."""


def processing_asked(command: Command, data: Octets) -> Text:
    """The data that the PDOL of the application asked for."""
    found = templates(data)
    if found is None or [tlv.tag for tlv in found] != [command.number("template")]:
        return Text(zh=f"{len(data)} 字节，不是 83 模板", en=f"{count(len(data)).en}, not a template 83")
    length = len(found[0].value)
    return Text(zh=f"PDOL 数据 {length} 字节", en=f"PDOL data of {count(length).en}")


def processing_told(command: Command, data: Octets) -> Text:
    """Interchange profile and file locator."""
    found = templates(data)
    if found is None or [tlv.tag for tlv in found] != [command.number("answer")]:
        return Text(zh=f"{len(data)} 字节，不是 80 模板", en=f"{count(len(data)).en}, not a template 80")
    value = found[0].value
    profile, locator = hexed(value[:_PROFILE_LENGTH]), hexed(value[_PROFILE_LENGTH:])
    return joined(
        [
            Text(zh=f"应用交互特征 {profile}", en=f"application interchange profile {profile}"),
            Text(zh=f"应用文件定位器 {locator}", en=f"file locator {locator}"),
        ]
    )
