"""What a certificate says: the decision about one run. Its form is in reports/schema/certificate.schema.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from onecard.evidence.canonical import JsonObject
from onecard.evidence.digests import is_digest
from onecard.spec.text import Text

FORMAT: Final = 1
REQUIRED_DIGESTS: Final = frozenset({"bundle", "final", "specs", "suites", "vectors"})
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


class CertificateClass(StrEnum):
    """How much a certificate can vouch for."""

    SELF_DECLARED = "self-declared"
    CHALLENGED = "challenged"
    RE_DERIVED = "re-derived"


DISCLAIMERS: Final = (
    Text(
        zh="本文件是自动化符合性测试的结果记录，不是法定的检测报告或合格证明。",
        en="This is the record of an automatic conformance test, not an official test report (检测报告) or "
        "certificate of conformity (合格证明).",
    ),
    Text(
        zh="依据征求意见稿的要求，其正式发布文本可能不同。",
        en="Requirements taken from public drafts: the issued text may differ.",
    ),
    Text(
        zh="质询值只证明测试在质询发出之后进行，不能证明是哪一件设备作答。",
        en="A challenge proves that the run was made after it was issued, not which device answered.",
    ),
)


WITHOUT_STANDARD: Final[Mapping[str, Text]] = {
    "ecard": Text(zh="电子卡服务", en="electronic card service"),
    "platform": Text(zh="平台", en="platform"),
    "partner": Text(zh="合作方系统", en="partner system"),
}
"""Kinds of target whose interfaces no public text fixes: a certificate names the project profile for them."""

_PROFILE_ONLY: Final = Text(
    zh="电子卡、平台与合作方系统的结果仅针对所列项目配置，不表示符合任何标准。",
    en="Results on electronic cards, platforms and partner systems hold for the project profiles named, and for no "
    "standard.",
)


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """All that the issuer states, besides what follows from the signer's own certificate.

    ``digests`` holds at least bundle (of the file), final (of the last event), specs, suites and vectors, and one or
    more for ICS (names beginning with ics), each ``sm3:<hex>``. ``basis`` counts executed requirements by class of
    basis, ``exclusions`` counts excluded requirements by reason, ``not_tested`` names what lies outside the scope.
    ``runs`` are JSON objects, one for each (kind, profile). ``challenge`` is the body of a verified challenge; a
    challenged certificate, and no other, has one. Times are aware.
    """

    issued: datetime
    valid_until: datetime
    tool: str
    verdict: str
    scope: str
    synthetic: bool
    runs: tuple[JsonObject, ...]
    basis: Mapping[str, int]
    exclusions: Mapping[str, int]
    digests: Mapping[str, str]
    not_tested: tuple[str, ...] = ()
    certificate_class: CertificateClass = CertificateClass.SELF_DECLARED
    challenge: JsonObject | None = field(default=None)

    def __post_init__(self) -> None:
        missing = REQUIRED_DIGESTS - self.digests.keys()
        if missing or not all(is_digest(digest) for digest in self.digests.values()):
            raise ValueError(f"digests missing or malformed: {sorted(missing)}")
        if (self.certificate_class is CertificateClass.CHALLENGED) != (self.challenge is not None):
            raise ValueError("a challenged certificate, and no other, holds its challenge")
        if self.issued.tzinfo is None or self.valid_until.tzinfo is None or self.valid_until <= self.issued:
            raise ValueError("issued and valid_until must be aware and in order")


def payload(request: CertificateRequest, *, test: bool, valid_until: datetime) -> JsonObject:
    """The object that is signed; ``test`` and ``valid_until`` follow from the signer's certificate too."""
    told = _disclaimers(request)
    return {
        "basis": dict(request.basis),
        "challenge": request.challenge,
        "class": request.certificate_class.value,
        "digests": dict(request.digests),
        "disclaimers": {"en": [text.en for text in told], "zh": [text.zh for text in told]},
        "exclusions": dict(request.exclusions),
        "format": FORMAT,
        "issued": stamp(request.issued),
        "not-tested": list(request.not_tested),
        "runs": [_with_claim(run) for run in request.runs],
        "scope": request.scope,
        "synthetic": request.synthetic,
        "test": test,
        "tool": request.tool,
        "valid-until": stamp(valid_until),
        "verdict": request.verdict,
    }


