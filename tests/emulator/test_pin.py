"""VERIFY with the synthetic PIN 123456."""

import pytest

from emulator.card.behaviour import CardBehaviour
from onecard.spec.card import Access, AccessRule
from tests.emulator.bench import SELECT_DF01, SELECT_SSSE
from tests.emulator.conftest import BenchMaker

QUERY, RIGHT, WRONG = "0020000000", "0020000003123456", "0020000003123457"


def test_query_leaves_the_counter(bench: BenchMaker) -> None:
    table = bench()
    assert [table.send(QUERY) for _ in range(4)] == ["63C3"] * 4
    assert table.send("00200000") == "63C3"
    assert table.send(WRONG, QUERY, QUERY) == "63C2"


def test_without_a_pin(bench: BenchMaker) -> None:
    table = bench(pin=False)
    assert table.send(QUERY) == "9000"
    assert table.send(RIGHT) == "6984"


def test_counter_and_blocking(bench: BenchMaker) -> None:
    table = bench()
    assert [table.send(WRONG), table.send(WRONG), table.send(RIGHT)] == ["63C2", "63C1", "9000"]
    assert [table.send(WRONG) for _ in range(4)] == ["63C2", "63C1", "63C0", "6983"]
    assert table.send(RIGHT) == "6983"
    table.card.power_on()
    assert table.send(RIGHT) == "6983"
    assert table.send(QUERY) == "63C0"


def test_limit_is_the_declared_one(bench: BenchMaker) -> None:
    table = bench(pin_try_limit=15)
    assert [table.send(QUERY), table.send(WRONG), table.send(RIGHT), table.send(QUERY)] == [
        "63CF", "63CE", "9000", "63CF",
    ]  # fmt: skip


@pytest.mark.parametrize("pin", ["1234", "12345F", "123456FF", "12345600", "1234567F", "123F", "654321", "ABCDEF"])
def test_whole_pin_is_compared(pin: str, bench: BenchMaker) -> None:
    assert bench().send(f"00200000{len(pin) // 2:02X}{pin}") == "63C2"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("002000000112", "6700"),
        ("0020000009" + "12" * 9, "6700"),
        ("0020000003" + "1234", "6700"),
        ("0020000003" + "12345600", "6700"),
        ("0020010003123456", "6A86"),
        ("0020000103123456", "6A86"),
        ("0020000200", "6A86"),
    ],
)
def test_refusals_cost_no_try(command: str, answer: str, bench: BenchMaker) -> None:
    table = bench()
    assert table.send(command) == answer
    assert table.card.image.pin_tries == 3


class PinOpensHolderFile(CardBehaviour):
    """The holder file read by PIN, to see when the PIN counts as verified."""

    def may_read(self, file: object, state: object) -> bool:
        from emulator.card.access import granted
        from emulator.card.state import SecurityState

        assert isinstance(state, SecurityState)
        return granted(AccessRule(Access.PIN), state)


def test_pin_outlives_selection_but_not_failure_or_reset(bench: BenchMaker) -> None:
    table = bench(behaviour=PinOpensHolderFile())
    read = "00B2022C03"
    assert table.send(read) == "6982"
    assert table.send(RIGHT, SELECT_DF01, SELECT_SSSE, read) == "0201339000"
    assert table.send(WRONG, read) == "6982"
    assert table.send(RIGHT, QUERY, read) == "0201339000"
    table.card.reset()
    assert table.send(read) == "6982"
