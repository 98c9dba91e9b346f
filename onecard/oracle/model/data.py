"""The data of an answer as far as they are known beforehand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from onecard.oracle.errors import DecodeError
from onecard.oracle.tlv import Fci, fci_decode
from onecard.spec.text import Text


class ExpectedData(Protocol):
    """The data of an answer as far as it is known."""

    def matches(self, data: bytes) -> bool:
        """Whether ``data`` is what is expected."""

    def describe(self) -> Text:
        """What is expected, in words or hexadecimal."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Known bytes and, as numbers, runs of bytes that are not known."""

    parts: tuple[bytes | int, ...]

    @property
    def length(self) -> int:
        """Bytes in all."""
        return sum(part if isinstance(part, int) else len(part) for part in self.parts)

    def matches(self, data: bytes) -> bool:
        if len(data) != self.length:
            return False
        offset = 0
        for part in self.parts:
            if isinstance(part, int):
                offset += part
            elif data[offset : offset + len(part)] != part:
                return False
            else:
                offset += len(part)
        return True

    def describe(self) -> Text:
        shown = " ".join("xx" * part if isinstance(part, int) else part.hex().upper() for part in self.parts)
        return Text(zh=shown, en=shown)


NO_DATA = Pattern(())


@dataclass(frozen=True, slots=True)
class FciOf:
    """The FCI of an application: its name and, of the environment, the declared directory SFI and algorithm."""

    name: bytes
    accepts: Callable[[Fci], bool] = field(compare=False)

    def matches(self, data: bytes) -> bool:
        try:
            fci = fci_decode(data)
        except DecodeError:
            return False
        return fci.name == self.name and self.accepts(fci)

    def describe(self) -> Text:
        name = self.name.hex().upper()
        return Text(zh=f"名称为 {name}、与声明一致的 FCI", en=f"the FCI of {name}, as declared")


@dataclass(frozen=True, slots=True)
class Sized:
    """Expected data of which the card announced the length."""

    data: ExpectedData
    length: int

    def matches(self, data: bytes) -> bool:
        return len(data) == self.length and self.data.matches(data)

    def describe(self) -> Text:
        inner = self.data.describe()
        return Text(zh=f"{inner.zh}（{self.length} 字节）", en=f"{inner.en} ({self.length} bytes)")


@dataclass(frozen=True, slots=True)
class AnyData:
    """Any data, none included."""

    def matches(self, data: bytes) -> bool:
        del data
        return True

    def describe(self) -> Text:
        return Text(zh="任意数据", en="any data")
