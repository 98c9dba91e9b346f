"""A small bundle."""

from pathlib import Path

from onecard.evidence import Writer


class Clock:
    """A clock that goes on by a quarter of a second whenever it is read."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.25
        return self.now


def write_bundle(path: Path, *, complete: bool = True, footer: bool = True) -> bytes:
    """Six lines (five without the footer); returns the file's bytes."""
    writer = Writer.create(path, {"tool": "0.1.0", "target": "reference:"}, clock=Clock())
    writer.append("begin", {"title": "取随机数"}, "card/basic/test_challenge")
    writer.append("apdu", {"c": "0084000008", "ms": 1.5, "r": "01020304050607089000"}, "card/basic/test_challenge")
    writer.append("verdict", {"verdict": "pass"}, "card/basic/test_challenge")
    writer.append("note", {})
    if footer:
        writer.close_with_footer({"pass": 1, "fail": 0}, complete=complete)
    else:
        writer.close()
    return path.read_bytes()
