"""Key ceremonies: the public record with check values, each custodian's components, and the keys that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from onecard.errors import UserError
from onecard.oracle import keyset as computation
from onecard.planning.keyset import Key, KeySet, Place, check_place, head_of, place_of, told
from onecard.spec.document import RawDocument
from onecard.spec.hierarchy import KeyHierarchy
from onecard.spec.load import check_schema

CEREMONY, COMPONENTS = "key-ceremony", "key-components"


@dataclass(frozen=True, slots=True)
class Part:
    """What a ceremony makes of one key: check values of the key and of each component, and the components."""

    place: Place
    check: bytes
    checks: tuple[bytes, ...]
    components: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"Part({told(self.place)})"


def record_of(keys: KeySet, custodians: int, parts: Sequence[Part]) -> dict[str, Any]:
    """The public record, a document of kind key-ceremony: no key and no component."""
    return {
        **head_of(CEREMONY, synthetic=keys.synthetic, region=keys.region),
        "custodians": custodians,
        "keys": [
            {**place_of(part.place), "check": _hex(part.check), "components": [_hex(check) for check in part.checks]}
            for part in parts
        ],
    }


def components_of(keys: KeySet, custodian: int, parts: Sequence[Part]) -> dict[str, Any]:
    """What one custodian (from 1) keeps, a document of kind key-components."""
    return {
        **head_of(COMPONENTS, synthetic=keys.synthetic, region=keys.region),
        "custodian": custodian,
        "keys": [
            {
                **place_of(part.place),
                "component": _hex(part.components[custodian - 1]),
                "check": _hex(part.checks[custodian - 1]),
            }
            for part in parts
        ],
    }


def _hex(octets: bytes) -> str:
    return octets.hex().upper()


def combined(record: RawDocument, custodians: Sequence[RawDocument], hierarchy: KeyHierarchy) -> KeySet:
    """The keys of a ceremony, of its record and all custodians' files.

    Raises SpecError naming file, line and field: a component or key whose check value differs, a key that is missing or
    one too many; UserError for a custodian that is missing or comes twice.
    """
    check_schema(record, CEREMONY, secret=True)
    body = cast(dict[str, Any], record.data)
    given = _by_custodian(body, record, custodians)
    found: dict[Place, Key] = {}
    for index, node in enumerate(body["keys"]):
        at = ("keys", index)
        check_place(record, at, node, hierarchy)
        place: Place = (node["name"], node["version"], node["algorithm"], node["level"])
        if place in found:
            raise record.error(at, zh=f"密钥 {told(place)} 重复", en=f"the key {told(place)} stands twice")
        if len(node["components"]) != body["custodians"]:
            raise record.error(
                (*at, "components"),
                zh=f"应有 {body['custodians']} 个分量校验值",
                en=f"there should be check values of {body['custodians']} components",
            )
        components = [
            _component(document, place, expected, hierarchy)
            for document, expected in zip(given, node["components"], strict=True)
        ]
        value = computation.combine(components)
        if _hex(computation.check_value(hierarchy.check_value, place[2], value)) != node["check"]:
            raise record.error(
                (*at, "check"),
                zh=f"各分量合成的密钥 {told(place)} 与校验值不符",
                en=f"the components of {told(place)} make a key of another check value",
            )
        where = f"{record.file}:{record.line((*at, 'check'))} (keys[{index}].check)"
        found[place] = Key(*place, value, bytes.fromhex(node["check"]), where)
    _none_beside(given, found)
    return KeySet(body["synthetic"], body["region"], found)


@dataclass(frozen=True, slots=True)
class _Custodian:
    """A custodian's file, and where in it each key stands."""

    document: RawDocument
    places: Mapping[Place, int]

    def node(self, place: Place) -> Mapping[str, Any]:
        return cast(list[dict[str, Any]], self.document.data["keys"])[self.places[place]]


def _by_custodian(body: Mapping[str, Any], record: RawDocument, custodians: Sequence[RawDocument]) -> list[_Custodian]:
    found: dict[int, _Custodian] = {}
    for document in custodians:
        check_schema(document, COMPONENTS, secret=True)
        number = cast(int, document.data["custodian"])
        for field in ("region", "synthetic"):
            if document.data[field] != body[field]:
                raise document.error((field,), zh=f"与 {record.file} 不同", en=f"this differs from {record.file}")
        if number in found:
            raise document.error(
                ("custodian",),
                zh=f"保管人 {number} 已由 {found[number].document.file} 给出",
                en=f"custodian {number} is given by {found[number].document.file} already",
            )
        if number > body["custodians"]:
            raise document.error(
                ("custodian",),
                zh=f"{record.file} 只有 {body['custodians']} 名保管人",
                en=f"{record.file} has {body['custodians']} custodians only",
            )
        found[number] = _Custodian(document, _places(document))
    missing = sorted(set(range(1, body["custodians"] + 1)) - found.keys())
    if missing:
        numbers = ", ".join(map(str, missing))
        raise UserError(
            zh=f"{record.file}：缺少保管人 {numbers} 的分量文件",
            en=f"{record.file}: the components of custodian {numbers} are missing",
        )
    return [found[number] for number in sorted(found)]


def _places(document: RawDocument) -> dict[Place, int]:
    found: dict[Place, int] = {}
    for index, node in enumerate(cast(list[dict[str, Any]], document.data["keys"])):
        place: Place = (node["name"], node["version"], node["algorithm"], node["level"])
        if place in found:
            raise document.error(
                ("keys", index), zh=f"密钥 {told(place)} 重复", en=f"the key {told(place)} stands twice"
            )
        found[place] = index
    return found


def _component(custodian: _Custodian, place: Place, expected: str, hierarchy: KeyHierarchy) -> bytes:
    document = custodian.document
    if place not in custodian.places:
        raise document.error(
            ("keys",), zh=f"缺少密钥 {told(place)} 的分量", en=f"the component of {told(place)} is missing"
        )
    node = custodian.node(place)
    value = bytes.fromhex(node["component"])
    if not _hex(computation.check_value(hierarchy.check_value, place[2], value)) == node["check"] == expected:
        raise document.error(
            ("keys", custodian.places[place], "component"),
            zh=f"密钥 {told(place)} 的分量与校验值不符",
            en=f"the component of {told(place)} is not that of its check value",
        )
    return value


def _none_beside(given: Sequence[_Custodian], found: Mapping[Place, Key]) -> None:
    for custodian in given:
        for place, index in custodian.places.items():
            if place not in found:
                raise custodian.document.error(
                    ("keys", index),
                    zh=f"仪式记录中没有密钥 {told(place)}",
                    en=f"the record of the ceremony has no key {told(place)}",
                )
