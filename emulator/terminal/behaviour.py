"""Every decision of the terminal that real implementations get wrong, as one small method each.

The terminal asks these methods and takes their answer; as they stand they are right. A mutant is a subclass that
overrides a few of them.
"""

from collections.abc import Mapping, Sequence

from emulator.terminal.auth_type_behaviour import AuthTypeBehaviour
from emulator.terminal.debit_behaviour import DebitBehaviour
from emulator.terminal.items_steps_behaviour import ItemStepBehaviour
from emulator.terminal.kinds_behaviour import KindBehaviour
from emulator.terminal.pin_behaviour import PinBehaviour
from emulator.terminal.transmission_behaviour import TransmissionBehaviour
from emulator.terminal.writing_behaviour import WritingBehaviour
from onecard.spec.terminal import CardAlgorithm, Generation

Addressed = Sequence[tuple[str, tuple[int, ...]]]
"""Files with the tags that are asked of them."""


class CodeBehaviour:
    """Return codes and what stands beside them."""

    def status_code(self, sw: int, right: int) -> int:
        """The return code of a status word by which card or PSAM refused."""
        return right

    def outcome_code(self, outcome: str, right: int) -> int:
        """The return code of what happened; ``outcome`` is the end of its id in the data (NO-CARD, INTERNAL, ...)."""
        return right

    def failure_text(self, right: str, known: Mapping[int, bytes]) -> str:
        """pOutInfo of a function that failed; ``known``: the card's items read so far."""
        return right

    def result_after_removal(self, known: Mapping[int, bytes]) -> bool:
        """Whether a card that is pulled still gives the result as far as it was read."""
        return False


class SearchBehaviour:
    """Finding the card and what it is."""

    def slots(self, wanted: int, searches: Mapping[int, tuple[str, ...]]) -> tuple[str, ...] | None:
        """The slots to search for an iType; None refuses it."""
        return searches.get(wanted)

    def continues_without_environment(self) -> bool:
        """Whether a card that does not know SSSE is read all the same."""
        return False

    def identifier(self, fci: bytes, right: int | None) -> int | None:
        """The algorithm identifier of an FCI; None where it has none."""
        return right

    def algorithm(self, identifier: int | None, right: CardAlgorithm | None) -> CardAlgorithm | None:
        """The card's algorithm; ``identifier`` None where its FCI has none."""
        return right

    def generation(self, version: str, right: Generation | None) -> Generation | None:
        """The card's generation; None for a version that nobody knows."""
        return right

    def record_value(self, tag: int, record: bytes, whole: bool) -> bytes | None:
        """The value of a record; ``whole``: tag and length agree. None refuses the record."""
        return record[2:] if whole else None

    def accepts_identification(self, right: bool) -> bool:
        """Whether the identification code is taken for well formed."""
        return right


class AuthenticationBehaviour:
    """Internal and external authentication, by PSAM or encryptor."""

    def random(self, right: bytes) -> bytes:
        """A value for an authentication, taken from PSAM or card."""
        return right

    def factors(self, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """The factors in the order of the PSAM's command: card, city, province."""
        return right

    def environment(self, right: bytes) -> bytes:
        """The environment that is selected in the PSAM."""
        return right

    def tries_next_usage(self, sw: int, right: bool) -> bool:
        """Whether the next usage is tried after the PSAM answered ``sw``."""
        return right

    def card_is_genuine(self, expected: bytes, given: bytes) -> bool:
        """Whether the card's authentication data are the PSAM's."""
        return expected == given

    def card_is_genuine_by_encryptor(self, expected: bytes, given: bytes) -> bool:
        """Whether the card's authentication data are those of pKey."""
        return expected == given

    def authenticates(self, generation: Generation) -> str | None:
        """The key that opens the holder file of a generation; None where it reads freely."""
        return generation.authenticate

    def looks_at_external_answer(self) -> bool:
        """Whether the status word of the external authentication is looked at."""
        return True

    def validity_order(self, right: Sequence[str]) -> Sequence[str]:
        """The validity checks in order."""
        return right

    def checks_validity_in(self, function: str) -> bool:
        """Whether ``function``, by its name in the interface, checks more than the card's proof."""
        return True

    def expired(self, today: str, until: str) -> bool:
        """Whether validity has ended; both CCYYMMDD."""
        return today > until


class EncryptorBehaviour:
    """The two steps with the encryptor."""

    def request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        """The fields of the request by their source."""
        return right

    def request_text(self, right: str) -> str:
        """The whole request."""
        return right

    def key_input(self, text: str, right: tuple[str, str] | None) -> tuple[str, str] | None:
        """Internal and external part of pKey (hexadecimal, the external may be empty); None refuses it."""
        return right

    def session_ends(self) -> bool:
        """Whether step 2 ends what step 1 began."""
        return True

    def serves_after_failure(self) -> bool:
        """Whether the functions by encryptor work after one by PSAM failed."""
        return True


class ResultBehaviour:
    """The string of basic data."""

    def basic_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        """The fields that are no items of the card, by their source."""
        return right

    def item_text(self, tags: tuple[int, ...], parts: Sequence[bytes], right: str) -> str:
        """The text of a field made of items; ``parts``: their values as the card holds them."""
        return right

    def terminal_number(self, right: str, absent: str) -> str:
        """The terminal number; ``absent`` stands for none."""
        return right


class ReaderBehaviour:
    """What becomes of the reader when a function has ended."""

    def releases_reader(self, code: int) -> bool:
        """Whether the reader is let go of after ``code`` was returned (a first step keeps it for the second)."""
        return True


class FileBehaviour:
    """Reading by file address."""

    def address(self, text: str, right: Addressed | None) -> Addressed | None:
        """Files and tags of an address; None refuses it."""
        return right

    def card_info_fits(self, identification: bool, number: bool) -> bool:
        """Whether pCardInfo is this card's, by what its two fields say."""
        return identification and number

    def authenticates_before_files(self) -> bool:
        """Whether a card must be genuine before its items are given."""
        return True

    def opens_file(self, key: str | None) -> str | None:
        """The key that is proved before a file is read; None for none."""
        return key

    def items_to_read(self, wanted: tuple[int, ...], held: frozenset[int]) -> tuple[int, ...]:
        """The tags that are read of a file; ``held``: those that it has on cards of this kind."""
        return wanted

    def file_items(self, right: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
        """Tag and text of the items of one file, in the order of the result."""
        return right

    def file_text(self, right: str) -> str:
        """The whole result."""
        return right

    def marks_reading(self) -> bool:
        """Whether a mark is written on the card that was read."""
        return False


class TerminalBehaviour(
    TransmissionBehaviour,
    CodeBehaviour,
    SearchBehaviour,
    AuthenticationBehaviour,
    EncryptorBehaviour,
    ResultBehaviour,
    ReaderBehaviour,
    FileBehaviour,
    AuthTypeBehaviour,
    WritingBehaviour,
    PinBehaviour,
    DebitBehaviour,
    ItemStepBehaviour,
    KindBehaviour,
):
    """All decisions of a terminal, right."""
