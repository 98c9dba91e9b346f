"""What the terminal must refuse, and the return code that says so."""

from onecard.oracle.terminal_strings import personal_texts
from onecard.oracle.terminal_trace import observe
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import TerminalSpec, terminal_spec
from onecard.testing import (
    CallResult,
    Inconclusive,
    PreambleFailed,
    TerminalUnderTest,
    check,
    expect,
    for_each,
    observed,
    verifies,
)

ORDER = 200
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
CONTACT, CONTACTLESS, CONTACT_FIRST, CONTACTLESS_FIRST = 1, 2, 3, 4
# Below what a reading needs; where exactly the card is pulled is the terminal's order of commands.
PULLED_AFTER = (1, 2, 4, 7)
# By what the tester's card refuses READ RECORD: words that have no meaning of their own there.
REFUSED_BY = ("6700", "6901", "6981", "6982", "6985", "6A81", "9303")
# Situations that end in an error: name, settings of the tester's side, iType.
TROUBLES: tuple["Trouble", ...] = (
    ("no-card", {"card": None}, CONTACT),
    ("no-psam", {"card": "card-2.0", "psam": None}, CONTACT),
    ("no-sm4", {"psam": {"lacks": ["sm4"]}}, CONTACT),
    ("no-read-key", {"psam": {"lacks": ["RKSSSE"]}}, CONTACT),
    ("no-irk", {"card": "card-2.0", "psam": {"lacks": ["IRK"]}}, CONTACT),
    ("forged-1.0", {"card": "card-1.0", "hostile": "forged"}, CONTACT),
    ("forged-2.0", {"card": "card-2.0", "hostile": "forged"}, CONTACT),
    ("forged-3.0", {"card": "card-3.0", "hostile": "forged"}, CONTACT),
    ("no-environment", {"card": "card-2.0", "hostile": "no-environment"}, CONTACT),
    ("foreign-identification", {"card": "card-2.0", "hostile": "foreign-identification"}, CONTACT),
    ("locked-read-key", {"hostile": "locked-read-key"}, CONTACT),
    ("pulled", {"card": "card-2.0", "removed-after": 7}, CONTACT),
    ("short-name-1.0", {"card": "card-1.0", "hostile": "short-name"}, CONTACT),
    ("short-name-2.0", {"card": "card-2.0", "hostile": "short-name"}, CONTACT),
    ("short-name-3.0", {"card": "card-3.0", "hostile": "short-name"}, CONTACT),
    ("nonsense", {}, 9),
)
Trouble = tuple[str, dict[str, object], int]
# Of these, and of the malformed records, those that a terminal without PSAM meets in the first step by encryptor.
ELSEWHERE = 7  # a synthetic person of another province than the card's
BEFORE_AUTHENTICATION = ("no-card", "no-environment", "foreign-identification", "pulled", "nonsense")
MALFORMED = ("long-issue-date", "wrong-tag")


def troubles(spec: InterfaceSpec) -> list[Trouble]:
    """The situations that the terminal can meet."""
    return [one for one in TROUBLES if spec.ics["terminal.sam"] or one[0] in BEFORE_AUTHENTICATION]


