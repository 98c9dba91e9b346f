"""Freedoms of a card's form: answers to reset, FCI, longer files, local files and applications, PINs, the field."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from operator import xor

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage
from onecard.planning.declaration import Ixit
from onecard.prove.freedoms.model import Freedom
from onecard.spec.card import Access, AccessRule, Application, CardSpec, FileSpec, Structure
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.text import Text

LATER, DUAL = ("card-2.0", "card-3.0", "card-3.0-anhui"), ("card-3.0", "card-3.0-anhui")
HEAD = 2
_LOCAL = Text("本地文件", "local file")
_FREE, _NEVER = AccessRule(Access.FREE, None), AccessRule(Access.NEVER, None)


class _Answers(CardBehaviour):
    """The interface bytes are others; TCK closes those that indicate class and clock stop."""

    form: int
    between: bytes

    def atr(self, right: bytes) -> bytes:
        count, closed = right[1] & 0x0F, right[1] >> 4 & 0x8
        historical = right[-1 - count : -1] if closed else right[-count:]
        body = bytes((self.form << 4 | count,)) + self.between + historical
        check = bytes((reduce(xor, body),)) if self.form & 0x8 else b""
        return right[:1] + body + check

    def warm_atr(self, right: bytes) -> bytes:
        return self.atr(right)


class _BareTb1(_Answers):
    form, between = 0x2, bytes(1)


class _SpeedAndGuardTime(_Answers):
    form, between = 0x7, bytes.fromhex("1100FF")


class _GuardTimeIndicated(_Answers):
    form, between = 0xC, bytes.fromhex("00801F03")


class _SpeedIndicated(_Answers):
    form, between = 0x9, bytes.fromhex("11801F03")


class _IndicatedOnly(_Answers):
    form, between = 0x8, bytes.fromhex("801F07")


class _OtherWarmReset(_BareTb1):
    """A warm reset answers in another form than a cold one."""

    def atr(self, right: bytes) -> bytes:
        return right

    def warm_atr(self, right: bytes) -> bytes:
        return _BareTb1.atr(self, right)


class _ObjectsExchanged(CardBehaviour):
    """No source orders the objects of the templates."""

    def fci_objects(self, application: str, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        def turned(outer: bytes) -> bytes:
            inner = outer[HEAD:]
            first = HEAD + inner[1] if inner[:1] == b"\x88" else 0
            return outer[:HEAD] + inner[first:] + inner[:first]

        return tuple(turned(each) if each[:1] == b"\xa5" else each for each in reversed(right))


class _FurtherObject(CardBehaviour):
    """A maker's own object stands behind the others in the template of the environment."""

    def fci_objects(self, application: str, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return (*right, bytes.fromhex("9F08020001")) if application == "SSSE" else right


class _AtsOfReader(CardBehaviour):
    """A reader at the level of PC/SC tells the activation as an ATR."""

    def ats(self, right: bytes) -> bytes:
        body = bytes.fromhex("848001") + bytes.fromhex("80318065")
        return b"\x3b" + body + bytes((reduce(xor, body),))


class _ShortestAts(CardBehaviour):
    """An ATS may be TL alone."""

    def ats(self, right: bytes) -> bytes:
        return b"\x01"


class _AllInterfaceBytes(CardBehaviour):
    """TA, TB and TC, and historical bytes behind them."""

    def ats(self, right: bytes) -> bytes:
        return bytes.fromhex("0A787781028073C02100")


def _longer_logs(spec: CardSpec) -> CardSpec:
    def longer(file: FileSpec) -> FileSpec:
        return replace(file, record_count=file.record_count + 3) if file.structure == Structure.CYCLIC else file

    return replace(spec, files={name: longer(file) for name, file in spec.files.items()})


def _local_file(identifier: str, application: str, fid: int) -> FileSpec:
    return FileSpec(
        id=identifier, name=_LOCAL, application=application, fid=fid, sfi=fid & 0x1F, structure=Structure.TRANSPARENT,
        read=_FREE, update=_NEVER, record_order=(), items=(), size=16,
    )  # fmt: skip


def _local_files(spec: CardSpec) -> CardSpec:
    def own() -> Iterator[FileSpec]:
        for application in ("SSSE", "DF01", "DF02", "DF03"):
            yield _local_file(f"{application}/EF1C", application, 0xEF1C)

    return replace(spec, files={**spec.files, **{file.id: file for file in own()}})


def _local_application(spec: CardSpec) -> CardSpec:
    local = Application(
        id="DF0B", name=_LOCAL, level="application", parent="SSSE", fid=0xDF0B, aid=bytes.fromhex("D15600000511"),
        label="本地信息区", is_mf=False, fci=spec.applications["DF01"].fci,
    )  # fmt: skip
    file = _local_file("DF0B/EF0C", "DF0B", 0xEF0C)
    return replace(spec, applications={**spec.applications, "DF0B": local}, files={**spec.files, file.id: file})


def _with_pin(digits: str) -> tuple[Callable[[CardSpec, CardImage], None], Callable[[Spec, TargetSpec, Ixit], Ixit]]:
    def edit(spec: CardSpec, image: CardImage) -> None:
        image.pin = bytes.fromhex(digits)

    return edit, lambda _spec, _data, ixit: replace(ixit, pin=digits)


def _pin_of(digits: str, identifier: str, freedom: Text) -> Freedom:
    edit, ixit = _with_pin(digits)
    return Freedom(identifier, freedom, edit=edit, ixit=ixit)


# What the interface lets pass: selection, what reads freely, what is refused, and the other environments' free data.
# (PIN, updates and maintenance stay closed in the field; the ATR and T=0 belong to the contacts; keys are diversified
# by historical bytes that the field does not tell.)
_IN_THE_FIELD = (
    *("CARD-SELECT-NAME", "CARD-SELECT-NOT-FOUND", "CARD-SELECT-EF*", "CARD-SELECT-MF*", "CARD-SELECT-LABEL"),
    *("CARD-SELECT-PARAMETERS", "CARD-SELECT-LENGTH", "CARD-FCI-*", "CARD-DIRECTORY-*", "CARD-EF05-*"),
    *(
        "CARD-EF06-READ",
        "CARD-DF05-READ",
        "CARD-DF05-RECORDS",
        "CARD-READ-REFUSED",
        "CARD-CLA",
        "CARD-INS",
        "CARD-CHANNEL",
    ),
    *("CARD-EXTENDED-LENGTH", "CARD-CHALLENGE-FRESH", "CARD-CHALLENGE-LENGTH", "CARD-CONTACTLESS-ATS"),
    *("CARD-CONTACTLESS-COMPLETE", "CARD-FINANCIAL-*", "CARD-TRANSPORT-SELECT", "CARD-TRANSPORT-FCI"),
    *("CARD-TRANSPORT-FILES", "CARD-TRANSPORT-BALANCE*", "CARD-CERT-SELECT*", "CARD-CERT-FCI"),
    *("CARD-CERT-PUBLIC-KEY", "CARD-CERT-CERTIFICATE", "CARD-CERT-ISSUED", "CARD-CERT-SIGN*"),
)

FREEDOMS = (
    Freedom("card/atr-tb1-alone", Text("复位应答仅有 TB1", "the ATR has TB1 alone"), behaviour=_BareTb1),
    Freedom(
        "card/atr-ta1-tb1-tc1",
        Text("复位应答有 TA1、TB1、TC1", "the ATR has TA1, TB1 and TC1"),
        behaviour=_SpeedAndGuardTime,
    ),
    Freedom(
        "card/indicated-atr",
        Text("复位应答指明类别与时钟停止", "the ATR indicates class and clock stop"),
        behaviour=_GuardTimeIndicated,
    ),
    Freedom(
        "card/atr-ta1-indicated",
        Text("复位应答有 TA1 并指明类别与时钟停止", "the ATR has TA1 and indicates class and clock stop"),
        behaviour=_SpeedIndicated,
    ),
    Freedom(
        "card/atr-indicated-alone",
        Text("复位应答只指明类别与时钟停止", "the ATR indicates class and clock stop and nothing else"),
        behaviour=_IndicatedOnly,
    ),
    Freedom(
        "card/other-warm-atr",
        Text("热复位应答的接口字节不同", "a warm reset answers with other interface bytes"),
        behaviour=_OtherWarmReset,
    ),
    Freedom(
        "card/fci-objects-exchanged",
        Text("FCI 数据对象次序不同", "the objects of the FCI stand in another order"),
        behaviour=_ObjectsExchanged,
    ),
    Freedom(
        "card/fci-further-object",
        Text("FCI 另有厂商数据对象", "the FCI has a further object of the maker's"),
        behaviour=_FurtherObject,
    ),
    Freedom("card/longer-logs", Text("循环文件记录更多", "cyclic files hold more records"), data=_longer_logs),
    Freedom("card/local-files", Text("有本地扩充文件", "there are local files"), data=_local_files, profiles=LATER),
    Freedom(
        "card/local-application",
        Text("有本地扩充应用", "there is a local application"),
        data=_local_application,
        profiles=LATER,
    ),
    _pin_of("1234", "card/pin-of-4-digits", Text("四位密码", "a PIN of four digits")),
    _pin_of("135792468013", "card/pin-of-12-digits", Text("十二位密码", "a PIN of twelve digits")),
    Freedom(
        "card/ats-of-a-reader",
        Text("读卡器以 ATR 形式给出激活数据", "the reader tells the activation as an ATR"),
        behaviour=_AtsOfReader,
        profiles=DUAL,
    ),
    Freedom("card/ats-of-one-byte", Text("ATS 仅有 TL", "the ATS is TL alone"), behaviour=_ShortestAts, profiles=DUAL),
    Freedom(
        "card/on-a-contactless-reader",
        Text("卡片放在非接触读卡器上", "the card lies on a contactless reader"),
        in_field=_IN_THE_FIELD,
        profiles=DUAL,
    ),
    Freedom(
        "card/ats-with-historical-bytes",
        Text("ATS 含全部接口字节与历史字节", "the ATS has all interface bytes and historical ones"),
        behaviour=_AllInterfaceBytes,
        profiles=DUAL,
    ),
)
