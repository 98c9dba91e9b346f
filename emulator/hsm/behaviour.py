"""Every decision of the encryptor that real products get wrong, as one small method each.

As they stand they are right; a mutant is a subclass that overrides a few of them.
"""

from collections.abc import Mapping, Sequence

from emulator.hsm.calling_behaviour import CallingBehaviour, FrameBehaviour
from emulator.hsm.making_behaviour import MessageBehaviour, PurchaseBehaviour


class RequestBehaviour:
    """Reading a request."""

    def authorised(self, given: tuple[str, str], right: bool) -> bool:
        """Whether the credential (id, key) in the headers is accepted."""
        return right

    def reads_request(self, body: Mapping[str, object] | None, member: str) -> str | None:
        """The string in the body of a request; None refuses it. ``body`` is None for what is no JSON object."""
        found = None if body is None else body.get(member)
        return found if isinstance(found, str) else None

    def accepts_length(self, length: int, limit: int) -> bool:
        """Whether a string of ``length`` bytes is read."""
        return length < limit

    def service(self, number: str, known: Sequence[str]) -> str | None:
        """The number of the service that is meant; None refuses it."""
        return number if number in known else None

    def fields(self, given: Sequence[str], expected: int, ended: bool) -> Sequence[str] | None:
        """The fields of a request, ``expected`` of them; ``ended``: the last one has its separator. None refuses."""
        return given if ended and len(given) == expected else None

    def accepts_field(self, role: str, value: str, right: bool) -> bool:
        """Whether a field has allowed characters and its length."""
        return right

    def mended(self, role: str, value: str, length: int) -> str:
        """The field's value as it is worked on."""
        return value.upper()

    def accepts_optional(self, given: int, of: int) -> bool:
        """Whether so many of the optional fields may stand."""
        return given in (0, of)

    def algorithm(self, identifier: str, right: str | None) -> str | None:
        """The profile of cards whose algorithm is meant; None refuses it."""
        return right

    def key(self, address: str, right: str | None) -> str | None:
        """The key that an address means; None refuses it."""
        return right

    def key_serves(self, use: str, right: bool) -> bool:
        """Whether the key that an address means may be used so."""
        return right

    def serves(self, region: str, right: bool) -> bool:
        """Whether cards of a region are served."""
        return right

    def refusal(self, status: int, body: Mapping[str, object], request: str) -> tuple[int, Mapping[str, object]]:
        """HTTP status and body of a refusal."""
        return status, body


class ComputingBehaviour:
    """Computing and answering."""

    def key_of_part(self, part: str, right: str) -> str:
        """The key under which a part of the answer is computed."""
        return right

    def historical(self, right: bytes) -> bytes:
        """The historical bytes that diversify."""
        return right

    def region(self, right: str) -> str:
        """The region that diversifies."""
        return right

    def operands(self, part: str, factor: bytes, original: bytes) -> tuple[bytes, bytes]:
        """Session factor and original data of a part."""
        return factor, original

    def part(self, proof: bytes, original: bytes) -> str:
        """A part of the answer."""
        return (proof + original).hex().upper()

    def answered(self, part: str, right: bool) -> bool:
        """Whether a part is answered; an optional one only where it was asked for."""
        return right

    def response(self, right: str) -> str:
        """The whole answer."""
        return right


class HsmBehaviour(
    RequestBehaviour, ComputingBehaviour, MessageBehaviour, PurchaseBehaviour, CallingBehaviour, FrameBehaviour
):
    """The right behaviour."""
