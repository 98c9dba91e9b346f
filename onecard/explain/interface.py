"""APDUs of a target that is no card (a PSAM) in words, from the commands that its data name."""

from collections.abc import Mapping
from typing import Final

from onecard.explain.octets import Octets, hexed, octets
from onecard.explain.status import status_words
from onecard.explain.words import count, joined, same, sentences
from onecard.spec.card import CardSpec
from onecard.spec.interface import InterfaceSpec, Node
from onecard.spec.text import Text

_HEADER: Final = 5
_NO_ANSWER: Final = Text(zh="无应答", en="no answer")


class InterfaceTrace:
    """Decodes exchanges of one target; of the card's data only the names of status words serve."""

    def __init__(self, spec: InterfaceSpec | None, card: CardSpec | None) -> None:
        self._commands = _commands(spec)
        self._card = card

    def reset(self) -> None:
        """Nothing that was current before matters here."""

    def feed(self, command: bytes | str, response: bytes | str | None) -> tuple[Text, Text]:
        """An exchange in words, sent and received; ``response`` is None when none came."""
        return self._asked(octets(command)), _NO_ANSWER if response is None else self._told(octets(response))

    def _asked(self, sent: Octets) -> Text:
        cla, ins, p1 = (*sent[:3], None, None, None)[:3]
        found = self._commands.get((cla, ins))
        if found is None:
            shown = hexed(sent[:2], " ")
            return Text(zh=f"未知命令 {shown}", en=f"unknown command {shown}")
        data = sent[_HEADER:]
        return joined([_name(found), _variety(found, p1), count(len(data)) if data else None])

    def _told(self, answer: Octets) -> Text:
        if len(answer) < 2:
            return Text(zh=f"{len(answer)} 字节，没有状态字", en=f"{count(len(answer)).en}, no status word")
        data = answer[:-2]
        came = Text(zh=f"{len(data)} 字节数据", en=f"{count(len(data)).en} of data") if data else None
        return sentences([came, status_words(self._card, answer[-2:])])


def _commands(spec: InterfaceSpec | None) -> Mapping[tuple[int | None, int | None], Node]:
    tables = spec.tables.values() if spec is not None else ()
    nodes = [node for table in tables for node in table.values() if isinstance(node.get("ins"), int)]
    return {(node.get("cla"), node["ins"]): node for node in nodes}


def _name(node: Node) -> Text:
    name = node.get("name")
    return Text(zh=str(name["zh"]), en=str(name["en"])) if isinstance(name, Mapping) else same(str(node["id"]))


def _variety(command: Node, p1: int | None) -> Text | None:
    """The mode or method that P1 chooses."""
    known = [*command.get("modes", ()), *command.get("methods", ())]
    found = next((entry for entry in known if isinstance(entry, Mapping) and entry.get("p1") == p1), None)
    return _name(found) if found is not None else None
