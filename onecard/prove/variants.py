"""Conforming variants: freedoms that a card may take when its ICS declares them. Every case must pass."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from emulator.card.behaviour import CardBehaviour
from emulator.card.variant import VariantSpec
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.prove.stage import stage_for
from onecard.prove.trial import Table
from onecard.spec.expr import Value
from onecard.spec.load import Spec
from onecard.spec.text import Text


@dataclass(frozen=True)
class Variant:
    """A freedom: what the ICS declares otherwise than the profile, or a behaviour that no rule forbids.

    ``holder``: which synthetic person holds the card. ``profiles``: where it is a freedom; empty means everywhere.
    """

    id: str
    freedom: Text
    declared: Mapping[str, Value]
    behaviour: type[CardBehaviour] = CardBehaviour
    holder: int = 0
    profiles: tuple[str, ...] = ()


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


VARIANTS = (
    Variant(
        "card/directory-sfi-5", Text("目录文件 SFI 为 5", "the directory file has SFI 5"), {"card.directory_sfi": 5}
    ),
    Variant(
        "card/no-directory",
        Text("没有目录文件", "there is no directory file"),
        {"card.directory_sfi": 0},
    ),
    Variant(
        "card/no-algorithm-identifier",
        Text("FCI 不含算法标识", "the FCI has no algorithm identifier"),
        {"card.algorithm_identifier": False},
    ),
    Variant(
        "card/partial-names", Text("支持部分 DF 名", "partial DF names select"), {"card.partial_name_selection": True}
    ),
    Variant(
        "card/select-ef-p1-02-only",
        Text("SELECT EF 仅支持 P1=02", "SELECT finds an EF with P1 = 02 only"),
        {"card.select_ef_by_p1_00": False},
    ),
    Variant("card/ssse-under-mf", Text("SSSE 在 MF 之下", "SSSE lies under the MF"), {"card.ssse_is_mf": False}),
    Variant("card/no-pin", Text("未设个人密码", "no PIN is set"), {"card.pin": False}),
    Variant("card/pin-tries-6", Text("密码可试六次", "the PIN has six tries"), {"card.pin_try_limit": 6}),
    Variant("card/key-tries-15", Text("密钥可试十五次", "the keys have fifteen tries"), {"card.key_try_limit": 15}),
    Variant("card/one-key-version", Text("一组密钥", "one group of keys"), {"card.key_versions": 1}),
    Variant(
        "card/not-a-citizen", Text("持卡人号码不作校验", "the holder's number is not checked"), {"card.citizen": False}
    ),
    Variant(
        "card/indicated-atr",
        Text("复位应答指明类别与时钟停止", "the ATR indicates class and clock stop"),
        {},
        _ClockStopIndicated,
    ),
    Variant("card/another-holder", Text("另一位持卡人", "another person holds the card"), {}, holder=3),
    Variant("card/long-name", Text("持卡人姓名较长", "a person with a long name holds the card"), {}, holder=11),
)


@dataclass(frozen=True)
class VariantResult:
    """A variant on one profile: which cases did not pass, with their verdict."""

    variant: str
    profile: str
    alarms: tuple[str, ...]


def try_variant(spec: Spec, kind: str, profile: str, variant: Variant) -> VariantResult:
    """Run every case on a conforming variant of the reference, with the ICS that declares it."""
    own = ics_of_profile(spec, profile)
    ics = replace(own, items={**own.items, **variant.declared})
    ixit = reference_ixit(kind, profile)
    if not ics.items["card.pin"]:
        ixit = replace(ixit, pin=None)
    if variant.holder:
        region = person(DEFAULT_SEED, variant.holder).region
        ixit = replace(ixit, key_source={**ixit.key_source, "region": region})
    staged = stage_for(spec, ics, ixit)
    table = Table(
        staged,
        lambda: VariantSpec(behaviour=variant.behaviour(), card_spec=staged.context.card, holder=variant.holder),
    )
    alarms = [
        f"{case.id}: {outcome.verdict}"
        for case, outcome in table.outcomes(staged.cases())
        if outcome.verdict is not Verdict.PASS
    ]
    return VariantResult(variant.id, profile, tuple(alarms))
