"""What the calls of a terminal's functions showed, once the tester's own card and PSAM are known to have been right."""

from onecard.harness.expect import check
from onecard.harness.messages import CallResult
from onecard.harness.service import TerminalUnderTest
from onecard.harness.verdict import Inconclusive, PreambleFailed
from onecard.oracle.terminal import INTERNAL_KEY, READ_KEY, own_faults
from onecard.oracle.terminal_files import card_info_of
from onecard.oracle.terminal_trace import MissingItem, Observed, observe
from onecard.spec.terminal import terminal_spec

CONTACT = 1
IDENTIFICATION = 0x01
NEWEST = "card-3.0"  # the issuer file is the same in all generations
READING_KEYS = (INTERNAL_KEY, READ_KEY)
"""The keys that a reading of basic data uses."""


def observed(
    terminal: TerminalUnderTest,
    profile: str,
    *results: CallResult,
    forged: bool = False,
    identified: bool = False,
    keys: tuple[str, ...] = READING_KEYS,
) -> Observed:
    """What calls showed of a card of ``profile``; Inconclusive where the tester's own card or PSAM answered wrongly.

    ``forged``: the card proves nothing. ``identified``: the terminal fails that has not read the identification code.
    ``keys``: names of the roots by which the tester's side is computed again.
    """
    spec, card = terminal_spec(terminal.spec), terminal.card_of(profile)
    seen = observe(spec, card, *(result.trace for result in results))
    if identified and IDENTIFICATION not in seen.items:
        told = "identification code of the card"
        check(terminal, False, what=told, expected="read from the card", received="never read")
    roots = {name: terminal.root_key(name) for name in keys}
    for fault in own_faults(spec, card, seen, roots, forged=forged):
        raise Inconclusive(zh=fault.zh, en=fault.en)
    return seen


def card_information(
    terminal: TerminalUnderTest, other: int | None = None, *, with_sam: bool = True
) -> tuple[str, str]:
    """Identification code and card number of the card that lies there, from its own answers to a reading of its basic
    data: by PSAM where one is there (``with_sam``) and the terminal has that way, else by the first step.

    ``other``: which of them (0 the code, 1 the number) is that of another card. Raises PreambleFailed.
    """
    spec = terminal_spec(terminal.spec)
    by_sam = spec.functions.get("READ-BASIC") if with_sam else None
    reading = by_sam or spec.functions["READ-BASIC-STEP-1"]
    result = terminal.call(reading.call, iType=CONTACT)
    try:
        found = list(card_info_of(observe(spec, terminal.card_of(NEWEST), result.trace)))
    except MissingItem as missing:
        # That nothing is told which was not read is judged by the cases about reading.
        raise PreambleFailed(zh=missing.text.zh, en=missing.text.en) from None
    if other is not None:
        found[other] = found[other][:-1] + ("1" if found[other].endswith("0") else "0")
    return found[0], found[1]
