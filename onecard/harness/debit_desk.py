"""The user who pays at a terminal, and what the card was made to pay."""

from collections.abc import Mapping
from typing import Any, ClassVar

from onecard.harness.expect import check
from onecard.harness.messages import CallResult
from onecard.harness.pin_desk import Keypad, PinDesk
from onecard.harness.service import TerminalUnderTest
from onecard.harness.verdict import Inconclusive, PreambleFailed
from onecard.oracle.terminal_debit import (
    PURCHASE_KEY,
    TAC_KEY,
    Purchases,
    debit_faults,
    encryptor_answer,
    key_text,
    purchases_of,
)

PIN = "135790"
PROFILE = "card-3.0"
TIME = "20251118185001"
FEN = {"self-paid": 678, "pooled": 20}
YUAN = ("6.78", "0.2")


class DebitDesk(PinDesk):
    """A card that can pay before the terminal, and a user who enters its PIN; ``settings`` as for PinDesk."""

    root_names: ClassVar[tuple[str, ...]] = (*PinDesk.root_names, PURCHASE_KEY, TAC_KEY)

    def __init__(
        self,
        terminal: TerminalUnderTest,
        *,
        card: str = PROFILE,
        pin: str | None = PIN,
        keypad: Keypad | None = None,
        **settings: Any,
    ) -> None:
        # Whoever asks again is given the PIN again.
        entries = {"enter": [pin or PIN] * 4} if keypad is None else keypad
        super().__init__(terminal, entries, pin=pin, card=card, **settings)

    def pay_info(self, self_paid: str = YUAN[0], pooled: str = YUAN[1], time: str = TIME) -> str:
        """pPayInfo; amounts in yuan."""
        return "".join(part + self.spec.debit.pay_info.separator for part in (self_paid, pooled, time))

    def pay(self, function: str, text: str | None = None, info: Mapping[str, str] | None = None) -> CallResult:
        """Call a function that takes pPayInfo ``text`` (None: the default one) and pCardInfo ``info`` (the card's)."""
        found = self.card_info() if info is None else info
        return self.call(function, **found, pPayInfo=self.pay_info() if text is None else text)

    def purchases(self) -> Purchases:
        """The purchases of all calls; Inconclusive where the tester's own card or PSAM answered wrongly."""
        self.commands()
        seen, keys = self.seen(), self.keys()
        found = purchases_of(self.spec, self.card, seen)
        root = self.roots()[PURCHASE_KEY]
        if keys is not None:
            for fault in debit_faults(self.spec, self.card, keys, found, root, hostile=self.hostile):
                raise Inconclusive(zh=fault.zh, en=fault.en)
        return found

    def answered_key(self, first: CallResult) -> dict[str, str]:
        """The fields of pKey that an encryptor answers to the result of step 1; raises PreambleFailed."""
        keys = self.keys()
        if first.value != 0 or keys is None:
            raise PreambleFailed(zh=f"第一步返回 {first.value}", en=f"step 1 returned {first.value}")
        try:
            return encryptor_answer(self.spec, self.card, keys, first.out)
        except ValueError as error:
            raise PreambleFailed(zh=f"第一步的结果：{error}", en=f"the result of step 1: {error}") from None

    def complete(self, fields: Mapping[str, str]) -> CallResult:
        """Step 2 with these fields of pKey."""
        return self.call("DEBIT-STEP-2", pKey=key_text(self.spec, fields))

    def paid(self, function: str) -> CallResult:
        """A whole purchase by PSAM (``DEBIT``) or by encryptor (``DEBIT-STEP-1``); of the latter the result of step 2,
        or of step 1 where it fails.
        """
        first = self.pay(function)
        if function == "DEBIT" or first.value != 0:
            return first
        return self.complete(self.answered_key(first))

    def made(self, count: int) -> None:
        """Check that the card made so many purchases."""
        found = len(self.purchases().made)
        check(self.terminal, found == count, what="purchases on the card", expected=f"{count}", received=f"{found}")

    def nothing_paid(self) -> None:
        """Check that the card was not even sent a purchase."""
        sent = len(self.purchases().paid)
        received = f"{sent} command(s) DEBIT FOR PURCHASE" if sent else "none"
        check(self.terminal, not sent, what="purchases sent to the card", expected="none", received=received)
