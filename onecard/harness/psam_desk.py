"""The issuer's desk before a PSAM: its own keys are proved, files updated, root keys loaded.

A wrong proof is followed by the right one; what changes the PSAM is put back by what is registered before the change.
"""

from onecard.harness.apdu_subject import Response
from onecard.harness.psam import PsamUnderTest
from onecard.oracle.psam_loading import NewKey, PsamDeskSide
from onecard.spec.psam_loading import KeyFile, OwnKey
from onecard.spec.text import Text

CHALLENGE = 8


class PsamDesk:
    """Steps in one environment of a PSAM; they begin with the environment or its application being selected."""

    def __init__(self, psam: PsamUnderTest, algorithm: str) -> None:
        self._psam = psam
        self._algorithm = algorithm
        self.side = psam.opened(algorithm)
        self.issuer = PsamDeskSide(self.side)

    def own(self, key: OwnKey) -> bytes:
        """The value of an own key; Inconclusive without it."""
        return self._psam.root_key(key.key, algorithm=self._algorithm)

    def go_to(self, key: OwnKey) -> None:
        """Select where an own key is proved."""
        side = self._psam.opened(self._algorithm)
        if key.place == "environment":
            self._psam.preamble(self._psam.send(side.select_environment()), Text("选择环境", "select the environment"))

    def challenge(self, length: int) -> bytes:
        """A random value of the PSAM."""
        step = Text("取随机数", "ask for a random value")
        return self._psam.preamble(self._psam.send(self.side.get_challenge(length)), step, length).data

    def authentication(self, key: OwnKey, length: int = CHALLENGE) -> bytes:
        """The command that proves an own key by a fresh challenge of this length."""
        original = self._psam.random.bytes(8)
        proof = self.issuer.proof(self.own(key), self.challenge(length), original)
        return self.issuer.external_authentication(key.number, proof + original)

    def authenticate(self, key: OwnKey) -> None:
        """An own key, proved; raises PreambleFailed."""
        self._psam.preamble(self._psam.send(self.authentication(key)), Text("外部鉴别", "prove an own key"))

    def wrong_authentication(self, key: OwnKey) -> Response:
        """A proof with a wrong bit."""
        command = bytearray(self.authentication(key))
        command[5] ^= 0x01
        return self._psam.send(bytes(command))

    def prepare(self, file: KeyFile) -> bytes:
        """What stands before a loading: the application, the right of the file's own key, a challenge; its value."""
        own = self.issuer.loading.own[file.own]
        self._psam.opened(self._algorithm)
        # Some products ask for it besides the MAC under the same key.
        if self._psam.ics["psam.update"]:
            self.authenticate(own)
        return self.challenge(self.issuer.loading.challenge)

    def loading(self, does: str, file: KeyFile, key: NewKey) -> bytes:
        """CREATE KEY or CHANGE KEY by a fresh challenge."""
        challenge = self.prepare(file)
        return self.issuer.command(does, file, key, self.own(self.issuer.loading.own[file.own]), challenge)

    def load(self, does: str, file: KeyFile, key: NewKey) -> Response:
        """The answer to it."""
        return self._psam.send(self.loading(does, file, key))
