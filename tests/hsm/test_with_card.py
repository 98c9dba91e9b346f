"""The reference encryptor and the reference card: what the one computes the other takes, for all profiles of cards."""

from collections.abc import Mapping
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.card.card import ReferenceCard
from emulator.card.factory import reference_card
from emulator.hsm.factory import hsm, specification
from emulator.hsm.hsm import ReferenceHsm
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from emulator.variant import Variant
from onecard.harness.context import historical_in
from onecard.spec.card import CardSpec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.overlay import with_values

IDENTIFIERS: Mapping[str, str] = {"3des": "01", "sm4": "03"}
LEVELS: Mapping[str, int] = {"city": 1, "province": 2}
CARDS = st.sampled_from(("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui"))
SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
DF04 = "00A4040006D15600000503"
INITIAL, WRONG = "123456", "654321"
PIN = st.text(alphabet="0123456789", min_size=4, max_size=12).filter(lambda digits: digits not in (INITIAL, WRONG))
AMOUNT = st.integers(min_value=0, max_value=0xFFFFFFFF).map(lambda fen: fen.to_bytes(4, "big"))
TIME = st.datetimes().map(lambda at: f"{at:%Y%m%d%H%M%S}".zfill(14))
HOLDER = st.integers(min_value=0, max_value=20)


@cache
def encryptor(level: str, purchase_level: str) -> ReferenceHsm:
    """Of the region of the first test person."""
    spec = specification()
    ics = {**spec.profile("hsm-default").ics, "hsm.level": level, "hsm.purchase_level": purchase_level}
    found = spec.resolve("hsm", ics, "hsm-default")
    assert isinstance(found, InterfaceSpec)
    return hsm("hsm-default", variant=Variant(spec=found))


@cache
def cards(profile: str, purchase_level: str) -> CardSpec:
    """The card whose purchase keys lie so many levels below the root."""
    changed = with_values(specification(), "DPK", {"levels": LEVELS[purchase_level]})
    return with_values(changed, "DTK", {"levels": LEVELS[purchase_level]}).card_of_profile(profile)


class Terminal:
    """Commands to one card, and requests to an encryptor in its name."""

    def __init__(self, profile: str, level: str, purchase_level: str, holder: int) -> None:
        self.spec = cards(profile, purchase_level)
        self.card: ReferenceCard = reference_card(profile, spec=self.spec, holder=holder)
        self.hsm = encryptor(level, purchase_level)
        self.historical = historical_in(self.card.power_on(), 13).hex().upper()
        self.region = person(DEFAULT_SEED, holder).region

    def send(self, command: str, wanted: str = "9000") -> str:
        """The data of an answer with the wanted status word."""
        answer = self.card.process(bytes.fromhex(command)) or b""
        if answer[-2:-1] == b"\x61":
            answer = self.card.process(bytes.fromhex("00C00000") + answer[-1:]) or b""
        assert answer[-2:].hex().upper() == wanted, f"{command} -> {answer.hex()}"
        return answer[:-2].hex().upper()

    def ask(self, service: str, *fields: str, before: tuple[str, ...] = ()) -> list[str]:
        """The parts of an answer; ``before`` stands between historical bytes and algorithm."""
        told = (service, self.region, self.historical, *before, IDENTIFIERS[self.spec.algorithm.code], *fields)
        return self.hsm.service("".join(f"{field}|" for field in told)).split("|")

    def authenticate(self) -> None:
        """EXTERNAL AUTHENTICATE with PUK: the first challenge is the original data, the second the session factor."""
        original, factor = self.send("0084000008"), self.send("0084000008")
        self.send("0082000610" + self.ask("02", "0090", factor, original)[0])

    def message(self, header: str, plain: str) -> None:
        """The encryptor's secured command is taken by the card."""
        self.send(self.ask("03", "0173", self.send("0084000008"), header, plain)[0])


