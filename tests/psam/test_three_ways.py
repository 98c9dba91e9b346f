"""Card, PSAM and encryptor on the same data: three references that must come to the same bytes."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.card.card import ReferenceCard
from emulator.card.factory import reference_card
from emulator.hsm.factory import hsm
from emulator.hsm.hsm import ReferenceHsm
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from emulator.psam.factory import psam, specification
from emulator.psam.psam import ReferencePsam
from onecard.harness.context import historical_in
from onecard.oracle import session as computation
from onecard.oracle.psam import PsamTerminal
from onecard.spec.card import CardSpec

CARDS = ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui")
ALGORITHMS = {"3des": "01", "sm4": "03"}
ENVIRONMENT = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
OCTETS = st.binary(min_size=8, max_size=8)
HOLDERS = 20


@cache
def data(profile: str) -> CardSpec:
    return specification().card_of_profile(profile)


@cache
def devices(level: str) -> tuple[ReferencePsam, ReferenceHsm]:
    return psam("psam-sm4"), hsm("hsm-default" if level == "province" else "hsm-city")


def done(device: ReferencePsam | ReferenceCard, command: bytes) -> bytes:
    """The data of an answer, fetched as a terminal does; it must be a success."""
    answer = device.process(command) or b""
    if answer[-2:-1] == b"\x61":
        answer = device.process(bytes.fromhex("00C00000") + answer[-1:]) or b""
    assert answer[-2:] == b"\x90\x00", f"{command[:4].hex()} -> {answer.hex()}"
    return answer[:-2]


def by_psam(card: CardSpec, key: str, factors: tuple[bytes, ...], random: bytes, original: bytes) -> bytes:
    device, _ = devices("province")
    side = PsamTerminal(device.spec, card.algorithm.code)
    device.power_on()
    for command in (side.select_environment(), side.select_application()):
        done(device, command)
    spec = side.spec.keys[f"PSAM/{key}"]
    used = factors[len(factors) - side.spec.usage.levels(spec.usage) :]
    done(device, side.delivery(spec, used, random))
    return side.proof(done(device, side.encipher(side.block(original))))


@settings(max_examples=40)
@given(
    profile=st.sampled_from(CARDS),
    holder=st.integers(0, HOLDERS),
    random=OCTETS,
    originals=st.tuples(OCTETS, OCTETS, OCTETS),
)
def test_authentications(profile: str, holder: int, random: bytes, originals: tuple[bytes, bytes, bytes]) -> None:
    """The card's proof is that of PSAM and encryptor; the proofs of both open the card."""
    spec = data(profile)
    card = reference_card(profile, spec=spec, holder=holder)
    historical = historical_in(card.power_on(), 13)
    done(card, ENVIRONMENT)
    region = person(DEFAULT_SEED, holder).region
    algorithm = ALGORITHMS[spec.algorithm.code]
    factors = computation.factors_of(computation.rules_of(spec), region, historical)
    head = f"{region}|{historical.hex().upper()}|{algorithm}"
    encryptors = [devices(level)[1] for level in ("province", "city")]
    serving = [each for each in encryptors if region.startswith(each.region[: each.spec.region_digits])]

    internal, *external = originals
    own = done(card, bytes.fromhex("0088000010") + random + internal)
    assert by_psam(spec, "IRK", factors, random, internal) == own
    for each in serving:
        text = f"01|{head}|{'0' * 32}|{random.hex().upper()}|{internal.hex().upper()}|||"
        assert each.service(text) == f"{(own + internal).hex().upper()}||"

    for original, of_psam in zip(external, (True, False), strict=True):
        challenge = done(card, bytes.fromhex("0084000008"))
        proof = by_psam(spec, "UKSSSE", factors, challenge, original)
        for each in serving:
            answer = each.service(f"02|{head}|0094|{challenge.hex().upper()}|{original.hex().upper()}|")
            assert answer == f"{(proof + original).hex().upper()}|"
            if not of_psam:
                proof = bytes.fromhex(answer[:16])
        done(card, bytes.fromhex("0082000410") + proof + original)
