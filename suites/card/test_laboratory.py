"""What a laboratory measured, judged against the limits: body, faces, contacts, electrics, timing."""

from collections.abc import Sequence
from decimal import Decimal

from onecard.oracle.laboratory import Decision, decide
from onecard.spec.card import CardSpec
from onecard.spec.card_measurements import Quantity, quantities_of
from onecard.testing import CardUnderTest, Inconclusive, check, for_each, verifies_by

ORDER = 900


def quantities(spec: CardSpec) -> Sequence[Quantity]:
    """Everything that is measured on this card."""
    return tuple(quantities_of(spec).values())


@verifies_by("quantity", lambda quantity: quantity.requirement)
@for_each("quantity", quantities, ids=lambda quantity: quantity.id.lower())
def test_measured(card: CardUnderTest, quantity: Quantity) -> None:
    """Every value that the laboratory measured lies within the limits, made smaller by the guard band."""
    measured = card.measurement(quantity)
    decision = decide(quantity, measured)
    if decision is Decision.UNDECIDED:
        raise Inconclusive(
            zh=f"{quantity.name.zh}：{measured} 落在判定区间 {quantity.allowed} 的保护带内，不作判定",
            en=f"{quantity.name.en}: {measured} lies in the guard band of {quantity.allowed}: nothing is decided",
        )
    check(
        card,
        decision is Decision.CONFORM,
        what=quantity.name.en,
        expected=quantity.allowed,
        received=f"{measured} {quantity.unit}",
    )


LITERALS = (
    ("STYLE/BLANK/WIDTH", "85.50", "85.70"),
    ("STYLE/BLANK/HEIGHT", "53.88", "54.08"),
    ("STYLE/BLANK/THICKNESS", "0.75", "0.85"),
    ("STYLE/BLANK/CORNER", "2.88", "3.48"),
    ("STYLE/FRONT-EMBLEM/CENTRE", "42.55", "43.05"),
    ("STYLE/BACK-SEAL/RADIUS", "5.70", "6.30"),
    ("PHYSICAL/WARPAGE", "0", "1.50"),
    ("PHYSICAL/STIFFNESS", "13.00", "35.00"),
    ("PHYSICAL/MODULE-HEIGHT", "-0.10", "0.05"),
    ("ELECTRICAL/CURRENT-A", "0", "60"),
    ("ELECTRICAL/CURRENT-B", "0", "50"),
    ("TIMING/ATR-START", "400", "40000"),
    ("TIMING/ATR-LENGTH", "0", "19200"),
)
"""Limits written out, from the public facts: quantity, least and greatest value."""


def written_out(spec: CardSpec) -> Sequence[tuple[Quantity, Decimal, Decimal]]:
    """The quantities whose limits are written out above."""
    quantities = quantities_of(spec)
    return tuple((quantities[name], Decimal(least), Decimal(most)) for name, least, most in LITERALS)


@verifies_by("limits", lambda limits: limits[0].requirement)
@for_each("limits", written_out, ids=lambda limits: limits[0].id.lower())
def test_written_out(card: CardUnderTest, limits: tuple[Quantity, Decimal, Decimal]) -> None:
    """No value that the laboratory measured lies outside the limits as the public facts have them."""
    quantity, least, most = limits
    measured = card.measurement(quantity)
    ok = all(least <= value <= most for value in measured.values)
    check(card, ok, what=quantity.name.en, expected=f"{least} to {most} {quantity.unit}", received=str(measured))
