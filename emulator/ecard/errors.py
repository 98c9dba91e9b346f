"""What the service refuses with."""

from onecard.spec.ecard import Refusal
from onecard.spec.text import Text


class Refused(ValueError):
    """A call is refused: which refusal of the data, and what people are told."""

    def __init__(self, refusal: Refusal, message: Text) -> None:
        super().__init__(f"{refusal.status} {refusal.code}")
        self.refusal = refusal
        self.message = message
