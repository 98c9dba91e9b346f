"""Errors of specification documents and of the vendor's own YAML files."""

from onecard.spec.text import Text


class SpecError(Exception):
    """A document is wrong: the message names file, line and path within it, and what is wrong (exit code 2)."""

    exit_code = 2

    def __init__(self, *, zh: str, en: str, file: str | None = None, line: int | None = None, where: str = "") -> None:
        place = ":".join(str(part) for part in (file, line) if part is not None)
        head = " ".join(part for part in (place, f"({where})" if where else "") if part)
        prefix = f"{head}: " if head else ""
        self.text = Text(zh=prefix + zh, en=prefix + en)
        self.file = file
        self.line = line
        self.where = where
        super().__init__(self.text.en)
