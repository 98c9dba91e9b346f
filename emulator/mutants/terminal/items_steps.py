"""Mistakes with the steps by encryptor that read and write items."""

from collections.abc import Mapping

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from emulator.terminal.items_steps_behaviour import Files, Updates
from onecard.spec.text import Text

PROOF, SEX = 32, 0x0A


@mutant(
    "terminal/item-factors-exchanged",
    breaks="TERMINAL-ITEM-STEPS-REQUEST",
    because=Text("过程因子与原始信息次序颠倒", "process factor and original data are exchanged"),
)
class ItemFactorsExchanged(TerminalBehaviour):
    """The card's last challenge stands where the original data belong."""

    def item_request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "factor": right["original"], "original": right["factor"]}


@mutant(
    "terminal/item-request-of-3des",
    breaks="TERMINAL-ITEM-STEPS-REQUEST",
    because=Text("算法标识固定为 01", "the algorithm is 01 whatever the card"),
)
class ItemRequestOf3des(TerminalBehaviour):
    """The encryptor computes by the wrong algorithm."""

    def item_request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "algorithm": "01"}


@mutant(
    "terminal/read-by-update-address",
    breaks="TERMINAL-ITEM-STEPS-READ-ADDRESS",
    because=Text("读写共用 UKSSSE 的密钥地址", "readings and writings share the address of UKSSSE"),
)
class ReadByUpdateAddress(TerminalBehaviour):
    """A reading asks for the update key."""

    def item_request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "key-address": "0094"}


@mutant(
    "terminal/write-by-read-address",
    breaks="TERMINAL-ITEM-STEPS-WRITE-ADDRESS",
    because=Text("读写共用 RKSSSE 的密钥地址", "readings and writings share the address of RKSSSE"),
)
class WriteByReadAddress(TerminalBehaviour):
    """A writing asks for the read key."""

    def item_request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "key-address": "004C"}


@mutant(
    "terminal/items-read-without-key",
    breaks="TERMINAL-ITEM-STEPS-READ",
    because=Text("第二步未作外部认证", "step 2 makes no external authentication"),
)
class ItemsReadWithoutKey(TerminalBehaviour):
    """pKey is looked at and never sent."""

    def proves_item_key(self) -> bool:
        return False


@mutant(
    "terminal/items-of-first-file",
    breaks="TERMINAL-ITEM-STEPS-READ",
    because=Text("第二步只读第一个文件", "step 2 reads the first file alone"),
)
class ItemsOfFirstFile(TerminalBehaviour):
    """Further files of the address are dropped."""

    def item_step_files(self, right: Files) -> Files:
        return right[:1]


@mutant(
    "terminal/items-first-alone-written",
    breaks="TERMINAL-ITEM-STEPS-WRITE",
    because=Text("每次外部认证后只写一项", "one item is written after each authentication"),
)
class FirstAloneWritten(TerminalBehaviour):
    """Success is told of the rest."""

    def item_step_updates(self, right: Updates) -> Updates:
        return right[:1]


@mutant(
    "terminal/items-written-cut",
    breaks="TERMINAL-ITEM-STEPS-WRITE",
    because=Text("值未补足即写入", "values are written without their filling"),
)
class WrittenWithoutFilling(TerminalBehaviour):
    """A short name leaves a short record."""

    def item_step_updates(self, right: Updates) -> Updates:
        return [(file, tag, value.rstrip(b"\x00")) for file, tag, value in right]


@mutant(
    "terminal/items-not-needed-as-wrong-card",
    breaks="TERMINAL-ITEM-STEPS-NOT-NEEDED",
    because=Text("无需密钥时返回 −1", "-1 is returned where no key is needed"),
)
class NotNeededAsWrongCard(TerminalBehaviour):
    """A right card is told to be a wrong one."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -1 if outcome == "HSM-NOT-NEEDED" else right


@mutant(
    "terminal/items-of-another-card",
    breaks="TERMINAL-ITEM-STEPS-CARD-INFO",
    because=Text("第一步不比较 pCardInfo", "step 1 does not compare pCardInfo"),
)
class ItemsOfAnotherCard(TerminalBehaviour):
    """Whatever card lies there is served."""

    def item_step_info_fits(self, right: bool) -> bool:
        return True


@mutant(
    "terminal/item-proof-filled-with-zeros",
    breaks="TERMINAL-ITEM-STEPS-INPUT",
    because=Text("不完整的 pKey 补零后发送", "an incomplete pKey is filled with zeros"),
)
class ItemProofFilledWithZeros(TerminalBehaviour):
    """Whatever is short goes to the card."""

    def item_proof(self, text: str, right: str | None) -> str | None:
        digits = "".join(one for one in text if one in "0123456789ABCDEF")
        return right or digits.ljust(PROOF, "0")[:PROOF]


@mutant(
    "terminal/item-proof-answer-ignored",
    breaks="TERMINAL-ITEM-STEPS-REFUSED",
    because=Text("未检查外部认证的应答", "the answer to the authentication is not looked at"),
)
class ItemProofAnswerIgnored(TerminalBehaviour):
    """Reading and writing go on after a refusal."""

    def looks_at_item_proof(self) -> bool:
        return False


@mutant(
    "terminal/item-steps-in-any-order",
    breaks="TERMINAL-ITEM-STEPS-ORDER",
    because=Text("不检查第一步属于哪个函数", "which function's step 1 came before is not looked at"),
)
class ItemStepsInAnyOrder(TerminalBehaviour):
    """Any step that kept the card will do."""

    def item_step_may_follow(self, waiting: str | None, right: bool) -> bool:
        return waiting is not None


@mutant(
    "terminal/item-step-twice",
    breaks="TERMINAL-ITEM-STEPS-ORDER",
    because=Text("第二步结束后会话未清除", "the session is not cleared after step 2"),
)
class ItemStepTwice(TerminalBehaviour):
    """Step 2 can be called again."""

    def item_step_ends(self) -> bool:
        return False


@mutant(
    "terminal/item-reading-marks",
    breaks="TERMINAL-ITEM-STEPS-READ-ONLY",
    because=Text("读卡时写入读取标记", "a mark is written on the card that was read"),
)
class ItemReadingMarks(TerminalBehaviour):
    """A reading changes the card."""

    def item_step_marks(self) -> bool:
        return True


@mutant(
    "terminal/item-writing-adds-one",
    breaks="TERMINAL-ITEM-STEPS-WRITE-ONLY",
    because=Text("写卡时同时改写性别", "the holder's sex is written over as well"),
)
class ItemWritingAddsOne(TerminalBehaviour):
    """A record that nobody asked for is written."""

    def item_step_updates(self, right: Updates) -> Updates:
        return [*right, (right[0][0], SEX, b"9")]
