"""Decisions about PINs that real terminals get wrong; as they stand they are right."""

from collections.abc import Mapping, Sequence


class PinEntryBehaviour:
    """What becomes of an entry on the keypad before anything is sent."""

    def pin_in_place_of_none(self, reason: str) -> str | None:
        """Digits that stand for an entry that was ``cancelled`` or whose time is over (``timeout``); None ends."""
        return None

    def pin_length_fits(self, digits: str, right: bool) -> bool:
        """Whether a PIN has as many digits as it may."""
        return right

    def pin_is_digits(self, digits: str, right: bool) -> bool:
        """Whether a PIN holds nothing but digits."""
        return right

    def asks_again(self, function: str) -> bool:
        """Whether ``function`` (CHANGE-PIN, RELOAD-PIN) asks for the new PIN a second time."""
        return True

    def entries_agree(self, first: str, second: str) -> bool:
        """Whether two entries of a new PIN are one."""
        return first == second

    def may_become(self, new: str, initial: str) -> bool:
        """Whether a card may be changed to this PIN."""
        return new != initial

    def refuses_initial(self, pin: str, initial: str) -> bool:
        """Whether the card's PIN may not be used because it is the initial one."""
        return False


class PinSendingBehaviour:
    """How a PIN goes to the card, and what becomes of the answer."""

    def authenticates_before_pin(self) -> bool:
        """Whether the card must be genuine before it gets a PIN."""
        return True

    def pin_octets(self, digits: str, right: bytes) -> bytes:
        """The PIN as the card takes it."""
        return right

    def change_data(self, old: bytes, new: bytes, right: bytes) -> bytes:
        """The data of CHANGE PIN."""
        return right

    def further_tries(self, pin: bytes) -> Sequence[bytes]:
        """What is sent after the PIN was refused."""
        return ()

    def sends_change(self) -> bool:
        """Whether CHANGE PIN is sent at all."""
        return True

    def verifies_with_query(self) -> bool:
        """Whether a card that asks for no PIN (VERIFY with Lc 00 answers 9000) is taken for verified."""
        return False

    def looks_at_pin_answer(self, sw: int) -> bool:
        """Whether the card's refusal ends the function."""
        return True

    def pin_refusal(self, sw: int, right: str) -> str | None:
        """The outcome that tells a refused PIN (PIN-WRONG, PIN-LOCKED); None tells the status word itself."""
        return right

    def tries_text(self, left: int, right: str) -> str:
        """What stands behind the text of a wrong PIN; ``left``: tries that the card still gives."""
        return right

    def pin_result(self, pin: str) -> str:
        """pOutInfo of a function that succeeded with ``pin``."""
        return ""


class PinMessageBehaviour:
    """The secured commands that reload or unblock a PIN."""

    def proves_unblock_key(self) -> bool:
        """Whether PUK is proved to the card first."""
        return True

    def message_challenge(self, fresh: bytes) -> bytes:
        """The challenge of the session key."""
        return fresh

    def reload_block(self, pin: bytes, right: bytes) -> bytes:
        """The plain block that is enciphered."""
        return right

    def message_mac_input(self, right: bytes) -> bytes:
        """What the MAC covers, in whole blocks, the first of which is the initial value."""
        return right

    def sends_unblock(self) -> bool:
        """Whether the card is sent anything to unblock it."""
        return True

    def unblocks_by(self, right: int) -> int:
        """P2 of the command that unblocks."""
        return right

    def looks_at_message_answer(self) -> bool:
        """Whether the status word of PIN CHANGE/UNBLOCK is looked at."""
        return True

    def sends_without_mac(self) -> bool:
        """Whether the command goes with 00 for a MAC where the PSAM lacks the key."""
        return False

    def belongs_to_card(self, function: str, right: bool) -> bool:
        """Whether pCardInfo is this card's."""
        return right


class PinStepBehaviour:
    """Reload and unblocking in steps with the encryptor."""

    def pin_request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        """The fields of the result of step 1 by their source."""
        return right

    def pin_message_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        """The fields of the result of step 2 by their source."""
        return right

    def unblock_proof(self, text: str, right: str | None) -> str | None:
        """Authentication data and original data (32 hexadecimal digits) of pKey; None refuses it."""
        return right

    def pin_message(self, text: str, header: bytes, right: bytes | None) -> bytes | None:
        """The command of pKey; ``header``: CLA INS P1 P2 Lc. None refuses it."""
        return right

    def step_may_follow(self, waiting: str | None, right: bool) -> bool:
        """Whether a step may be done; ``waiting``: the one whose turn it is, None for none."""
        return right

    def looks_at_step_answer(self, sw: int) -> bool:
        """Whether the card's answer to an authentication or a secured command is looked at."""
        return True


class PinBehaviour(PinEntryBehaviour, PinSendingBehaviour, PinMessageBehaviour, PinStepBehaviour):
    """All decisions about PINs."""
