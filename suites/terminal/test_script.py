"""Card and PSAM that refuse, keep silent, are pulled or answer otherwise at any step of a reading."""

from collections.abc import Mapping
from typing import Any

from onecard.oracle.terminal import INTERNAL_KEY, keys_of
from onecard.oracle.terminal_fci import BROKEN, broken_fci, fci_without_directory
from onecard.oracle.terminal_strings import compare_basic, personal_texts
from onecard.oracle.terminal_trace import Observed, observe
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import terminal_spec
from onecard.testing import CallResult, PreambleFailed, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 230
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
NEWEST = "card-3.0"
WITH_IDENTIFIER = ("card-2.0", NEWEST)
"""The cards whose FCI gives their algorithm."""
CONTACT = 1
SELECT = "A4"
# Words that card and PSAM refuse by. Each step of a reading is refused by one of them, each profile's by others.
STATUSES = ("6700", "6982", "6985", "6A82", "6A83", "9303")
Fault = Mapping[str, Any]
# Each step meets one of these, in turn; silence, which takes its time, the first of its steps alone.
FAULTS: Mapping[str, Fault] = {
    "pulled": {"pulled": True},
    "silent": {"silent": True},
    "bit-flipped": {"flip": 0},
    "last-bit-flipped": {"flip": 255},
    "cut": {"cut": 1},
    "longer": {"append": "00"},
}
SAM_FAULTS: Mapping[str, Fault] = {**FAULTS, "refused-6A88": {"sw": "6A88"}, "refused-6985": {"sw": "6985"}}
# Of the card's commands, those of which another code than the negative status word may tell.
TELLING = {"SELECT": "NO-ENVIRONMENT", "INTERNAL-AUTHENTICATE": "INTERNAL", "EXTERNAL-AUTHENTICATE": "EXTERNAL"}


