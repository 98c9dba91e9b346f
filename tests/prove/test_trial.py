"""What is a kill and what is not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.card.variant import VariantSpec
from onecard.harness.card import CardUnderTest
from onecard.harness.case import Case
from onecard.harness.subject import Subject
from onecard.harness.verdict import Check, Outcome, Verdict
from onecard.prove.run import BaselineBroken, baseline
from onecard.prove.stage import Stage
from onecard.prove.trial import Fate, Trial, kills, try_mutant
from onecard.prove.watched import EXCHANGES, Watch
from onecard.spec.card import CardSpec
from onecard.targets.base import TargetError
from onecard.testing import expect

ONCE = frozenset(("CARD-CHALLENGE-ONCE",))


class ChallengeStays(CardBehaviour):
    def consume_challenge(self, state: SecurityState) -> SecurityState:
        return state


class RaisesOnChallenge(CardBehaviour):
    def challenge_bytes(self, length: int, random: Callable[[int], bytes]) -> bytes:
        raise ZeroDivisionError("the emulator's own mistake")


class RaisesOnReset(CardBehaviour):
    def warm_atr(self, right: bytes) -> bytes:
        raise KeyError("no ATR")


class RaisesOnAnyCommand(CardBehaviour):
    def answer(self, command: bytes, right: bytes) -> bytes | None:
        raise IndexError("no answer")


class Silent(CardBehaviour):
    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return None


def attempt(
    stage: Stage, behaviour: type[CardBehaviour], breaks: frozenset[str] = ONCE, *, full: bool = False
) -> Trial:
    return try_mutant(stage, "card/tried", breaks, lambda: VariantSpec(behaviour=behaviour()), full=full)


def test_broken_card_is_killed_by_one_traced_case(newest: Stage) -> None:
    trial = attempt(newest, ChallengeStays)
    assert trial.fate is Fate.KILLED
    (killer,) = trial.killers
    case = next(case for case in newest.cases() if case.id == killer)
    assert "CARD-CHALLENGE-ONCE" in case.requirements


def test_full_lists_every_killer_and_what_else_failed(newest: Stage) -> None:
    trial = attempt(newest, ChallengeStays, full=True)
    assert len(trial.killers) > 1
    assert not set(trial.killers) & set(trial.collateral)


def test_harmless_mutant_survives(newest: Stage) -> None:
    trial = attempt(newest, CardBehaviour)
    assert (trial.fate, trial.killers) == (Fate.SURVIVED, ())
    assert trial.cases > 0


def test_failure_for_another_requirement_is_no_kill(newest: Stage) -> None:
    trial = attempt(newest, ChallengeStays, frozenset(("CARD-ATR-CONVENTION",)), full=True)
    assert trial.fate is Fate.SURVIVED
    assert trial.collateral


def test_requirement_without_case_lets_the_mutant_survive(newest: Stage) -> None:
    trial = attempt(newest, ChallengeStays, frozenset(("CARD-NO-SUCH",)))
    assert (trial.fate, trial.cases) == (Fate.SURVIVED, 0)


@pytest.mark.parametrize("behaviour", [RaisesOnChallenge, RaisesOnReset, RaisesOnAnyCommand])
def test_exception_in_the_emulator_is_no_kill(newest: Stage, behaviour: type[CardBehaviour]) -> None:
    trial = attempt(newest, behaviour)
    assert (trial.fate, trial.killers) == (Fate.CANNOT_RUN, ())
    assert trial.note


def test_card_that_cannot_be_built_cannot_run(newest: Stage) -> None:
    def variant() -> VariantSpec:
        raise ValueError("no such card")

    trial = try_mutant(newest, "card/tried", ONCE, variant, full=False)
    assert (trial.fate, trial.note) == (Fate.CANNOT_RUN, "ValueError: no such card")


def test_silence_is_no_kill(newest: Stage) -> None:
    assert attempt(newest, Silent).fate is Fate.SURVIVED


@pytest.mark.parametrize(
    ("verdict", "named", "killed"),
    [
        (Verdict.FAIL, "CARD-CHALLENGE-ONCE", True),
        (Verdict.FAIL, "CARD-EXTERNAL-AUTH", False),
        (Verdict.FAIL, None, False),
        (Verdict.ERROR, "CARD-CHALLENGE-ONCE", False),
        (Verdict.INCONCLUSIVE, "CARD-CHALLENGE-ONCE", False),
    ],
)
def test_only_a_failed_check_of_the_broken_requirement_kills(verdict: Verdict, named: str | None, killed: bool) -> None:
    case = Case("card/x/test", "", ("CARD-CHALLENGE-ONCE", "CARD-EXTERNAL-AUTH"), None)
    outcome = Outcome(verdict, failed=Check(1, named, "status", "6984", "9000", ok=False))
    assert kills(outcome, case, ONCE) is killed
    untraced = replace(case, requirements=("CARD-EXTERNAL-AUTH",))
    assert not kills(outcome, untraced, ONCE)


def test_endless_commands_end_the_trial() -> None:
    watch = Watch(exchanges=EXCHANGES)
    with pytest.raises(TargetError):
        watch.asked("transmit", (b"\x00\x84\x00\x00\x08",), lambda command: command)


def test_the_same_trial_twice_is_the_same(newest: Stage) -> None:
    assert attempt(newest, ChallengeStays, full=True) == attempt(newest, ChallengeStays, full=True)


def test_baseline_holds(newest: Stage) -> None:
    baseline(newest)


def test_broken_baseline_stops_the_proof(newest: Stage) -> None:
    def wrong(card: Subject) -> None:
        assert isinstance(card, CardUnderTest)
        card.select_environment()
        expect(card.send(card.apdu.verify(b""))).sw("6F42")

    first = newest.cases()[0]
    broken = replace(newest, bodies={**newest.bodies, first.id: wrong})
    with pytest.raises(BaselineBroken) as stopped:
        baseline(broken)
    assert stopped.value.exit_code == 3
    assert first.id in stopped.value.text.en


def test_true_data_in_place_of_the_profile_change_nothing(newest: Stage) -> None:
    true: CardSpec = newest.context.card
    trial = try_mutant(newest, "card/tried", ONCE, lambda: VariantSpec(card_spec=true), full=True)
    assert (trial.fate, trial.killers, trial.collateral) == (Fate.SURVIVED, (), ())
