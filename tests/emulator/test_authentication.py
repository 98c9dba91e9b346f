"""Challenge, internal and external authentication."""

import pytest

from emulator.crypto_card import authentication_data, session_key
from tests.emulator.bench import SELECT_DF01, SELECT_EF05, SELECT_EF06, SELECT_SSSE
from tests.emulator.conftest import BenchMaker

READ_HOLDER = "00B2083014"
ZEROS = "00" * 16


@pytest.mark.parametrize("length", [4, 8, 16])
def test_challenge_lengths(length: int, bench: BenchMaker) -> None:
    table = bench()
    challenges = {table.challenge(length) for _ in range(8)}
    assert {len(challenge) for challenge in challenges} == {length}
    assert len(challenges) == 8


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00840000", "6700"),
        ("0084000000", "6700"),
        ("0084000005", "6700"),
        ("00840000080000", "6700"),
        ("0084010008", "6A86"),
        ("0084000108", "6A86"),
        ("0084010005", "6700"),
    ],
)
def test_challenge_refusals(command: str, answer: str, bench: BenchMaker) -> None:
    assert bench().send(command) == answer


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
@pytest.mark.parametrize(("version", "tail"), [(1, ""), (1, "01"), (2, "02"), (3, "03")])
@pytest.mark.parametrize("le", ["", "00", "08"])
def test_internal_authentication(profile: str, version: int, tail: str, le: str, bench: BenchMaker) -> None:
    table = bench(profile)
    random, original = bytes(range(8)), bytes(range(8, 16))
    command = f"00880000{16 + len(tail) // 2:02X}{(random + original).hex()}{tail}{le}"
    keys = table.card.image.keys["IRK"]
    if version not in keys:
        assert table.send(command) == "6A88"
        return
    spec = table.card.spec
    expected = authentication_data(spec, session_key(spec, keys[version], random), original)
    assert table.send(command) == "6108"
    assert table.send("00C0000008") == expected.hex().upper() + "9000"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("008800000F" + ZEROS[2:], "6700"),
        ("0088000012" + ZEROS + "0100", "6700"),
        ("00880000", "6700"),
        ("0088010010" + ZEROS, "6A86"),
        ("0088000110" + ZEROS, "6A86"),
        ("0088000011" + ZEROS + "04", "6A88"),
        ("0088000011" + ZEROS + "00", "6A88"),
    ],
)
def test_internal_refusals(command: str, answer: str, bench: BenchMaker) -> None:
    assert bench().send(command) == answer


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
@pytest.mark.parametrize("length", [4, 8, 16])
def test_external_authentication_by_every_challenge(profile: str, length: int, bench: BenchMaker) -> None:
    table = bench(profile)
    assert table.send(table.external("UKSSSE", table.challenge(length))) == "9000"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_and_none_for_another(version: int, bench: BenchMaker) -> None:
    table = bench()
    assert table.authenticate("RKSSSE", version=version) == "9000"
    other = version % 3 + 1
    command = table.external("RKSSSE", table.challenge(), version=version)
    assert table.send(command[:-2] + f"{other:02X}") == "63C2"


def test_version_01_may_be_left_out(bench: BenchMaker) -> None:
    table = bench()
    assert table.send(table.external("RKSSSE", table.challenge(), with_version=False)) == "9000"
    assert table.send(table.external("RKSSSE", table.challenge(), version=2, with_version=False)) == "63C2"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("0082000A0F" + ZEROS[2:], "6700"),
        ("0082000A12" + ZEROS + "0100", "6700"),
        ("0082000A10" + ZEROS + "00", "6700"),
        ("0082010A10" + ZEROS, "6A86"),
        ("0082000B10" + ZEROS, "6A88"),
        ("0082000010" + ZEROS, "6A88"),
        ("0082008410" + ZEROS, "6A88"),
        ("0082000A11" + ZEROS + "04", "6A88"),
        ("0082000A10" + ZEROS, "6984"),
        ("0082000410" + ZEROS, "6984"),
    ],
)
def test_external_refusals_cost_no_try(command: str, answer: str, bench: BenchMaker) -> None:
    table = bench()
    assert table.send(command) == answer
    assert set(table.card.image.key_tries.values()) == {3}


