"""The sheet of a reference card in a proof: what its synthetic body measures, broken where a variant breaks it.

The laboratory looks for what the true data ask for, on a card that a variant's data made.
"""

from decimal import Decimal

from emulator.card.body import body_of
from emulator.card.variant import VariantSpec
from onecard.laboratory.sheet import Instrument, Row, Sheet
from onecard.spec.card import CardSpec
from onecard.spec.card_measurements import Limits, Quantity, quantities_of
from onecard.spec.load import TargetSpec

_INSTRUMENT = Instrument("SYNTHETIC", "synthetic instrument", "2026-01-01", "2026-12-31")
_DAY = "2026-06-01"
_COUNTED = frozenset(("count", "cycles", "h", "min"))
_SHARE = Decimal(20)
"""The uncertainty is this part of the tolerance, or of the limit."""


def synthetic_sheet(spec: TargetSpec, variant: object = None) -> Sheet | None:
    """The sheet of a reference card; None for the other kinds of target."""
    if not isinstance(spec, CardSpec):
        return None
    altered = variant if isinstance(variant, VariantSpec) else VariantSpec()
    quantities, body = quantities_of(spec), body_of(altered.card_spec or spec, spec, altered.body)
    rows = {
        name: Row(
            id=name,
            values=tuple(map(Decimal, values)),
            unit=quantities[name].unit,
            uncertainty=_uncertainty(quantities[name]),
            k=Decimal(2),
            instrument=_INSTRUMENT,
            date=_DAY,
            sample="SPECIMEN",
        )
        for name, values in body.items()
        if name in quantities
    }
    return Sheet("synthetic", "SPECIMEN", Decimal(1), rows, "")


def _uncertainty(quantity: Quantity) -> Decimal:
    return Decimal(0) if quantity.unit in _COUNTED else _width(quantity.readings[0]) / _SHARE


def _width(limits: Limits) -> Decimal:
    if limits.low is not None and limits.high is not None:
        return (limits.high - limits.low) / 2
    return limits.low if limits.low is not None else limits.high or Decimal(0)
