"""How a function of the terminal fails."""


class Failure(Exception):
    """A function ends with ``code`` (negative); ``detail`` goes on behind the text of the code."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(f"return code {code}")
        self.code = code
        self.detail = detail
