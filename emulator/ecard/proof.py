"""The card's internal authentication as the service verifies it, with its own root key."""

from collections.abc import Callable, Mapping

from emulator.crypto_card import authentication_data, diversify, session_key
from onecard.spec.card import CardSpec
from onecard.spec.ecard import Proof

RootKey = Callable[[str, int], bytes]
"""The root key of a name and version."""


def expected_proof(proof: Proof, cards: Mapping[str, CardSpec], root: RootKey, given: Mapping[str, str]) -> bytes:
    """The 8 bytes that the right card answers to the request's random value and original data.

    ``cards``: rules of a card by project profile. Raises KeyError for a profile that is not among them.
    """
    card = cards[proof.card]
    historical = bytes.fromhex(given["aaz507"])
    levels = card.keys[proof.key].levels
    key = diversify(card, root(proof.key, proof.version), levels, given["aab301"], historical)
    session = session_key(card, key, bytes.fromhex(given["random"]))
    return authentication_data(card, session, bytes.fromhex(given["data"]))
