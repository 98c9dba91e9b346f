"""Mistakes of the answer to reset."""

from emulator.card.behaviour import CardBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text

_REGION = slice(7, 9)


@mutant(
    "card/atr-inverse-convention",
    breaks="CARD-ATR-CONVENTION",
    because=Text("沿用旧芯片的反向约定", "the chip's older mask used the inverse convention"),
)
class InverseConvention(CardBehaviour):
    """TS is 3F in both answers."""

    def atr(self, right: bytes) -> bytes:
        return b"\x3f" + right[1:]

    def warm_atr(self, right: bytes) -> bytes:
        return b"\x3f" + right[1:]


@mutant(
    "card/atr-warm-inverse-convention",
    breaks="CARD-ATR-CONVENTION",
    because=Text("热复位走另一段代码", "the warm reset is answered by other code than the cold one"),
)
class WarmInverseConvention(CardBehaviour):
    """TS is 3F in the answer to a warm reset only."""

    def warm_atr(self, right: bytes) -> bytes:
        return b"\x3f" + right[1:]


@mutant(
    "card/atr-programming-voltage",
    breaks="CARD-ATR-INTERFACE",
    because=Text("保留芯片厂商默认的 TB1=25", "TB1 = 25 is left as the chip maker's default"),
)
class ProgrammingVoltage(CardBehaviour):
    """TB1 asks for a programming voltage."""

    def atr(self, right: bytes) -> bytes:
        # TB1 stands behind TA1, where there is one.
        at = 3 if right[1] & 0x10 else 2
        rest = right[at + 1 :] if right[1] & 0x20 else right[at:]
        return right[:1] + bytes((right[1] | 0x20,)) + right[2:at] + b"\x25" + rest


@mutant(
    "card/atr-offers-t1",
    breaks="CARD-ATR-INTERFACE",
    because=Text("直接使用双界面芯片的 T=1 复位应答", "the ATR of the dual-interface chip, T=1, is used as it came"),
)
class OffersT1(CardBehaviour):
    """TD1 and TD2 offer T=1, and TCK closes the answer."""

    def atr(self, right: bytes) -> bytes:
        # TCK closes an answer that indicates more than T=0.
        historical = right[-14:-1] if right[1] & 0x80 else right[-13:]
        body = b"\x8d\x80\x01" + historical
        check = 0
        for byte in body:
            check ^= byte
        return b"\x3b" + body + bytes((check,))


@mutant(
    "card/atr-twelve-historical-bytes",
    breaks="CARD-ATR-HISTORICAL",
    because=Text("序列号只写了三个字节", "the serial was personalised with three bytes"),
)
class TwelveHistoricalBytes(CardBehaviour):
    """T0 announces, and the ATR has, 12 historical bytes."""

    def atr(self, right: bytes) -> bytes:
        return right[:1] + bytes((right[1] - 1,)) + right[2:-1]

    def warm_atr(self, right: bytes) -> bytes:
        return self.atr(right)


@mutant(
    "card/atr-binary-region",
    breaks="CARD-ATR-HISTORICAL",
    because=Text("地区代码写成二进制而非 BCD", "the region is written as a binary number instead of BCD"),
)
class BinaryRegion(CardBehaviour):
    """3401 stands as 0D49."""

    def historical(self, right: bytes) -> bytes:
        number = int(right[_REGION].hex())
        return right[: _REGION.start] + number.to_bytes(2, "big") + right[_REGION.stop :]


@mutant(
    "card/atr-warm-without-serial",
    breaks="CARD-ATR-STABLE",
    because=Text(
        "热复位返回未个人化的默认复位应答", "the warm reset answers with the default ATR of before personalisation"
    ),
)
class WarmWithoutSerial(CardBehaviour):
    """The serial in the historical bytes is 00000000 after a warm reset."""

    def warm_atr(self, right: bytes) -> bytes:
        return right[:-4] + bytes(4)