def by_psam(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards that are read by PSAM, where the terminal has it."""
    return GENERATIONS if spec.ics["terminal.sam"] else ()


def read_basic(terminal: TerminalUnderTest) -> CallResult:
    """Call iReadCardBas; of a terminal that works by encryptor only iReadCardBas_HSM_Step1, which begins alike."""
    functions = terminal_spec(terminal.spec).functions
    return terminal.call((functions.get("READ-BASIC") or functions["READ-BASIC-STEP-1"]).call, iType=CONTACT)


def commands_of(result: CallResult, slot: str) -> list[bytes]:
    """The commands that a call sent to a slot, GET RESPONSE among them."""
    sent = (one.ask["transmit"] for one in result.trace if "transmit" in one.ask)
    return [bytes.fromhex(one["apdu"]) for one in sent if one["slot"] == slot]


def undisturbed(terminal: TerminalUnderTest, profile: str, slot: str) -> list[bytes]:
    """The commands of a reading of the right card; raises PreambleFailed."""
    terminal.prepare({"card": profile})
    result = read_basic(terminal)
    if result.value != 0:
        raise PreambleFailed(zh=f"正确的卡返回 {result.value}", en=f"the right card gave {result.value}")
    sent = commands_of(result, slot)
    if not sent:
        raise PreambleFailed(zh=f"终端未向 {slot} 发送命令", en=f"the terminal sent {slot} no command")
    return sent


def steps(count: int, kinds: int, kind: int, shift: int = 0) -> range:
    """The numbers, from 1, of the steps that a kind of fault meets: in turn, at least one."""
    first = (kind - shift) % kinds + 1
    return range(min(first, count), count + 1, kinds)


def disturbed(terminal: TerminalUnderTest, profile: str, slot: str, step: int, fault: Fault) -> CallResult:
    """A reading with a fault at one step."""
    terminal.prepare({"card": profile, "script": [{"slot": slot, "number": step, **fault}]})
    return read_basic(terminal)


def is_borne_out(terminal: TerminalUnderTest, profile: str, result: CallResult) -> None:
    """A success of a genuine card whose string is what card and PSAM answered; a failure tells nothing personal."""
    spec, card = terminal_spec(terminal.spec), terminal.card_of(profile)
    seen = observe(spec, card, result.trace)
    if result.value != 0:
        expect(result).fails()
        told = [what for what, text in personal_texts(spec, seen) if text and text in result.out]
        received = f"output with {', '.join(told)}" if told else "an error text"
        check(terminal, not told, what="output of a failed call", expected="no personal data", received=received)
        return
    number = seen.terminal_number or spec.sam.number_absent
    for one in compare_basic(spec, seen, result.out, number=number, device=None):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)
    # An extension behind the first item of a field may be missing, as on a card that has none.
    whole = all(field.tags[0] in seen.items for field in spec.basic.fields if field.tags)
    check(terminal, whole, what="return value", expected="an error code", received="0")
    proved = is_proved(terminal, profile, seen)
    check(terminal, proved, what="right authentication data", expected="of the card, before 0", received="none")


def is_proved(terminal: TerminalUnderTest, profile: str, seen: Observed) -> bool:
    """Whether the card proved IRK. What a fault appended to its data is not looked at."""
    keys = keys_of(terminal.card_of(profile), seen, {INTERNAL_KEY: terminal.root_key(INTERNAL_KEY)})
    return any(one.proof.startswith(keys.proof(INTERNAL_KEY, one.random, one.original)) for one in seen.internal)


@verifies("TERMINAL-STEP-REFUSED")
@for_each("profile", GENERATIONS)
@for_each("status", STATUSES)
def test_refused_step(terminal: TerminalUnderTest, profile: str, status: str) -> None:
    """Each step of a reading, refused by one status word, ends in the code that tells of it."""
    spec, card = terminal_spec(terminal.spec), terminal.card_of(profile)
    by_header = {(c.cla, c.ins): name for name, c in card.commands.items() if name in TELLING}
    sent = undisturbed(terminal, profile, "card")
    turn = steps(len(sent), len(STATUSES), STATUSES.index(status), GENERATIONS.index(profile))
    for step in turn:
        result = disturbed(terminal, profile, "card", step, {"sw": status})
        is_borne_out(terminal, profile, result)
        if result.value == 0:
            continue
        command = next((one for one in reversed(sent[:step]) if (one[0], one[1]) in by_header), b"")
        told = TELLING.get(by_header.get((command[0], command[1]), ""), "") if command == _of(sent, step) else ""
        allowed = (spec.status_code(int(status, 16)), *(spec.outcomes[told] if told else ()))
        expect(result).returns(*allowed)


def _of(sent: list[bytes], step: int) -> bytes:
    """The command of a step; of GET RESPONSE the one whose data it fetches."""
    fetching = sent[step - 1][1] == 0xC0
    return sent[step - 2] if fetching and step > 1 else sent[step - 1]


@verifies("TERMINAL-STEP-BROKEN")
@for_each("kind", tuple(FAULTS))
def test_broken_card(terminal: TerminalUnderTest, kind: str) -> None:
    """At no step does a card that is pulled, silent or answers other data make a terminal tell what is not so."""
    broken(terminal, "card", FAULTS, kind)


@verifies("TERMINAL-STEP-BROKEN")
@for_each("kind", tuple(SAM_FAULTS))
def test_broken_psam(terminal: TerminalUnderTest, kind: str) -> None:
    """Nor does a PSAM that is pulled, silent, refuses or answers other data."""
    broken(terminal, "psam", SAM_FAULTS, kind)


def broken(terminal: TerminalUnderTest, slot: str, faults: Mapping[str, Fault], kind: str) -> None:
    """The steps of one kind of fault in one slot."""
    kinds = tuple(faults)
    turn = steps(len(undisturbed(terminal, NEWEST, slot)), len(kinds), kinds.index(kind))
    for step in turn[:1] if kind == "silent" else turn:
        is_borne_out(terminal, NEWEST, disturbed(terminal, NEWEST, slot, step, faults[kind]))


@verifies("TERMINAL-STEP-BROKEN")
@for_each("profile", GENERATIONS)
def test_exchanged_card(terminal: TerminalUnderTest, profile: str) -> None:
    """A card that is exchanged in the middle of a reading fails it; the next reading tells the second card alone."""
    spec, card = terminal_spec(terminal.spec), terminal.card_of(profile)
    middle = len(undisturbed(terminal, profile, "card")) * 3 // 4
    first = disturbed(terminal, profile, "card", middle, {"exchange": 1})
    is_borne_out(terminal, profile, first)
    expect(first).fails()
    second = read_basic(terminal)
    # A bench whose reader has no card any more after that shows no more.
    if second.value in spec.outcomes["NO-CARD"]:
        return
    expect(second).returns(0)
    is_borne_out(terminal, profile, second)
    told = [what for what, text in personal_texts(spec, observe(spec, card, first.trace)) if text in second.out]
    received = ", ".join(told) or "none"
    check(terminal, not told, what="data of the first card", expected="none", received=received)


@verifies("TERMINAL-NAME-FOUR-BYTES")
@for_each("profile", GENERATIONS)
def test_name_outside_gbk(terminal: TerminalUnderTest, profile: str) -> None:
    """A name with a character of four bytes is told as it is, or the call fails: it never becomes another name."""
    terminal.prepare({"card": profile, "hostile": "four-byte-name"})
    is_borne_out(terminal, profile, read_basic(terminal))


@verifies("TERMINAL-STEP-BROKEN")
@for_each("profile", WITH_IDENTIFIER)
@for_each("which", BROKEN)
def test_broken_fci(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """An FCI whose objects are cut, too long or missing ends in an error, or in a reading as right as any: it makes no
    forged card genuine.
    """
    fci = broken_fci(terminal.card_of(profile), which).hex()
    for hostile in (None, "forged"):
        script = [{"slot": "card", "ins": SELECT, "data": fci}]
        terminal.prepare({"card": profile, "hostile": hostile, "script": script})
        is_borne_out(terminal, profile, read_basic(terminal))


@verifies("TERMINAL-FCI")
@for_each("profile", by_psam)
def test_fci_without_directory(terminal: TerminalUnderTest, profile: str) -> None:
    """A card whose FCI has no SFI of a directory is read: its algorithm stands at another place."""
    fci = fci_without_directory(terminal.card_of(profile)).hex()
    terminal.prepare({"card": profile, "script": [{"slot": "card", "ins": SELECT, "data": fci}]})
    served(terminal, profile)


@verifies("TERMINAL-STEP-BROKEN")
@for_each("profile", GENERATIONS)
def test_wrong_authentication_data(terminal: TerminalUnderTest, profile: str) -> None:
    """One wrong bit in what the card proves, or in what the PSAM computes for it, is a card that is not genuine."""
    spec, card = terminal_spec(terminal.spec), terminal.card_of(profile)
    proving = f"{card.command('INTERNAL-AUTHENTICATE').ins:02X}"
    for rule in (
        {"slot": "card", "ins": proving, "flip": 0},
        {"slot": "psam", "ins": f"{spec.sam_commands['CIPHER'].ins:02X}", "nth": 1, "flip": 0},
    ):
        terminal.prepare({"card": profile, "script": [rule]})
        expect(read_basic(terminal)).returns(*spec.outcomes["INTERNAL"])


@verifies("TERMINAL-STEP-BROKEN")
@for_each("profile", GENERATIONS)
@for_each("command", ("DELIVER", "CIPHER"))
def test_psam_computes_nothing(terminal: TerminalUnderTest, profile: str, command: str) -> None:
    """A PSAM that refuses to compute for any key makes no card genuine: an error, and nothing personal."""
    ins = terminal_spec(terminal.spec).sam_commands[command].ins
    terminal.prepare({"card": profile, "script": [{"slot": "psam", "ins": f"{ins:02X}", "sw": "6985"}]})
    result = read_basic(terminal)
    expect(result).fails()
    is_borne_out(terminal, profile, result)


@verifies("TERMINAL-KEY-ONCE")
@for_each("status", ("63C2", "6982", "6985"))
def test_key_is_proved_once(terminal: TerminalUnderTest, status: str) -> None:
    """An external authentication that the card refuses is sent once."""
    ins = terminal.card_of(NEWEST).command("EXTERNAL-AUTHENTICATE").ins
    terminal.prepare({"card": NEWEST, "script": [{"slot": "card", "ins": f"{ins:02X}", "sw": status}]})
    result = read_basic(terminal)
    sent = sum(command[1] == ins for command in commands_of(result, "card"))
    check(terminal, sent == 1, what="EXTERNAL AUTHENTICATE", expected="1", received=f"{sent}")
    expect(result).fails()


@verifies("TERMINAL-T0")
@for_each("profile", GENERATIONS)
@for_each("nth", (1, 2), ids=lambda nth: f"record-{nth}")
def test_wrong_le(terminal: TerminalUnderTest, profile: str, nth: int) -> None:
    """A READ RECORD that is answered 6Cxx is sent again with that Le, and the result is whole."""
    ins = terminal.card_of(profile).command("READ-RECORD").ins
    terminal.prepare({"card": profile, "script": [{"slot": "card", "ins": f"{ins:02X}", "nth": nth, "wrong-le": True}]})
    served(terminal, profile)


@verifies("TERMINAL-T0")
@for_each("profile", GENERATIONS)
@for_each("size", (4, 11), ids=lambda size: f"{size}-bytes")
def test_data_in_pieces(terminal: TerminalUnderTest, profile: str, size: int) -> None:
    """Data that come in pieces, each behind its own 61xx, are put together."""
    ins = terminal.card_of(profile).command("READ-RECORD").ins
    terminal.prepare({"card": profile, "script": [{"slot": "card", "ins": f"{ins:02X}", "nth": 1, "pieces": size}]})
    served(terminal, profile)


@verifies("TERMINAL-T0")
@for_each("profile", (NEWEST,))
def test_slow_card(terminal: TerminalUnderTest, profile: str) -> None:
    """A card that takes a quarter of a second over one record is read as any other."""
    ins = terminal.card_of(profile).command("READ-RECORD").ins
    terminal.prepare({"card": profile, "script": [{"slot": "card", "ins": f"{ins:02X}", "nth": 1, "delay": 250}]})
    served(terminal, profile)


def served(terminal: TerminalUnderTest, profile: str) -> None:
    """The card is read whole; of a terminal without PSAM the first step succeeds."""
    result = read_basic(terminal)
    expect(result).returns(0)
    if terminal.ics["terminal.sam"]:
        is_borne_out(terminal, profile, result)


@verifies("TERMINAL-ATR")
@for_each("atr", ("00", "006D000000814A44468660340100000001", "3C6D000000814A44468660340100000001"))
def test_answer_to_reset(terminal: TerminalUnderTest, atr: str) -> None:
    """A card whose answer to reset begins with neither 3B nor 3F is refused, and sent no command."""
    terminal.prepare({"card": "card-2.0", "script": [{"slot": "card", "atr": atr}]})
    result = read_basic(terminal)
    sent = len(commands_of(result, "card"))
    check(terminal, sent == 0, what="commands to the card", expected="none", received=f"{sent}" if sent else "none")
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["ATR"])
