"""A card on the bench: hexadecimal in, hexadecimal out, and right authentications."""

from emulator.card.card import ReferenceCard
from emulator.crypto_card import authentication_data, session_key

SELECT_SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
SELECT_DF01 = "00A4000002DF01"
SELECT_EF05 = "00A4020002EF05"
SELECT_EF06 = "00A4020002EF06"
ORIGINAL = bytes.fromhex("0102030405060708")


class Bench:
    """Wraps a powered card."""

    def __init__(self, card: ReferenceCard) -> None:
        self.card = card

    def send(self, *commands: str) -> str:
        """Send commands; the last one's answer in upper-case hexadecimal, ``silence`` for none."""
        answer = None
        for command in commands:
            answer = self.card.process(bytes.fromhex(command))
        return "silence" if answer is None else answer.hex().upper()

    def challenge(self, length: int = 8) -> bytes:
        return bytes.fromhex(self.send(f"00840000{length:02X}")[:-4])

    def external(self, key: str, challenge: bytes, *, version: int = 1, with_version: bool = True) -> str:
        """The right EXTERNAL AUTHENTICATE for ``challenge``, as a command."""
        card = self.card
        material = card.image.keys[key][version]
        proof = authentication_data(card.spec, session_key(card.spec, material, challenge), ORIGINAL)
        tail = bytes([version]) if with_version else b""
        data = proof + ORIGINAL + tail
        return f"008200{card.spec.keys[key].key_id:02X}{len(data):02X}{data.hex()}"

    def authenticate(self, key: str, *, version: int = 1) -> str:
        return self.send(self.external(key, self.challenge(), version=version))

    def wrong(self, key: str) -> str:
        """A wrong EXTERNAL AUTHENTICATE after a fresh challenge; returns its answer."""
        right = bytearray.fromhex(self.external(key, self.challenge()))
        right[5] ^= 0x01
        return self.send(right.hex())
