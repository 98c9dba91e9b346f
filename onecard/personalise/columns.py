"""The fields of a data file: items of the card by id or by name, and a few of the card itself."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from onecard.spec.card import CardSpec, FileSpec, Item, Structure
from onecard.spec.text import Text

REGION, SERIAL, PIN = "region", "serial", "pin"
OWN: Mapping[str, Text] = MappingProxyType(
    {
        REGION: Text("发卡地区", "issuing region, six digits"),
        SERIAL: Text("卡流水号", "serial of the card, eight hexadecimal digits"),
        PIN: Text("初始密码", "initial PIN"),
    }
)
"""Fields that are no items: they make the historical bytes, the keys and the PIN."""

_LINEAR = (Structure.LINEAR_VARIABLE, Structure.LINEAR_FIXED)


@dataclass(frozen=True, slots=True)
class Column:
    """A field: ``key`` is the item's id, with ``#2`` … for further records of the same item."""

    key: str
    item: Item
    file: FileSpec


@dataclass(frozen=True, slots=True)
class Columns:
    """Every field that a data file for one profile may have: by key, and by the names that stand for them."""

    by_key: Mapping[str, Column]
    names: Mapping[str, str]

    def key_of(self, name: str) -> str | None:
        """The key of a field by key or by its Chinese or English name; None for none, or for an ambiguous name."""
        return name if name in self.by_key or name in OWN else self.names.get(name)


def numbered(item_id: str, number: int) -> str:
    """The key of an item's record ``number`` (from 0)."""
    return item_id if number == 0 else f"{item_id}#{number + 1}"


def columns_of(spec: CardSpec) -> Columns:
    """The fields of a profile: all items of its linear files."""
    found = {column.key: column for file in spec.files.values() for column in _of_file(file)}
    told = Counter(name for column in found.values() for name in _names(column))
    names = {name: column.key for column in found.values() for name in _names(column) if told[name] == 1}
    own = {name: key for key, text in OWN.items() for name in (text.zh, text.en)}
    return Columns(found, {**names, **own})


def _names(column: Column) -> tuple[str, ...]:
    return () if "#" in column.key else tuple(dict.fromkeys((column.item.name.zh, column.item.name.en)))


def _of_file(file: FileSpec) -> Iterator[Column]:
    if file.structure not in _LINEAR:
        return
    for item in file.items:
        for number in range(max(1, file.record_order.count(item.tag))):
            for leaf in item.inner or (item,):
                yield Column(numbered(leaf.id, number), leaf, file)
