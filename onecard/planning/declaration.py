"""ICS (what the vendor declares) and IXIT (how to reach and open the device): files, checks, templates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

import yaml

from onecard.errors import UserError
from onecard.spec.document import RawDocument, read_document
from onecard.spec.errors import SpecError
from onecard.spec.expr import Value
from onecard.spec.lint import value_fits
from onecard.spec.load import Spec, check_part, check_schema, has_schema

KEY_SOURCES = ("card-keys", "root-keys", "key-file", "pkcs11", "none")
DIVERSIFIED_SOURCES = frozenset(("root-keys", "key-file", "pkcs11"))
"""Key sources from whose keys the tester derives those of the card."""


@dataclass(frozen=True)
class Ics:
    """A declaration: profile, device, claimed project profiles, and a value for every item."""

    kind: str
    profile: str
    device: Mapping[str, str]
    claims: frozenset[str]
    items: Mapping[str, Value]

    def body(self) -> dict[str, Any]:
        """The declaration as it stands in the evidence."""
        return {
            "format": 1, "kind": "ics", "target": self.kind, "profile": self.profile, "device": dict(self.device),
            "claims": sorted(self.claims), "items": dict(self.items),
        }  # fmt: skip


@dataclass(frozen=True)
class Ixit:
    """How to reach and open the device. Secrets stay out of ``repr``.

    ``synthetic``: its keys and persons are test data by the tester's word: nothing need be sealed.
    """

    target: str | None
    timeout: float
    pin: str | None = field(repr=False)
    identification: str | None
    key_source: Mapping[str, Any] = field(repr=False)
    synthetic: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def body(self) -> dict[str, Any]:
        """The IXIT as one document (to be sealed)."""
        return {
            "target": self.target, "timeout": self.timeout, "pin": self.pin, "identification": self.identification,
            "key-source": dict(self.key_source), "parameters": dict(self.parameters), "synthetic": self.synthetic,
        }  # fmt: skip

    def facts(self) -> dict[str, Value]:
        """What requirements may ask of it in ``applies``."""
        return {"ixit.root_keys": self.key_source.get("kind") in DIVERSIFIED_SOURCES}


def _items(spec: Spec, kind: str, given: Mapping[str, Value], error: "RawDocument | None") -> dict[str, Value]:
    def fail(name: str, zh: str, en: str) -> SpecError:
        if error is None:
            return SpecError(zh=zh, en=en)
        return error.error(("items", name) if name in given else ("items",), zh=zh, en=en)

    questions = {item.id: item for item in spec.questionnaires[kind].items}
    for name in given:
        if name not in questions:
            raise fail(name, f"未知的 ICS 项 {name}", f"{name} is no item of the questionnaire for {kind}")
    for name, item in questions.items():
        if name not in given:
            raise fail(
                name,
                f"缺少 ICS 项 {name}（{item.question.zh}）；未声明不等于“否”，请写明取值",
                f"the item {name} is missing ({item.question.en}); an item left out is not a 'no': declare it",
            )
        if not value_fits(item, given[name]):
            allowed = " | ".join(item.values) if item.values else item.type
            raise fail(
                name,
                f"{name} 的取值 {given[name]!r} 不合规定，应为 {allowed}",
                f"{given[name]!r} does not fit {name}: it takes {allowed}",
            )
    return dict(given)


def ics_of_profile(spec: Spec, profile: str) -> Ics:
    """The declaration of a project profile (what the embedded reference declares)."""
    found = spec.profile(profile)
    return Ics(
        kind=found.target,
        profile=profile,
        device={"vendor": "OneCard Conformance", "model": f"reference {profile}"},
        claims=frozenset((profile,)),
        items=_items(spec, found.target, found.ics, None),
    )


def read_ics(spec: Spec, path: Path, profile: str | None) -> Ics:
    """Read an ICS file; raises SpecError naming file, line and item."""
    document = read_document(path)
    check_schema(document, "ics")
    return ics_of_document(spec, document, profile)


def ics_of_document(spec: Spec, document: RawDocument, profile: str | None) -> Ics:
    """A declaration from a parsed document (a file, or the evidence)."""
    data = cast(dict[str, Any], document.data)
    kind, declared = data["target"], data["profile"]
    if kind not in spec.questionnaires:
        raise document.error(("target",), zh=f"没有 {kind} 的问卷", en=f"there is no questionnaire for {kind}")
    if declared not in spec.profiles:
        known = ", ".join(sorted(spec.profiles))
        raise document.error(
            ("profile",), zh=f"没有配置 {declared}；已有：{known}", en=f"there is no profile {declared}; known: {known}"
        )
    if profile is not None and profile != declared:
        raise document.error(
            ("profile",),
            zh=f"ICS 声明的是 {declared}，命令行给出 {profile}",
            en=f"the ICS declares {declared}, the command line says {profile}",
        )
    for claim in data["claims"]:
        if claim not in spec.profiles:
            raise document.error(("claims",), zh=f"没有配置 {claim}", en=f"there is no profile {claim} to claim")
    return Ics(kind, declared, data["device"], frozenset(data["claims"]), _items(spec, kind, data["items"], document))


def read_ixit(path: Path, kind: str | None = None) -> Ixit:
    """Read an IXIT file; raises SpecError naming file, line and field.

    ``kind``: the kind of target whose parameters it gives; None leaves them unchecked.
    """
    document = read_document(path)
    check_schema(document, "ixit", secret=True)
    data = cast(dict[str, Any], document.data)
    if kind is not None:
        _check_parameters(document, kind)
    return Ixit(
        target=data.get("target"),
        timeout=float(data.get("timeout", 5.0)),
        pin=data.get("pin"),
        identification=data["identification"].upper() if "identification" in data else None,
        key_source=_beside(data["key-source"], path),
        parameters=data.get("parameters", {}),
        synthetic=data.get("synthetic", False),
    )


def _beside(source: Mapping[str, Any], ixit: Path) -> Mapping[str, Any]:
    """The key source, with names of files taken from where the IXIT lies."""

    def placed(node: Mapping[str, Any]) -> dict[str, Any]:
        return {**node, "file": str(ixit.parent / node["file"])} if "file" in node else dict(node)

    secrets = {name: placed(source[name]) for name in ("password", "pin") if name in source}
    return {**placed(source), **secrets}


def _check_parameters(document: RawDocument, kind: str) -> None:
    given = document.data.get("parameters", {})
    if not has_schema(f"ixit-{kind}"):
        if given:
            raise document.error(
                ("parameters",), zh=f"{kind} 的 IXIT 没有 parameters", en=f"the IXIT of a {kind} has no parameters"
            )
        return
    check_part(document, ("parameters",), given, f"ixit-{kind}", secret=True)


def reference_ixit(kind: str, profile: str, seed: str | None = None, holder: int = 0) -> Ixit:
    """The IXIT of the embedded reference, from the adapter that puts it behind a target.

    ``seed`` and ``holder`` (which synthetic person, from 0) choose another card than the default one.
    """
    found = [entry for entry in entry_points(group="onecard.declarations") if entry.name == kind]
    if not found:
        raise UserError(
            zh=f"未安装 {kind} 的内置参考",
            en=f"there is no embedded reference for {kind} in this installation; reinstall it",
        )
    declare = found[0].load()
    data = cast(dict[str, Any], declare(profile, holder=holder) if seed is None else declare(profile, seed, holder))
    return Ixit(
        target=f"reference:{profile}",
        timeout=5.0,
        pin=data.get("pin"),
        identification=data.get("identification"),
        key_source=data["key-source"],
        synthetic=True,
        parameters=data.get("parameters", {}),
    )


def no_ixit() -> Ixit:
    """A device of which nothing was told: what needs keys or a PIN is inconclusive."""
    return Ixit(target=None, timeout=5.0, pin=None, identification=None, key_source={"kind": "none"})


def ics_template(spec: Spec, profile: str) -> str:
    """An ICS file to be filled in: every question explained, with the profile's value to start from."""
    found = spec.profile(profile)
    lines = [
        "# ICS 实现一致性声明 / implementation conformance statement",
        "# 请逐项核对：所填即所声明，声明与卡片不符将判为不通过。",
        "# Check every item: what stands here is what you declare, and a card that differs fails.",
        "format: 1",
        "kind: ics",
        f"target: {found.target}",
        f"profile: {profile}",
        "device: {vendor: '', model: ''}   # 填写厂商与型号 / fill in; optional: version, serial",
        "claims: []   # 声明符合的项目配置 / project profiles you claim, e.g. ["
        + profile
        + "]: then their own choices decide too",
        "items:",
    ]
    for item in spec.questionnaires[found.target].items:
        allowed = ", ".join(item.values) if item.values else item.type
        if item.minimum is not None:
            allowed += f" {item.minimum}..{item.maximum}"
        lines += [
            f"  # {item.question.zh}（{item.explain.zh}）",
            f"  # {item.question.en}. {item.explain.en}  [{allowed}]",
            f"  {item.id}: {json.dumps(found.ics[item.id])}",
        ]
    return "\n".join(lines).replace("{vendor: '', model: ''}", '{vendor: "?", model: "?"}') + "\n"


