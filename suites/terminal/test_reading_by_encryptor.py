"""iReadCardBas_HSM_Step1 and Step2: the card is authenticated by an encryptor, whose part the tester plays."""

from collections.abc import Callable

from onecard.oracle.terminal import INTERNAL_KEY, READ_KEY, encryptor_answer, keys_of, spoilt
from onecard.oracle.terminal_fci import fci_without_directory
from onecard.oracle.terminal_strings import (
    compare_basic,
    compare_request,
    fields_of,
    needs_external,
    of_field,
    personal_texts,
)
from onecard.oracle.terminal_trace import Observed, observe
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import TerminalSpec, terminal_spec
from onecard.testing import (
    CallResult,
    PreambleFailed,
    TerminalUnderTest,
    card_information,
    check,
    expect,
    for_each,
    observed,
    verifies,
)

ORDER = 300
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
CONTACT = 1
IDENTIFICATION = 0x01
LONG_NAME = 3
FULL_PART = 32
SELECT = "A4"
# How a right pKey is spoilt: name, and what is made of it.
Malformed = tuple[str, Callable[[str], str]]
MALFORMED: tuple[Malformed, ...] = (
    ("empty", lambda right: ""),
    ("no-internal-part", lambda right: "|" + right[FULL_PART + 1 :]),
    ("one-digit-short", lambda right: right[1:]),
    ("one-digit-long", lambda right: "0" + right),
    ("no-original", lambda right: right[:16] + right[FULL_PART:]),
    ("letter", lambda right: "G" + right[1:]),
    ("half-external-part", lambda right: right[: FULL_PART + 1] + right[FULL_PART + 1 :][:16] + "|"),
    ("no-external-part", lambda right: right[: FULL_PART + 1] + "|"),
)
# What the caller meets with the PSAM: name, what it lacks.
SAM_TROUBLES = (("no-psam", None), ("no-sm4", ["sm4"]), ("no-read-key", ["RKSSSE"]), ("no-irk", ["IRK"]))


