"""The PSAM as a case sees it."""

from onecard.harness.apdu_subject import ApduSubject
from onecard.harness.context import Identity
from onecard.spec.build import status_of
from onecard.spec.card import T0, Status
from onecard.spec.interface import InterfaceSpec

_CARD = "card-3.0"
"""PSAM and card share transmission (2011-9 refers to the card's part): one profile's data serve."""

_SELECT_MF = bytes.fromhex("00A40000023F00")
_SELECT_PUBLIC = bytes.fromhex("00A40000020015")
_READ_PUBLIC = bytes.fromhex("00B000000F")
_PUBLIC_LENGTH = 15


class PsamUnderTest(ApduSubject):
    """One PSAM during one case."""

    @property
    def spec(self) -> InterfaceSpec:
        """The PSAM's data for the declaration."""
        return self._context.interface

    @property
    def success(self) -> Status:
        """Status 9000."""
        return status_of("9000")

    @property
    def t0(self) -> T0:
        """How T=0 announces data and a wrong Le."""
        return self.card_of(_CARD).t0

    @property
    def historical_length(self) -> int:
        """How many historical bytes the ATR ends in."""
        return self.card_of(_CARD).atr.historical_length

    def identify(self, identity: Identity) -> None:
        """ATR, reader capability, and the public file 0015 as the sample's identification."""
        identity.atr = self.power_on().hex().upper()
        self._sample.raw_t0 = not self.transmit(_SELECT_MF).data
        self.send(_SELECT_MF)
        self.send(_SELECT_PUBLIC)
        response = self.send(_READ_PUBLIC)
        if response.is_ok and len(response.data) == _PUBLIC_LENGTH:
            identity.identification = response.data.hex().upper()
