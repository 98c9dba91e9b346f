"""What is no fault of a terminal: more than the sources ask for, and a declaration of ours that is wrong."""

from onecard.harness.verdict import Verdict
from onecard.reference.terminal import instrument, open_target
from onecard.targets.base import Message, Target, TargetOptions
from tests.terminal.bench import PROFILE, outcomes


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


class NoEmptyField(ExtraField):
    """The reference terminal, which leaves the empty PIN out of the result of step 2 where a PIN is unblocked."""

    def exchange(self, request: Message) -> Message:
        answer = self.inner.exchange(request)
        if request.get("call") == "iUnblockPIN_HSM_Step2" and answer["return"] == 0:
            return {**answer, "out": answer["out"].removesuffix("|")}
        return answer


def test_no_empty_field_for_a_pin_passes() -> None:
    ended = outcomes(NoEmptyField, lambda case: "pin_steps" in case)
    assert ended
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
