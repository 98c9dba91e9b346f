"""What the service holds: cards with their state, e-cards, and what was used before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from onecard.spec.ecard import CardState


@dataclass
class CardRecord:
    """A physical card: ``data`` by field key (aac002, ...), its state, and whether the holder authorised its use."""

    data: Mapping[str, str]
    state: CardState
    authorised: bool = False

    @property
    def identification(self) -> str:
        """The identification code."""
        return self.data["aaz501"]


@dataclass(frozen=True, slots=True)
class Ecard:
    """An e-card: its number and number of issue, and the identification code of its card."""

    essc_no: str
    sign_no: str
    identification: str


@dataclass
class Register:
    """All data of the service."""

    cards: dict[str, CardRecord] = field(default_factory=dict)
    ecards: dict[str, Ecard] = field(default_factory=dict)
    proofs: set[tuple[str, str]] = field(default_factory=set)
    codes: dict[bytes, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cards: Iterable[Mapping[str, str]], normal: CardState) -> "Register":
        """A register of normal cards without e-cards."""
        return cls(cards={data["aaz501"]: CardRecord(dict(data), normal) for data in cards})

    def ecard_of(self, identification: str) -> Ecard | None:
        """The e-card of a card."""
        return next((found for found in self.ecards.values() if found.identification == identification), None)

    def remember_code(self, key: bytes, issued: int, oldest: int) -> None:
        """Remember a verified code; those issued before ``oldest`` have expired and are forgotten."""
        self.codes = {known: when for known, when in self.codes.items() if when >= oldest}
        self.codes[key] = issued
