"""Mistakes of the contactless side."""

from dataclasses import replace

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.card import Access, AccessRule, CardSpec
from onecard.spec.text import Text

FREE = AccessRule(Access.FREE)


@mutant(
    "card/ats-length-wrong",
    breaks="CARD-CONTACTLESS-ATS",
    because=Text("TL 未含自身", "TL does not count itself"),
)
class AtsLengthWrong(CardBehaviour):
    """TL is one too small."""

    def ats(self, right: bytes) -> bytes:
        return bytes((right[0] - 1,)) + right[1:]


@mutant(
    "card/t0-answers-in-the-field",
    breaks="CARD-CONTACTLESS-COMPLETE",
    because=Text("应用层未区分界面", "the application does not know the interfaces apart"),
)
class T0InTheField(CardBehaviour):
    """61xx and 6Cxx come in the field too."""

    def completes(self, answer: bytes) -> bool:
        return False


@mutant(
    "card/announces-in-the-field",
    breaks="CARD-CONTACTLESS-COMPLETE",
    because=Text("只处理了 6Cxx，未处理 61xx", "6Cxx was dealt with, 61xx forgotten"),
)
class AnnouncesInTheField(CardBehaviour):
    """SELECT answers 61xx in the field."""

    def completes(self, answer: bytes) -> bool:
        return answer[:1] != b"\x61"


@mutant(
    "card/poorer-fci-in-the-field",
    breaks="CARD-CONTACTLESS-SAME",
    because=Text("非接触界面另备一份简化的 FCI", "the contactless side has a reduced FCI of its own"),
)
class PoorerFciInTheField(CardBehaviour):
    """SSSE answers an FCI without directory and algorithm in the field."""

    def card_in_field(self, contact: CardSpec, right: CardSpec) -> CardSpec:
        fci = replace(right.applications["SSSE"].fci, directory_tag=None, issuer_tag=None)
        ssse = replace(right.applications["SSSE"], fci=fci)
        return replace(right, applications={**right.applications, "SSSE": ssse})


@mutant(
    "card/everything-reads-in-the-field",
    breaks="CARD-CONTACTLESS-READ-REFUSED",
    because=Text("非接触界面未检查文件权限", "access rules are not looked at in the field"),
)
class EverythingReads(CardBehaviour):
    """Guarded files read freely in the field."""

    def card_in_field(self, contact: CardSpec, right: CardSpec) -> CardSpec:
        return replace(right, files={name: replace(file, read=FREE) for name, file in right.files.items()})


@mutant(
    "card/biometrics-in-the-field",
    breaks="CARD-CONTACTLESS-READ-REFUSED",
    because=Text("非接触界面沿用接触权限", "the rules of the contacts hold in the field"),
)
class BiometricsInTheField(CardBehaviour):
    """What is closed in the field opens by the key of the contacts."""

    def card_in_field(self, contact: CardSpec, right: CardSpec) -> CardSpec:
        files = {name: replace(file, read=contact.files[name].read) for name, file in right.files.items()}
        return replace(right, files=files)


@mutant(
    "card/pin-in-the-field",
    breaks="CARD-CONTACTLESS-PIN",
    because=Text("密码命令未按界面限制", "PIN commands are not kept to the contacts"),
)
class PinInTheField(CardBehaviour):
    """VERIFY works in the field."""

    def card_in_field(self, contact: CardSpec, right: CardSpec) -> CardSpec:
        return replace(right, commands=contact.commands)


@mutant(
    "card/blocked-in-the-field",
    breaks="CARD-CONTACTLESS-BLOCK",
    because=Text("卡片锁定命令未按界面限制", "CARD BLOCK is not kept to the contacts"),
)
class BlockedInTheField(CardBehaviour):
    """CARD BLOCK works in the field."""

    def card_in_field(self, contact: CardSpec, right: CardSpec) -> CardSpec:
        return replace(right, commands={**right.commands, "CARD-BLOCK": contact.commands["CARD-BLOCK"]})


@mutant(
    "card/updates-in-the-field",
    breaks="CARD-CONTACTLESS-UPDATE-REFUSED",
    because=Text("修改权限未按界面限制", "updates are not kept to the contacts"),
)
class UpdatesInTheField(CardBehaviour):
    """With UKSSSE records are updated in the field."""

    def card_in_field(self, contact: CardSpec, right: CardSpec) -> CardSpec:
        files = {name: replace(file, update=contact.files[name].update) for name, file in right.files.items()}
        return replace(right, files=files)


@mutant(
    "card/rights-follow-into-the-field",
    breaks="CARD-CONTACTLESS-FRESH",
    because=Text("切换界面时未清除安全状态", "the security state is not cleared with the interface"),
)
class RightsFollow(CardBehaviour):
    """What was proved over the contacts counts in the field."""

    def security_in_field(self, contact: SecurityState) -> SecurityState:
        return contact


@mutant(
    "card/no-payment-in-the-field",
    breaks="CARD-CONTACTLESS-PAYMENT",
    because=Text("非接触界面只开放社会保障应用", "only the social security application is there in the field"),
)
class NoPaymentInTheField(CardBehaviour):
    """Bank and transport applications are not found in the field."""

    def card_in_field(self, contact: CardSpec, right: CardSpec) -> CardSpec:
        closed = ("PPSE", "TRANSPORT")
        return replace(
            right, applications={name: found for name, found in right.applications.items() if name not in closed}
        )
