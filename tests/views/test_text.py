"""The explanation of a failure, word for word, and excerpts of the trace."""

from pathlib import Path

import pytest

from onecard.errors import UserError
from onecard.spec.load import load_spec
from onecard.views import explain_case
from onecard.views.excerpt import excerpt
from tests.views.samples import HOLDER_CASE, NUMBER, whole_bundle

SPEC = load_spec()
READ = "READ RECORD identifier 08 (social security number), current EF06, first occurrence"
LIKELY = 'the read access rule of EF06 is "free" (the rule of 1.0 and 2.0 cards); check the personalisation profile'


def explained(path: Path, case: str, language: str = "en") -> list[str]:
    bundle = whole_bundle(path / "run.bundle")
    return explain_case(bundle, SPEC, 1, case, "zh" if language == "zh" else "en").splitlines()


def test_a_failure(tmp_path: Path) -> None:
    assert explained(tmp_path, HOLDER_CASE) == [
        "FAIL  CARD-EF06-READ   basis: field (2 programs)   LD/T 32.6-2015   LD/T 6001.3-2023 8.1",
        "  a third-generation card refuses to read the holder file before RKSSSE is authenticated",
        f"  sent      00 B2 08 00 14    {READ}",
        "  expected  69 82             security status not satisfied",
        "  received  20 bytes, 90 00   08 social security number = 18 bytes, sealed; 90 00: ok",
        f"  likely    {LIKELY}",
        "  replay    onecard replay run.bundle --from 6",
    ]


def test_a_failure_in_chinese(tmp_path: Path) -> None:
    assert explained(tmp_path, HOLDER_CASE, "zh") == [
        "不通过  CARD-EF06-READ   依据: 公开程序（2 个）   LD/T 32.6-2015   LD/T 6001.3-2023 8.1",
        "  三代卡在未通过 RKSSSE 外部鉴别前应拒绝读取持卡人基本信息文件",
        "  发送  00 B2 08 00 14    READ RECORD 标识 08（社会保障号码），当前 EF06，第一条",
        "  期望  69 82             安全状态不满足",
        "  收到  20 bytes, 90 00   08 社会保障号码 = 18 字节，已密封；90 00：正常",
        "  可能  EF06 的读权限被设为“自由”（一、二代卡的规则），请检查个人化配置",
        "  重放  onecard replay run.bundle --from 6",
    ]


def test_a_case_that_could_not_decide(tmp_path: Path) -> None:
    lines = explained(tmp_path, "card/pin/test_wrong_pin")
    assert lines[0].startswith("INCONCLUSIVE  CARD-PIN-WRONG   basis: draft (2011-5)   LD/T 32.4-2015")
    assert lines[2] == "  from a draft: the issued text may differ"
    assert lines[3] == "  reason  the IXIT names no PIN\x07"
    assert lines[4].startswith("  replay  onecard replay run.bundle --from ")


def test_a_silent_card(tmp_path: Path) -> None:
    lines = explained(tmp_path, "card/pin/test_silent")
    assert "  sent      00 20 00 00 03 __ __ __   VERIFY PIN of 3 bytes" in lines
    assert "  received  —                         no answer within the time limit" in lines
    assert "  reason    no answer within 5 s" in lines


def test_a_case_that_was_never_reached(tmp_path: Path) -> None:
    assert explained(tmp_path, "card/pin/test_never_reached")[-1] == "  reason  not reached"


def test_an_unknown_case(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no case card/none"):
        explained(tmp_path, "card/none")


def test_excerpt_from_an_event(tmp_path: Path) -> None:
    bundle = whole_bundle(tmp_path / "run.bundle")
    lines = excerpt(bundle, SPEC, 9, "en")
    assert lines[0] == f"card-3.0  {HOLDER_CASE}"
    assert lines[2].startswith("     9  > 00A4020002EF06  SELECT EF06 (holder data)")
    assert lines[-2].endswith("! refusal: expected 6982, received 20 bytes, 9000")
    assert lines[-1] == "  fail: refusal: expected 6982"
    assert NUMBER.hex().upper() not in "".join(lines)
    assert excerpt(bundle, SPEC, 9, "zh")[-1].startswith("  不通过")
    whole = excerpt(bundle, SPEC, 6, "en")
    assert len(whole) == len(lines) + 3, "the reset, and the two lines of the first exchange"


@pytest.mark.parametrize("start", [0, 1, 5, 999])
def test_an_event_outside_of_every_case(tmp_path: Path, start: int) -> None:
    with pytest.raises(UserError, match=f"event {start} belongs to no case"):
        excerpt(whole_bundle(tmp_path / "run.bundle"), SPEC, start, "en")