def ixit_template(spec: Spec, profile: str) -> str:
    """An IXIT file to be filled in, with an example of each key source."""
    kind = spec.profile(profile).target
    target, _, words = _REACH.get(kind, "https://host/base").partition("   #")
    lines = [
        "# IXIT 测试附加信息：如何连接并打开被测设备 / extra information for testing: how to reach and open the device",
        "# 本文件含密钥与密码，请限制读取权限；证据中仅保存密封后的内容。",
        "# This file holds keys and secrets: keep it readable by you alone; the evidence keeps them sealed.",
        "format: 1",
        "kind: ixit",
        f"target: {target}   # {words.strip() or '被测系统地址 / its address'}",
        "timeout: 5        # 秒，单条命令最长等待 / seconds, longest wait for one answer",
        "# synthetic: true：人员与密钥均为测试数据，证据不密封 / persons and keys are test data: nothing is sealed",
        "synthetic: false",
        *(_card_template(spec, profile) if kind == "card" else _other_template(kind, profile)),
    ]
    return "\n".join(lines) + f"\n# {kind} {profile}\n"


_REACH: Mapping[str, str] = {
    "card": "pcsc:0   # pcsc:INDEX or part of the reader's name; tcp:HOST:PORT",
    "psam": "pcsc:0   # pcsc:INDEX or part of the reader's name; tcp:HOST:PORT",
    "terminal": "'command:./driver --serve'   # command:PROGRAM; http://HOST:PORT; library:PATH; ws:HOST:PORT; "
    "manual:[NAME] (docs/kinds/terminal-*.md)",
}