def by_encryptor(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards on which the terminal's functions of this file are tried, if it has them."""
    return GENERATIONS if spec.ics["terminal.encryptor"] else ()


def others(spec: InterfaceSpec) -> tuple[str, ...]:
    """First steps of other functions that the terminal has, and that need no more than the card."""
    has = spec.ics["terminal.pin"] and spec.ics["terminal.encryptor"]
    return ("RELOAD-PIN-STEP-1", "UNBLOCK-PIN-STEP-1") if has else ()


def step_1(terminal: TerminalUnderTest, search: int = CONTACT) -> CallResult:
    """Call iReadCardBas_HSM_Step1."""
    return terminal.call(terminal_spec(terminal.spec).functions["READ-BASIC-STEP-1"].call, iType=search)


def step_2(terminal: TerminalUnderTest, key: str) -> CallResult:
    """Call iReadCardBas_HSM_Step2."""
    return terminal.call(terminal_spec(terminal.spec).functions["READ-BASIC-STEP-2"].call, pKey=key)


def read_once(
    terminal: TerminalUnderTest, profile: str, *results: CallResult, forged: bool = False
) -> tuple[TerminalSpec, Observed]:
    """The terminal's data, and what calls showed of a card whose identification code was read."""
    return terminal_spec(terminal.spec), observed(terminal, profile, *results, forged=forged, identified=True)


def asked(terminal: TerminalUnderTest, profile: str, forged: bool = False) -> tuple[CallResult, str]:
    """Step 1 as a preamble, and the right pKey for it."""
    result = step_1(terminal)
    if result.value != 0:
        raise PreambleFailed(zh=f"第一步返回 {result.shown()}", en=f"step 1 returned {result.shown()}")
    return result, key_for(terminal, profile, result, forged)


def key_for(terminal: TerminalUnderTest, profile: str, result: CallResult, forged: bool = False) -> str:
    """The right pKey for a step 1 that returned 0."""
    spec, seen = read_once(terminal, profile, result, forged=forged)
    roots = {name: terminal.root_key(name) for name in (INTERNAL_KEY, READ_KEY)}
    keys = keys_of(terminal.card_of(profile), seen, roots)
    try:
        key = encryptor_answer(spec, keys, result.out)
        lacking = needs_external(spec, seen) and len(key) <= FULL_PART + 2
    except ValueError as error:
        raise PreambleFailed(zh=f"第一步的结果无法使用：{error}", en=f"the result of step 1: {error}") from None
    if lacking:
        raise PreambleFailed(zh="第一步的结果缺少外部认证部分", en="the result of step 1 has no external part")
    return key


def gives_nothing_away(terminal: TerminalUnderTest, profile: str, first: CallResult, result: CallResult) -> None:
    """The output of a failed step 2 holds no personal item that the card answered, and no holder item was read."""
    spec, card = terminal_spec(terminal.spec), terminal.card_of(profile)
    seen = observe(spec, card, first.trace, result.trace)
    told = [what for what, text in personal_texts(spec, seen) if text and text in result.out]
    received = f"output with {', '.join(told)}" if told else "an error text"
    check(terminal, not told, what="output of a failed call", expected="no personal data", received=received)


@verifies("TERMINAL-HSM-REQUEST")
@for_each("profile", GENERATIONS)
@for_each("holder", (0, LONG_NAME), ids=lambda holder: f"holder-{holder}")
def test_request(terminal: TerminalUnderTest, profile: str, holder: int) -> None:
    """Step 1 returns the request: each field is what the card answered or was sent, the external part as it needs."""
    terminal.prepare({"card": profile, "holder": holder, "psam": None})
    result = step_1(terminal)
    expect(result).returns(0)
    spec, seen = read_once(terminal, profile, result)
    for one in compare_request(spec, seen, result.out):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-ALGORITHM")
@for_each("profile", GENERATIONS)
def test_algorithm(terminal: TerminalUnderTest, profile: str) -> None:
    """The request names the algorithm of the card's FCI: 01, also where the card says none, or 03."""
    terminal.prepare({"card": profile, "psam": None})
    algorithm_is_told(terminal, profile)


@verifies("TERMINAL-VALIDITY-ITEMS")
@for_each("profile", by_encryptor)
def test_expired_card(terminal: TerminalUnderTest, profile: str) -> None:
    """Of an expired card no basic data are told, at the latest by step 2."""
    terminal.prepare({"card": profile, "psam": None, "hostile": "ended-lately"})
    first = result = step_1(terminal)
    if first.value == 0:
        result = step_2(terminal, key_for(terminal, profile, first))
    gives_nothing_away(terminal, profile, first, result)
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["INVALID"])


@verifies("TERMINAL-FCI")
@for_each("profile", by_encryptor)
def test_algorithm_without_directory(terminal: TerminalUnderTest, profile: str) -> None:
    """So does that of a card whose FCI has no SFI of a directory."""
    fci = fci_without_directory(terminal.card_of(profile)).hex()
    terminal.prepare({"card": profile, "psam": None, "script": [{"slot": "card", "ins": SELECT, "data": fci}]})
    algorithm_is_told(terminal, profile)


def algorithm_is_told(terminal: TerminalUnderTest, profile: str) -> None:
    """The algorithm in the request is the card's."""
    result = step_1(terminal)
    expect(result).returns(0)
    spec, seen = read_once(terminal, profile, result)
    name = next(field.name.en for field in spec.request.fields if field.source == "algorithm")
    for one in of_field(compare_request(spec, seen, result.out), name):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-INTERNAL-FRESH")
@for_each("profile", by_encryptor)
def test_fresh_factors(terminal: TerminalUnderTest, profile: str) -> None:
    """Two requests never carry the same process factor."""
    terminal.prepare({"card": profile, "psam": None})
    first, second = step_1(terminal), step_1(terminal)
    expect(first).returns(0)
    expect(second).returns(0)
    _, seen = read_once(terminal, profile, first, second)
    factors = [one.random.hex().upper() for one in seen.internal]
    different = len(factors) >= 2 and len(set(factors)) == len(factors)
    received = "different" if different else f"same: {', '.join(factors)}"
    check(terminal, different, what="process factors", expected="two, different", received=received)


