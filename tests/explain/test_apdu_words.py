"""APDUs in words: literal commands and answers of the fact base, and anything at all without an exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.explain import UNKNOWN, Context, Trace, decode_command, decode_response, spaced
from onecard.spec.card import CardSpec
from onecard.spec.load import load_spec

SPEC = load_spec()
CARD = SPEC.card_of_profile("card-3.0")
SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
FCI = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C038601039000"
NAME = "FCI, DF name 7378312E73682EC9E7BBE1B1A3D5CF (SSSE)"
AUTHENTICATION = f"authentication data {'11' * 8}, original data {'DD' * 8}"
EF06 = Context(application="SSSE", file="SSSE/EF06", certain=True)


@pytest.mark.parametrize(
    ("command", "context", "zh", "en"),
    [
        (
            SSSE,
            UNKNOWN,
            "SELECT SSSE（社会保障系统环境），按名",
            "SELECT SSSE (social security system environment), by name",
        ),
        (
            "00A40402" + SSSE[8:],
            UNKNOWN,
            "SELECT SSSE（社会保障系统环境），按名，下一个",
            "SELECT SSSE (social security system environment), by name, next occurrence",
        ),
        (
            "00A40400051122334455",
            UNKNOWN,
            "SELECT 按名 1122334455（规范中没有）",
            "SELECT by name 1122334455 (none of the specification)",
        ),
        ("00A40000023F00", UNKNOWN, "SELECT MF（即 SSSE）", "SELECT the MF (SSSE)"),
        ("00A4000000", UNKNOWN, "SELECT MF（空数据）", "SELECT the MF (no data)"),
        ("00A4020002EF05", EF06, "SELECT EF05（发卡机构数据），按文件标识", "SELECT EF05 (issuer data), by identifier"),
        (
            "00A4020002EF99",
            EF06,
            "SELECT 按文件标识 EF99（规范中没有）",
            "SELECT by identifier EF99 (none of the specification)",
        ),
        ("00A4030002EF05", EF06, "SELECT P1 = 03（未定义）", "SELECT P1 = 03 (not defined)"),
        (
            "00B2080014",
            EF06,
            "READ RECORD 标识 08（社会保障号码），当前 EF06，第一条",
            "READ RECORD identifier 08 (social security number), current EF06, first occurrence",
        ),
        (
            "00B2090220",
            EF06,
            "READ RECORD 标识 09（姓名），当前 EF06，下一条",
            "READ RECORD identifier 09 (name), current EF06, next occurrence",
        ),
        (
            "00B2012812",
            EF06,
            "READ RECORD 标识 01（卡的识别码），SFI 5 = EF05，第一条",
            "READ RECORD identifier 01 (card identification code), SFI 5 = EF05, first occurrence",
        ),
        (
            "00B2030500",
            EF06,
            "READ RECORD 第 3 条至最后一条，当前 EF06",
            "READ RECORD records 3 to the last, current EF06",
        ),
        (
            "00B2030600",
            EF06,
            "READ RECORD 最后一条至第 3 条，当前 EF06",
            "READ RECORD records from the last down to 3, current EF06",
        ),
        (
            "00B2010412",
            Context(certain=True),
            "READ RECORD 第 1 条，当前无 EF",
            "READ RECORD record 1, no EF being current",
        ),
        (
            "00B2010712",
            UNKNOWN,
            "READ RECORD 方式 7（未定义），P1 = 01，当前 EF",
            "READ RECORD mode 7 (not defined), P1 = 01, current EF",
        ),
        (
            "80B2010412",
            EF06,
            "READ RECORD 第 1 条，当前 EF06，CLA 为 80，应为 00",
            "READ RECORD record 1, current EF06, class 80 instead of 00",
        ),
        (
            "00DC032C060304332E3030",
            EF06,
            "UPDATE RECORD 第 3 条，SFI 5 = EF05：03 规范版本 = 3.00",
            "UPDATE RECORD record 3, SFI 5 = EF05: 03 specification version = 3.00",
        ),
        (
            "00DC0834140812" + "__" * 18,
            EF06,
            "UPDATE RECORD 第 8 条，SFI 6 = EF06：08 社会保障号码 = 18 字节，已密封",
            "UPDATE RECORD record 8, SFI 6 = EF06: 08 social security number = 18 bytes, sealed",
        ),
        ("0084000008", UNKNOWN, "GET CHALLENGE 8 字节", "GET CHALLENGE 8 bytes"),
        (
            "0088000010" + "11" * 8 + "22" * 8,
            UNKNOWN,
            "INTERNAL AUTHENTICATE 密钥 IRK（00），随机数 1111111111111111，原始信息 2222222222222222",
            "INTERNAL AUTHENTICATE key IRK (00), random value 1111111111111111, original data 2222222222222222",
        ),
        (
            "0082000A11" + "11" * 8 + "DD" * 8 + "02",
            UNKNOWN,
            f"EXTERNAL AUTHENTICATE 密钥 RKSSSE（0A），鉴别数据 {'11' * 8}，原始信息 {'DD' * 8}，密钥版本 02",
            f"EXTERNAL AUTHENTICATE key RKSSSE (0A), {AUTHENTICATION}, key version 02",
        ),
        (
            "0082007F04AABBCCDD",
            UNKNOWN,
            "EXTERNAL AUTHENTICATE 密钥标识 7F（规范中没有），4 字节",
            "EXTERNAL AUTHENTICATE key 7F (none of the specification), 4 bytes",
        ),
        ("0020000003123456", UNKNOWN, "VERIFY 密码，3 字节", "VERIFY PIN of 3 bytes"),
        ("0020000003______", UNKNOWN, "VERIFY 密码，3 字节", "VERIFY PIN of 3 bytes"),
        ("0020000000", UNKNOWN, "VERIFY 查询剩余次数", "VERIFY query of the tries left"),
        (
            "0020000008123456",
            UNKNOWN,
            "VERIFY 密码，3 字节，Lc 称 8 字节，实有 3",
            "VERIFY PIN of 3 bytes, Lc announces 8 bytes, 3 follow",
        ),
        (
            "00200000021234AABB",
            UNKNOWN,
            "VERIFY 密码，2 字节，数据之后多出 2 字节",
            "VERIFY PIN of 2 bytes, 2 bytes stand after the data",
        ),
        ("00CA0000", UNKNOWN, "未知命令，CLA 00 INS CA", "unknown command, class 00 instruction CA"),
        ("00A4", UNKNOWN, "SELECT，只有 2 字节，不足命令头", "SELECT, only 2 bytes, less than a command header"),
        (
            "",
            UNKNOWN,
            "无法识别的命令，只有 0 字节，不足命令头",
            "unrecognisable command, only 0 bytes, less than a command header",
        ),
    ],
)
def test_commands(command: str, context: Context, zh: str, en: str) -> None:
    text = decode_command(CARD, command, context)
    assert (text.zh, text.en) == (zh, en)


@pytest.mark.parametrize(
    ("command", "response", "en"),
    [
        (
            SSSE,
            FCI,
            f"{NAME}, directory SFI 1E, algorithm identifier 03 (SM4); 90 00: ok",
        ),
        (
            SSSE,
            FCI.replace("860103", "860101"),
            f"{NAME}, directory SFI 1E, algorithm identifier 01 (declared is SM4, 03); 90 00: ok",
        ),
        (SSSE, "6F10849000", "3 bytes, not an FCI template; 90 00: ok"),
        (SSSE, "611E", "61 1E: 0x1E bytes of data are waiting"),
        ("00B20A0003", "0A01319000", "0A sex = 1 (male); 90 00: ok"),
        ("00B20A0003", "0A01309000", "0A sex = 0; 90 00: ok"),
        ("00B20B0003", "0B01019000", "0B ethnic group = 01; 90 00: ok"),
        ("00B2090020", "091E" + "D5C5C8FD" + "00" * 26 + "9000", "09 name = 张三; 90 00: ok"),
        ("00B2090020", "0902D5019000", "09 name = D501; 90 00: ok"),
        ("00B24E0004", "4E02FFFF9000", "4E name extension = ; 90 00: ok"),
        ("00B2080014", "0812" + "__" * 18 + "9000", "08 social security number = 18 bytes, sealed; 90 00: ok"),
        ("00B2080014", "0812349000", "3 bytes, not a TLV; 90 00: ok"),
        ("00B27F0003", "7F01AA9000", "7F (unknown item) = AA; 90 00: ok"),
        ("0084000008", "1122334455667788" + "9000", "challenge of 8 bytes; 90 00: ok"),
        ("0088000010" + "00" * 16, "1122334455667788" + "9000", "authentication data of 8 bytes; 90 00: ok"),
        ("0082000410" + "00" * 16, "63C2", "63 C2: verification failed, 2 tries left"),
        ("00B2080000", "6C14", "6C 14: wrong Le, repeat with 0x14"),
        ("00B2080000", "6982", "69 82: security status not satisfied"),
        ("00B2080000", "1234", "12 34: not a status word of the specification"),
        ("00B2080000", "90", "1 byte, no status word"),
        ("00CA000000", "AABB9000", "2 bytes of data; 90 00: ok"),
    ],
)
def test_responses(command: str, response: str, en: str) -> None:
    assert decode_response(CARD, command, response, EF06).en == en


def current_file(trace: Trace) -> str | None:
    return trace.context.file


def test_a_trace_knows_what_is_current() -> None:
    trace = Trace(CARD)
    assert trace.feed("00B2010412", "6986")[0].en == "READ RECORD record 1, current EF"
    trace.reset()
    assert trace.feed("00B2010412", "6986")[0].en == "READ RECORD record 1, no EF being current"
    trace.feed("00A4020002EF06", "6A82")
    assert current_file(trace) is None, "a SELECT that fails selects nothing"
    trace.feed("00A4020002EF06", "9000")
    assert trace.feed("00B2080014", "6982")[0].en.startswith(
        "READ RECORD identifier 08 (social security number), current EF06"
    )
    trace.feed("00B2012C12", "0110" + "00" * 16 + "9000")
    assert current_file(trace) == "SSSE/EF05", "reading by SFI makes the file current"
    trace.feed(SSSE, "611E")
    assert current_file(trace) is None
    assert trace.feed("00C000001E", FCI) == (
        decode_command(CARD, "00C000001E", trace.context),
        decode_response(CARD, SSSE, FCI),
    )
    trace.feed("00A4000002DF01", "610A")
    assert trace.context.application == "DF01"
    trace.feed("00A4000002ABCD", "9000")
    assert trace.context.application is None, "what the specification does not know leaves everything open"


def test_no_answer_and_no_specification() -> None:
    assert [text.en for text in Trace(None).feed(SSSE, None)] == [
        "unknown command, class 00 instruction A4",
        "no answer",
    ]
    assert decode_response(None, SSSE, FCI).en.startswith("30 bytes of data; 90 00: not a status word")


def test_spaced_keeps_sealed_bytes() -> None:
    assert spaced("0812__ab") == "08 12 __ AB"
    assert spaced(b"\x00\xff") == "00 FF"


MASKED = st.lists(st.one_of(st.just("__"), st.binary(min_size=1, max_size=1).map(bytes.hex)), max_size=60).map("".join)
KNOWN = st.sampled_from([0xA4, 0xB2, 0xDC, 0xC0, 0x84, 0x88, 0x82, 0x20])
COMMANDS = st.builds(lambda cla, ins, rest: f"{cla:02X}{ins:02X}{rest}", st.sampled_from([0, 0x80]), KNOWN, MASKED)
ANYTHING = st.one_of(MASKED, COMMANDS, st.text(max_size=20))


@given(st.lists(st.tuples(ANYTHING, st.one_of(st.none(), ANYTHING, st.binary(max_size=40))), max_size=6), st.booleans())
def test_nothing_raises(exchanges: list[tuple[str, str | bytes | None]], blind: bool) -> None:
    card: CardSpec | None = None if blind else CARD
    trace = Trace(card)
    trace.reset()
    for command, response in exchanges:
        asked, told = trace.feed(command, response)
        assert asked.zh
        assert asked.en
        assert told.zh
        assert told.en
        assert "\n" not in asked.en + told.en
