"""Putting bilingual phrases together."""

from collections.abc import Iterable

from onecard.spec.text import Text


def same(text: str) -> Text:
    """A phrase that reads the same in both languages: hex, a command's name."""
    return Text(zh=text, en=text)


def joined(parts: Iterable[Text | None], *, zh: str = "，", en: str = ", ") -> Text:
    """The phrases that are there, with a separator of each language."""
    there = [part for part in parts if part is not None]
    return Text(zh=zh.join(part.zh for part in there), en=en.join(part.en for part in there))


def sentences(parts: Iterable[Text | None]) -> Text:
    """Phrases that stand further apart."""
    return joined(parts, zh="；", en="; ")


def named(head: str, name: Text) -> Text:
    """``EF06 (holder data)``."""
    return Text(zh=f"{head}（{name.zh}）", en=f"{head} ({name.en})")


def count(length: int) -> Text:
    """``20 bytes``."""
    return Text(zh=f"{length} 字节", en=f"{length} byte" + ("" if length == 1 else "s"))
