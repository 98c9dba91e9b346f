"""The caller of a terminal that reads and writes items by encryptor, whose part the tester plays. There is no PSAM."""

from collections.abc import Mapping
from typing import Any

from onecard.harness.expect import check
from onecard.harness.messages import CallResult
from onecard.harness.service import TerminalUnderTest
from onecard.harness.terminal_seen import card_information
from onecard.harness.verdict import Inconclusive, PreambleFailed
from onecard.oracle.terminal import INTERNAL_KEY, READ_KEY, Keys, keys_of, own_faults, spoilt
from onecard.oracle.terminal_files import Asked, address_of
from onecard.oracle.terminal_items_steps import item_proof, request_values
from onecard.oracle.terminal_trace import Observed, observe
from onecard.oracle.terminal_writing import expected_value, on_the_card, write_data_of, writes_of
from onecard.spec.card import CardSpec
from onecard.spec.terminal import TerminalSpec, terminal_spec

CONTACT = 1
IDENTIFICATION = 0x01
READ, WRITE, WRITE_KEY = "READ-CARD", "WRITE-CARD", "UKSSSE"
KEYS: Mapping[str, str] = {READ: READ_KEY, WRITE: WRITE_KEY}
"""The key that each function proves."""


class ItemDesk:
    """A card of a profile before the terminal; ``settings``: further ones of the tester's side."""

    def __init__(self, terminal: TerminalUnderTest, card: str, **settings: Any) -> None:
        self._terminal = terminal
        self._results: list[CallResult] = []
        self.card: CardSpec = terminal.card_of(card)
        self.spec: TerminalSpec = terminal_spec(terminal.spec)
        self._root = self.spec.address.roots[0]
        terminal.prepare({"card": card, "psam": None, **settings})

    def call(self, function: str, **arguments: str) -> CallResult:
        """Call a function by the end of its id in the data; the card lies on the contact slot."""
        found = self.spec.functions[function]
        search = {"iType": CONTACT} if "iType" in found.arguments else {}
        result = self._terminal.call(found.call, **search, **arguments)
        self._results.append(result)
        return result

    def card_info(self, other: int | None = None) -> str:
        """pCardInfo of the card that lies there, from its own answers to a reading of its basic data.

        ``other``: which of its fields (0 identification code, 1 card number) is that of another card.
        """
        given = card_information(self._terminal, other, with_sam=False)
        return "".join(part + self.spec.card_info.separator for part in given)

    def ask(self, function: str, asked: Asked, info: str | None = None) -> CallResult:
        """Step 1 for items of SSSE, by the first name of SSSE that the terminal takes: sources have two."""
        given = self.card_info() if info is None else info
        self._root, *others = self.spec.address.roots
        result = self._ask(function, asked, given)
        for root in others if result.value in self.spec.outcomes["ADDRESS"] else ():
            self._root = root
            result = self._ask(function, asked, given)
        return result

    def asked(self, function: str, asked: Asked) -> CallResult:
        """Step 1 before the tested step; raises PreambleFailed."""
        result = self.ask(function, asked)
        if result.value != 0:
            raise PreambleFailed(zh=f"第一步返回 {result.value}", en=f"step 1 returned {result.value}")
        return result

    def proof(self, function: str, first: CallResult) -> str:
        """pKey: what the encryptor answers to the result of step 1, nothing to a request without factors.

        Raises PreambleFailed.
        """
        if not any(request_values(self.spec, first.out).get(name) for name in ("factor", "original")):
            return self.spec.item_steps.key_input.separator
        try:
            return item_proof(self.spec, self._keys(), KEYS[function], first.out)
        except ValueError as error:
            raise PreambleFailed(zh=f"第一步的结果：{error}", en=f"the result of step 1: {error}") from None

    def wrong(self, proof: str) -> str:
        """pKey with another proof; raises PreambleFailed for a request to which there was none."""
        if proof == self.spec.item_steps.key_input.separator:
            raise PreambleFailed(zh="第一步没有给出鉴别因子", en="step 1 gave no factors of an authentication")
        return spoilt(proof, 0)

    def write_data(self, asked: Asked, values: Mapping[int, str]) -> dict[str, str]:
        """pWriteData for items of SSSE, under the name of SSSE that step 1 took."""
        return {"pWriteData": write_data_of(self.spec, asked, self._root, values)}

    def seen(self) -> Observed:
        """What all calls showed; Inconclusive where the tester's own card answered wrongly."""
        seen = observe(self.spec, self.card, *(result.trace for result in self._results))
        for fault in own_faults(self.spec, self.card, seen, self._roots()):
            raise Inconclusive(zh=fault.zh, en=fault.en)
        return seen

    def key_is_proved(self, function: str) -> None:
        """Check that the function's key was proved to the card, once."""
        number = self.card.keys[KEYS[function]].key_id
        proved = [one.sw for one in self.seen().external if one.key_id == number]
        told = ", ".join(f"{sw or 0:04X}" for sw in proved) or "none"
        what = f"authentications of {KEYS[function]}"
        check(self._terminal, proved == [0x9000], what=what, expected="9000", received=told)

    def nothing_is_proved(self) -> None:
        """Check that the card got no authentication data."""
        sent = len(self.seen().external)
        check(self._terminal, sent == 0, what="authentications sent", expected="none", received=f"{sent}")

    def nothing_is_written(self) -> None:
        """Check that the card is not even asked to change anything."""
        tags = ", ".join(f"{one.tag:02X}" for one in writes_of(self.card, self.seen()))
        told = f"command for {tags}" if tags else "none"
        check(self._terminal, not tags, what="UPDATE RECORD to the card", expected="none", received=told)

    def stands_on_the_card(self, asked: Asked, values: Mapping[int, str]) -> None:
        """Check that each item of the address was taken by the card with its value."""
        found = on_the_card(writes_of(self.card, self.seen()))
        for file, tags in asked:
            for tag in tags:
                right, got = expected_value(self.card, file, tag, values[tag]), found.get(tag, b"")
                what = f"item {tag:02X} on the card"
                check(self._terminal, got == right, what=what, expected=right.hex(), received=got.hex())

    def sends_nothing(self, function: str, **arguments: str) -> CallResult:
        """Call a function and check that the card gets no command from it."""
        before = len(self.seen().exchanges)
        result = self.call(function, **arguments)
        more = len(self.seen().exchanges) - before
        check(self._terminal, more == 0, what="commands sent", expected="none", received=f"{more}")
        return result

    def _ask(self, function: str, asked: Asked, info: str) -> CallResult:
        return self.call(f"{function}-STEP-1", pCardInfo=info, pFileAddr=address_of(self.spec, asked, self._root))

    def _keys(self) -> Keys:
        seen = self.seen()
        if IDENTIFICATION not in seen.items:
            raise PreambleFailed(zh="终端未读取卡片", en="the terminal did not read the card")
        return keys_of(self.card, seen, self._roots())

    def _roots(self) -> dict[str, bytes]:
        return {name: self._terminal.root_key(name) for name in (INTERNAL_KEY, READ_KEY, WRITE_KEY)}
