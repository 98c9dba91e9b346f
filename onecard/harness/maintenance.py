"""The issuer's desk before one card: another PIN, unblocking, blocking, and commands secured by a MAC.

A case that changes the PIN leaves it as it found it: what puts it back is registered before the change is made.
"""

from onecard.harness.apdu_subject import Response
from onecard.harness.card import LEAST_TRIES, CardUnderTest
from onecard.harness.verdict import Inconclusive
from onecard.oracle import session as computation
from onecard.spec.card_messaging import keys_granting, maintenance_key
from onecard.spec.text import Text

CHANGE_PIN, PIN_UNBLOCK = "CHANGE-PIN", "PIN-CHANGE-UNBLOCK"
UNBLOCK, BLOCK = "unblock", "block"
SSSE = "SSSE"


class IssuerDesk:
    """Commands and steps of the issuer; ``pin`` is what the card's PIN is believed to be, empty for none."""

    def __init__(self, card: CardUnderTest) -> None:
        self._card = card
        self._pin: bytes | None = None
        self._original = b""
        self._kept = False

    @property
    def pin(self) -> bytes:
        """Asked for when it is first needed: blocking needs none, and the card may have refused it before."""
        return self._learn() if self._pin is None else self._pin

    @pin.setter
    def pin(self, now: bytes) -> None:
        self._pin = now

    def _learn(self) -> bytes:
        self._pin = self._original = self._card.pin_bytes if self._card.ics["card.pin"] else b""
        return self._pin

    # --- commands ---

    def change_command(self, old: bytes, new: bytes) -> bytes:
        """CHANGE PIN."""
        command = self._card.spec.command(CHANGE_PIN)
        data = old + bytes((command.number("separator"),)) + new
        header = self._card.apdu.header(CHANGE_PIN, command.number("p1"), command.number("p2"))
        return header + bytes((len(data),)) + data

    def session(self, challenge: bytes, key: str | None = None) -> bytes:
        """The session key of a challenge: of the maintenance key of SSSE, or of ``key``."""
        return self._session(challenge, key or self._maintenance(SSSE))

    def session_in(self, application: str, challenge: bytes) -> bytes:
        """The session key of a challenge taken in ``application``: of its maintenance key, or else of SSSE's."""
        return self._session(challenge, self._maintenance(application))

    def _maintenance(self, application: str) -> str:
        found = maintenance_key(self._card.spec, self._card.spec.lineage(application))
        if found is None:
            raise Inconclusive(zh="规范数据中没有维护密钥", en="the data hold no maintenance key")
        return found.id

    def _session(self, challenge: bytes, key: str) -> bytes:
        card = self._card
        return computation.session_key(card.rules, card.key(key, card.spec.default_key_version), challenge)

    def secured(
        self, name: str, parameters: tuple[int, int], session: bytes, data: bytes = b"", *, spoil: bool = False
    ) -> bytes:
        """A command with its MAC, or with one bit of the MAC changed."""
        card = self._card
        command = computation.secured(card.rules, session, card.apdu.header(name, *parameters), data)
        return command[:-1] + bytes((command[-1] ^ 0x01,)) if spoil else command

    def unblock_command(self, session: bytes, *, spoil: bool = False) -> bytes:
        """PIN CHANGE/UNBLOCK that resets the counter."""
        parameters = (0, self._card.spec.command(PIN_UNBLOCK).number("unblock"))
        return self.secured(PIN_UNBLOCK, parameters, session, spoil=spoil)

    def reload_command(self, session: bytes, pin: bytes, *, spoil: bool = False) -> bytes:
        """PIN CHANGE/UNBLOCK that sets ``pin``."""
        parameters = (0, self._card.spec.command(PIN_UNBLOCK).number("reload"))
        return self.secured(
            PIN_UNBLOCK, parameters, session, computation.encipher(self._card.rules, session, pin), spoil=spoil
        )

    def block_command(self, name: str, session: bytes, *, spoil: bool = False) -> bytes:
        """APPLICATION BLOCK or CARD BLOCK."""
        command = self._card.spec.command(name)
        return self.secured(name, (command.number("p1"), command.number("p2")), session, spoil=spoil)

    # --- preamble steps ---

    def challenge(self) -> bytes:
        """A challenge of the length that secured commands use."""
        return self._card.get_challenge(self._card.rules.command.challenge)

    def key_for(self, right: str) -> str:
        """The key of SSSE that opens ``right``."""
        granting = [key.id for key in keys_granting(self._card.spec, right) if key.application == SSSE]
        if not granting:
            raise Inconclusive(zh=f"规范数据中没有授予 {right} 的密钥", en=f"the data hold no key that opens {right}")
        return granting[0]

    def open(self, right: str) -> bytes:
        """SSSE, the key that opens ``right``, and a fresh challenge; the session key."""
        self._card.select_environment()
        self._card.authenticate_external(self.key_for(right))
        return self.session(self.challenge())

    def wrong_pin(self) -> bytes:
        """A PIN that is not the one of the card, of its length."""
        return bytes((self.pin[0] ^ 0x11,)) + self.pin[1:]

    def another_pin(self) -> bytes:
        """A PIN that may be set in place of the one of the card."""
        return bytes.fromhex("654321") if self.pin != bytes.fromhex("654321") else bytes.fromhex("135790")

    # --- care for the PIN ---

    def mistype(self) -> Response:
        """VERIFY of a wrong PIN; the tries are put back at the end."""
        self.keep_pin()
        return self._card.send(self._card.apdu.verify(self.wrong_pin()))

    def keep_pin(self) -> None:
        """Put the PIN back at the end, whatever it is then; Inconclusive with too few tries to find that out."""
        if self._kept:
            return
        if self._pin is None:
            self._learn()
        tries = self._card.pin_tries()
        if tries is not None and tries <= LEAST_TRIES:
            raise Inconclusive(
                zh=f"密码剩余 {tries} 次，不宜修改", en=f"the PIN has {tries} tries left: too few to change it"
            )
        self._kept = True
        self._card.at_end("put the PIN back", self._put_back)

    def change(self, old: bytes, new: bytes) -> Response:
        """CHANGE PIN; the PIN is put back at the end."""
        self.keep_pin()
        response = self._card.send(self.change_command(old, new))
        if response.is_ok:
            self.pin = new
        return response

    def reload(self, session: bytes, new: bytes, *, spoil: bool = False) -> Response:
        """Set the PIN by the issuer; it is put back at the end."""
        self.keep_pin()
        response = self._card.send(self.reload_command(session, new, spoil=spoil))
        if response.is_ok:
            self.pin = new
        return response

    def _put_back(self) -> None:
        card = self._card
        card.select_environment()
        tries = card.pin_tries()
        if tries is None:
            response = card.send(self.change_command(b"", self._original))
        elif self.pin == self._original:
            response = card.send(card.apdu.verify(self._original))
            card.noted("PIN", response)
        else:
            response = card.send(self.change_command(self.pin, self._original))
            if not response.is_ok:
                # The change may not have been made after all.
                response = card.send(card.apdu.verify(self._original))
                card.noted("PIN", response)
        card.preamble(response, Text("恢复原密码", "put the PIN back"))
        self.pin = self._original
