"""The body of the reference card: what a laboratory would measure of it. Made up from the data's limits."""

from collections.abc import Callable
from decimal import Decimal

from onecard.spec.card import CardSpec
from onecard.spec.card_measurements import Limits, quantities_of

Body = dict[str, list[str]]
"""Values by quantity, decimal numbers as text, in the unit of the quantity."""

BodyEdit = Callable[[Body], None]
BY_EYE, PRINTED = "VISUAL/", "CARD-STYLE-PRINTED"
_INNER, _OUTER = Decimal("0.8"), Decimal("1.2")


def body_of(spec: CardSpec, asked: CardSpec | None = None, edit: BodyEdit | None = None) -> Body:
    """The values of a card that is as the first reading of the data asks; ``edit`` alters them in place.

    ``asked``: the data by which an eye looks at it, where they are others: it counts what differs from these.
    """
    body = {name: [str(_value(quantity.readings[0]))] for name, quantity in quantities_of(spec).items()}
    looked_for = asked or spec
    body |= {
        name: [str(_differing(spec, looked_for, quantity.requirement))]
        for name, quantity in quantities_of(looked_for).items()
        if name.startswith(BY_EYE)
    }
    if edit is not None:
        edit(body)
    return body


def _differing(spec: CardSpec, asked: CardSpec, requirement: str) -> int:
    """Elements of a requirement that the face lacks; of the printed data also those that it has beyond."""
    elements = {name for name, node in asked.table("style").items() if node["requirement"] == requirement}
    lacking = elements - set(spec.table("style"))
    if requirement != PRINTED:
        return len(lacking)
    return len(lacking) + len(set(asked.table("printed-data")) ^ set(spec.table("printed-data")))


def _value(limits: Limits) -> Decimal:
    """A value well within limits: the nominal one, the middle, or a fifth away from the only limit."""
    if limits.nominal is not None:
        return limits.nominal
    if limits.low is not None and limits.high is not None:
        return (limits.low + limits.high) / 2
    if limits.low is not None:
        return limits.low * _OUTER
    return (limits.high or Decimal(0)) * _INNER
