"""What every command's rule needs, and the answers that several commands share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from onecard.oracle.model.data import NO_DATA, AnyData, ExpectedData
from onecard.oracle.model.expectation import Alternative
from onecard.oracle.model.state import Learn, State, Waiting, learn_nothing
from onecard.oracle.session import Rules
from onecard.spec.card import CardSpec, Command, Status


class View(StrEnum):
    """What the tester sees: every T=0 status word, or the answers after the reader fetched and repeated by itself."""

    RAW_T0 = "raw-t0"
    APDU = "apdu"


@dataclass(frozen=True, slots=True)
class Card:
    """The fixed part of a model: the data, the computation rules, keys by (key id, version), the PIN as in VERIFY."""

    spec: CardSpec
    rules: Rules
    keys: Mapping[tuple[str, int], bytes]
    pin: bytes | None
    view: View

    def ok(self, state: State) -> Alternative:
        """9000 without data."""
        return Alternative(self.spec.general.ok, NO_DATA, state)

    def data(self, expected: ExpectedData, state: State, learn: Learn) -> Alternative:
        """9000 with data that come at once (case 2)."""
        return Alternative(self.spec.general.ok, expected, state, learn)

    def case4(self, expected: ExpectedData, length: int | None, state: State, learn: Learn) -> Alternative:
        """Data that answer data: in raw T=0 61xx first (``length`` where known), and GET RESPONSE then fetches them."""
        if self.view is View.APDU:
            return self.data(expected, state, learn)
        first = self.spec.t0.more_data
        status = prefixed(first) if length is None else exact(first << 8 | length & 0xFF)
        return Alternative(status, NO_DATA, state, _wait_for(expected, learn))


def _wait_for(expected: ExpectedData, learn: Learn) -> Learn:
    def wait(state: State, data: bytes, sw: int) -> State:
        del data
        return replace(state, waiting=Waiting(expected, (sw & 0xFF) or 256, fresh=True, learn=learn))

    return wait


def exact(sw: int) -> Status:
    """The one status word ``sw``."""
    return Status(text=f"{sw:04X}", base=sw, mask=0xFFFF)


def prefixed(first: int) -> Status:
    """Every status word with this first byte."""
    return Status(text=f"{first:02X}xx", base=first << 8, mask=0xFF00)


def refusals(statuses: Iterable[Status], state: State) -> tuple[Alternative, ...]:
    """Each status word without data. With several faults in one command no rule says which is named."""
    return tuple(Alternative(status, NO_DATA, state) for status in dict.fromkeys(statuses))


def left_open(card: Card, state: State) -> tuple[Alternative, ...]:
    """Any answer: no public rule fixes this one. Data that it announces may be fetched, whatever they are."""
    first = card.spec.t0.more_data

    def learn(lost: State, data: bytes, sw: int) -> State:
        return _wait_for(AnyData(), learn_nothing)(lost, data, sw) if sw >> 8 == first else lost

    return (Alternative(None, AnyData(), state.lost(), learn),)


def status(command: Command, name: str) -> Status:
    """The status word that the data give for a condition of a command."""
    return command.statuses[name]
