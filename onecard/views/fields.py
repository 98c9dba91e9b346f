"""Typed access to the bodies of events: a bundle whose chain holds may still hold anything."""

from collections.abc import Mapping
from typing import Any

from onecard.errors import UserError
from onecard.spec.text import Text


class UnexpectedEvidence(UserError):
    """A line of the bundle is intact but not of the form that this program writes (exit code 1)."""

    def __init__(self, line: int, field: str, wanted: str) -> None:
        super().__init__(
            zh=f"证据第 {line} 行：字段 {field} 不是 {wanted}；该文件不是本版本程序写成的",
            en=f"line {line} of the evidence: {field} is not {wanted}; this version of the program did not write it",
            exit_code=1,
        )


class Fields:
    """A JSON object of one line; every accessor raises UnexpectedEvidence for a value of another type."""

    def __init__(self, body: object, line: int, path: str = "") -> None:
        if not isinstance(body, Mapping):
            raise UnexpectedEvidence(line, path or "?", "an object")
        self._body: Mapping[str, Any] = body
        self._line = line
        self._path = path

    def __contains__(self, name: str) -> bool:
        return self._body.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A string; without ``default`` it must be there."""
        value = self._body.get(name, default)
        return value if isinstance(value, str) else self._fail(name, "text")

    def optional_text(self, name: str) -> str | None:
        """A string, or None where it is null or absent."""
        return self.text(name) if name in self else None

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._body.get(name, default)
        return value if isinstance(value, bool) else self._fail(name, "true or false")

    def optional_flag(self, name: str) -> bool | None:
        """True, false, or None where it is null or absent."""
        return self.flag(name) if name in self else None

    def optional_number(self, name: str) -> float | None:
        """A number, or None where it is null or absent."""
        value = self._body.get(name)
        if value is None:
            return None
        return (
            float(value)
            if isinstance(value, int | float) and not isinstance(value, bool)
            else self._fail(name, "a number")
        )

    def optional_int(self, name: str) -> int | None:
        """A whole number, or None where it is null or absent."""
        value = self.optional_number(name)
        if value is None:
            return None
        return int(value) if value.is_integer() else self._fail(name, "a whole number")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty when absent."""
        values = self._list(name)
        return tuple(value if isinstance(value, str) else self._fail(name, "a list of texts") for value in values)

    def part(self, name: str) -> "Fields":
        """An object; empty when absent or null."""
        return Fields(self._body.get(name) or {}, self._line, self._join(name))

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An object as it is; it must be there."""
        value = self._body.get(name)
        return value if isinstance(value, Mapping) else self._fail(name, "an object")

    def parts(self, name: str) -> list["Fields"]:
        """A list of objects; empty when absent."""
        return [
            Fields(value, self._line, f"{self._join(name)}[{index}]") for index, value in enumerate(self._list(name))
        ]

    def both(self, name: str) -> Text | None:
        """``{zh, en}``, or None where it is null or absent."""
        if name not in self:
            return None
        part = self.part(name)
        return Text(zh=part.text("zh"), en=part.text("en"))

    def words(self, name: str) -> str:
        """A value of any form as one line of text, empty when absent: for what is only shown."""
        return plain(self._body.get(name))

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every member as text, in the order of their names."""
        return tuple((name, plain(value)) for name, value in sorted(self._body.items()))

    def raw(self, name: str) -> object:
        """The value as it is."""
        return self._body.get(name)

    def _list(self, name: str) -> list[object]:
        value = self._body.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else self._fail(name, "a list")

    def _join(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _fail(self, name: str, wanted: str) -> Any:
        raise UnexpectedEvidence(self._line, self._join(name), wanted)


def plain(value: object) -> str:
    """A JSON value as one line for people."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(plain(inner) for inner in value)
    return str(value)
