"""Frames of the encryptor's TCP interface as a platform makes and reads them. Independent of the reference."""

import json
from collections.abc import Mapping
from typing import Any

from onecard.spec.hsm import HsmFrame


def framed(frame: HsmFrame, content: bytes) -> bytes:
    """A frame: the length, big-endian, and the content. Raises OverflowError where the length cannot say it."""
    return len(content).to_bytes(frame.length_bytes, "big") + content


def padded(content: bytes, length: int) -> bytes:
    """A JSON object of exactly ``length`` bytes that means the same; raises ValueError where it is longer already."""
    if len(content) > length:
        raise ValueError(f"{len(content)} bytes are more than {length}")
    return content + b" " * (length - len(content))


def objects(frame: HsmFrame, stream: bytes) -> list[dict[str, Any]]:
    """The objects of the frames in ``stream``; raises ValueError where it is anything but whole frames of objects."""
    found: list[dict[str, Any]] = []
    at = 0
    while at < len(stream):
        start = at + frame.length_bytes
        at = start + int.from_bytes(stream[at:start], "big")
        if start > len(stream) or at > len(stream):
            raise ValueError("the last frame is not whole")
        told = json.loads(stream[start:at].decode("utf-8"))
        if not isinstance(told, dict):
            raise ValueError("a frame holds no JSON object")
        found.append(told)
    return found


def content_of(members: Mapping[str, object]) -> bytes:
    """The JSON text of an object in UTF-8."""
    return json.dumps(members, ensure_ascii=False).encode("utf-8")
