"""Decisions about purchases that real terminals get wrong; as they stand they are right."""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, bytes]


class DebitBehaviour:
    """iDoDebit, iReadDebitRecord and the steps by encryptor."""

    def pay_fields(self, text: str, right: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """The fields of pPayInfo by source; None refuses it."""
        return right

    def fen(self, text: str, right: int | None) -> int | None:
        """An amount in fen of its text in yuan; None where it is none."""
        return right

    def purchase_amounts(self, right: Mapping[str, int]) -> Mapping[str, int]:
        """The amounts of the purchase by name, in fen."""
        return right

    def authenticates_before_debit(self) -> bool:
        """Whether a card must be genuine before it pays."""
        return True

    def debit_info_fits(self, right: bool) -> bool:
        """Whether pCardInfo is that of the card that is to pay."""
        return right

    def asks_trade_pin(self, right: bool) -> bool:
        """Whether the holder's PIN is asked for; ``right``: whether the card has one."""
        return right

    def may_trade(self, pin: str, initial: str) -> bool:
        """Whether one may pay with this PIN."""
        return pin != initial

    def looks_at_trade_pin(self) -> bool:
        """Whether a refused PIN ends the purchase."""
        return True

    def sam_purchase(self, fields: Fields, right: bytes) -> bytes:
        """The data of INIT SAM FOR PURCHASE."""
        return right

    def goes_on_without_key(self) -> bool:
        """Whether the card is sent a purchase though the PSAM gave no MAC1."""
        return False

    def purchase_sent(self, right: Fields) -> Fields:
        """What the card is sent to make the purchase, by field."""
        return right

    def further_purchases(self, taken: bool) -> int:
        """How often the purchase is sent once more; ``taken``: the card took it."""
        return 0

    def looks_at_purchase_answer(self, command: str) -> bool:
        """Whether the status word of a command of the purchase is looked at."""
        return True

    def credits_sam(self) -> bool:
        """Whether the PSAM gets the card's MAC2."""
        return True

    def credited_mac(self, right: bytes) -> bytes:
        """The MAC2 that the PSAM gets."""
        return right

    def looks_at_credit_answer(self) -> bool:
        """Whether the PSAM's answer to MAC2 is looked at."""
        return True

    def debit_result(self, right: Mapping[str, str]) -> Mapping[str, str]:
        """The fields of the result by source."""
        return right

    def debit_request(self, right: Mapping[str, str]) -> Mapping[str, str]:
        """The fields of the result of step 1 by source; ``amounts`` in the reference's form."""
        return right

    def debit_key(self, text: str, right: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """The fields of pKey by source; None refuses it."""
        return right

    def purchase_proved(self, mac2: bool, tac: bool) -> bool:
        """Whether the card's answer is taken; by what it says of MAC2 and TAC."""
        return mac2 and tac

    def debit_session_ends(self) -> bool:
        """Whether step 2 ends what step 1 began."""
        return True

    def ends_log(self, sw: int, right: bool) -> bool:
        """Whether a record that is refused by ``sw`` stands behind the last one."""
        return right

    def debit_records(self, right: Sequence[bytes]) -> Sequence[bytes]:
        """The records of the log that are told, newest first."""
        return right

    def record_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        """The fields of a record by source."""
        return right

    def asks_record_pin(self, right: bool) -> bool:
        """Whether the PIN is asked for before the log is read; ``right``: whether the card has one."""
        return right
