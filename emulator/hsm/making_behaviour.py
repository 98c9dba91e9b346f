"""Decisions about secured commands (service 03) and purchases (service 04), one small method each."""

from collections.abc import Mapping, Sequence


class MessageBehaviour:
    """Making a secured command."""

    def accepts_header(self, header: bytes, right: bool) -> bool:
        """Whether a MAC is made for a header, with this algorithm and this plain text."""
        return right

    def plain(self, right: bytes) -> bytes:
        """The plain text that is enciphered, without its length and padding."""
        return right

    def enciphered(self, plain: bytes, right: bytes) -> bytes:
        """The data of the command for a plain text; empty without one."""
        return right

    def covered(self, header: bytes, enciphered: bytes) -> bytes:
        """What the MAC covers; ``header`` is CLA INS P1 P2 Lc."""
        return header + enciphered

    def message_form(self, forms: Sequence[str]) -> str:
        """The form in which a secured command is answered: ``command``, or ``data`` without the header."""
        return forms[0]

    def message(self, header: bytes, enciphered: bytes, mac: bytes) -> bytes:
        """The secured command as it is answered."""
        return header + enciphered + mac


class PurchaseBehaviour:
    """Computing a purchase."""

    def amounts(self, right: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """The amounts account, self-paid and pooled, four bytes each."""
        return right

    def inputs(self, gives: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        """What session, mac1, mac2 or tac is computed from."""
        return right

    def mac_key(self, gives: str, card_key: bytes, session: bytes) -> bytes:
        """The key of a MAC."""
        return session

    def echo(self, part: str, right: str) -> str:
        """A field of the request in the answer."""
        return right

    def purchase_part(self, gives: str, right: bytes) -> str:
        """mac1, mac2 or tac in the answer."""
        return right.hex().upper()
