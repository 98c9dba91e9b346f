"""What was found on a card as lines of text."""

from collections.abc import Iterator

from onecard.show.model import ShownApplication, ShownCard, ShownFile
from onecard.spec.text import Language, Text
from onecard.views.columns import padded, width

_WIDEST = 30


def lines(card: ShownCard, language: Language) -> Iterator[str]:
    """Applications, files and items, indented; what was not read says why."""
    yield Text(f"卡片  {card.target}", f"card  {card.target}").in_(language)
    yield f"ATR   {card.atr.hex(' ').upper()}"
    yield Text(f"依据  {card.profile} 的规范数据", f"data  of {card.profile}").in_(language)
    for application in card.applications:
        yield ""
        yield from _application(application, language)
    if card.absent:
        yield ""
        absent = ", ".join(card.absent)
        yield Text(f"卡上没有的应用：{absent}", f"applications that the card does not have: {absent}").in_(language)


def _application(application: ShownApplication, language: Language) -> Iterator[str]:
    yield f"{application.id}  {application.name.in_(language)}  [{application.df_name.hex().upper()}]"
    for file in application.files:
        yield from _file(file, language)


def _file(file: ShownFile, language: Language) -> Iterator[str]:
    if file.why_not is not None:
        refused = Text("未读出", "not read").in_(language)
        yield f"  {file.id}  {file.name.in_(language)}  — {refused}: {file.why_not.in_(language)}"
        return
    nothing = "" if file.items else Text("  （无记录）", "  (no records)").in_(language)
    yield f"  {file.id}  {file.name.in_(language)}{nothing}"
    columns = min(_WIDEST, max((width(item.name.in_(language)) for item in file.items), default=0))
    for item in file.items:
        name = padded(item.name.in_(language), columns)
        problem = f"  ! {printable(item.problem.in_(language))}" if item.problem is not None else ""
        yield f"    {item.label:>2}  {name}  {printable(item.value.in_(language))}{problem}"


def printable(text: str) -> str:
    """``text`` with what no terminal should be sent replaced: a card may hold control characters."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
