"""The PSAM as a case sees it."""

from dataclasses import dataclass
from functools import cached_property

from onecard.harness.apdu_subject import ApduSubject
from onecard.harness.context import Identity
from onecard.oracle.psam import PsamTerminal
from onecard.spec.card import T0, Status
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import PsamKey, PsamSpec, psam_spec
from onecard.spec.text import Text

_SELECT_MF = bytes.fromhex("00A40000023F00")
_SELECT_PUBLIC = bytes.fromhex("00A40000020015")
_READ_PUBLIC = bytes.fromhex("00B000000F")
_PUBLIC_LENGTH = 15


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a session key was delivered for: the factors, highest level first, and the session factor."""

    factors: tuple[bytes, ...]
    random: bytes


class PsamUnderTest(ApduSubject):
    """One PSAM during one case."""

    @property
    def spec(self) -> InterfaceSpec:
        """The PSAM's data for the declaration."""
        return self._context.interface

    @cached_property
    def data(self) -> PsamSpec:
        """The same as typed data."""
        return psam_spec(self.spec)

    @property
    def success(self) -> Status:
        """The status word of success."""
        return self.data.general.ok

    @property
    def t0(self) -> T0:
        """How T=0 announces data and a wrong Le."""
        return self.data.t0

    @property
    def historical_length(self) -> int:
        """How many historical bytes the ATR ends in."""
        return self.data.atr.historical_length

    def opened(self, algorithm: str) -> PsamTerminal:
        """The application of an environment, selected; raises PreambleFailed."""
        side = PsamTerminal(self.data, algorithm)
        self.preamble(self.send(side.select_environment()), Text("选择环境", "select the environment"))
        self.preamble(self.send(side.select_application()), Text("选择 PSAM 应用", "select the PSAM application"))
        return side

    def deliver(self, side: PsamTerminal, key: PsamKey) -> Delivered:
        """A session key for drawn factors, delivered; raises PreambleFailed."""
        factors = tuple(self.random.bytes(8) for _ in range(side.spec.usage.levels(key.usage)))
        delivered = Delivered(factors, self.random.bytes(8))
        response = self.send(side.delivery(key, factors, delivered.random))
        self.preamble(response, Text("交付过程密钥", "deliver a session key"))
        return delivered

    def delivered(self, side: PsamTerminal, key: PsamKey) -> bytes:
        """The same, and its value as the oracle computes it; Inconclusive without the root key."""
        given = self.deliver(side, key)
        return side.session(self.root_key(key.key, algorithm=side.algorithm.code), given.factors, given.random)

    def identify(self, identity: Identity) -> None:
        """ATR, reader capability, and the public file 0015 as the sample's identification."""
        identity.atr = self.power_on().hex().upper()
        self._sample.raw_t0 = not self.transmit(_SELECT_MF).data
        self.send(_SELECT_MF)
        self.send(_SELECT_PUBLIC)
        response = self.send(_READ_PUBLIC)
        if response.is_ok and len(response.data) == _PUBLIC_LENGTH:
            identity.identification = response.data.hex().upper()
