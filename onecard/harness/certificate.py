"""The certificate application as cases use it: its commands, its PINs with care for their tries, its files."""

from typing import Any

from onecard.harness.apdu_subject import Response
from onecard.harness.card import LEAST_TRIES, CardUnderTest
from onecard.harness.verdict import Inconclusive
from onecard.oracle import certificate as computation
from onecard.oracle.sm2 import PublicKey, encrypt
from onecard.spec.card import Command
from onecard.spec.card_certificate import APPLICATION, certificate_of
from onecard.spec.text import Text

USER, ADMIN = "CERT-USER", "CERT-ADMIN"
MASTER_CHALLENGE = 8
_FIELDS = {USER: ("user-pin", "user-tries"), ADMIN: ("admin-pin", "admin-tries")}


class Certificate:
    """Builds commands of the application and takes its steps on one card."""

    def __init__(self, card: CardUnderTest) -> None:
        self.card = card
        self.data = certificate_of(card.spec)
        self.coding = self.data.coding

    def select(self) -> None:
        """The environment, then the application in it."""
        self.card.select_world(APPLICATION)

    def command(self, name: str, data: bytes, p1: int | None = None, p2: int | None = None) -> bytes:
        """A command by its id in the data; P1 and P2 are those of the data where none is given."""
        command: Command = self.card.spec.command(name)
        first = command.number("p1") if p1 is None else p1
        second = command.number("p2") if p2 is None else p2
        return bytes((command.cla, command.ins, first, second, len(data))) + data

    def status(self, name: str, condition: str) -> str:
        """A status word of a command."""
        return self.card.spec.command(name).statuses[condition].text

    # --- what the IXIT says ---

    @property
    def _given(self) -> Any:
        return self.card.parameter("certificate")

    def digits(self, pin: str) -> str:
        """The PIN of the IXIT; Inconclusive where the card refused it before."""
        if self.card.was_refused(pin):
            raise Inconclusive(
                zh=f"卡片已拒绝过 IXIT 中的 {pin}，不再重试",
                en=f"the card refused the {pin} of the IXIT before; it is not tried again",
            )
        return str(self._given[_FIELDS[pin][0]])

    def limit(self, pin: str) -> int:
        """The PIN's declared number of tries."""
        return int(self._given[_FIELDS[pin][1]])

    @property
    def issuer(self) -> PublicKey:
        """The key of the certificates' issuer; Inconclusive where the IXIT gives none."""
        octets = bytes.fromhex(self._given.get("issuer", ""))
        if not octets:
            raise Inconclusive(
                zh="IXIT 的 certificate 未给出发证机构公钥（issuer）",
                en="the IXIT gives no key of the issuer (`issuer` of `certificate`)",
            )
        return PublicKey(octets[:32], octets[32:])

    # --- PINs and keys ---

    def pin_key(self, pin: str) -> bytes:
        """The key that proves a PIN of the IXIT."""
        return computation.pin_key(self.digits(pin), self.coding.proof_key)

    def verify(self, pin: str, proof: bytes) -> bytes:
        """The VERIFY command of a PIN."""
        return self.command("CERT-VERIFY", proof, p2=self.data.pins[pin].p2)

    def challenge(self) -> bytes:
        """A challenge of the length that the IXIT names for PINs."""
        return self.card.get_challenge(int(self._given["challenge"]))

    def prove(self, pin: str, key: bytes | None = None) -> Response:
        """Send the proof of a PIN over a fresh challenge; ``key`` of another PIN than the IXIT's."""
        right = key is None
        proof = computation.proof(self.pin_key(pin) if key is None else key, self.challenge())
        response = self.card.send(self.verify(pin, proof))
        if right:
            self.card.noted(pin, response)
        return response

    def present(self, *pins: str) -> None:
        """Verify PINs as a preamble."""
        for pin in pins:
            self.card.preamble(self.prove(pin), Text(f"校验 {pin}", f"verify {pin}"))

    def wrong(self, pin: str) -> None:
        """Make ready for a wrong proof: the right one first, and last; Inconclusive where a try would be too many."""
        if self.limit(pin) <= LEAST_TRIES:
            raise Inconclusive(
                zh=f"{pin} 仅有 {self.limit(pin)} 次尝试，不宜试错",
                en=f"{pin} has {self.limit(pin)} tries only: a wrong one would be too many",
            )
        self.present(pin)

        def restore() -> None:
            self.select()
            self.present(pin)

        self.card.at_end(f"restore the tries of {pin}", restore)

    def master_key(self, name: str) -> bytes:
        """A master key of the key source."""
        return self.card.key(name, self.card.spec.default_key_version)

    def select_place(self, key: str) -> None:
        """Where a master key is authenticated."""
        self.card.select_world(self.card.spec.keys[key].application)

    def authentication(self, name: str, key: bytes) -> bytes:
        """The authentication of the current application's master key over a fresh challenge."""
        proof = computation.proof(key, self.card.get_challenge(MASTER_CHALLENGE))
        return self.command("CERT-AUTHENTICATE", proof, p2=self.card.spec.keys[name].key_id)

    def authenticate(self, name: str, key: bytes) -> Response:
        """Authenticate the master key of the current application."""
        return self.card.send(self.authentication(name, key))

    @property
    def key_limit(self) -> int:
        """The declared number of tries of a key."""
        return int(self.card.ics["card.key_try_limit"])

    def wrong_master(self, name: str) -> None:
        """As ``wrong``, for a master key."""
        if self.key_limit <= LEAST_TRIES:
            raise Inconclusive(
                zh=f"{name} 仅有 {self.key_limit} 次尝试，不宜试错",
                en=f"{name} has {self.key_limit} tries only: a wrong one would be too many",
            )

        def prove() -> None:
            self.select_place(name)
            response = self.authenticate(name, self.master_key(name))
            self.card.noted(name, response)
            self.card.preamble(response, Text(f"鉴别 {name}", f"authenticate {name}"))

        prove()
        self.card.at_end(f"restore the tries of {name}", prove)

    # --- files and keys ---

    def fid(self, file: str) -> bytes:
        """The identifier of a file of the application."""
        return self.card.spec.file(file).fid.to_bytes(2)

    def read(self, file: str) -> bytes:
        """The whole of a transparent file, as a preamble."""
        self.card.select_file(file)
        size = self.card.spec.file(file).size
        octets = b""
        while len(octets) < size:
            length = min(size - len(octets), 0xF0)
            response = self.read_piece(len(octets), length)
            octets += self.card.preamble(response, Text(f"读 {file}", f"read {file}"), length).data
        return octets

    def read_piece(self, offset: int, length: int) -> Response:
        """READ BINARY of the current file."""
        return self.card.send(self.card.apdu.read_binary(offset, length))

    def public_key(self, use: str) -> PublicKey:
        """The public key of the pair for ``use``, from its file."""
        return computation.public_key(self.read(self.data.pair(use).public))

    def key_files(self, use: str) -> bytes:
        """The objects that name the two key files of a pair."""
        pair, coding = self.data.pair(use), self.coding
        public = computation.data_object(coding.public_file, self.fid(pair.public))
        return public + computation.data_object(coding.private_file, self.fid(pair.private))

    def private_file(self, use: str) -> bytes:
        """The object that names the private key of a pair."""
        return computation.data_object(self.coding.private_file, self.fid(self.data.pair(use).private))

    def sign(self, digest: bytes, use: str = "signature") -> bytes:
        """The signature command over a digest of 32 bytes."""
        return self.command("CERT-SIGN", self.private_file(use) + computation.data_object(self.coding.data, digest))

    def unwrap(self, ciphertext: bytes, use: str = "signature") -> bytes:
        """The decryption command of a ciphertext C1, C3, C2."""
        return self.command(
            "CERT-UNWRAP", self.private_file(use) + computation.data_object(self.coding.data, ciphertext, long=True)
        )

    def export(self, use: str) -> bytes:
        """The first step of an export: it names the key files."""
        return self.command(
            "CERT-EXPORT", self.key_files(use), p2=self.card.spec.command("CERT-EXPORT").number("choose")
        )

    def fetch(self, length: int) -> bytes:
        """The second step of an export, with this Le."""
        command = self.card.spec.command("CERT-EXPORT")
        return bytes((command.cla, command.ins, command.number("p1"), command.number("fetch"), length))

    def fresh_scalar(self, name: str) -> bytes:
        """A secret number that no nonce gives away, in the range of private keys."""
        return b"\x01" + self.card.fresh_secret(name, 31)

    def ciphertext(self, key: PublicKey, message: bytes) -> bytes:
        """``message`` under a public key: C1, C3, C2."""
        return encrypt(key, message, self.fresh_scalar("ephemeral"))

    def generate(self) -> bytes:
        """The command that makes a new signature key pair."""
        return self.command("CERT-GENERATE", self.key_files("signature"))

    def digest(self, message: bytes) -> bytes:
        """The digest command."""
        return self.command("CERT-DIGEST", computation.data_object(self.coding.data, message))

    def import_session(self, key: bytes) -> bytes:
        """The command that imports a session key."""
        return self.command("CERT-IMPORT-SESSION", computation.data_object(self.coding.data, key))

    def import_public(self, point: bytes) -> bytes:
        """The command that imports the public encryption key."""
        data = computation.data_object(self.coding.public_file, self.fid(self.data.pair("encryption").public))
        return self._import("public", data + computation.data_object(self.coding.public_value, point))

    def import_private(self, enciphered: bytes) -> bytes:
        """The command that imports the private encryption key, enciphered under the session key."""
        data = self.private_file("encryption")
        return self._import("private", data + computation.data_object(self.coding.private_value, enciphered))

    def _import(self, form: str, data: bytes) -> bytes:
        (parameters,) = self.card.spec.command("CERT-IMPORT-KEY").words(form)
        p1, p2 = bytes.fromhex(parameters)
        return self.command("CERT-IMPORT-KEY", data, p1, p2)

    # --- changes ---

    def change_pin(self, key: bytes, digits: str, challenge: bytes) -> bytes:
        """The change of the administrator PIN to ``digits``, under the key of the old one."""
        octets = bytes.fromhex(digits)
        return self.change_pin_to(key, bytes((len(octets),)) + octets, challenge)

    def change_pin_to(self, key: bytes, plain: bytes, challenge: bytes) -> bytes:
        """The change of the administrator PIN with ``plain`` (length and PIN) as it is enciphered."""
        header = self.command("CERT-CHANGE-PIN", b"", p2=self.data.pins[ADMIN].p2)[:4]
        data = computation.secured(key, challenge, header, plain)
        return header + bytes((len(data),)) + data

    def change_key(self, key: bytes, new: bytes, challenge: bytes, lead: bytes | None = None) -> bytes:
        """The change of the current master key to ``new``, under the old one; ``lead`` in place of what precedes it."""
        header = self.command("CERT-CHANGE-KEY", b"")[:4]
        data = computation.secured(key, challenge, header, (self.coding.new_key if lead is None else lead) + new)
        return header + bytes((len(data),)) + data
