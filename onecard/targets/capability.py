"""Probe of what the reader lets through: raw T=0 status bytes, or whole APDUs only."""

from onecard.spec.text import Text
from onecard.targets.base import Capability, CardTarget


def probe_capability(target: CardTarget, case_4_command: bytes) -> Capability:
    """Send ``case_4_command`` (without Le, to a powered card that has data to answer) and read the reader's nature.

    61xx: raw T=0 is visible (ISO/IEC 7816-3, case 4). Data with the status at once: something on the way fetched
    them. Anything else proves nothing, and then raw T=0 is not claimed. The card keeps what the command selected;
    errors of the target pass through.
    """
    response = target.transmit(case_4_command)
    data, status = response[:-2], response[-2:]
    seen = response.hex().upper() if len(response) <= 2 else f"{len(data)} + {status.hex().upper()}"
    if not data and status[:1] == b"\x61":
        return Capability(True, Text(zh=f"探测命令得到 {seen}：可见 T=0 状态字节", en=f"the probe saw {seen}: raw T=0"))
    if data:
        return Capability(
            False,
            Text(
                zh=f"探测命令直接得到 {len(data)} 字节数据和 {status.hex().upper()}：读卡器自行取回，或卡片不使用 T=0",
                en=f"the probe saw {len(data)} data bytes and {status.hex().upper()} at once: "
                "the reader fetched them itself, or the card does not use T=0",
            ),
        )
    return Capability(
        False,
        Text(zh=f"探测命令得到 {seen}：不能判定，按不可见处理", en=f"the probe saw {seen}: undecided, taken as hidden"),
    )
