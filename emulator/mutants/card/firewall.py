"""Holes in the walls between the environments of a card."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.card import FileSpec
from onecard.spec.text import Text

WORLDS = frozenset(("PKI", "CERT", "PSE", "PPSE", "PBOC", "TRANSPORT"))


@mutant(
    "card/commands-everywhere",
    breaks="CARD-FIREWALL-COMMANDS",
    because=Text("命令表全局共用，未按当前应用区分", "one table of commands serves the whole card"),
)
class CommandsEverywhere(CardBehaviour):
    """Every environment takes the commands of all others."""

    def offers_commands_of_others(self, application: str) -> bool:
        return True


@mutant(
    "card/commands-of-ssse-in-payment",
    breaks="CARD-FIREWALL-COMMANDS",
    because=Text("支付环境未单独设置命令表", "the payment environment got no table of commands of its own"),
)
class CommandsInPayment(CardBehaviour):
    """The debit application takes the commands of others."""

    def offers_commands_of_others(self, application: str) -> bool:
        return application == "PBOC"


@mutant(
    "card/rights-survive-other-environment",
    breaks="CARD-FIREWALL-RIGHTS",
    because=Text("只在环境内切换应用时清除安全状态", "rights are cleared within an environment only"),
)
class RightsSurviveEnvironment(CardBehaviour):
    """Leaving SSSE for another environment keeps its key authentications."""

    def security_after_select(self, state: SecurityState, before: str, after: str) -> SecurityState:
        return state if {before, after} & WORLDS else super().security_after_select(state, before, after)


@mutant(
    "card/challenge-survives-other-environment",
    breaks="CARD-FIREWALL-CHALLENGE",
    because=Text("随机数缓冲区全卡共用", "the challenge buffer is shared by the whole card"),
)
class ChallengeSurvivesEnvironment(CardBehaviour):
    """A challenge taken in another environment serves."""

    def security_after_select(self, state: SecurityState, before: str, after: str) -> SecurityState:
        selected = super().security_after_select(state, before, after)
        return selected.with_challenge(state.challenge) if {before, after} & WORLDS else selected


@mutant(
    "card/files-found-from-other-environments",
    breaks="CARD-FIREWALL-FILES",
    because=Text("文件标识在全卡范围内查找", "file identifiers are looked up over the whole card"),
)
class FilesFoundAnywhere(CardBehaviour):
    """An EF is selected from whatever environment is current."""

    def file_in_reach(self, file: FileSpec | None, anywhere: FileSpec | None) -> FileSpec | None:
        return file or anywhere


@mutant(
    "card/locked-pin-locks-all",
    breaks="CARD-FIREWALL-BLOCK",
    because=Text("密码锁定标志全卡生效", "the flag of the locked PIN stops the whole card"),
)
class LockedPinLocksAll(CardBehaviour):
    """After the PIN of SSSE was locked no other environment is selected."""

    def __init__(self) -> None:
        self._locked = False

    def blocked(self, name: str, tries: int) -> bool:
        found = super().blocked(name, tries)
        self._locked = self._locked or (name == "PIN" and found)
        return found

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        return super().name_matches(asked, name, partial) and not (self._locked and not name.startswith(b"sx1"))
