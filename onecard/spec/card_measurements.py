"""What a laboratory measures on a card, and the limits of it: listed quantities, and the dimensions of the faces."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from onecard.spec.build import nodes, text_of
from onecard.spec.card import CardSpec
from onecard.spec.text import Text

FACE_UNIT = "mm"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed, in the quantity's unit; None: no limit on that side. ``high_open``: ``high`` itself is not."""

    low: Decimal | None = None
    high: Decimal | None = None
    high_open: bool = False
    nominal: Decimal | None = None

    def __str__(self) -> str:
        if self.low is not None and self.high is not None:
            return f"{self.low} to {self.high}"
        if self.low is not None:
            return f"at least {self.low}"
        return f"{'below' if self.high_open else 'at most'} {self.high}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity to be measured in ``unit``; ``readings``: its limits, one entry for each reading of the sources.

    ``requirement``: whose case judges it. A card whose values fit any one reading conforms.
    """

    id: str
    name: Text
    unit: str
    readings: tuple[Limits, ...]
    requirement: str
    method: Text | None = None

    @property
    def allowed(self) -> str:
        """The limits in words."""
        return f"{' or '.join(map(str, self.readings))} {self.unit}"


def quantities_of(spec: CardSpec) -> Mapping[str, Quantity]:
    """Every quantity to be measured on this card, by id: those of the faces first."""
    found = (*_of_faces(spec), *map(_listed, spec.table("measurements").values()))
    return {quantity.id: quantity for quantity in found}


def _of_faces(spec: CardSpec) -> Iterator[Quantity]:
    for element in spec.table("style").values():
        for dimension in nodes(element["dimensions"]):
            if "drawn" not in dimension:
                yield Quantity(
                    id=str(dimension["id"]),
                    name=text_of(dimension["name"]),
                    unit=FACE_UNIT,
                    readings=_readings({"tolerance": element.get("tolerance", "0"), **dimension}),
                    requirement=str(element["requirement"]),
                )


def _listed(node: Mapping[str, object]) -> Quantity:
    return Quantity(
        id=str(node["id"]),
        name=text_of(node["name"]),
        unit=str(node["unit"]),
        readings=_readings(node),
        requirement=str(node["requirement"]),
        method=text_of(node["method"]),
    )


def _readings(node: Mapping[str, object]) -> tuple[Limits, ...]:
    others = nodes(node.get("alternatives"))
    return (_limits(node), *(_limits({"tolerance": node.get("tolerance", "0"), **other}) for other in others))


def _limits(node: Mapping[str, object]) -> Limits:
    nominal = _decimal(node, "nominal")
    if nominal is None:
        high = _decimal(node, "below" if "below" in node else "max")
        return Limits(_decimal(node, "min"), high, high_open="below" in node)
    either = _decimal(node, "tolerance") or Decimal(0)
    minus, plus = _decimal(node, "minus"), _decimal(node, "plus")
    return Limits(
        nominal - (either if minus is None else minus), nominal + (either if plus is None else plus), nominal=nominal
    )


def _decimal(node: Mapping[str, object], key: str) -> Decimal | None:
    return Decimal(str(node[key])) if key in node else None
