"""Mistakes that show in whole flows: each command is right by itself, their order does not work."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.card import FileSpec
from onecard.spec.text import Text


@mutant(
    "card/flow-issuer-data-after-pin",
    breaks="CARD-FLOW-PREPARE",
    because=Text("发卡机构数据误设为校验密码后可读", "the issuer data were set to be read after the PIN only"),
)
class FlowIssuerDataAfterPin(CardBehaviour):
    """EF05 is closed while the terminal has not asked for the PIN yet."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return super().may_read(file, state) and (file.id != "SSSE/EF05" or state.pin)


@mutant(
    "card/flow-query-spends-all-tries",
    breaks="CARD-FLOW-PREPARE",
    because=Text(
        "查询后重新装载的剩余次数取自未初始化的存储", "after the query the tries are reloaded from memory never set"
    ),
)
class FlowQuerySpendsAllTries(CardBehaviour):
    """The PIN that follows its query finds no try left."""

    def tries_after_query(self, tries: int) -> int:
        return 0


@mutant(
    "card/flow-pin-per-application",
    breaks="CARD-FLOW-QUERY",
    because=Text("密码校验结果按应用保存", "the result of the PIN is kept per application"),
)
class FlowPinPerApplication(CardBehaviour):
    """A PIN verified in the environment does not count in its applications."""

    def rights_after_select(self, state: SecurityState) -> SecurityState:
        return super().rights_after_select(state).with_pin(False)


@mutant(
    "card/flow-rights-end-with-file",
    breaks="CARD-FLOW-UPDATE",
    because=Text("选择文件时清除全部密钥权限", "selecting a file clears the rights of keys"),
)
class FlowRightsEndWithFile(CardBehaviour):
    """The right proved before the file was selected is gone."""

    def security_after_file(self, state: SecurityState) -> SecurityState:
        return state.without_keys()


@mutant(
    "card/flow-new-pin-not-kept",
    breaks="CARD-FLOW-CHANGE-PIN",
    because=Text("新密码只写入缓存", "the new PIN is written to a cache only"),
)
class FlowNewPinNotKept(CardBehaviour):
    """The change answers 9000 and the PIN is the old one."""

    def pin_stored(self, command: str, old: bytes | None, new: bytes | None) -> bytes | None:
        return old


@mutant(
    "card/flow-challenge-ends-right",
    breaks="CARD-FLOW-UNBLOCK-PIN",
    because=Text("取随机数时重置了安全状态", "taking a challenge resets the security state"),
)
class FlowChallengeEndsRight(CardBehaviour):
    """The challenge of the MAC takes away the right proved before it."""

    def security_after_challenge(self, state: SecurityState, challenge: bytes) -> SecurityState:
        return state.without_keys().with_challenge(challenge)


@mutant(
    "card/flow-loads-refused",
    breaks="CARD-FLOW-LOAD",
    because=Text("余额上限未初始化", "the maximum of the balance was never set"),
)
class FlowLoadsRefused(CardBehaviour):
    """No amount fits."""

    def purse_takes(self, balance: int, amount: int, limit: int) -> bool:
        return False


@mutant(
    "card/flow-purchases-refused",
    breaks="CARD-FLOW-PURCHASE",
    because=Text("比较时余额按有符号数处理", "the balance is compared as a signed number"),
)
class FlowPurchasesRefused(CardBehaviour):
    """No purchase from the account is covered."""

    def purse_covers(self, balance: int, account: int) -> bool:
        return account == 0
