"""Commands of the whole card in words: maintenance, purses, certificates, files of bytes; secrets are not told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.explain import Context, Trace, decode_command, decode_response
from onecard.spec.load import load_spec

CARD = load_spec().card_of_profile("card-3.0-anhui")
SSSE, DF01, DF04, CERT, TRANSPORT = (
    Context(application=name, certain=True) for name in ("SSSE", "DF01", "DF04", "CERT", "TRANSPORT")
)
LOG = Context(application="DF04", file="DF04/EF08", certain=True)
KEY = "00112233445566778899AABBCCDDEEFF"
ZH_PURCHASE = (
    "INITIALIZE FOR PURCHASE 密钥索引 01，账户支付金额（分） ¥10.00 (000003E8)，自付金额（分） ¥1.00 (00000064)，"
    "统筹基金支付金额（分） ¥0.00 (00000000)，终端机编号 112233445566"
)
EN_PURCHASE = (
    "INITIALIZE FOR PURCHASE key index 01, amount from the account (fen) ¥10.00 (000003E8), amount paid oneself (fen) "
    "¥1.00 (00000064), amount from the pooled fund (fen) ¥0.00 (00000000), terminal number 112233445566"
)
EN_COMPOUND = (
    "INITIALIZE FOR LOAD, PURCHASE or COMPOUND PURCHASE (transport): compound purchase, key index 01, amount ¥1.20"
)
EN_RECORD = (
    "serial = 0007; type = 2; terminal = 112233445566; time = 20260101120000; from the account = 000003E8; "
    "paid by the holder = 00000064; paid by the pool = 00000000"
)


@pytest.mark.parametrize(
    ("context", "command", "zh", "en"),
    [
        (
            SSSE, "805E010007123456FF654321",
            "CHANGE PIN 旧密码 3 字节，新密码 3 字节", "CHANGE PIN old PIN of 3 bytes, new PIN of 3 bytes",
        ),
        (
            SSSE, "8424000114" + KEY + "AABBCCDD",
            "PIN CHANGE/UNBLOCK 重装密码，密文 16 字节，MAC AABBCCDD",
            "PIN CHANGE/UNBLOCK reload of the PIN, cryptogram of 16 bytes, MAC AABBCCDD",
        ),
        (SSSE, "841E000104AABBCCDD", "APPLICATION BLOCK MAC AABBCCDD", "APPLICATION BLOCK MAC AABBCCDD"),
        (
            SSSE, "00B088E004",
            "READ BINARY SFI 8 = EF08，偏移 224，4 字节", "READ BINARY SFI 8 = EF08, from offset 224, 4 bytes",
        ),
        (
            DF01, "00A4020002EF05",
            "SELECT DF01 EF05（户籍），按文件标识", "SELECT DF01 EF05 (household registration), by identifier",
        ),
        (
            DF04, "B02801011301000003E80000006400000000112233445566",
            ZH_PURCHASE, EN_PURCHASE,
        ),
        (DF04, "B026007E04", "GET BALANCE P2 = 7E（未定义）", "GET BALANCE P2 = 7E (not defined)"),
        (
            TRANSPORT, "805003020B0100000078990000000001",
            "交易初始化（交通应用）：复合消费，密钥索引 01，交易金额 ¥1.20 (00000078)，终端机编号 990000000001",
            f"{EN_COMPOUND} (00000078), terminal number 990000000001",
        ),
        (
            CERT, "80C8010326C2020013C120" + KEY * 2,
            "SM2 签名：私钥文件 0013（签名私钥），数据 32 字节",
            "SM2 signature: private key file 0013 (signature private key), data of 32 bytes",
        ),
        (CERT, "0020018110" + KEY, "校验证书应用密码：用户密码", "VERIFY of the certificate application: user PIN"),
    ],
)  # fmt: skip
def test_commands(context: Context, command: str, zh: str, en: str) -> None:
    text = decode_command(CARD, command, context)
    assert (text.zh, text.en) == (zh, en)


@pytest.mark.parametrize(
    ("context", "command", "response", "en"),
    [
        (DF04, "B026000104", "000027109000", "balance of the personal account (CIA) ¥100.00 (00002710); 90 00: ok"),
        (
            TRANSPORT, "805A00060200", "9406",
            "94 06: the MAC asked for is not available (here: no such transaction is kept)",
        ),
        (CERT, "80C9828042", "6985", "69 85: conditions of use not satisfied (here: no public key has been chosen)"),
        (
            LOG, "00B201041C", "00073211223344556620260101120000000003E800000064000000009000",
            f"{EN_RECORD}; 90 00: ok",
        ),
        (LOG, "00B201041C", "00079000", "2 bytes, a record has 28; 90 00: ok"),
        (TRANSPORT, "00B0950A04", "031048999000", "4 bytes of data; 90 00: ok"),
        (TRANSPORT, "00B0951408", "20230103203301039000", "start date = 20230103; end date = 20330103; 90 00: ok"),
        (
            Context(application="DF01", file="DF01/EF15", certain=True), "00B22A0500", "2A01814034579000",
            "2A education = 81 (primary school); 3 bytes that are no whole TLV; 90 00: ok",
        ),
        (CERT, "804E000100", KEY + "9000", "session key of 16 bytes; 90 00: ok"),
    ],
)  # fmt: skip
def test_responses(context: Context, command: str, response: str, en: str) -> None:
    assert decode_response(CARD, command, response, context).en == en


def test_the_same_tag_is_another_item_in_another_environment() -> None:
    trace = Trace(CARD)
    trace.reset()
    trace.feed("00A4040008A000000333010101", "9000")
    asked, told = trace.feed("00B2011400", "70105A0A9999990000000000014F5F3401019000")
    assert asked.en == "READ RECORD record 1, SFI 2 = PBOC EF02"
    assert told.en.startswith("70 record template {5A ")


SECRETS = [
    (SSSE, "805E0100", b"\x12\x34\x56\xff\x65\x43\x21"),
    (SSSE, "84240001", bytes.fromhex("A1A2A3A4A5A6A7A8A9AAABACADAEAFB0") + bytes(4)),
    (CERT, "00200181", bytes.fromhex("A1A2A3A4A5A6A7A8A9AAABACADAEAFB0")),
    (CERT, "804A0210", bytes.fromhex("C110A1A2A3A4A5A6A7A8A9AAABACADAEAFB0")),
    (CERT, "84D40100", bytes.fromhex("A1A2A3A4A5A6A7A8A9AAABACADAEAFB0") * 2 + bytes(4)),
]


@pytest.mark.parametrize(("context", "header", "data"), SECRETS, ids=[header for _, header, _ in SECRETS])
def test_secrets_are_told_by_their_length_alone(context: Context, header: str, data: bytes) -> None:
    text = decode_command(CARD, f"{header}{len(data):02X}{data.hex()}", context)
    assert not any(data[at : at + 2].hex().upper() in text.en + text.zh for at in range(2))


HEADERS = [(command.cla, command.ins, number) for command in CARD.commands.values() for number in (0, 1, 0x80, 0xD0)]


@given(
    st.sampled_from(sorted(CARD.applications)),
    st.sampled_from(HEADERS),
    st.binary(max_size=12),
    st.lists(st.one_of(st.just("__"), st.binary(min_size=1, max_size=1).map(bytes.hex)), max_size=90).map("".join),
)
def test_nothing_raises(application: str, header: tuple[int, int, int], rest: bytes, answer: str) -> None:
    cla, ins, p1 = header
    command = bytes((cla, ins, p1)) + rest
    context = Context(application=application, certain=True)
    assert decode_command(CARD, command, context).zh
    assert decode_response(CARD, command, answer, context).en
