"""Words that all views share: verdicts, bases, reasons."""

import re
from collections.abc import Mapping
from typing import Final

from onecard.spec.model import Basis, BasisClass, Keyword, Requirement
from onecard.spec.text import Text
from onecard.views.model import RunVerdict, Verdict

VERDICTS: Final[Mapping[str, Text]] = {
    Verdict.PASS: Text(zh="通过", en="pass"),
    Verdict.FAIL: Text(zh="不通过", en="fail"),
    Verdict.INCONCLUSIVE: Text(zh="无法判定", en="inconclusive"),
    Verdict.ERROR: Text(zh="出错", en="error"),
    Verdict.NOT_APPLICABLE: Text(zh="不适用", en="not applicable"),
    Verdict.NOT_RUN: Text(zh="未执行", en="not run"),
    RunVerdict.INCOMPLETE: Text(zh="未完成", en="incomplete"),
}

ERRORS: Final[Mapping[str, Text]] = {
    "silent": Text(zh="超时未应答", en="no answer within the time limit"),
    "removed": Text(zh="卡片被取出", en="the card was removed"),
    "refused": Text(zh="读卡器拒绝执行该命令", en="the reader refused the command"),
    "failed": Text(zh="目标出错", en="the target failed"),
    "cut": Text(zh="测试端在执行中断电", en="the tester cut the supply within the command"),
}
"""Why an exchange has no answer, by the words of the evidence."""

MESSAGE_ERRORS: Final[Mapping[str, Text]] = {
    **ERRORS,
    "removed": Text(zh="连接中断", en="the connection ended"),
    "refused": Text(zh="被测方拒绝该交互", en="the target refused the exchange"),
}
"""The same where the target is no card."""

EXCLUSIONS: Final[Mapping[str, Text]] = {
    "laboratory": Text(zh="需实验室设备", en="needs laboratory equipment"),
    "unpublished-algorithm": Text(zh="算法未公开", en="the algorithm is not published"),
    "text-not-public": Text(zh="文本未公开", en="the text is not public"),
    "not-observable": Text(zh="外部不可观察", en="not observable from outside"),
}

KEYWORDS: Final[Mapping[Keyword, Text]] = {
    Keyword.SHALL: Text(zh="应", en="shall"),
    Keyword.SHOULD: Text(zh="宜", en="should"),
    Keyword.MAY: Text(zh="可", en="may"),
}

BASES: Final[Mapping[BasisClass, Text]] = {
    BasisClass.PUBLISHED: Text(zh="已发布文本", en="published"),
    BasisClass.NOTICE: Text(zh="官方通知", en="notice"),
    BasisClass.DRAFT: Text(zh="草案", en="draft"),
    BasisClass.FIELD: Text(zh="公开程序", en="field"),
    BasisClass.PROFILE: Text(zh="项目配置", en="profile"),
    BasisClass.REPORT: Text(zh="第三方报道", en="report"),
    BasisClass.INFERENCE: Text(zh="推断", en="inference"),
}

KINDS: Final[Mapping[str, Text]] = {
    "card": Text(zh="用户卡", en="card"),
    "psam": Text(zh="终端安全模块（PSAM）", en="PSAM"),
    "hsm": Text(zh="加密机", en="encryptor"),
    "terminal": Text(zh="读写终端", en="terminal"),
    "ecard": Text(zh="电子卡", en="electronic card"),
    "platform": Text(zh="平台", en="platform"),
    "partner": Text(zh="合作方系统", en="partner system"),
}
"""Kinds of target, in the order of a report."""

APDU_KINDS: Final = frozenset(("card", "psam"))
"""Kinds that answer command APDUs; all others exchange messages."""

IDENTITY: Final[Mapping[str, Text]] = {
    "atr": Text(zh="复位应答（ATR）", en="Answer to reset (ATR)"),
    "identification": Text(zh="卡的识别码", en="Card identification code"),
    "sample": Text(zh="样卡", en="Sample card"),
}
"""What the run found out about the card before its cases."""

MAY_DIFFER: Final = Text(zh="依据草案，正式文本可能不同", en="from a draft: the issued text may differ")
NOT_OFFICIAL: Final = Text(
    zh="本报告是自动化符合性测试的结果记录，不是法定的检测报告或合格证明。",
    en="This is the record of an automatic conformance test, not an official test report (检测报告) or certificate of "
    "conformity (合格证明).",
)
SYNTHETIC: Final = Text(
    zh="被测对象为内置参考实现，数据全部为合成数据：本结果不涉及任何真实产品。",
    en="The target is an embedded reference with synthetic data: the result speaks of no real product.",
)
NOT_INDEPENDENT: Final = Text(
    zh="本机缺少第二套密码实现，计算未经独立比对。",
    en="This machine lacks the second cryptographic implementation: calculations were not cross-checked.",
)


def basis_text(basis: Basis) -> Text:
    """``field (2 programs)``, ``draft (2011-5)``; further supports are left to the specification."""
    name = BASES[basis.cls]
    if basis.cls is BasisClass.FIELD:
        programs = basis.programs or 0
        return Text(zh=f"{name.zh}（{programs} 个）", en=basis.label())
    if basis.document is None:
        return name
    return Text(zh=f"{name.zh}（{basis.document}）", en=f"{name.en} ({basis.document})")


def source_text(requirement: Requirement) -> str:
    """The document of a requirement, with the clause where one is visible.

    The clause of a draft or a notice stands with the basis instead (basis_with_clause).
    """
    if requirement.clause is not None and requirement.basis.cls is BasisClass.PUBLISHED:
        return f"{requirement.document} {requirement.clause}"
    return requirement.document


def basis_with_clause(requirement: Requirement) -> Text:
    """The basis; for a draft or a notice with its own clause number, where that is visible."""
    text = basis_text(requirement.basis)
    clause = requirement.clause or requirement.basis.clause
    if clause is None or requirement.basis.cls not in (BasisClass.DRAFT, BasisClass.NOTICE):
        return text
    return Text(zh=f"{text.zh} {clause}", en=f"{text.en} {clause}")


# XML 1.0, production 2: what a document may not hold even as a character reference.
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """``text`` without the characters that neither XML nor HTML may hold."""
    return _ILLEGAL.sub("\ufffd", text)
