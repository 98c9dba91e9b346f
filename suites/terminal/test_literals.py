"""Literal values of the interface, beside the cases that are made from the data."""

from onecard.testing import TerminalUnderTest, check, expect, for_each, verifies

ORDER = 90
FIELDS = 11
# (what, place, characters): the fields of fixed length in the string of basic data.
FIXED = (
    ("region", 0, 6),
    ("card number", 2, 9),
    ("identification code", 3, 32),
    ("historical bytes", 5, 26),
    ("issue date", 7, 8),
    ("valid until", 8, 8),
    ("terminal number", 9, 12),
)


@verifies("TERMINAL-READ-BASIC")
def test_form_of_basic_data(terminal: TerminalUnderTest) -> None:
    """iReadCardBas(1) on a third-generation card: eleven fields, each ended by |, of the lengths of the interface."""
    terminal.prepare({"card": "card-3.0"})
    result = terminal.call("iReadCardBas", iType=1)
    expect(result).returns(0)
    fields = result.out.split("|")
    check(terminal, len(fields) == FIELDS + 1, what="fields", expected="11", received=str(len(fields) - 1))
    for what, place, length in FIXED:
        found = fields[place]
        check(terminal, len(found) == length, what=what, expected=f"{length} characters", received=found)
    check(
        terminal, fields[3][6:16] == "D156000005", what="identification code", expected="D156000005", received=fields[3]
    )
    check(terminal, fields[6].startswith("3."), what="version", expected="3.…", received=fields[6])


@verifies("TERMINAL-HSM-REQUEST")
@for_each("profile", ("card-1.0", "card-3.0"))
def test_form_of_request(terminal: TerminalUnderTest, profile: str) -> None:
    """iReadCardBas_HSM_Step1(1): eight fields; the external pair and algorithm 03 for third-generation cards only."""
    terminal.prepare({"card": profile, "psam": None})
    result = terminal.call("iReadCardBas_HSM_Step1", iType=1)
    expect(result).returns(0)
    lengths = ",".join(str(len(field)) for field in result.out.split("|")[:8])
    wanted = "6,26,2,32,16,16,16,16" if profile == "card-3.0" else "6,26,2,32,16,16,0,0"
    check(terminal, lengths == wanted, what="lengths of the fields", expected=wanted, received=lengths)
    algorithm = result.out.split("|")[2]
    expected = "03" if profile == "card-3.0" else "01"
    check(terminal, algorithm == expected, what="algorithm", expected=expected, received=algorithm)


@verifies("TERMINAL-NO-CARD")
def test_code_of_no_card(terminal: TerminalUnderTest) -> None:
    """No card is -2, of iReadCardBas or, in a terminal without PSAM, of iReadCardBas_HSM_Step1."""
    terminal.prepare({"card": None})
    call = "iReadCardBas" if terminal.ics["terminal.sam"] else "iReadCardBas_HSM_Step1"
    expect(terminal.call(call, iType=1)).returns(-2)


@verifies("TERMINAL-INTERNAL-AUTH")
def test_code_of_forged_card(terminal: TerminalUnderTest) -> None:
    """A forged card is -21."""
    terminal.prepare({"hostile": "forged"})
    expect(terminal.call("iReadCardBas", iType=1)).returns(-21)


@verifies("TERMINAL-SAM-ABSENT")
def test_code_of_no_psam(terminal: TerminalUnderTest) -> None:
    """No PSAM is -2201."""
    terminal.prepare({"psam": None})
    expect(terminal.call("iReadCardBas", iType=1)).returns(-2201)
