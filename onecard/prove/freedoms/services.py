"""Freedoms of e-card services, platforms and partners."""

from dataclasses import replace

from emulator.keys import DEFAULT_SEED
from emulator.platform.seeds import cards_of
from onecard.planning.declaration import Ixit
from onecard.prove.freedoms.model import Freedom, without_control
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.platform import platform_spec
from onecard.spec.text import Text


def _cards_in_declared_states(spec: Spec, data: TargetSpec, ixit: Ixit) -> Ixit:
    # A maker lists cards in the states of its own code set.
    assert isinstance(data, InterfaceSpec)
    cards = [
        {"cardNo": each.card_no, "state": each.state, "name": each.name, "number": each.number}
        for each in cards_of(platform_spec(data), spec.card_of_profile("card-3.0"), DEFAULT_SEED)
    ]
    return replace(ixit, parameters={**ixit.parameters, "cards": cards})


FREEDOMS = (
    Freedom("ecard/codes-a", Text("卡状态代码集 a", "code set a of card states"), {"ecard.card_state_codes": "a"}),
    Freedom(
        "ecard/not-while-temporarily-lost",
        Text("临时挂失期间不可使用", "not usable during a temporary loss"),
        {"ecard.use_while_temporarily_lost": False},
    ),
    Freedom(
        "platform/codes-a",
        Text("卡状态代码集 a", "code set a of card states"),
        {"platform.state_codes": "a"},
        ixit=_cards_in_declared_states,
    ),
    Freedom(
        "platform/15-days", Text("临时挂失十五天", "a temporary loss of 15 days"), {"platform.temporary_loss_days": 15}
    ),
    Freedom(
        "platform/final-loss", Text("正式挂失不可解挂", "a formal loss is final"), {"platform.loss_release": False}
    ),
    Freedom(
        "partner/other-envelope",
        Text("信封的各项选择均取另一值", "every choice of the envelope taken otherwise"),
        {
            "partner.user_id": "default",
            "partner.timestamp": "epoch-ms",
            "partner.version": "1.0.0",
            "partner.mode": "cbc",
            "partner.coding": "base64",
            "partner.key_coding": "lower-hex",
            "partner.http_status": False,
        },
    ),
    Freedom(
        "partner/strict",
        Text("不接受小写十六进制；通知只重发一次", "no lower-case hexadecimal; a notification is repeated once"),
        {"partner.lower_hex_accepted": False, "partner.notify_attempts": 2},
    ),
    Freedom(
        "partner/no-control",
        Text("没有测试控制接口", "no control interface"),
        {"partner.control": False},
        ixit=without_control,
    ),
)
