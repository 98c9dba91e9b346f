"""What becomes of the reader when a function has ended. Only where the tester sees who holds it."""

from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import terminal_spec
from onecard.testing import CallResult, Inconclusive, TerminalUnderTest, check, for_each, verifies

ORDER = 400
CONTACT = 1
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
Ending = tuple[str, dict[str, object]]
# Paths that end a function early: name, and the settings of the tester's side.
ENDS: tuple[Ending, ...] = (
    ("no-card", {"card": None}),
    ("no-psam", {"card": "card-2.0", "psam": None}),
    ("no-sm4", {"psam": {"lacks": ["sm4"]}}),
    ("forged", {"hostile": "forged"}),
    ("no-environment", {"card": "card-2.0", "hostile": "no-environment"}),
    ("locked-read-key", {"hostile": "locked-read-key"}),
    ("pulled", {"card": "card-2.0", "removed-after": 4}),
)


# Of these, those that a terminal without PSAM meets in its first step.
WITHOUT_SAM = ("no-card", "no-environment", "pulled")


def endings(spec: InterfaceSpec) -> list[Ending]:
    """The paths that the terminal has."""
    return [one for one in ENDS if spec.ics["terminal.sam"] or one[0] in WITHOUT_SAM]


def by_psam(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards that are read by PSAM in one function, where the terminal has it."""
    return GENERATIONS if spec.ics["terminal.sam"] else ()


def by_encryptor(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards of the two steps, where the terminal has them."""
    return GENERATIONS if spec.ics["terminal.encryptor"] else ()


def read_basic(terminal: TerminalUnderTest) -> CallResult:
    """Call iReadCardBas, or the first step by encryptor where there is no PSAM."""
    functions = terminal_spec(terminal.spec).functions
    return terminal.call((functions.get("READ-BASIC") or functions["READ-BASIC-STEP-1"]).call, iType=CONTACT)


def released(terminal: TerminalUnderTest, result: CallResult) -> None:
    """No slot is held any more."""
    if result.held is None:
        raise Inconclusive(zh="测试台看不到读卡器的占用", en="this bench does not see who holds the reader")
    told = ", ".join(result.held) or "none"
    check(terminal, not result.held, what="slots held after the call", expected="none", received=told)


@verifies("TERMINAL-RELEASE")
@for_each("ending", endings, ids=lambda ending: ending[0])
def test_released_after_an_error(terminal: TerminalUnderTest, ending: Ending) -> None:
    """A function that returns an error has let go of card and PSAM."""
    terminal.prepare(ending[1])
    result = read_basic(terminal)
    if result.value >= 0:
        raise Inconclusive(zh="函数未返回错误", en="the function returned no error")
    released(terminal, result)


@verifies("TERMINAL-RELEASE")
@for_each("profile", by_psam)
def test_released_after_success(terminal: TerminalUnderTest, profile: str) -> None:
    """A function that has read the card has let go of card and PSAM."""
    terminal.prepare({"card": profile})
    result = read_basic(terminal)
    if result.value != 0:
        raise Inconclusive(zh="函数未成功", en="the function did not succeed")
    released(terminal, result)


@verifies("TERMINAL-RELEASE")
@for_each("profile", by_encryptor)
def test_released_after_the_second_step(terminal: TerminalUnderTest, profile: str) -> None:
    """A second step that fails has let go of the card that the first step kept."""
    terminal.prepare({"card": profile})
    functions = terminal_spec(terminal.spec).functions
    if terminal.call(functions["READ-BASIC-STEP-1"].call, iType=CONTACT).value != 0:
        raise Inconclusive(zh="第一步未成功", en="the first step did not succeed")
    released(terminal, terminal.call(functions["READ-BASIC-STEP-2"].call, pKey="||"))
