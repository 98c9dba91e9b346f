"""Mistakes of reset, selection, files and random values."""

from collections.abc import Callable

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.state import Position
from onecard.spec.text import Text


@mutant(
    "psam/atr-inverse-convention",
    breaks="PSAM-ATR",
    because=Text("沿用旧芯片的反向约定", "the chip's older mask used the inverse convention"),
)
class InverseConvention(PsamBehaviour):
    """TS is 3F."""

    def atr(self, right: bytes) -> bytes:
        return b"\x3f" + right[1:]


@mutant(
    "psam/atr-offers-t1",
    breaks="PSAM-ATR",
    because=Text("直接使用芯片厂商的 T=1 复位应答", "the chip maker's ATR with T=1 is used as it came"),
)
class OffersT1(PsamBehaviour):
    """TD1 offers T=1."""

    def atr(self, right: bytes) -> bytes:
        return right[:1] + bytes((right[1] | 0x80,)) + right[2:4] + b"\x01" + right[4:]


@mutant(
    "psam/environment-name-utf8",
    breaks="PSAM-SELECT-ENVIRONMENT",
    because=Text("FCI 中的 DF 名以 UTF-8 写入", "the DF name in the FCI was written in UTF-8"),
)
class NameInUtf8(PsamBehaviour):
    """The FCI of the 3DES environment has the name in another coding."""

    def fci(self, datum: str, right: bytes) -> bytes:
        if datum != "PSAM/SX1":
            return right
        name = "sx1.sh.社会保障".encode()
        return bytes((0x6F, len(name) + 2, 0x84, len(name))) + name


@mutant(
    "psam/environment-without-fci-name",
    breaks="PSAM-SELECT-ENVIRONMENT",
    because=Text("FCI 只有专有模板", "the FCI holds the proprietary template only"),
)
class FciWithoutName(PsamBehaviour):
    """The FCI of the 3DES environment has no name."""

    def fci(self, datum: str, right: bytes) -> bytes:
        return b"\x6f\x02\xa5\x00" if datum == "PSAM/SX1" else right


@mutant(
    "psam/without-sm4-environment",
    breaks="PSAM-SELECT-SM4",
    because=Text("旧版 PSAM 只有 3DES 环境", "an older PSAM has the 3DES environment only"),
)
class WithoutSm4(PsamBehaviour):
    """The SM4 environment is not found."""

    def name_matches(self, asked: bytes, name: bytes) -> bool:
        return asked == name and not name.startswith(b"sx3")


@mutant(
    "psam/application-by-fid-only",
    breaks="PSAM-SELECT-APPLICATION",
    because=Text("个人化时未写入应用名", "the application was personalised without a name"),
)
class ApplicationByFidOnly(PsamBehaviour):
    """The application is found by its file identifier only."""

    def finds_application(self, environment: str, by: str) -> bool:
        return by == "fid"


@mutant(
    "psam/application-in-one-environment",
    breaks="PSAM-SELECT-APPLICATION",
    because=Text("SM4 环境下未建应用", "no application was created in the SM4 environment"),
    profiles=("psam-sm4",),
)
class ApplicationInOneEnvironment(PsamBehaviour):
    """The application exists under the master file only."""

    def finds_application(self, environment: str, by: str) -> bool:
        return environment == "PSAM/SX1"


@mutant(
    "psam/select-always-succeeds",
    breaks="PSAM-SELECT-UNKNOWN",
    because=Text("选择失败未返回错误", "a SELECT that finds nothing does not say so"),
)
class SelectAlwaysSucceeds(PsamBehaviour):
    """9000 for what is not there."""

    def position_after_failed_select(self, before: Position) -> Position | None:
        return None


@mutant(
    "psam/public-file-short",
    breaks="PSAM-FILE-PUBLIC",
    because=Text("未预留发行方自定义的两字节", "the two bytes of the issuer were left out"),
)
class PublicFileShort(PsamBehaviour):
    """File 0015 has 13 bytes."""

    def content(self, file: str, right: bytes) -> bytes:
        return right[:13] if file == "PSAM/EF0015" else right


