"""Maintenance commands in literal bytes, as the draft's tables and programs write them; nothing is computed here."""

from onecard.testing import CardUnderTest, Ends, destructive, expect, for_each, verifies

ORDER = 156
CHALLENGE = bytes.fromhex("0084000008")

# What is refused although its form is right: no key is proved. Some cards look at the MAC first.
UNPROVED = {
    "unblock": "84240000 04 00000000",
    "reload-3des": "84240001 0C 4FCBDA6782D7519D 00000000",
    "reload-sm4": "84240001 14 B6B717C763EBB0395810E8EE87994AAF 00000000",
}


def reload_of(card: CardUnderTest) -> str:
    """The literal for the card's block size."""
    return "reload-3des" if card.spec.algorithm.block == 8 else "reload-sm4"


@verifies("CARD-PIN-UNBLOCK-RIGHT")
@for_each("what", ("unblock", "reload"))
def test_unproved(card: CardUnderTest, what: str) -> None:
    """``84 24 00 00 04`` and ``84 24 00 01 0C`` (``14``) after a challenge, but without PUK, answer 6982 (or 6988)."""
    card.select_environment()
    expect(card.send(CHALLENGE)).ok().length(8)
    literal = UNPROVED[what if what == "unblock" else reload_of(card)]
    expect(card.send(bytes.fromhex(literal))).refused_with("6982", "6988")


@verifies("CARD-APPLICATION-BLOCK-REFUSED")
@destructive("application", Ends.APPLICATION)
def test_application_block(card: CardUnderTest) -> None:
    """``84 1E 00 01 04`` after a challenge, but without BK, answers 6982 (or 6988)."""
    card.select_environment()
    expect(card.send(CHALLENGE)).ok().length(8)
    expect(card.send(bytes.fromhex("841E000104 00000000"))).refused_with("6982", "6988")


@verifies("CARD-BLOCK-REFUSED")
@destructive("card", Ends.CARD)
def test_card_block(card: CardUnderTest) -> None:
    """``84 16 00 00 04`` after a challenge, but without BK, answers 6982 (or 6988)."""
    card.select_environment()
    expect(card.send(CHALLENGE)).ok().length(8)
    expect(card.send(bytes.fromhex("8416000004 00000000"))).refused_with("6982", "6988")


@verifies("CARD-CHANGE-PIN-LENGTH")
def test_change_pin_too_short(card: CardUnderTest) -> None:
    """``80 5E 01 00 02 12 FF`` answers 6700."""
    card.select_environment()
    expect(card.send(bytes.fromhex("805E010002 12FF"))).refused_with("6700")


@verifies("CARD-CHANGE-PIN-PARAMETERS")
def test_change_pin_of_another_kind(card: CardUnderTest) -> None:
    """``80 5E 00 00`` (reload in the banking rules) answers 6A86."""
    card.select_environment()
    expect(card.send(bytes.fromhex("805E000007 000000FF000000"))).refused_with("6A86")
