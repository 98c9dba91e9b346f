"""Key sets as documents: read and checked, compared with their check values and with one another, written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from onecard.errors import UserError
from onecard.oracle import keyset as computation
from onecard.spec.document import Path_, RawDocument
from onecard.spec.hierarchy import CARD, KeyHierarchy
from onecard.spec.load import check_schema
from onecard.spec.text import Text

KEY_SET = "key-set"
Place = tuple[str, int, str, str]
"""Name, version, algorithm, level."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of 16 bytes where it stands, with its check value; ``where``: the place in its file, for messages."""

    name: str
    version: int
    algorithm: str
    level: str
    value: bytes = field(repr=False)
    check: bytes
    where: str = field(default="", compare=False)

    @property
    def place(self) -> Place:
        """What tells it from other keys."""
        return self.name, self.version, self.algorithm, self.level


@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys of a region by place. ``synthetic``: test keys, by the word of who made the file."""

    synthetic: bool
    region: str
    keys: Mapping[Place, Key] = field(repr=False)

    def find(self, name: str, version: int, algorithm: str, level: str) -> Key | None:
        """One key; None where the set lacks it."""
        return self.keys.get((name, version, algorithm, level))


def key_set_of(document: RawDocument, hierarchy: KeyHierarchy) -> KeySet:
    """The key set in a document, its check values not compared; raises SpecError naming file, line and field."""
    check_schema(document, KEY_SET, secret=True)
    data = cast(dict[str, Any], document.data)
    found: dict[Place, Key] = {}
    for index, node in enumerate(data["keys"]):
        at: Path_ = ("keys", index)
        check_place(document, at, node, hierarchy)
        key = Key(
            node["name"],
            node["version"],
            node["algorithm"],
            node["level"],
            bytes.fromhex(node["value"]),
            bytes.fromhex(node["check"]),
            f"{document.file}:{document.line((*at, 'check'))} (keys[{index}].check)",
        )
        if key.place in found:
            raise document.error(at, zh=f"密钥 {told(key.place)} 重复", en=f"the key {told(key.place)} stands twice")
        found[key.place] = key
    return KeySet(data["synthetic"], data["region"], found)


def check_place(document: RawDocument, at: Path_, node: Mapping[str, Any], hierarchy: KeyHierarchy) -> None:
    """Raise SpecError for an algorithm that cannot be used.

    Any level goes: an issuer may keep a root further up than the card's data say, and the sources differ.
    """
    algorithm = hierarchy.algorithms.get(node["algorithm"])
    if algorithm is None:
        known = ", ".join(hierarchy.algorithms)
        raise document.error(
            (*at, "algorithm"), zh=f"未知的算法；可用：{known}", en=f"an unknown algorithm; known: {known}"
        )
    if algorithm.excluded is not None:
        raise document.error(
            (*at, "algorithm"),
            zh=f"{algorithm.name.zh} 未公开，不可测，也不仿造",
            en=f"{algorithm.name.en} is not published: it cannot be tested and is not imitated",
        )


def told(place: Place) -> str:
    """A key in words: no value."""
    name, version, algorithm, level = place
    return f"{name}/{version}/{algorithm}/{level}"


def problems(keys: KeySet, hierarchy: KeyHierarchy) -> Iterator[Text]:
    """Every check value that is not its key's, and every key that is not the one above it, diversified."""
    for key in keys.keys.values():
        if computation.check_value(hierarchy.check_value, key.algorithm, key.value) != key.check:
            yield Text(
                zh=f"{key.where}：密钥 {told(key.place)} 的校验值不符",
                en=f"{key.where}: the check value of {told(key.place)} is not that of the key",
            )
    yield from _broken_chains(keys, hierarchy)


def _broken_chains(keys: KeySet, hierarchy: KeyHierarchy) -> Iterator[Text]:
    downwards = sorted(hierarchy.levels.values(), key=lambda level: -level.above_card)
    for key in keys.keys.values():
        place = hierarchy.place(key.name, key.algorithm)
        if place is None or place.own_factors or key.level == CARD:
            continue
        upper = hierarchy.steps(key.level)
        for level in downwards:
            lower = keys.find(key.name, key.version, key.algorithm, level.code)
            if lower is None or not 0 < level.above_card < upper:
                continue
            card = hierarchy.cards[key.algorithm]
            if computation.below(card, key.value, upper, level.above_card, keys.region) != lower.value:
                yield Text(
                    zh=f"{lower.where}：{told(lower.place)} 不是由 {key.level} 一级分散而得",
                    en=f"{lower.where}: {told(lower.place)} is not the key of the level {key.level}, diversified",
                )


def sound(keys: KeySet, hierarchy: KeyHierarchy) -> KeySet:
    """The same set; raises UserError (exit code 1) with the first of its problems."""
    for problem in problems(keys, hierarchy):
        raise UserError(zh=problem.zh, en=problem.en, exit_code=1)
    return keys


def merged(sets: Iterable[KeySet]) -> KeySet:
    """One set of several of one region; raises UserError for two regions or a key that stands twice.

    It is synthetic only if all of them are.
    """
    given = list(sets)
    found: dict[Place, Key] = {}
    for each in given:
        if each.region != given[0].region:
            raise UserError(
                zh=f"密钥集属于不同地区：{given[0].region} 与 {each.region}",
                en=f"these key sets are of different regions: {given[0].region} and {each.region}",
            )
        for place, key in each.keys.items():
            if place in found:
                raise UserError(
                    zh=f"{key.where}：密钥 {told(place)} 在另一文件（{found[place].where}）中已有",
                    en=f"{key.where}: the key {told(place)} stands in another file too ({found[place].where})",
                )
            found[place] = key
    return KeySet(all(each.synthetic for each in given), given[0].region, found)


def document_of(keys: KeySet) -> dict[str, Any]:
    """The set as a document of kind key-set."""
    return {
        **head_of(KEY_SET, synthetic=keys.synthetic, region=keys.region),
        "keys": [
            {**place_of(key.place), "value": key.value.hex().upper(), "check": key.check.hex().upper()}
            for key in keys.keys.values()
        ],
    }


def head_of(kind: str, *, synthetic: bool, region: str) -> dict[str, Any]:
    """The members that every document of keys begins with."""
    note = {"note": SYNTHETIC_NOTE} if synthetic else {}
    return {"format": 1, "kind": kind, "synthetic": synthetic, **note, "region": region}


SYNTHETIC_NOTE = (
    "合成测试密钥，人人可算出，不得用于真实卡片 / synthetic test keys: anybody can compute them; never for cards in use"
)


def place_of(place: Place) -> dict[str, Any]:
    """Where a key stands, as members of a document."""
    name, version, algorithm, level = place
    return {"name": name, "version": version, "algorithm": algorithm, "level": level}


def yaml_of(document: Mapping[str, Any]) -> bytes:
    """A document of keys as YAML, one key a line."""
    text = yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, default_flow_style=None, width=1000)
    return text.encode("utf-8")
