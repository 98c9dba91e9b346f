"""How a function of the terminal fails."""


class Failure(Exception):
    """A function ends with ``code`` (negative)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"return code {code}")
        self.code = code
