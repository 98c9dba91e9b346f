"""One exchange of command and response as the body of an ``apdu`` event, sealed by the policy."""

from typing import Final

from onecard.evidence.canonical import JsonObject
from onecard.evidence.policy import regions_to_seal
from onecard.evidence.sealing import SealError, Sealing

_SIDES: Final = ("c", "r")


def mask_exchange(
    sealing: Sealing,
    command: bytes,
    response: bytes,
    clear_tags: frozenset[int],
    previous: bytes | None = None,
) -> JsonObject:
    """``{"c", "r"[, "sealed"]}``: both in hex, sealed bytes as ``__``; a seal's ``in`` says whether it is of c or r."""
    command_regions, response_regions = regions_to_seal(command, response, clear_tags, previous)
    sent, of_command = sealing.mask(command, command_regions, "c")
    received, of_response = sealing.mask(response, response_regions, "r")
    body: JsonObject = {"c": sent, "r": received}
    sealed = [{**seal, "in": "c"} for seal in of_command] + [{**seal, "in": "r"} for seal in of_response]
    if sealed:
        body["sealed"] = sealed
    return body


def restore_exchange(sealing: Sealing, body: JsonObject) -> tuple[bytes, bytes]:
    """The command and the response that ``body`` holds; no response is b"".

    Raises SealError for a body of another form or seals that do not hold, StillSealed without a key.
    """
    sent, received, sealed = body.get("c"), body.get("r", ""), body.get("sealed", [])
    if not isinstance(sent, str) or not isinstance(received, str) or not isinstance(sealed, list):
        raise SealError(zh="交换记录应有 c，r 与 sealed 可省", en="an exchange holds c, and may hold r and sealed")
    if any(not isinstance(seal, dict) or seal.get("in") not in _SIDES for seal in sealed):
        raise SealError(zh="密封数据未注明属于 c 还是 r", en="a sealed value does not say whether it is of c or of r")
    command = sealing.restore(sent, [seal for seal in sealed if seal["in"] == "c"], "c")
    response = sealing.restore(received, [seal for seal in sealed if seal["in"] == "r"], "r")
    return command, response
