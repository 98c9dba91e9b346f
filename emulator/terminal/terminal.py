"""The reference terminal: functions of the interface by name; no reader, no socket, no clock of its own."""

from collections.abc import Mapping
from typing import Any

from emulator.terminal.access import Access, CardGone, ReaderGone, SlotEmpty
from emulator.terminal.behaviour import TerminalBehaviour
from emulator.terminal.certificates import CertificateFunctions
from emulator.terminal.debit import DebitBySam
from emulator.terminal.debit_by_encryptor import DebitByEncryptor
from emulator.terminal.failure import Failure
from emulator.terminal.items_by_encryptor import ItemsByEncryptor
from emulator.terminal.kinds import KindsOfTerminals
from emulator.terminal.pin import PinBySam
from emulator.terminal.pin_by_encryptor import PinByEncryptor
from emulator.terminal.reading_by_encryptor import ReadingByEncryptor
from emulator.terminal.reading_by_sam import ReadingBySam
from emulator.terminal.steps import Function, Steps
from emulator.terminal.writing import WritingBySam
from onecard.spec.card import CardSpec
from onecard.spec.terminal import TerminalSpec

FUNCTIONS = (
    ReadingBySam,
    WritingBySam,
    PinBySam,
    DebitBySam,
    ReadingByEncryptor,
    ItemsByEncryptor,
    PinByEncryptor,
    DebitByEncryptor,
    CertificateFunctions,
    KindsOfTerminals,
)


class ReferenceTerminal:
    """A terminal that ``spec`` describes, for cards that ``card`` describes (of the newest generation).

    ``device_number``: what it says of itself at the end of the basic data.
    """

    def __init__(
        self,
        spec: TerminalSpec,
        card: CardSpec,
        access: Access,
        *,
        device_number: str,
        behaviour: TerminalBehaviour | None = None,
    ) -> None:
        self._spec = spec
        self._access = access
        self._behaviour = behaviour or TerminalBehaviour()
        self._steps = Steps(spec, card, access, device_number, self._behaviour)
        known: dict[str, Function] = {}
        for group in FUNCTIONS:
            known |= group(self._steps).functions()
        self._functions = {found.call: known[name] for name, found in spec.functions.items()}

    def call(self, name: str, arguments: Mapping[str, Any]) -> tuple[int, str]:
        """Call a function; its return code and pOutInfo: the result, or an error text.

        The reader is let go of in the end, whatever happened, unless a first step keeps the card for the next one.
        """
        try:
            code, out = self._called(name, arguments)
        except BaseException:
            self._steps.session = None
            self._access.release()
            raise
        if self._steps.session is None and self._behaviour.releases_reader(code):
            self._access.release()
        return code, out

    def _called(self, name: str, arguments: Mapping[str, Any]) -> tuple[int, str]:
        function = self._functions.get(name)
        if function is None:
            return self._failed(self._spec.codes["UNSUPPORTED"])
        self._steps.known, self._steps.function = {}, name
        declared = next(found.arguments for found in self._spec.functions.values() if found.call == name)
        try:
            return self._spec.codes["OK"], function({key: arguments[key] for key in declared if key in arguments})
        except Failure as failure:
            return self._failed(failure.code, failure.detail)
        except ReaderGone:
            self._steps.session = None
            return self._failed(self._steps.reader.failure("READER").code)
        except (CardGone, SlotEmpty):
            self._steps.session = None
            if self._behaviour.result_after_removal(self._steps.known):
                return self._spec.codes["OK"], self._steps.result(self._steps.known, {}, "")
            return self._failed(self._steps.reader.failure("REMOVED").code)

    def _failed(self, code: int, detail: str = "") -> tuple[int, str]:
        self._steps.failed_before = True
        name = self._spec.code_names.get(code)
        text = (name.zh if name is not None else f"错误 {code}") + detail
        return code, self._behaviour.failure_text(text, self._steps.known)