def _card_template(spec: Spec, profile: str) -> list[str]:
    names = list(spec.card_of_profile(profile).keys)
    example = "00112233445566778899AABBCCDDEEFF"
    return [
        '# pin: "123456"   # 个人密码；填错只会尝试一次 / a wrong one is tried once only',
        '# identification: "…32 hex digits…"   # 卡的识别码 / card identification code, for --destroy',
        "# parameters:   # 证书应用的密码与次数 / PINs of the certificate application and their tries",
        '#   certificate: {user-pin: "123456", user-tries: 6, admin-pin: "12345678", admin-tries: 6, challenge: 16}',
        "# 密钥来源，任选其一 / key source, one of these:",
        "key-source: {kind: none}   # 无：需要密钥的要求无法判定 / none: what needs keys stays inconclusive",
        "# key-source:",
        "#   kind: card-keys        # 该卡的密钥（已分散）/ the keys of this very card",
        "#   keys:",
        *[f'#     {name}: {{"1": "{example}"}}' for name in names],
        "# key-source:",
        "#   kind: root-keys        # 根密钥与地区，由本工具分散 / test root keys and region, diversified by the tool",
        '#   region: "340100"',
        "#   keys:",
        *[f'#     {name}: {{"1": "{example}"}}' for name in names],
        "# key-source:",
        "#   kind: key-file         # 加密的密钥文件 / an encrypted key file, see docs/keys.md",
        "#   file: keys.json",
        "#   password: {env: ONECARD_KEY_PASSWORD}",
    ]


def _other_template(kind: str, profile: str) -> list[str]:
    """Key source and parameters as the embedded reference has them, to be replaced by one's own."""
    declared = reference_ixit(kind, profile)
    body = {"key-source": dict(declared.key_source), "parameters": dict(declared.parameters)}
    example = yaml.safe_dump(body, allow_unicode=True, sort_keys=False).splitlines()
    if kind == "terminal":
        return [
            "# 密钥来源与参数属于测试端自己的卡与 PSAM，请原样保留。",
            "# Key source and parameters are those of the tester's own cards and PSAM: leave them as they are.",
            *example,
        ]
    return [
        "# 以下为内置参考的取值，请换成被测对象的测试密钥与参数；不适用的参数请删去（相关要求将无法判定）。",
        "# Below are the embedded reference's own values: replace them by test keys and parameters of your device;",
        "# leave out a parameter that does not exist (what needs it stays inconclusive).",
        *example,
    ]


def ics_text(ics: Ics) -> str:
    """A declaration as a YAML file."""
    return yaml.safe_dump(ics.body(), allow_unicode=True, sort_keys=False)


def ixit_text(ixit: Ixit, target: str) -> str:
    """An IXIT as a YAML file for a device at ``target``."""
    body = {
        "format": 1,
        "kind": "ixit",
        **{key: value for key, value in ixit.body().items() if value is not None},
        "target": target,
    }
    return yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