@verifies("TERMINAL-HSM-READ")
@for_each("profile", GENERATIONS)
def test_read(terminal: TerminalUnderTest, profile: str) -> None:
    """With the encryptor's answer step 2 returns 0, and each field is what the card answered."""
    terminal.prepare({"card": profile, "psam": None})
    first, key = asked(terminal, profile)
    result = step_2(terminal, key)
    expect(result).returns(0)
    spec, seen = read_once(terminal, profile, first, result)
    for one in compare_basic(spec, seen, result.out, number=spec.sam.number_absent, device=None):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-HOLDER-NAME")
@for_each("profile", by_encryptor)
def test_long_name(terminal: TerminalUnderTest, profile: str) -> None:
    """A name that goes on in its extension is returned whole, by the encryptor's way too."""
    terminal.prepare({"card": profile, "holder": LONG_NAME, "psam": None})
    first, key = asked(terminal, profile)
    result = step_2(terminal, key)
    expect(result).returns(0)
    spec, seen = read_once(terminal, profile, first, result)
    name = next(field.name.en for field in spec.basic.fields if len(field.tags) > 1)
    compared = compare_basic(spec, seen, result.out, number=spec.sam.number_absent, device=None)
    for one in of_field(compared, name):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-NUMBER-ABSENT")
@for_each("profile", GENERATIONS)
def test_number_without_psam(terminal: TerminalUnderTest, profile: str) -> None:
    """Without a PSAM the terminal number is twelve zeros."""
    terminal.prepare({"card": profile, "psam": None})
    _, key = asked(terminal, profile)
    result = step_2(terminal, key)
    expect(result).returns(0)
    spec = terminal_spec(terminal.spec)
    place = next(at for at, field in enumerate(spec.basic.fields) if field.source == "terminal-number")
    found = dict(enumerate(fields_of(spec.basic, result.out))).get(place, "no such field")
    absent = spec.sam.number_absent
    check(terminal, found == absent, what="terminal number", expected=absent, received=found)


@verifies("TERMINAL-HSM-INTERNAL")
@for_each("profile", GENERATIONS)
@for_each("place", (0, 7, 15), ids=lambda place: f"digit-{place}")
def test_wrong_internal_part(terminal: TerminalUnderTest, profile: str, place: int) -> None:
    """One digit of the internal authentication data changed: the card does not count as genuine."""
    terminal.prepare({"card": profile, "psam": None})
    first, key = asked(terminal, profile)
    result = step_2(terminal, spoilt(key, place))
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["INTERNAL-BY-ENCRYPTOR"])
    gives_nothing_away(terminal, profile, first, result)


@verifies("TERMINAL-HSM-INTERNAL")
@for_each("profile", GENERATIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str) -> None:
    """A card that does not know IRK is refused with the encryptor's right answer."""
    terminal.prepare({"card": profile, "psam": None, "hostile": "forged"})
    first, key = asked(terminal, profile, forged=True)
    result = step_2(terminal, key)
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["INTERNAL-BY-ENCRYPTOR"])
    gives_nothing_away(terminal, profile, first, result)


@verifies("TERMINAL-HSM-INTERNAL")
@for_each("profile", GENERATIONS)
def test_answer_of_another_time(terminal: TerminalUnderTest, profile: str) -> None:
    """The answer to an earlier request does not serve a later one."""
    terminal.prepare({"card": profile, "psam": None})
    _, old = asked(terminal, profile)
    first, _ = asked(terminal, profile)
    result = step_2(terminal, old)
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["INTERNAL-BY-ENCRYPTOR"])
    gives_nothing_away(terminal, profile, first, result)


@verifies("TERMINAL-HSM-EXTERNAL")
@for_each("place", (0, 15), ids=lambda place: f"digit-{place}")
def test_wrong_external_part(terminal: TerminalUnderTest, place: int) -> None:
    """One digit of the external authentication data changed: the card refuses, and the code says so."""
    terminal.prepare({"psam": None})
    first, key = asked(terminal, "card-3.0")
    result = step_2(terminal, spoilt(key, FULL_PART + 1 + place))
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["EXTERNAL"])
    gives_nothing_away(terminal, "card-3.0", first, result)