def _disclaimers(request: CertificateRequest) -> tuple[Text, ...]:
    profile_only = any(run.get("kind") in WITHOUT_STANDARD for run in request.runs)
    return (*DISCLAIMERS, _PROFILE_ONLY) if profile_only else DISCLAIMERS


def _with_claim(run: JsonObject) -> JsonObject:
    """The run; where no standard stands behind it, with what was met in words."""
    name = WITHOUT_STANDARD.get(run.get("kind", ""))
    if name is None:
        return run
    claim = {
        "zh": f"{name.zh}：本项目配置 {run.get('profile')}",
        "en": f"{name.en}: this project's profile {run.get('profile')}",
    }
    return {**run, "claim": claim}


def stamp(moment: datetime) -> str:
    """``moment`` (aware) as ``YYYY-MM-DDThh:mm:ssZ``."""
    return moment.astimezone(UTC).strftime(_TIME)


def parse_stamp(value: object) -> datetime | None:
    """The moment that ``stamp`` wrote, or None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.strptime(value, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if stamp(moment) == value else None


@dataclass(frozen=True, slots=True)
class Statement:
    """The members of a payload that verification needs, of the right types; ``covers``: (kind, profile) of its runs."""

    issued: datetime
    valid_until: datetime
    digests: Mapping[str, str]
    certificate_class: CertificateClass
    challenge: JsonObject | None
    synthetic: bool
    test: bool
    verdict: str
    covers: tuple[tuple[str, str], ...]


_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "basis": dict,
    "challenge": (dict, type(None)),
    "class": str,
    "digests": dict,
    "disclaimers": dict,
    "exclusions": dict,
    "format": int,
    "issued": str,
    "not-tested": list,
    "runs": list,
    "scope": str,
    "synthetic": bool,
    "test": bool,
    "tool": str,
    "valid-until": str,
    "verdict": str,
}


def read_statement(body: Mapping[str, Any]) -> Statement | Text:
    """The statement that ``body`` makes, or why it makes none."""
    if body.keys() != _TYPES.keys():
        names = ", ".join(sorted(body.keys() ^ _TYPES.keys()))
        return Text(
            zh=f"证书的成员缺少或多余：{names}", en=f"members of the certificate are missing or unknown: {names}"
        )
    wrong = [name for name, expected in _TYPES.items() if not isinstance(body[name], expected)]
    if wrong:
        return Text(
            zh=f"证书成员类型不对：{', '.join(wrong)}",
            en=f"members of the certificate have wrong types: {', '.join(wrong)}",
        )
    issued, valid_until = parse_stamp(body["issued"]), parse_stamp(body["valid-until"])
    if body["format"] != FORMAT or body["class"] not in list(CertificateClass) or issued is None or valid_until is None:
        return Text(
            zh="证书的 format、class、issued 或 valid-until 无法识别",
            en="the certificate's format, class, issued or valid-until is not understood",
        )
    digests = body["digests"]
    if not digests.keys() >= REQUIRED_DIGESTS or not all(is_digest(digest) for digest in digests.values()):
        return Text(zh="证书缺少摘要，或摘要写法不对", en="the certificate lacks digests, or they are malformed")
    certificate_class = CertificateClass(body["class"])
    if (certificate_class is CertificateClass.CHALLENGED) != (body["challenge"] is not None):
        return Text(zh="证书类别与质询不一致", en="the certificate's class and its challenge do not agree")
    return Statement(
        issued=issued,
        valid_until=valid_until,
        digests=digests,
        certificate_class=certificate_class,
        challenge=body["challenge"],
        synthetic=body["synthetic"],
        test=body["test"],
        verdict=body["verdict"],
        covers=tuple(
            (str(run.get("kind")), str(run.get("profile"))) for run in body["runs"] if isinstance(run, Mapping)
        ),
    )
