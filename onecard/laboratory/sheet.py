"""A measurement sheet: values with instrument, calibration, uncertainty and date; a row as a message of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A measuring instrument; ``calibrated`` and ``due`` (last day) bound the time of its calibration, YYYY-MM-DD."""

    id: str
    name: str
    calibrated: str
    due: str
    serial: str = ""

    def body(self) -> Message:
        """The instrument as it stands in the evidence."""
        return {
            "id": self.id, "name": self.name, "serial": self.serial, "calibrated": self.calibrated, "due": self.due,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """Values of one quantity in ``unit``; ``uncertainty`` is the expanded one at coverage factor ``k``."""

    id: str
    values: tuple[Decimal, ...]
    unit: str
    uncertainty: Decimal
    k: Decimal
    instrument: Instrument
    date: str
    sample: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. ``ratio``: r of the decision rule; ``digest``: of the file, LF-normalised."""

    laboratory: str
    sample: str
    ratio: Decimal
    rows: Mapping[str, Row] = field(repr=False)
    digest: str

    def answer(self, quantity: str) -> Message:
        """What the sheet says of a quantity, decimal numbers as text; without a row of it no values."""
        row = self.rows.get(quantity)
        if row is None:
            return {"values": []}
        return {
            "values": [str(value) for value in row.values],
            "unit": row.unit,
            "uncertainty": str(row.uncertainty),
            "k": str(row.k),
            "ratio": str(self.ratio),
            "instrument": row.instrument.body(),
            "date": row.date,
            "sample": row.sample,
            **({"note": row.note} if row.note else {}),
        }

    def body(self) -> Message:
        """The sheet as a run names it in the evidence."""
        return {
            "digest": self.digest,
            "laboratory": self.laboratory,
            "sample": self.sample,
            "ratio": str(self.ratio),
            "rows": len(self.rows),
        }
