"""Freedoms of a user card."""

from dataclasses import replace

from emulator.card.behaviour import CardBehaviour
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.planning.declaration import Ixit
from onecard.prove.freedoms.model import Freedom
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.text import Text


class _ClockStopIndicated(CardBehaviour):
    """The ATR has TC1 and, by TD1, TD2 and TA3, indicates class and clock stop; TCK closes it (format C)."""

    def atr(self, right: bytes) -> bytes:
        body = b"\xcd" + right[3:4] + b"\x80\x1f\x03" + right[4:]
        check = 0
        for byte in body:
            check ^= byte
        return right[:1] + body + bytes((check,))

    def warm_atr(self, right: bytes) -> bytes:
        return self.atr(right)


def _no_pin(_spec: Spec, _data: TargetSpec, ixit: Ixit) -> Ixit:
    return replace(ixit, pin=None)


def _held_by(holder: int, identifier: str, freedom: Text) -> Freedom:
    def ixit(_spec: Spec, _data: TargetSpec, ixit: Ixit) -> Ixit:
        return replace(ixit, key_source={**ixit.key_source, "region": person(DEFAULT_SEED, holder).region})

    return Freedom(identifier, freedom, ixit=ixit, holder=holder)


FREEDOMS = (
    Freedom(
        "card/directory-sfi-5", Text("目录文件 SFI 为 5", "the directory file has SFI 5"), {"card.directory_sfi": 5}
    ),
    Freedom("card/no-directory", Text("没有目录文件", "there is no directory file"), {"card.directory_sfi": 0}),
    Freedom(
        "card/no-algorithm-identifier",
        Text("FCI 不含算法标识", "the FCI has no algorithm identifier"),
        {"card.algorithm_identifier": False},
    ),
    Freedom(
        "card/partial-names", Text("支持部分 DF 名", "partial DF names select"), {"card.partial_name_selection": True}
    ),
    Freedom(
        "card/select-ef-p1-02-only",
        Text("SELECT EF 仅支持 P1=02", "SELECT finds an EF with P1 = 02 only"),
        {"card.select_ef_by_p1_00": False},
    ),
    Freedom("card/ssse-under-mf", Text("SSSE 在 MF 之下", "SSSE lies under the MF"), {"card.ssse_is_mf": False}),
    Freedom("card/no-pin", Text("未设个人密码", "no PIN is set"), {"card.pin": False}, ixit=_no_pin),
    Freedom("card/pin-tries-6", Text("密码可试六次", "the PIN has six tries"), {"card.pin_try_limit": 6}),
    Freedom("card/key-tries-15", Text("密钥可试十五次", "the keys have fifteen tries"), {"card.key_try_limit": 15}),
    Freedom("card/one-key-version", Text("一组密钥", "one group of keys"), {"card.key_versions": 1}),
    Freedom(
        "card/not-a-citizen", Text("持卡人号码不作校验", "the holder's number is not checked"), {"card.citizen": False}
    ),
    Freedom(
        "card/indicated-atr",
        Text("复位应答指明类别与时钟停止", "the ATR indicates class and clock stop"),
        behaviour=_ClockStopIndicated,
    ),
    _held_by(3, "card/another-holder", Text("另一位持卡人", "another person holds the card")),
    _held_by(11, "card/long-name", Text("持卡人姓名较长", "a person with a long name holds the card")),
)
