"""iReadCardBas: the card is authenticated by the PSAM and read."""

from itertools import pairwise

from onecard.oracle.terminal import (
    INTERNAL_KEY,
    LEVELS_SHIFT,
    READ_KEY,
    delivered_factors,
    genuine,
    keys_of,
    right_external,
)
from onecard.oracle.terminal_strings import compare_basic, of_field
from onecard.oracle.terminal_trace import Observed
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import TerminalSpec, terminal_spec
from onecard.testing import CallResult, TerminalUnderTest, check, expect, for_each, observed, verifies

ORDER = 100
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
CONTACT = 1
IDENTIFICATION = 0x01
LONG_NAME, ELSEWHERE = 3, 7


def by_psam(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards on which the terminal's functions of this file are tried, if it has them."""
    return GENERATIONS if spec.ics["terminal.sam"] else ()


def read_basic(terminal: TerminalUnderTest, search: int = CONTACT) -> CallResult:
    """Call iReadCardBas."""
    return terminal.call(terminal_spec(terminal.spec).functions["READ-BASIC"].call, iType=search)


def read_once(terminal: TerminalUnderTest, profile: str, *results: CallResult) -> tuple[TerminalSpec, Observed]:
    """The terminal's data, and what calls showed of a card whose identification code was read."""
    return terminal_spec(terminal.spec), observed(terminal, profile, *results, identified=True)


def device_number(terminal: TerminalUnderTest) -> str | None:
    """The device number of the IXIT, None where it gives none."""
    return str(terminal.parameter("device-number")) if terminal.has_parameter("device-number") else None


def fields_agree(terminal: TerminalUnderTest, spec: TerminalSpec, seen: Observed, result: CallResult) -> None:
    """Every field of the basic data is what the card answered."""
    number = seen.terminal_number or spec.sam.number_absent
    for one in compare_basic(spec, seen, result.out, number=number, device=device_number(terminal)):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-READ-BASIC")
@for_each("profile", GENERATIONS)
@for_each("holder", (0, ELSEWHERE), ids=lambda holder: f"holder-{holder}")
def test_basic_data(terminal: TerminalUnderTest, profile: str, holder: int) -> None:
    """Cards of every generation are read: 0 is returned, and each field is what the card answered."""
    terminal.prepare({"card": profile, "holder": holder})
    result = read_basic(terminal)
    expect(result).returns(0)
    fields_agree(terminal, *read_once(terminal, profile, result), result)


@verifies("TERMINAL-READ-BASIC")
@for_each("profile", GENERATIONS)
def test_near_the_end(terminal: TerminalUnderTest, profile: str) -> None:
    """A card whose validity ends in two days is read."""
    terminal.prepare({"card": profile, "hostile": "ends-soon"})
    result = read_basic(terminal)
    expect(result).returns(0)
    fields_agree(terminal, *read_once(terminal, profile, result), result)


@verifies("TERMINAL-HOLDER-NAME")
@for_each("profile", by_psam)
def test_long_name(terminal: TerminalUnderTest, profile: str) -> None:
    """A name that fills its item goes on in the extension: both are returned (a first-generation card has none)."""
    terminal.prepare({"card": profile, "holder": LONG_NAME})
    result = read_basic(terminal)
    expect(result).returns(0)
    fields_agree(terminal, *read_once(terminal, profile, result), result)


@verifies("TERMINAL-HOLDER-NAME")
@for_each("profile", by_psam)
@for_each("which", ("foreign-name", "name-filled-with-ff"))
def test_other_names(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """A foreigner's name in Latin letters is returned whole, and of either filler, 00 or FF, nothing is left."""
    terminal.prepare({"card": profile, "hostile": which})
    result = read_basic(terminal)
    expect(result).returns(0)
    fields_agree(terminal, *read_once(terminal, profile, result), result)


@verifies("TERMINAL-INTERNAL-AUTH")
@for_each("profile", GENERATIONS)
def test_card_is_authenticated(terminal: TerminalUnderTest, profile: str) -> None:
    """Before 0 is returned the card has proved IRK, and the PSAM was asked for the same authentication data."""
    terminal.prepare({"card": profile})
    result = read_basic(terminal)
    expect(result).returns(0)
    _, seen = read_once(terminal, profile, result)
    keys = keys_of(terminal.card_of(profile), seen, {INTERNAL_KEY: terminal.root_key(INTERNAL_KEY)})
    proved = [one for one in seen.internal if genuine(keys, one)]
    check(terminal, bool(proved), what="internal authentication", expected="at least one", received=str(len(proved)))
    computed = sum(len(delivery.computed) for delivery in seen.deliveries)
    check(terminal, computed > 0, what="computed by the PSAM", expected="at least one", received=str(computed))


@verifies("TERMINAL-INTERNAL-FRESH")
@for_each("profile", by_psam)
def test_fresh_factors(terminal: TerminalUnderTest, profile: str) -> None:
    """Two readings never use the same process factor."""
    terminal.prepare({"card": profile})
    first, second = read_basic(terminal), read_basic(terminal)
    expect(first).returns(0)
    expect(second).returns(0)
    _, seen = read_once(terminal, profile, first, second)
    factors = [one.random.hex().upper() for one in seen.internal]
    different = len(factors) >= 2 and len(set(factors)) == len(factors)
    received = "different" if different else f"same: {', '.join(factors)}"
    check(terminal, different, what="process factors", expected="two, different", received=received)


@verifies("TERMINAL-EXTERNAL-AUTH")
def test_third_generation_is_opened(terminal: TerminalUnderTest) -> None:
    """RKSSSE is proved over the card's last challenge before the first item of the holder file is read."""
    terminal.prepare({"card": "card-3.0"})
    result = read_basic(terminal)
    expect(result).returns(0)
    _, seen = read_once(terminal, "card-3.0", result)
    card = terminal.card_of("card-3.0")
    keys = keys_of(card, seen, {READ_KEY: terminal.root_key(READ_KEY)})
    right = [at for at, one in zip(seen.external_at, seen.external, strict=True) if right_external(keys, one, card)]
    before = min(
        (seen.item_at[item.tag] for item in card.file("SSSE/EF06").items if item.tag in seen.item_at), default=-1
    )
    opened = bool(right) and right[0] < before
    check(terminal, opened, what="external authentication by RKSSSE", expected="before EF06", received=f"at {right}")


@verifies("TERMINAL-EXTERNAL-AUTH")
@for_each("profile", ("card-1.0", "card-2.0"))
def test_others_read_freely(terminal: TerminalUnderTest, profile: str) -> None:
    """Cards whose holder file reads freely are read with a PSAM that has no RKSSSE."""
    terminal.prepare({"card": profile, "psam": {"lacks": ["RKSSSE"]}})
    expect(read_basic(terminal)).returns(0)


@verifies("TERMINAL-SAM-ENVIRONMENT")
@for_each("profile", GENERATIONS)
def test_environment_of_the_algorithm(terminal: TerminalUnderTest, profile: str) -> None:
    """The session key is delivered in the environment of the card's algorithm, in the PSAM's application."""
    terminal.prepare({"card": profile})
    result = read_basic(terminal)
    spec, seen = read_once(terminal, profile, result)
    algorithm = spec.algorithm(seen.identifier)
    wanted = algorithm.environment.hex().upper() if algorithm is not None else "none"
    used = sorted({delivery.environment.hex().upper() for delivery in seen.deliveries})
    check(terminal, used == [wanted], what="environment of the PSAM", expected=wanted, received=", ".join(used))
    expect(result).returns(0)


@verifies("TERMINAL-SAM-FACTORS")
@for_each("profile", GENERATIONS)
@for_each("holder", (0, ELSEWHERE), ids=lambda holder: f"holder-{holder}")
def test_factors_of_the_card(terminal: TerminalUnderTest, profile: str, holder: int) -> None:
    """DELIVERY SESSION KEY names IRK and carries the factors of this card, the card's own first."""
    terminal.prepare({"card": profile, "holder": holder})
    result = read_basic(terminal)
    spec, seen = read_once(terminal, profile, result)
    of_irk = [one for one in seen.deliveries if one.key_id == spec.sam_keys[INTERNAL_KEY].key_id]
    check(terminal, bool(of_irk), what="deliveries of IRK", expected="at least one", received=str(len(of_irk)))
    for delivery in of_irk:
        expected, carried = delivered_factors(terminal.card_of(profile), seen, delivery)
        shown = f"factors {carried.hex().upper()}"
        check(terminal, carried == expected, what="factors", expected=expected.hex().upper(), received=shown)
    expect(result).returns(0)


@verifies("TERMINAL-SAM-LEVELS")
@for_each("profile", GENERATIONS)
@for_each("levels", (2, 1), ids=lambda levels: f"levels-{levels}")
def test_psam_of_lower_level(terminal: TerminalUnderTest, profile: str, levels: int) -> None:
    """With the PSAM of a province or a city the usage with fewer levels is found, and the card is read.

    From one usage of a key to the next the levels get fewer.
    """
    terminal.prepare({"card": profile, "psam": {"levels": levels}})
    result = read_basic(terminal)
    expect(result).returns(0)
    spec, seen = read_once(terminal, profile, result)
    for before, after in pairwise(seen.deliveries):
        if before.key_id == after.key_id:
            fewer = after.usage >> LEVELS_SHIFT < before.usage >> LEVELS_SHIFT
            told = f"usage {after.usage:02X} after {before.usage:02X}"
            check(terminal, fewer, what="usages tried", expected="fewer levels each time", received=told)
    fields_agree(terminal, spec, seen, result)


@verifies("TERMINAL-NUMBER")
@for_each("profile", GENERATIONS)
def test_terminal_number(terminal: TerminalUnderTest, profile: str) -> None:
    """The terminal number is read from the PSAM's file 0016 and returned."""
    terminal.prepare({"card": profile})
    result = read_basic(terminal)
    expect(result).returns(0)
    spec, seen = read_once(terminal, profile, result)
    number = seen.terminal_number or "never read"
    digits = 2 * spec.sam.number_length
    check(terminal, len(number) == digits, what="number in the PSAM", expected=f"{digits} digits", received=number)
    compared = compare_basic(spec, seen, result.out, number=number, device=None)
    name = next(field.name.en for field in spec.basic.fields if field.source == "terminal-number")
    for one in of_field(compared, name):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)