def malformed(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards with a malformed record that the terminal can meet."""
    return (*MALFORMED, "short-name") if spec.ics["terminal.sam"] else MALFORMED


def newest_by_psam(spec: InterfaceSpec) -> tuple[str, ...]:
    """The card to whose read key a terminal authenticates by PSAM; none for one without PSAM."""
    return ("card-3.0",) if spec.ics["terminal.sam"] else ()


def read_basic(terminal: TerminalUnderTest, search: int = CONTACT) -> CallResult:
    """Call iReadCardBas; of a terminal that works by encryptor only iReadCardBas_HSM_Step1, which begins alike."""
    functions = terminal_spec(terminal.spec).functions
    return terminal.call((functions.get("READ-BASIC") or functions["READ-BASIC-STEP-1"]).call, iType=search)


def codes(terminal: TerminalUnderTest, outcome: str) -> tuple[int, ...]:
    """The return codes that may tell an outcome."""
    return terminal_spec(terminal.spec).outcomes[outcome]


def gives_nothing_away(
    terminal: TerminalUnderTest,
    profile: str,
    result: CallResult,
    *,
    before: CallResult | None = None,
    requirement: str | None = None,
) -> None:
    """The output of a failed call holds no personal item that the card answered, then or in a call ``before``."""
    spec: TerminalSpec = terminal_spec(terminal.spec)
    seen = observe(spec, terminal.card_of(profile), (before or result).trace)
    told = [what for what, text in personal_texts(spec, seen) if text and text in result.out]
    received = f"output with {', '.join(told)}" if told else "an error text"
    check(
        terminal,
        not told,
        what="output of a failed call",
        expected="no personal data",
        received=received,
        requirement=requirement,
    )


def slots_used(result: CallResult) -> list[str]:
    """The slots to which commands for a card went, in order of first use."""
    used = (one.ask["transmit"]["slot"] for one in result.trace if "transmit" in one.ask)
    return [slot for slot in dict.fromkeys(used) if slot != "psam"]


@verifies("TERMINAL-INTERNAL-AUTH")
@for_each("profile", GENERATIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str) -> None:
    """A card that does not know IRK, and accepts whatever is proved to it, is refused by -21."""
    terminal.prepare({"card": profile, "hostile": "forged"})
    result = read_basic(terminal)
    observed(terminal, profile, result, forged=True)
    expect(result).returns(*codes(terminal, "INTERNAL"))
    gives_nothing_away(terminal, profile, result)


@verifies("TERMINAL-ERROR-TEXT")
@for_each("trouble", troubles, ids=lambda trouble: str(trouble[0]))
def test_error_text(terminal: TerminalUnderTest, trouble: Trouble) -> None:
    """A call that fails leaves neither the social security number nor the name in pOutInfo."""
    _, settings, search = trouble
    terminal.prepare(settings)
    result = read_basic(terminal, search)
    if result.value >= 0:
        raise PreambleFailed(zh=f"调用未失败：{result.shown()}", en=f"the call did not fail: {result.shown()}")
    gives_nothing_away(terminal, str(settings.get("card") or "card-3.0"), result)


@verifies("TERMINAL-CODE-KNOWN")
@for_each("trouble", troubles, ids=lambda trouble: str(trouble[0]))
def test_known_codes(terminal: TerminalUnderTest, trouble: Trouble) -> None:
    """Every return code is in the table, or the negative of a status word that card or PSAM answered."""
    _, settings, search = trouble
    terminal.prepare(settings)
    result = read_basic(terminal, search)
    spec = terminal_spec(terminal.spec)
    seen = observe(spec, terminal.card_of(str(settings.get("card") or "card-3.0")), result.trace)
    allowed = {*spec.codes.values(), *(spec.status_code(sw) for sw in seen.statuses)}
    known = result.value in allowed
    check(terminal, known, what="return code", expected="in the table", received=str(result.value))


@verifies("TERMINAL-NO-CARD")
@for_each("search", (CONTACT, CONTACT_FIRST), ids=lambda search: f"iType-{search}")
def test_no_card(terminal: TerminalUnderTest, search: int) -> None:
    """Without a card -2 is returned."""
    terminal.prepare({"card": None})
    expect(read_basic(terminal, search)).returns(*codes(terminal, "NO-CARD"))


@verifies("TERMINAL-READER")
@for_each("search", (CONTACT, CONTACTLESS, CONTACT_FIRST), ids=lambda search: f"iType-{search}")
def test_no_reader(terminal: TerminalUnderTest, search: int) -> None:
    """Without a connected reader -12 or -11 is returned, whatever the search."""
    terminal.prepare({"reader": False})
    result = read_basic(terminal, search)
    if not result.unplugged and not any(one.answer.get("error") == "disconnected" for one in result.trace):
        raise Inconclusive(zh="终端未访问读卡器", en="the terminal did not use the reader")
    expect(result).returns(*codes(terminal, "READER"))


@verifies("TERMINAL-READER", "TERMINAL-ERROR-TEXT")
def test_reader_lost(terminal: TerminalUnderTest) -> None:
    """After a card was read, a reader that is not connected any more gives its code, and nothing of that card."""
    terminal.prepare({})
    read = read_basic(terminal)
    terminal.prepare({"reader": False})
    result = read_basic(terminal)
    if not result.unplugged and not any(one.answer.get("error") == "disconnected" for one in result.trace):
        raise Inconclusive(zh="终端未访问读卡器", en="the terminal did not use the reader")
    expect(result).returns(*codes(terminal, "READER"))
    gives_nothing_away(terminal, "card-3.0", result, before=read, requirement="TERMINAL-ERROR-TEXT")


@verifies("TERMINAL-SEARCH")
@for_each("search", (CONTACT, CONTACT_FIRST, CONTACTLESS_FIRST), ids=lambda search: f"iType-{search}")
def test_card_on_contact(terminal: TerminalUnderTest, search: int) -> None:
    """A card on the contact interface is found by iType 1, and by both ways of searching."""
    terminal.prepare({"slots": ["card"]})
    expect(read_basic(terminal, search)).returns(0)


@verifies("TERMINAL-SEARCH")
def test_contactless_only(terminal: TerminalUnderTest) -> None:
    """Asked for the contactless interface alone, the terminal does not take a card from the other: -2."""
    terminal.prepare({"slots": ["card"]})
    result = read_basic(terminal, CONTACTLESS)
    expect(result).returns(*codes(terminal, "NO-CARD"))
    used = slots_used(result)
    check(terminal, not used, what="interfaces used", expected="none", received=", ".join(used))


@verifies("TERMINAL-SEARCH")
@for_each("search", (CONTACT, CONTACTLESS, CONTACT_FIRST, CONTACTLESS_FIRST), ids=lambda search: f"iType-{search}")
def test_order_of_search(terminal: TerminalUnderTest, search: int) -> None:
    """With a card on both interfaces the one that iType names first is taken."""
    terminal.prepare({"slots": ["card", "contactless"]})
    used = slots_used(read_basic(terminal, search))
    wanted = terminal_spec(terminal.spec).searches[search][0]
    check(terminal, used == [wanted], what="interface used", expected=wanted, received=", ".join(used))


@verifies("TERMINAL-SEARCH")
def test_contact_first_goes_on(terminal: TerminalUnderTest) -> None:
    """iType 3 finds a card that lies on the contactless interface alone."""
    terminal.prepare({"slots": ["contactless"]})
    used = slots_used(read_basic(terminal, CONTACT_FIRST))
    check(terminal, used == ["contactless"], what="interface used", expected="contactless", received=", ".join(used))


@verifies("TERMINAL-SEARCH-INVALID")
@for_each("search", (0, -1, 5, 99), ids=lambda search: f"iType-{search}")
def test_search_without_meaning(terminal: TerminalUnderTest, search: int) -> None:
    """An iType without meaning returns -14, and no command reaches the card."""
    terminal.prepare({})
    result = read_basic(terminal, search)
    expect(result).returns(*codes(terminal, "SEARCH"))
    used = slots_used(result)
    check(terminal, not used, what="interfaces used", expected="none", received=", ".join(used))


@verifies("TERMINAL-REMOVED")
@for_each("profile", ("card-1.0", "card-3.0"))
@for_each("after", PULLED_AFTER, ids=lambda after: f"after-{after}")
def test_pulled_card(terminal: TerminalUnderTest, profile: str, after: int) -> None:
    """A card that is pulled while it is read gives the code of no card, not powered or mute, and no data."""
    terminal.prepare({"card": profile, "removed-after": after})
    result = read_basic(terminal)
    if not any(one.answer.get("error") == "removed" for one in result.trace):
        raise Inconclusive(zh="读卡在拔卡之前已结束", en="the reading was over before the card was pulled")
    expect(result).returns(*codes(terminal, "REMOVED"))
    gives_nothing_away(terminal, profile, result)


@verifies("TERMINAL-STATUS-CODE")
@for_each("profile", newest_by_psam)
def test_blocked_read_key(terminal: TerminalUnderTest, profile: str) -> None:
    """A card whose read key is blocked answers 6983, which becomes -27011."""
    terminal.prepare({"card": profile, "hostile": "locked-read-key"})
    result = read_basic(terminal)
    observed(terminal, profile, result)
    spec = terminal_spec(terminal.spec)
    refused = {one.sw for one in observe(spec, terminal.card_of(profile), result.trace).external}
    if refused != {0x6983}:
        raise Inconclusive(zh="终端未对卡片进行外部认证", en="the terminal did not try to authenticate to the card")
    expect(result).returns(spec.status_code(0x6983))


@verifies("TERMINAL-STATUS-CODE")
@for_each("status", REFUSED_BY)
def test_refused_reading(terminal: TerminalUnderTest, status: str) -> None:
    """A card that refuses READ RECORD: the return code is the negative of its status word, and no data come out."""
    terminal.prepare({"card": "card-2.0", "hostile": f"reading-refused-{status}"})
    result = read_basic(terminal)
    spec = terminal_spec(terminal.spec)
    if int(status, 16) not in observe(spec, terminal.card_of("card-2.0"), result.trace).statuses:
        raise Inconclusive(zh="终端未读记录", en="the terminal read no record")
    expect(result).returns(spec.status_code(int(status, 16)))
    gives_nothing_away(terminal, "card-2.0", result)


@verifies("TERMINAL-NO-ENVIRONMENT")
@for_each("profile", GENERATIONS)
def test_card_without_environment(terminal: TerminalUnderTest, profile: str) -> None:
    """A card that answers 6A82 to the selection of SSSE gives -27266 or -1."""
    terminal.prepare({"card": profile, "hostile": "no-environment"})
    expect(read_basic(terminal)).returns(*codes(terminal, "NO-ENVIRONMENT"))


@verifies("TERMINAL-IDENTIFICATION")
@for_each("profile", GENERATIONS)
@for_each("hostile", ("foreign-identification", "region-not-digits"))
def test_identification_code(terminal: TerminalUnderTest, profile: str, hostile: str) -> None:
    """An identification code with another fixed part, or a region that is no number, gives -20."""
    terminal.prepare({"card": profile, "hostile": hostile})
    expect(read_basic(terminal)).returns(*codes(terminal, "IDENTIFICATION"))


@verifies("TERMINAL-RECORD-FORMAT")
@for_each("profile", GENERATIONS)
@for_each("hostile", malformed)
def test_malformed_record(terminal: TerminalUnderTest, profile: str, hostile: str) -> None:
    """A record whose length byte or tag does not fit gives an error and no data."""
    terminal.prepare({"card": profile, "hostile": hostile})
    result = read_basic(terminal)
    expect(result).returns(*codes(terminal, "RECORD"))
    gives_nothing_away(terminal, profile, result)


@verifies("TERMINAL-SAM-ABSENT")
@for_each("profile", GENERATIONS)
def test_no_psam(terminal: TerminalUnderTest, profile: str) -> None:
    """Without a PSAM -2201 is returned."""
    terminal.prepare({"card": profile, "psam": None})
    expect(read_basic(terminal)).returns(*codes(terminal, "SAM-ABSENT"))


@verifies("TERMINAL-SAM-ALGORITHM")
def test_psam_without_sm4(terminal: TerminalUnderTest) -> None:
    """A PSAM without SM4 gives -2202 for a card that uses it."""
    terminal.prepare({"psam": {"lacks": ["sm4"]}})
    expect(read_basic(terminal)).returns(*codes(terminal, "SAM-ALGORITHM"))


@verifies("TERMINAL-SAM-RKSSSE")
def test_psam_without_read_key(terminal: TerminalUnderTest) -> None:
    """A PSAM without RKSSSE gives -2203 for a third-generation card."""
    terminal.prepare({"psam": {"lacks": ["RKSSSE"]}})
    expect(read_basic(terminal)).returns(*codes(terminal, "SAM-RKSSSE"))


@verifies("TERMINAL-SAM-KEY")
@for_each("profile", GENERATIONS)
def test_psam_without_irk(terminal: TerminalUnderTest, profile: str) -> None:
    """A PSAM without IRK gives the code of a key that is not found, or of a level too low."""
    terminal.prepare({"card": profile, "psam": {"lacks": ["IRK"]}})
    expect(read_basic(terminal)).returns(*codes(terminal, "SAM-KEY"))


@verifies("TERMINAL-INTERNAL-AUTH")
@for_each("profile", GENERATIONS)
@for_each("levels", (2, 1), ids=lambda levels: f"levels-{levels}")
def test_card_of_another_region(terminal: TerminalUnderTest, profile: str, levels: int) -> None:
    """The PSAM of another province or city computes other data than the card: its key is not the card's."""
    terminal.prepare({"card": profile, "psam": {"levels": levels, "holder": ELSEWHERE}})
    result = read_basic(terminal)
    expect(result).returns(*codes(terminal, "INTERNAL"), *codes(terminal, "SAM-KEY"))
    gives_nothing_away(terminal, profile, result)


@verifies("TERMINAL-VALIDITY")
@for_each("profile", GENERATIONS)
@for_each("hostile", ("expired", "ended-lately", "unknown-version", "unknown-class", "foreign-body"))
def test_invalid_card(terminal: TerminalUnderTest, profile: str, hostile: str) -> None:
    """A genuine card whose validity has ended, or with a version, class or body that nobody knows, is refused."""
    terminal.prepare({"card": profile, "hostile": hostile})
    result = read_basic(terminal)
    expect(result).returns(*codes(terminal, "INVALID"))
    gives_nothing_away(terminal, profile, result)


@verifies("TERMINAL-VALIDITY-ORDER")
@for_each("profile", GENERATIONS)
@for_each("hostile", ("forged-and-expired", "forged-with-foreign-body"))
def test_authentication_comes_first(terminal: TerminalUnderTest, profile: str, hostile: str) -> None:
    """Of a forged card that is not valid either the forgery is told: -21."""
    terminal.prepare({"card": profile, "hostile": hostile})
    result = read_basic(terminal)
    observed(terminal, profile, result, forged=True)
    expect(result).returns(*codes(terminal, "INTERNAL"))