def test_cards_of_the_first_generation_have_no_read_key(bench: BenchMaker) -> None:
    """RKSSSE came with the photo file of V2.0."""
    assert bench("card-1.0").send("0082000A10" + ZEROS) == "6A88"


def test_challenge_serves_once(bench: BenchMaker) -> None:
    table = bench()
    right = table.external("RKSSSE", table.challenge())
    assert table.send(right) == "9000"
    assert table.send(right) == "6984"
    assert table.wrong("RKSSSE") == "63C2"
    assert table.send(right) == "6984"


def test_a_refusal_before_the_challenge_is_needed_leaves_it(bench: BenchMaker) -> None:
    table = bench()
    right = table.external("RKSSSE", table.challenge())
    assert table.send("0082000B10" + ZEROS, "0082000A0F" + ZEROS[2:], right) == "9000"


def test_only_the_last_challenge_counts(bench: BenchMaker) -> None:
    table = bench()
    first = table.external("RKSSSE", table.challenge())
    table.challenge()
    assert table.send(first) == "63C2"


def test_counter(bench: BenchMaker) -> None:
    table = bench()
    assert [table.wrong("UKSSSE"), table.wrong("UKSSSE")] == ["63C2", "63C1"]
    assert table.authenticate("UKSSSE") == "9000"
    assert [table.wrong("UKSSSE") for _ in range(3)] == ["63C2", "63C1", "63C0"]
    assert table.authenticate("UKSSSE") == "6983"
    assert table.card.image.key_tries["UKSSSE"] == 0
    table.card.power_on()
    assert table.authenticate("UKSSSE") == "6983"
    assert table.authenticate("RKSSSE") == "9000"


def test_versions_share_the_counter(bench: BenchMaker) -> None:
    table = bench()
    table.wrong("UKSSSE")
    assert table.authenticate("UKSSSE", version=3) == "9000"
    assert table.card.image.key_tries["UKSSSE"] == 3


def test_a_blocked_key_keeps_the_challenge(bench: BenchMaker) -> None:
    table = bench()
    table.card.image.key_tries["UKSSSE"] = 0
    right = table.external("RKSSSE", table.challenge())
    assert table.send("0082000410" + ZEROS) == "6983"
    assert table.send(right) == "9000"


def test_failure_takes_the_right_away(bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("RKSSSE")
    assert table.send(READ_HOLDER)[-4:] == "9000"
    assert table.wrong("UKSSSE") == "63C2"
    assert table.send(READ_HOLDER)[-4:] == "9000"
    assert table.wrong("RKSSSE") == "63C2"
    assert table.send(READ_HOLDER) == "6982"


def test_data_of_one_key_prove_no_other(bench: BenchMaker) -> None:
    table = bench()
    command = table.external("RKSSSE", table.challenge())
    assert table.send(command.replace("0082000A", "00820004")) == "63C2"


@pytest.mark.parametrize("between", [[SELECT_EF05], [SELECT_SSSE], ["00A40000023F00"], [SELECT_EF05, SELECT_EF06]])
def test_rights_stay_within_the_application(between: list[str], bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("RKSSSE")
    assert table.send(*between, READ_HOLDER)[-4:] == "9000"


def test_rights_and_challenge_end_with_another_application(bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("RKSSSE")
    assert table.send(SELECT_DF01, SELECT_SSSE, READ_HOLDER) == "6982"
    right = table.external("RKSSSE", table.challenge())
    assert table.send(SELECT_DF01, right) == "6984"
    assert table.send(SELECT_SSSE, right) == "6984"


@pytest.mark.parametrize("cold", [True, False])
def test_rights_and_challenge_end_with_a_reset(cold: bool, bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("RKSSSE")
    right = table.external("RKSSSE", table.challenge())
    table.send("0020000003123456")
    if cold:
        table.card.power_on()
    else:
        table.card.reset()
    assert table.send(READ_HOLDER) == "6982"
    assert table.send(right) == "6984"


def test_challenge_outlives_other_commands(bench: BenchMaker) -> None:
    table = bench()
    right = table.external("RKSSSE", table.challenge())
    assert table.send(SELECT_EF05, "00B2010012", SELECT_SSSE, right) == "9000"
