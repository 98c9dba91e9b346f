"""The keys of the information areas: three versions of each, a counter of its own, and no other key's proof or right.

KEY_VER1 to KEY_VER3. Generated from the data: every external authentication key of the areas.
"""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, expect, files, for_each, verifies, verifies_by

ORDER = 153
LITERAL_NUMBERS = {
    "UK1DF01": "83",
    "UK2DF01": "84",
    "UK3DF01": "85",
    "UK4DF01": "86",
    "UK5DF01": "87",
    "UK1DF02": "83",
    "UK2DF02": "84",
    "UK3DF02": "85",
    "UK4DF02": "86",
    "UK5DF02": "87",
    "RK1DF03": "84",
    "RK2DF03": "85",
    "UK1DF03": "86",
    "UK2DF03": "87",
    "UK3DF03": "88",
    "RK1DF04": "84",
    "UK1DF04": "85",
    "UK2DF04": "86",
}


def area_keys(spec: CardSpec) -> list[str]:
    """The external authentication keys of the information areas."""
    return [key for area in files.AREAS for key in files.keys_of(spec, area)]


def counted(spec: CardSpec) -> list[str]:
    """Those with a counter; keys for blocking have none."""
    return [key for key in area_keys(spec) if spec.keys[key].counted]


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of EXTERNAL AUTHENTICATE."""
    return card.spec.command("EXTERNAL-AUTHENTICATE").statuses[condition].text


def in_area_of(card: CardUnderTest, key: str) -> None:
    """The application of the key is current."""
    card.select_world(card.spec.keys[key].application)


def limit(card: CardUnderTest, key: str) -> int:
    """The try limit of the key."""
    return card.spec.keys[key].tries or int(card.ics["card.key_try_limit"])


def of_files(spec: CardSpec) -> list[tuple[str, str]]:
    """(area, key) for the keys that carry their area's name; those of the purse have cases of their own."""
    keys = [(spec.keys[key].application, key) for key in area_keys(spec)]
    return [(area, key) for area, key in keys if key.endswith(area)]


@verifies_by("entry", lambda entry: f"CARD-{entry[0]}-UPDATE")
@for_each("entry", of_files, ids=lambda entry: entry[1])
def test_key_of_the_area(card: CardUnderTest, entry: tuple[str, str]) -> None:
    """The area has the key under its number: the right proof is accepted, a wrong one refused with one try less where
    the key has a counter, and then the right one again.
    """
    _, key = entry
    in_area_of(card, key)
    right = card.external_authentication(key, card.get_challenge(8))
    expect(card.wrong_external_authentication(key, right)).ok().length(0)
    wrong = card.send(card.external_authentication(key, card.get_challenge(8), spoil=True))
    if card.spec.keys[key].counted:
        expect(wrong).tries_left(limit(card, key) - 1)
    else:
        expect(wrong).refused()
    expect(card.send(card.external_authentication(key, card.get_challenge(8)))).ok()


@verifies("CARD-KEY-VERSION")
@for_each("key", area_keys)
def test_versions(card: CardUnderTest, key: str) -> None:
    """Each declared version of the key, named as the 17th byte, authenticates; without the byte version 01 does."""
    in_area_of(card, key)
    plain = card.external_authentication(key, card.get_challenge(8))
    expect(card.wrong_external_authentication(key, plain)).ok().length(0)
    for version in card.spec.key_versions:
        expect(card.send(card.external_authentication(key, card.get_challenge(8), version=version))).ok().length(0)


@verifies("CARD-KEY-VERSION")
@for_each("key", area_keys)
def test_other_version(card: CardUnderTest, key: str) -> None:
    """A proof made with the last version and sent as the first is refused with 63Cx; then the right one is taken."""
    in_area_of(card, key)
    versions = card.spec.key_versions
    if len(versions) > 1:
        made = card.external_authentication(key, card.get_challenge(8), version=versions[-1])
        response = card.wrong_external_authentication(key, made[:-1] + bytes(versions[:1]))
        expect(response).refused_with(status(card, "failed"))
    expect(card.send(card.external_authentication(key, card.get_challenge(8)))).ok()


@verifies("CARD-EXTERNAL-AUTH-COUNTER")
@for_each("key", counted)
def test_counter_of_its_own(card: CardUnderTest, key: str) -> None:
    """A wrong proof takes one try from its key and from no other: the next key of the area has all of its own."""
    in_area_of(card, key)
    area = card.spec.keys[key].application
    beside = next(
        (other for other in counted(card.spec) if other != key and card.spec.keys[other].application == area), None
    )
    for name in (key, *([beside] if beside else [])):
        wrong = card.external_authentication(name, card.get_challenge(8), spoil=True)
        expect(card.wrong_external_authentication(name, wrong)).tries_left(limit(card, name) - 1)
        expect(card.send(card.external_authentication(name, card.get_challenge(8)))).ok()


def pairs(spec: CardSpec) -> list[tuple[str, str]]:
    """(key whose proof is made, key it is sent to): the same number in another area, else the next key of the area."""
    found: list[tuple[str, str]] = []
    keys = counted(spec)
    for sent in keys:
        number, area = spec.keys[sent].key_id, spec.keys[sent].application
        others = [key for key in keys if spec.keys[key].key_id == number and spec.keys[key].application != area]
        others += [key for key in files.keys_of(spec, area) if key != sent]
        found += [(made, sent) for made in others[:1]]
    return found


@verifies("CARD-EXTERNAL-AUTH-BOUND")
@for_each("pair", pairs, ids="-for-".join)
def test_proof_of_another_key(card: CardUnderTest, pair: tuple[str, str]) -> None:
    """The proof of a key with the same number in another area is refused with 63Cx."""
    made, sent = pair
    in_area_of(card, sent)
    proof = card.external_authentication(made, card.get_challenge(8))
    command = proof[:3] + bytes((card.spec.keys[sent].key_id,)) + proof[4:]
    expect(card.wrong_external_authentication(sent, command)).refused_with(status(card, "failed"))


def literal(spec: CardSpec) -> list[str]:
    """The keys whose numbers programs or the draft show."""
    return [key for key in LITERAL_NUMBERS if key in spec.keys and spec.ics["card.generation"] != "1.0"]


@verifies("CARD-EXTERNAL-AUTH")
@for_each("key", literal)
def test_number(card: CardUnderTest, key: str) -> None:
    """00820000 with the number that programs send opens the key: 83 to 88 in its area (fact: keys on the card)."""
    in_area_of(card, key)
    proof = card.external_authentication(key, card.get_challenge(8))
    command = bytes.fromhex("008200" + LITERAL_NUMBERS[key]) + proof[4:]
    expect(card.wrong_external_authentication(key, command)).ok().length(0)


@verifies("CARD-KEY-UNKNOWN")
@for_each("area", lambda spec: [area for area in files.AREAS if files.keys_of(spec, area)])
def test_absent_in_the_environment(card: CardUnderTest, area: str) -> None:
    """A key of an area is not known outside it: in SSSE its number answers 6A88."""
    card.select_environment()
    key = card.spec.keys[files.keys_of(card.spec, area)[0]]
    card.get_challenge(8)
    expect(card.send(card.apdu.external_authenticate(key.key_id, bytes(16)))).refused_with(status(card, "key"))