@mutant(
    "psam/public-serial-binary",
    breaks="PSAM-FILE-PUBLIC",
    because=Text("序列号以二进制写入", "the serial number was written in binary"),
)
class SerialBinary(PsamBehaviour):
    """The serial number is no BCD."""

    def content(self, file: str, right: bytes) -> bytes:
        return right[:1] + b"\xab" * 10 + right[11:] if file == "PSAM/EF0015" else right


@mutant(
    "psam/terminal-number-zero",
    breaks="PSAM-FILE-TERMINAL",
    because=Text("终端机编号未个人化", "the terminal number was never personalised"),
)
class TerminalNumberZero(PsamBehaviour):
    """File 0016 holds zeros."""

    def content(self, file: str, right: bytes) -> bytes:
        return bytes(len(right)) if file == "PSAM/EF0016" else right


@mutant(
    "psam/terminal-number-ascii",
    breaks="PSAM-FILE-TERMINAL",
    because=Text("终端机编号以字符写入", "the terminal number was written in characters"),
)
class TerminalNumberAscii(PsamBehaviour):
    """File 0016 begins with ASCII digits."""

    def content(self, file: str, right: bytes) -> bytes:
        return right.hex().encode("ascii")[: len(right)] if file == "PSAM/EF0016" else right


@mutant(
    "psam/sequence-two-bytes",
    breaks="PSAM-FILE-SEQUENCE",
    because=Text("沿用两字节的卡片交易序号", "two bytes, as of the card's own sequence number"),
)
class SequenceTwoBytes(PsamBehaviour):
    """File 0019 has two bytes."""

    def content(self, file: str, right: bytes) -> bytes:
        return right[-2:] if file == "PSAM/EF0019" else right


@mutant(
    "psam/files-found-anywhere",
    breaks="PSAM-FILE-SEQUENCE",
    because=Text("按文件标识在全卡查找", "files are searched in the whole PSAM"),
)
class FilesFoundAnywhere(PsamBehaviour):
    """Files of other DFs are found."""

    def file_found(self, file: str, here: bool) -> bool:
        return True


@mutant(
    "psam/offset-ignored",
    breaks="PSAM-READ-BINARY",
    because=Text("未使用 P1 P2 的偏移", "the offset in P1 P2 is not used"),
)
class OffsetIgnored(PsamBehaviour):
    """Reading always begins at the start."""

    def offset(self, p1: int, p2: int, right: int) -> int:
        return 0


@mutant(
    "psam/offset-one-byte",
    breaks="PSAM-READ-BINARY",
    because=Text("只取 P2 作偏移", "P2 alone is taken for the offset"),
)
class OffsetOneByte(PsamBehaviour):
    """0100 is read as 00."""

    def offset(self, p1: int, p2: int, right: int) -> int:
        return p2


@mutant(
    "psam/offset-at-end",
    breaks="PSAM-READ-BINARY",
    because=Text("边界比较差一", "the comparison with the end is off by one"),
)
class OffsetAtEnd(PsamBehaviour):
    """An offset right behind the file is taken."""

    def accepts_offset(self, offset: int, size: int) -> bool:
        return offset <= size


@mutant(
    "psam/challenge-constant",
    breaks="PSAM-CHALLENGE",
    because=Text("随机数发生器未启动", "the random generator was not started"),
)
class ChallengeConstant(PsamBehaviour):
    """Random values are constant."""

    def challenge(self, length: int, random: Callable[[int], bytes]) -> bytes:
        return b"\x5a" * length


@mutant(
    "psam/challenge-of-any-length",
    breaks="PSAM-CHALLENGE",
    because=Text("未按环境的算法限制长度", "the length is not limited by the environment's algorithm"),
)
class ChallengeOfAnyLength(PsamBehaviour):
    """Any length is given."""

    def accepts_challenge_length(self, length: int, right: bool) -> bool:
        return True
