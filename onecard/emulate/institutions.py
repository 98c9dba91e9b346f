"""The file of institutions that an emulated encryptor knows (``--institutions``)."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from emulator.hsm.authority import Institution, Rights
from onecard.spec.document import read_document
from onecard.spec.load import check_schema

KIND = "hsm-institutions"


def institutions_of(path: Path) -> tuple[Institution, ...]:
    """The institutions of a file; raises SpecError naming file, line and member, without the file's secrets."""
    document = read_document(path)
    check_schema(document, KIND, secret=True)
    nodes = cast("list[Mapping[str, Any]]", document.data["institutions"])
    for number, node in enumerate(nodes):
        channels = [str(channel["id"]) for channel in node.get("channels", ())]
        if len(set(channels)) < len(channels):
            place = ("institutions", number, "channels")
            raise document.error(place, zh="渠道的 id 重复", en="the id of a channel stands twice")
    twice = [name for name, count in Counter(str(node["id"]) for node in nodes).items() if count > 1]
    if twice:
        raise document.error(
            ("institutions",), zh=f"机构的 id 重复：{twice[0]}", en=f"the id of an institution stands twice: {twice[0]}"
        )
    return tuple(_institution(node) for node in nodes)


def _institution(node: Mapping[str, Any]) -> Institution:
    channels = tuple((str(channel["id"]), _rights(channel)) for channel in node.get("channels", ()))
    return Institution(node["id"], node["key"], _rights(node), channels, node.get("per-minute"))


def _rights(node: Mapping[str, Any]) -> Rights:
    return Rights(
        services=frozenset(node["services"]) if "services" in node else None,
        addresses=frozenset(node["addresses"]) if "addresses" in node else None,
        regions=tuple(node["regions"]) if "regions" in node else None,
    )