def served(level: str, holder: int) -> int:
    """The holder, or the first one where an encryptor of that level does not serve the holder's region."""
    own, other = person(DEFAULT_SEED, 0).region, person(DEFAULT_SEED, holder).region
    digits = encryptor(level, "city").spec.region_digits
    return holder if own[:digits] == other[:digits] else 0


@settings(max_examples=12, deadline=None)
@given(profile=CARDS, level=st.sampled_from(("province", "city")), digits=PIN, holder=HOLDER)
def test_a_pin_is_reloaded_and_unblocked(profile: str, level: str, digits: str, holder: int) -> None:
    terminal = Terminal(profile, level, "city", served(level, holder))
    coded = digits + "F" * (len(digits) % 2)
    verify = f"002000{0:02X}{len(coded) // 2:02X}{coded}"
    block = terminal.spec.algorithm.block
    terminal.send(SSSE)
    terminal.authenticate()
    terminal.message("842400010C" if block == 8 else "8424000114", coded)
    terminal.send(verify)
    for _ in range(16):
        terminal.card.process(bytes.fromhex(f"0020000003{WRONG}"))
    terminal.send(verify, "6983")
    terminal.authenticate()
    terminal.message("8424000004", "")
    terminal.send(verify)


@settings(max_examples=16, deadline=None)
@given(
    profile=CARDS,
    level=st.sampled_from(("province", "city")),
    purchase_level=st.sampled_from(tuple(LEVELS)),
    whole=st.booleans(),
    amounts=st.tuples(AMOUNT, AMOUNT, AMOUNT),
    serial=st.binary(min_size=4, max_size=4),
    terminal_number=st.integers(min_value=0, max_value=10**12 - 1),
    time=TIME,
    holder=HOLDER,
)
def test_a_purchase_is_paid_by_the_card(
    profile: str,
    level: str,
    purchase_level: str,
    whole: bool,
    amounts: tuple[bytes, bytes, bytes],
    serial: bytes,
    terminal_number: int,
    time: str,
    holder: int,
) -> None:
    """The card takes MAC1 and answers the TAC and MAC2 that the encryptor foretold; in both forms of the amounts."""
    terminal = Terminal(profile, level, purchase_level, served(level, holder))
    account, self_paid, pooled = amounts if whole else (bytes(4), *amounts[1:])
    number = f"{terminal_number:012d}"
    terminal.card.image.purses["MEDICAL"].values["balance"] = account
    for step in (SSSE, DF04, "0020000003123456"):
        terminal.send(step)
    paid = (account + self_paid + pooled).hex().upper()
    begun = terminal.send("B02801011301" + paid + number)
    told = paid if whole else paid[8:]
    answer = terminal.ask(
        "04", "017F", begun[36:44], begun[28:32], told, "32", number, time, before=(serial.hex().upper(),)
    )
    assert answer[:2] == [serial.hex().upper(), time]
    mac1, mac2, tac = answer[2:5]
    assert terminal.send("B02C01000F" + serial.hex() + time + mac1) == tac + mac2
    assert terminal.card.image.purses["MEDICAL"].values["balance"] == bytes(4)


# A purchase whose MAC1 is of another sequence is not paid.
@settings(max_examples=4, deadline=None)
@given(profile=CARDS, changed=st.integers(min_value=1, max_value=0xFFFF))
def test_a_mac_of_another_sequence_is_not_taken(profile: str, changed: int) -> None:
    terminal = Terminal(profile, "province", "city", 0)
    for step in (SSSE, DF04, "0020000003123456"):
        terminal.send(step)
    zeros, number, time = "00" * 12, "341300000001", "20250228120000"
    begun = terminal.send("B02801011301" + zeros + number)
    mac1 = terminal.ask("04", "017F", begun[36:44], begun[28:32], zeros, "32", number, time, before=("00000000",))[2]
    terminal.send(f"B02C01000F{changed:08X}{time}{mac1}", "9302")
