"""Mistakes of what the encryptor computes and answers."""

from emulator.hsm.behaviour import HsmBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text


@mutant(
    "hsm/internal-operands-exchanged",
    breaks="HSM-SERVICE-01",
    because=Text("过程因子与原始信息颠倒", "session factor and original data are exchanged"),
)
class InternalOperandsExchanged(HsmBehaviour):
    """The two random values of the internal part are exchanged."""

    def operands(self, part: str, factor: bytes, original: bytes) -> tuple[bytes, bytes]:
        return (original, factor) if part == "HSM/SERVICE-01/INTERNAL" else (factor, original)


@mutant(
    "hsm/original-left-out",
    breaks="HSM-SERVICE-01",
    because=Text("应答缺少原始信息", "the answer lacks the original data"),
)
class OriginalLeftOut(HsmBehaviour):
    """Only the authentication data are answered."""

    def part(self, proof: bytes, original: bytes) -> str:
        return proof.hex().upper()


@mutant(
    "hsm/external-with-internal-key",
    breaks="HSM-SERVICE-01-EXTERNAL",
    because=Text("外部鉴别误用 IRK", "the external part is computed with IRK"),
)
class ExternalWithInternalKey(HsmBehaviour):
    """IRK where RKSSSE is right."""

    def key_of_part(self, part: str, right: str) -> str:
        return "IRK" if part == "HSM/SERVICE-01/EXTERNAL" else right


@mutant(
    "hsm/external-always",
    breaks="HSM-SERVICE-01-INTERNAL-ONLY",
    because=Text("未请求时也计算外部部分", "the external part is computed although nobody asked"),
)
class ExternalAlways(HsmBehaviour):
    """Zeros are taken for the missing pair."""

    def answered(self, part: str, right: bool) -> bool:
        return True


@mutant(
    "hsm/no-tail",
    breaks="HSM-SERVICE-01-INTERNAL-ONLY",
    because=Text("结尾缺少分隔符", "the separator at the end is missing"),
)
class NoTail(HsmBehaviour):
    """The answer is not ended."""

    def response(self, right: str) -> str:
        return right.removesuffix("||")


@mutant(
    "hsm/proof-operands-exchanged",
    breaks="HSM-SERVICE-02",
    because=Text("过程因子与原始信息颠倒", "session factor and original data are exchanged"),
)
class ProofOperandsExchanged(HsmBehaviour):
    """The two random values of service 02 are exchanged."""

    def operands(self, part: str, factor: bytes, original: bytes) -> tuple[bytes, bytes]:
        return (original, factor) if part == "HSM/SERVICE-02/PROOF" else (factor, original)


@mutant(
    "hsm/one-algorithm",
    breaks="HSM-ALGORITHM",
    because=Text("升级后一律按 SM4 计算", "after an upgrade everything is computed by SM4"),
)
class OneAlgorithm(HsmBehaviour):
    """The algorithm field is ignored."""

    def algorithm(self, identifier: str, right: str | None) -> str | None:
        return right and "card-3.0"


@mutant(
    "hsm/first-historical-bytes",
    breaks="HSM-DIVERSIFICATION",
    because=Text("取历史字节前 8 字节作因子", "the first eight historical bytes are taken for the factor"),
)
class FirstHistoricalBytes(HsmBehaviour):
    """The card's factor is historical bytes 1 to 8."""

    def historical(self, right: bytes) -> bytes:
        return right[8:] + right[:8]


@mutant(
    "hsm/province-only",
    breaks="HSM-DIVERSIFICATION",
    because=Text("地区因子只用省代码", "the region's factor has the province's code only"),
    profiles=("hsm-default",),
)
class ProvinceOnly(HsmBehaviour):
    """The city does not diversify."""

    def region(self, right: str) -> str:
        return right[:2] + "0000"


@mutant(
    "hsm/lower-case-answer",
    breaks="HSM-CASE",
    because=Text("以小写输出十六进制", "hexadecimal is written in lower case"),
)
class LowerCaseAnswer(HsmBehaviour):
    """The answer is in lower case."""

    def response(self, right: str) -> str:
        return right.lower()
