"""Items by encryptor, and iAuthType: with the reference encryptor, in any order, with any pKey."""

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from emulator.hsm.factory import hsm
from emulator.terminal.installation import interface_data
from emulator.terminal.strings import taken_apart
from onecard.reference.terminal import instrument, open_target
from onecard.spec.hsm import hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import terminal_spec
from onecard.targets.base import Message, TargetOptions
from tests.terminal.bench import PROFILE, installed

SPEC = terminal_spec(interface_data(PROFILE))
CARDS = ("card-1.0", "card-2.0", "card-3.0")
ADDRESS, DATA = "SSSEEF06|09|$", "SSSEEF06|测试乙|$"
PROOF = 32


@lru_cache(maxsize=1)
def _target() -> Any:
    return open_target("", TargetOptions(profile=PROFILE, instrument=instrument({})))


def _call(name: str, **arguments: object) -> Message:
    answer: Message = _target().exchange({"do": "call", "call": name, "args": {"iType": 1, **arguments}})
    return answer


def _lay_out(card: str, **settings: object) -> tuple[str, str]:
    """A card; pCardInfo, and what the caller puts before the result of step 1 to ask the encryptor."""
    _target().exchange({"do": "instrument", "settings": {"card": card, **settings}})
    region, _, number, identification, _, historical, *_ = _call("iReadCardBas")["out"].split("|")
    return f"{identification}|{number}|", f"02|{region}|{historical}|"


def _encryptor(asked: str) -> str:
    return hsm("hsm-default").service(asked)


@pytest.mark.parametrize("card", CARDS)
def test_the_reference_encryptor_opens_a_writing(card: str) -> None:
    """The caller's work of a real system: result of step 1 to the encryptor, its answer to step 2."""
    info, before = _lay_out(card)
    first = _call("iWriteCard_HSM_Step1", pCardInfo=info, pFileAddr=ADDRESS)
    assert first["return"] == 0
    proof = _encryptor(before + first["out"])
    assert _call("iWriteCard_HSM_Step2", pKey=proof, pWriteData=DATA)["return"] == 0
    read = _call("iReadCard", iAuthType=2, pCardInfo=info, pFileAddr=ADDRESS)
    assert (read["return"], read["out"]) == (0, DATA)


def test_the_reference_encryptor_opens_a_reading() -> None:
    info, before = _lay_out("card-3.0")
    right = _call("iReadCard", iAuthType=2, pCardInfo=info, pFileAddr=ADDRESS)
    first = _call("iReadCard_HSM_Step1", pCardInfo=info, pFileAddr=ADDRESS)
    second = _call("iReadCard_HSM_Step2", pKey=_encryptor(before + first["out"]))
    assert (second["return"], second["out"]) == (right["return"], right["out"])
    assert right["return"] == 0


def test_addresses_are_those_of_the_encryptor() -> None:
    found = installed().resolve_profile("hsm-default")
    assert isinstance(found, InterfaceSpec)
    own = {key.key: key.address for key in hsm_spec(found).keys.values()}
    assert {key: may_be[0] for key, may_be in SPEC.item_steps.addresses.items()} == {
        key: own[key] for key in SPEC.item_steps.addresses
    }


@pytest.mark.parametrize(
    "address", ["SSSEEF06|7F|$", "SSSEEF04|09|$", "DF01EF05|09|$", "SSSEEF06|09|$SSSEEF05|7F|$", "SSSEEF06|09|"]
)
@pytest.mark.parametrize("function", ["iReadCard_HSM_Step1", "iWriteCard_HSM_Step1"])
def test_what_ssse_has_not_is_no_address(function: str, address: str) -> None:
    info, _ = _lay_out("card-3.0")
    assert _call(function, pCardInfo=info, pFileAddr=address)["return"] in SPEC.outcomes["ADDRESS"]


@pytest.mark.parametrize("function", ["iReadCard_HSM_Step1", "iWriteCard_HSM_Step1"])
def test_an_expired_card_is_refused(function: str) -> None:
    info, _ = _lay_out("card-3.0")
    _target().exchange({"do": "instrument", "settings": {"card": "card-3.0", "hostile": "expired"}})
    answer = _call(function, pCardInfo=info, pFileAddr=ADDRESS)
    assert answer["return"] in SPEC.outcomes["INVALID"]
    assert not answer["held"]


@pytest.mark.parametrize("pin", ["135790", "123456"])
def test_a_pin_opens_no_file_by_itself(pin: str) -> None:
    """The reference proves the read key as well where the card's data ask for it."""
    info, _ = _lay_out("card-3.0", pin=pin, keypad={"enter": [pin, pin]})
    by_pin = _call("iReadCard", iAuthType=1, pCardInfo=info, pFileAddr=ADDRESS)
    by_key = _call("iReadCard", iAuthType=2, pCardInfo=info, pFileAddr=ADDRESS)
    assert (by_pin["return"], by_pin["out"]) == (by_key["return"], by_key["out"])
    assert by_pin["return"] == 0
    proved = [one for one in by_pin["trace"] if str(one["ask"].get("transmit", {}).get("apdu", "")).startswith("0082")]
    assert len(proved) == 1


@pytest.mark.parametrize("number", [None, "1", 1.0, 3])
def test_what_is_no_auth_type(number: object) -> None:
    info, _ = _lay_out("card-2.0")
    given = {} if number is None else {"iAuthType": number}
    assert _call("iReadCard", pCardInfo=info, pFileAddr=ADDRESS, **given)["return"] == -14


@given(st.text(alphabet="0123456789abcdefABCDEFG|", max_size=70))
def test_any_key_is_taken_or_refused(text: str) -> None:
    found = taken_apart(SPEC.item_steps.key_input, text)
    whole = len(text) == PROOF + 1 and text.endswith("|") and "|" not in text[:-1] and "G" not in text
    assert (found is not None and bool(found["proof"])) == whole


class Order(RuleBasedStateMachine):
    """Calls in any order: step 2 is served right behind step 1 of its function, once, and never else."""

    @initialize()
    def laid_out(self) -> None:
        self.info, self.before = _lay_out("card-3.0")
        self.waiting = ""
        self.proof = "0" * PROOF + "|"

    @rule(function=st.sampled_from(("iReadCard", "iWriteCard")))
    def first(self, function: str) -> None:
        answer = _call(f"{function}_HSM_Step1", pCardInfo=self.info, pFileAddr=ADDRESS)
        assert answer["return"] == 0
        assert set(answer["held"]) == {"card"}
        self.waiting, self.proof = function, _encryptor(self.before + answer["out"])

    @rule(function=st.sampled_from(("iReadCard", "iWriteCard")))
    def second(self, function: str) -> None:
        given = {"pWriteData": DATA} if function == "iWriteCard" else {}
        answer = _call(f"{function}_HSM_Step2", pKey=self.proof, **given)
        if function == self.waiting:
            assert answer["return"] == 0
        else:
            assert answer["return"] in SPEC.outcomes["ORDER"]
            assert answer["trace"] == []
        assert not answer["held"]
        self.waiting = ""

    @rule(name=st.sampled_from(("iReadCardBas", "iReadCardBas_HSM_Step1", "iReadCard_HSM_Step1")))
    def another(self, name: str) -> None:
        """A function that takes the card anew, the last one with a pCardInfo that is not the card's."""
        _call(name, pCardInfo="0|0|", pFileAddr=ADDRESS)
        self.waiting = ""


Order.TestCase.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
TestOrder = Order.TestCase