@verifies("TERMINAL-HSM-INPUT")
@for_each("malformed", MALFORMED, ids=lambda malformed: str(malformed[0]))
def test_malformed_key(terminal: TerminalUnderTest, malformed: Malformed) -> None:
    """A pKey with a field missing, too short, too long or no number is refused before anything is sent to the card."""
    terminal.prepare({"psam": None})
    first, key = asked(terminal, "card-3.0")
    result = step_2(terminal, malformed[1](key))
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["KEY-INPUT"])
    sent = observe(terminal_spec(terminal.spec), terminal.card_of("card-3.0"), result.trace).external
    check(terminal, not sent, what="external authentications", expected="0", received=str(len(sent)))
    gives_nothing_away(terminal, "card-3.0", first, result)


@verifies("TERMINAL-HSM-ORDER")
def test_step_2_alone(terminal: TerminalUnderTest) -> None:
    """A step 1 that failed leaves nothing behind: step 2 fails."""
    terminal.prepare({"psam": None})
    _, key = asked(terminal, "card-3.0")
    terminal.prepare({"card": None, "psam": None})
    expect(step_1(terminal)).fails()
    expect(step_2(terminal, key)).returns(*terminal_spec(terminal.spec).outcomes["ORDER"])


@verifies("TERMINAL-HSM-ORDER")
@for_each("other", others)
def test_step_of_another_function(terminal: TerminalUnderTest, other: str) -> None:
    """Step 1 of another function is no step 1 of reading basic data, and ends one that was."""
    terminal.prepare({"psam": None})
    first, key = asked(terminal, "card-3.0")
    spec = terminal_spec(terminal.spec)
    info = "".join(part + spec.card_info.separator for part in card_information(terminal, with_sam=False))
    begun = terminal.call(spec.functions[other].call, iType=CONTACT, pCardInfo=info)
    if begun.value != 0:
        raise PreambleFailed(zh=f"第一步返回 {begun.shown()}", en=f"step 1 returned {begun.shown()}")
    result = step_2(terminal, key)
    gives_nothing_away(terminal, "card-3.0", first, result)
    expect(result).returns(*spec.outcomes["ORDER"])


@verifies("TERMINAL-HSM-ORDER")
@for_each("profile", GENERATIONS)
def test_step_2_twice(terminal: TerminalUnderTest, profile: str) -> None:
    """One step 1 serves one step 2: the same pKey again fails."""
    terminal.prepare({"card": profile, "psam": None})
    first, key = asked(terminal, profile)
    done = step_2(terminal, key)
    if done.value != 0:
        raise PreambleFailed(zh=f"第二步返回 {done.shown()}", en=f"step 2 returned {done.shown()}")
    again = step_2(terminal, key)
    expect(again).returns(*terminal_spec(terminal.spec).outcomes["ORDER"])
    gives_nothing_away(terminal, profile, first, again)


@verifies("TERMINAL-FALLBACK")
@for_each("trouble", SAM_TROUBLES, ids=lambda trouble: str(trouble[0]))
def test_caller_goes_to_encryptor(terminal: TerminalUnderTest, trouble: tuple[str, list[str] | None]) -> None:
    """Where the PSAM cannot do it the code leads the caller to the encryptor, and its way reads the card."""
    lacking = trouble[1]
    terminal.prepare({"psam": None if lacking is None else {"lacks": lacking}})
    spec = terminal_spec(terminal.spec)
    by_psam = terminal.call(spec.functions["READ-BASIC"].call, iType=CONTACT)
    expect(by_psam).returns(*spec.fallback)
    begun = step_1(terminal)
    expect(begun).returns(0)
    try:
        key = key_for(terminal, "card-3.0", begun)
    except PreambleFailed as failed:
        # The encryptor's way is what is tested here.
        check(terminal, False, what="request to the encryptor", expected="one to answer", received=failed.text.en)
        raise
    expect(step_2(terminal, key)).returns(0)
