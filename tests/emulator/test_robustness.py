"""Whatever arrives, the card answers, and nothing that was not proved is given away."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emulator.card.factory import reference_card
from onecard.spec.card import CardSpec
from onecard.spec.load import load_spec
from tests.emulator.bench import SELECT_DF01, SELECT_EF05, SELECT_EF06, SELECT_SSSE, Bench

PROFILES = st.sampled_from(["card-1.0", "card-2.0", "card-3.0"])
INSTRUCTIONS = st.sampled_from([0xA4, 0xB2, 0xDC, 0xC0, 0x84, 0x88, 0x82, 0x20])


@st.composite
def near_commands(draw: st.DrawFn) -> bytes:
    """Commands with a known instruction and lengths that mostly agree."""
    header = bytes([0x00, draw(INSTRUCTIONS)]) + draw(st.binary(min_size=2, max_size=2))
    data = draw(st.binary(max_size=20))
    length = draw(st.one_of(st.just(len(data)), st.integers(0, 255)))
    return header + bytes([length]) + data + draw(st.binary(max_size=1))


COMMANDS = st.one_of(st.binary(max_size=300), near_commands())


@given(profile=PROFILES, commands=st.lists(COMMANDS, max_size=12))
def test_every_command_is_answered(profile: str, commands: list[bytes], card_specs: dict[str, CardSpec]) -> None:
    card = reference_card(profile, spec=card_specs[profile])
    card.power_on()
    for command in commands:
        answer = card.process(command)
        assert answer is not None
        assert 2 <= len(answer) <= 258
        # Data come only with success, or with a part of a longer answer.
        assert len(answer) == 2 or answer[-2:] == b"\x90\x00" or answer[-2] == 0x61


class CardMachine(RuleBasedStateMachine):
    """Random terminal, honest book-keeping: what was proved is all that may be read or written."""

    def __init__(self) -> None:
        super().__init__()
        self.table: Bench
        self.rights: set[str] = set()
        self.tries: dict[str, int] = {}
        self.pin_tries = 0

    @initialize()
    def insert(self) -> None:
        card = reference_card("card-3.0", spec=CARD)
        card.power_on()
        self.table = Bench(card)
        self.tries = dict(card.image.key_tries)
        self.pin_tries = card.image.pin_tries

    @rule(cold=st.booleans())
    def reset(self, cold: bool) -> None:
        if cold:
            self.table.card.power_on()
        else:
            self.table.card.reset()
        self.rights.clear()

    @rule(key=st.sampled_from(["UKSSSE", "RKSSSE"]), version=st.integers(1, 3))
    def prove(self, key: str, version: int) -> None:
        self.table.send(SELECT_SSSE)
        blocked = self.tries[key] == 0
        assert self.table.authenticate(key, version=version) == ("6983" if blocked else "9000")
        if not blocked:
            self.rights.add(key)
            self.tries[key] = 3

    @rule(key=st.sampled_from(["UKSSSE", "RKSSSE"]))
    def fail_to_prove(self, key: str) -> None:
        self.table.send(SELECT_SSSE)
        answer = self.table.wrong(key)
        if self.tries[key] == 0:
            assert answer == "6983"
            return
        self.tries[key] -= 1
        self.rights.discard(key)
        assert answer == f"63C{self.tries[key]}"

    @rule(right=st.booleans())
    def verify(self, right: bool) -> None:
        answer = self.table.send("0020000003" + ("123456" if right else "999999"))
        if self.pin_tries == 0:
            assert answer == "6983"
        elif right:
            self.pin_tries = 3
            assert answer == "9000"
        else:
            self.pin_tries -= 1
            assert answer == f"63C{self.pin_tries}"

    @rule(command=st.sampled_from([SELECT_EF05, SELECT_EF06, SELECT_SSSE]))
    def stay(self, command: str) -> None:
        self.table.send(SELECT_SSSE)
        self.table.send(command)

    @rule()
    def leave(self) -> None:
        assert self.table.send(SELECT_DF01) == "610A"
        self.table.send(SELECT_SSSE)
        self.rights.clear()

    @rule(command=COMMANDS.filter(lambda apdu: apdu[1:2] not in (b"\xa4", b"\x82", b"\x20", b"\xdc")))
    def noise(self, command: bytes) -> None:
        assert len(self.table.card.process(command) or b"") >= 2

    @precondition(lambda self: "UKSSSE" in self.rights)
    @rule(digit=st.sampled_from("1234"))
    def write(self, digit: str) -> None:
        assert self.table.send(f"00DC022C030201{ord(digit):02X}") == "9000"
        assert self.table.send("00B2022C03") == f"0201{ord(digit):02X}9000"

    @precondition(lambda self: "UKSSSE" not in self.rights)
    @rule()
    def write_unproved(self) -> None:
        before = list(self.table.card.image.linear("SSSE/EF05").records)
        self.table.send(SELECT_SSSE)
        assert self.table.send("00DC022C0302017A") == "6982"
        assert self.table.card.image.linear("SSSE/EF05").records == before

    @invariant()
    def holder_file_opens_to_its_key_only(self) -> None:
        if hasattr(self, "table"):
            answer = self.table.send(SELECT_SSSE, "00B2083014")
            assert (len(answer) > 4) == ("RKSSSE" in self.rights)

    @invariant()
    def counters_are_those_of_the_book(self) -> None:
        if hasattr(self, "table"):
            image = self.table.card.image
            assert {key: image.key_tries[key] for key in self.tries} == self.tries
            assert image.pin_tries == self.pin_tries


CARD = load_spec().card_of_profile("card-3.0")
TestCardMachine = CardMachine.TestCase
TestCardMachine.settings = settings(max_examples=40, stateful_step_count=30)
