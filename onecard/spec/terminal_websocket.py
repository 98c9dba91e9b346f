"""The local service that web pages call over WebSocket: its messages as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal_library import ReturnCode
from onecard.spec.text import Text


@dataclass(frozen=True, slots=True)
class WebQuirk:
    """What published pages send otherwise: ``sent`` in place of ``meant``. ``understood``: taken as meant."""

    meant: str
    sent: str
    understood: bool


@dataclass(frozen=True, slots=True)
class WebSocketSpec:
    """One JSON object a call, one back.

    Request: ``function`` names the member with the function's name; arguments stand beside it under their own names.
    Answer: the members ``answered`` (function), ``result`` (``success``, or the return code as text) and ``out``.
    ``largest``: bytes of a message in UTF-8. The codes answer a message that is no JSON object, an unknown function,
    an argument that is missing or none, and a terminal that failed. ``members`` and ``calls``: quirks of pages.
    """

    function: str
    answered: str
    result: str
    success: str
    out: str
    largest: int
    unreadable: ReturnCode
    unknown: ReturnCode
    refused: ReturnCode
    broken: ReturnCode
    members: tuple[WebQuirk, ...]
    calls: tuple[WebQuirk, ...]


def websocket_spec(interface: InterfaceSpec) -> WebSocketSpec:
    """The typed view. Raises SpecError for data that are not whole."""
    try:
        return _made(interface)
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError(
            zh=f"终端 WebSocket 服务的数据不完整：{error!r}",
            en=f"the data of the terminal's WebSocket service are not whole: {error!r}",
        ) from None


def _made(interface: InterfaceSpec) -> WebSocketSpec:
    messages = interface.datum("web-messages", "TERMINAL/WEBSOCKET")
    limits = interface.datum("web-limits", "TERMINAL/WEBSOCKET/LIMITS")
    codes = interface.table("return-codes")

    def code(name: str) -> ReturnCode:
        found = codes[limits[name]]
        return ReturnCode(int(found["code"]), Text(zh=found["name"]["zh"], en=found["name"]["en"]))

    quirks = interface.table("web-quirks").values()
    return WebSocketSpec(
        function=str(messages["function"]),
        answered=str(messages["answered"]),
        result=str(messages["result"]),
        success=str(messages["success"]),
        out=str(messages["out"]),
        largest=int(limits["largest"]),
        unreadable=code("unreadable"),
        unknown=code("unknown"),
        refused=code("refused"),
        broken=code("broken"),
        members=tuple(_quirk(one, "member") for one in quirks if "member" in one),
        calls=tuple(_quirk(one, "call") for one in quirks if "call" in one),
    )


def _quirk(node: Mapping[str, Any], meant: str) -> WebQuirk:
    return WebQuirk(str(node[meant]), str(node["sent"]), bool(node["understood"]))
