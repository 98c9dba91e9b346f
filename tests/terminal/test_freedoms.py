"""What the sources leave open, or tell in two ways, fails no terminal."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from emulator.terminal.behaviour import TerminalBehaviour
from emulator.variant import Variant
from onecard.harness.verdict import Verdict
from onecard.reference.terminal import instrument, open_target
from onecard.targets.base import Message, Target, TargetOptions
from tests.terminal.bench import PROFILE, outcomes


class OtherCodes(TerminalBehaviour):
    """Of codes that may tell the same, the last; the codes of 63Cx the other way round; lower-case hexadecimal."""

    _OTHERS: Mapping[str, int] = {
        "NO-ENVIRONMENT": -1,
        "INTERNAL-BY-ENCRYPTOR": -25,
        "REMOVED": -4,
        "KEY-INPUT": -42,
        "ORDER": -27013,
        "SAM-KEY": -24,
        "RECORD": -27267,
    }

    def outcome_code(self, outcome: str, right: int) -> int:
        return self._OTHERS.get(outcome, right)

    def status_code(self, sw: int, right: int) -> int:
        return {0x63C2: -0x63C0, 0x63C0: -0x63C2}.get(sw, right)

    def request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value.lower() for name, value in right.items()}


def _reference(behaviour: TerminalBehaviour) -> Target:
    options = TargetOptions(profile=PROFILE, variant=Variant(behaviour=behaviour), instrument=instrument({}))
    return open_target("", options)


class ExtraField:
    """The reference terminal, whose step 1 gives its device number as a ninth field."""

    def __init__(self) -> None:
        self.inner = open_target("", TargetOptions(profile=PROFILE, instrument=instrument({})))
        self.description = "extra field"

    def connect(self) -> None:
        self.inner.connect()

    def exchange(self, request: Message) -> Message:
        answer = self.inner.exchange(request)
        if request.get("call") == "iReadCardBas_HSM_Step1" and answer["return"] == 0:
            return {**answer, "out": answer["out"] + "DEVICE-7|"}
        return answer

    def close(self) -> None:
        self.inner.close()

    def reader_name(self) -> str:
        return "in process"


def test_other_codes_pass() -> None:
    ended = outcomes(lambda: _reference(OtherCodes()), lambda case: "by_psam" not in case)
    assert {case: found.why for case, found in ended.items() if found.verdict is not Verdict.PASS} == {}


def test_a_device_number_behind_step_1_passes() -> None:
    ended = outcomes(ExtraField, lambda case: "by_encryptor" in case)
    assert ended
    assert {case: found.why for case, found in ended.items() if found.verdict is not Verdict.PASS} == {}


def test_wrong_keys_in_the_declaration_decide_nothing() -> None:
    # The tester's cards are made from another seed than the key source: our own side is wrong, not the terminal.
    seeded = {"seed": "another"}

    def target() -> Target:
        options = TargetOptions(profile=PROFILE, instrument=instrument(seeded), parameters=seeded)
        return open_target("", options)

    ended = outcomes(target, lambda case: "test_request" in case or "test_basic_data" in case)
    assert {found.verdict for found in ended.values()} == {Verdict.INCONCLUSIVE}


@pytest.mark.parametrize("without", ["terminal.validity", "terminal.contactless"])
def test_a_terminal_that_declares_less_has_less_to_pass(without: str) -> None:
    from onecard.prove.stage import stage_for
    from tests.terminal.bench import installed, staged

    planned = staged()
    less = replace(planned.ics, items={**planned.ics.items, without: False})
    fewer = stage_for(installed(), less, planned.ixit)
    left_out = {case.id for case in planned.cases()} - {case.id for case in fewer.cases()}
    assert left_out
    area = {"terminal.validity": "valid", "terminal.contactless": "search"}[without]
    named = {requirement for case in planned.cases() if case.id in left_out for requirement in case.requirements}
    assert all(area in name.lower() for name in named)
