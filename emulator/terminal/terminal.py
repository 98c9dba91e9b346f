"""The reference terminal: functions of the interface by name; no reader, no socket, no clock of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.terminal.access import Access, CardGone, ReaderGone, SlotEmpty
from emulator.terminal.behaviour import TerminalBehaviour
from emulator.terminal.failure import Failure
from emulator.terminal.files import addressed, file_id, written_file
from emulator.terminal.reading import HOLDER_FILE, VALID_UNTIL, Card, CardReader
from emulator.terminal.sam import Sam
from emulator.terminal.strings import taken_apart, written
from onecard.spec.card import CardSpec
from onecard.spec.terminal import CardAlgorithm, TerminalSpec

PROOF_DIGITS = 16
INTERNAL_KEY = "IRK"


@dataclass(frozen=True, slots=True)
class Session:
    """What step 1 leaves for step 2: the card, and its own authentication data. ``key``: to be proved to the card."""

    card: Card
    proof: bytes
    key: str | None


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
        self._device_number = device_number
        self._behaviour = behaviour or TerminalBehaviour()
        self._reader = CardReader(spec, card, access, self._behaviour)
        self._session: Session | None = None
        self._known: dict[int, bytes] = {}
        self._failed_before = False
        functions: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
            "READ-BASIC": self._read_basic,
            "READ-CARD": self._read_card,
            "READ-BASIC-STEP-1": self._step_1,
            "READ-BASIC-STEP-2": self._step_2,
        }
        self._functions = {found.call: functions[name] for name, found in spec.functions.items()}

    def call(self, name: str, arguments: Mapping[str, Any]) -> tuple[int, str]:
        """Call a function; its return code and pOutInfo: the result, or an error text.

        The reader is let go of in the end, whatever happened, unless a first step keeps the card for the next one.
        """
        try:
            code, out = self._called(name, arguments)
        except BaseException:
            self._session = None
            self._access.release()
            raise
        if self._session is None and self._behaviour.releases_reader(code):
            self._access.release()
        return code, out

    def _called(self, name: str, arguments: Mapping[str, Any]) -> tuple[int, str]:
        function = self._functions.get(name)
        if function is None:
            return self._failed(self._spec.codes["UNSUPPORTED"])
        self._known = {}
        declared = next(found.arguments for found in self._spec.functions.values() if found.call == name)
        try:
            return self._spec.codes["OK"], function({key: arguments[key] for key in declared if key in arguments})
        except Failure as failure:
            return self._failed(failure.code)
        except ReaderGone:
            self._session = None
            return self._failed(self._reader.failure("READER").code)
        except (CardGone, SlotEmpty):
            self._session = None
            if self._behaviour.result_after_removal(self._known):
                return self._spec.codes["OK"], self._result(self._known, {}, "")
            return self._failed(self._reader.failure("REMOVED").code)

    def _failed(self, code: int) -> tuple[int, str]:
        self._failed_before = True
        name = self._spec.code_names.get(code)
        return code, self._behaviour.failure_text(name.zh if name is not None else f"错误 {code}", self._known)

    # --- the functions ---

    def _read_basic(self, arguments: Mapping[str, Any]) -> str:
        card, sam, algorithm, number = self._proved_by_sam(arguments)
        self._open_by_sam(card, sam, algorithm, self._key_of(card))
        self._reader.read_holder_data(card)
        return self._finished(card, number)

    def _read_card(self, arguments: Mapping[str, Any]) -> str:
        asked = str(arguments.get("pFileAddr", ""))
        wanted = self._behaviour.address(asked, addressed(self._spec.address, asked))
        if wanted is None:
            raise self._reader.failure("ADDRESS")
        card, sam, algorithm, _ = self._proved_by_sam(arguments, files=True)
        if not self._fits(card, str(arguments.get("pCardInfo", ""))):
            raise self._reader.failure("DIFFERS")
        out = ""
        for name, tags in wanted:
            file = file_id(self._spec.address, name)
            if file is None:
                raise self._reader.failure("ADDRESS")
            key = self._key_of(card) if file == HOLDER_FILE else None
            self._open_by_sam(card, sam, algorithm, self._behaviour.opens_file(key))
            values = self._behaviour.file_items(self._reader.read_items(card, file, tags))
            out += written_file(self._spec.address, name, [text for _, text in values])
        if self._behaviour.marks_reading():
            self._reader.mark(card)
        return self._behaviour.file_text(out)

    def _fits(self, card: Card, text: str) -> bool:
        form = self._spec.card_info
        given, right = (one.split(form.separator) for one in (text, written(form, card.items, {}, self._behaviour)))
        same = [a.upper() == b.upper() for a, b in zip(given, right, strict=False)]
        return len(given) == len(right) and self._behaviour.card_info_fits(same[0], all(same[1:]))

    def _proved_by_sam(
        self, arguments: Mapping[str, Any], *, files: bool = False
    ) -> tuple[Card, Sam, CardAlgorithm, str]:
        self._session = None
        card = self._begin(arguments)
        sam, number = self._sam()
        if sam is None:
            raise self._reader.failure("SAM-ABSENT")
        algorithm = card.algorithm
        if algorithm is None or not sam.open(algorithm):
            raise self._reader.failure("SAM-ALGORITHM")
        random, original = sam.random(), sam.random()
        expected = sam.proof(INTERNAL_KEY, algorithm, self._reader.factors(card), random, original)
        if expected is None:
            raise self._reader.failure("SAM-KEY")
        proof = self._reader.internal_authentication(card, random, original)
        genuine = self._behaviour.card_is_genuine(expected, proof)
        trusted = files and not self._behaviour.authenticates_before_files()
        self._check_validity(card, genuine or trusted, "INTERNAL")
        return card, sam, algorithm, number

    def _step_1(self, arguments: Mapping[str, Any]) -> str:
        self._session = None
        if self._failed_before and not self._behaviour.serves_after_failure():
            raise self._reader.failure("ORDER")
        card = self._begin(arguments)
        if card.algorithm is None:
            raise self._reader.failure("SAM-ALGORITHM")
        original, random = (self._behaviour.random(self._reader.challenge(card)) for _ in range(2))
        proof = self._reader.internal_authentication(card, random, original)
        key = self._key_of(card)
        # The first challenge is the original data, the second, the card's last, the process factor.
        external = [self._reader.challenge(card).hex().upper() for _ in range(2)] if key else ["", ""]
        self._session = Session(card, proof, key)
        values = {
            "region": card.region,
            "historical": card.historical.hex().upper(),
            "algorithm": f"{card.algorithm.identifier:02X}",
            "internal-factor": random.hex().upper(),
            "internal-original": original.hex().upper(),
            "external-factor": external[1],
            "external-original": external[0],
        }
        return written(self._spec.request, card.items, self._behaviour.request_values(values), self._behaviour)

    def _step_2(self, arguments: Mapping[str, Any]) -> str:
        session = self._session
        if session is None:
            raise self._reader.failure("ORDER")
        if self._behaviour.session_ends():
            self._session = None
        internal, external = self._key_input(str(arguments.get("pKey", "")), session)
        self._known = session.card.items
        expected = bytes.fromhex(internal[:PROOF_DIGITS])
        genuine = self._behaviour.card_is_genuine_by_encryptor(expected, session.proof)
        self._check_validity(session.card, genuine, "INTERNAL-BY-ENCRYPTOR")
        if session.key is not None:
            proof, original = bytes.fromhex(external[:PROOF_DIGITS]), bytes.fromhex(external[PROOF_DIGITS:])
            self._reader.external_authentication(session.card, session.key, proof, original)
        self._reader.read_holder_data(session.card)
        return self._finished(session.card, self._sam()[1])

    # --- their steps ---

    def _begin(self, arguments: Mapping[str, Any]) -> Card:
        search = arguments.get("iType")
        card = self._reader.find(search if isinstance(search, int) else 0)
        self._known = card.items
        self._reader.read_issuer_data(card)
        return card

    def _sam(self) -> tuple[Sam | None, str]:
        absent = self._spec.sam.number_absent
        try:
            self._access.power_on("psam")
        except SlotEmpty:
            return None, absent
        sam = Sam(self._reader.channel("psam"), self._spec, self._behaviour)
        return sam, self._behaviour.terminal_number(sam.number(), absent)

    def _key_of(self, card: Card) -> str | None:
        return None if card.generation is None else self._behaviour.authenticates(card.generation)

    def _open_by_sam(self, card: Card, sam: Sam, algorithm: CardAlgorithm, key: str | None) -> None:
        if key is None:
            return
        original, random = sam.random(), self._reader.challenge(card)
        proof = sam.proof(key, algorithm, self._reader.factors(card), random, original)
        if proof is None:
            raise self._reader.failure(f"SAM-{key}")
        self._reader.external_authentication(card, key, proof, original)

    def _key_input(self, text: str, session: Session) -> tuple[str, str]:
        fields = taken_apart(self._spec.key_input, text)
        right = None
        if fields is not None and fields["internal"] and bool(fields["external"]) == (session.key is not None):
            right = fields["internal"], fields["external"]
        taken = self._behaviour.key_input(text, right)
        if taken is None:
            raise self._reader.failure("KEY-INPUT")
        return taken

    def _check_validity(self, card: Card, genuine: bool, forged: str) -> None:
        until = card.items[VALID_UNTIL].hex()
        checks: Mapping[str, tuple[Callable[[], bool], str]] = {
            "internal-authentication": (lambda: genuine, forged),
            "initialising-body": (lambda: self._reader.initialising_body_fits(card), "INVALID"),
            "card-class": (lambda: self._reader.class_is_known(card), "INVALID"),
            "version": (lambda: card.generation is not None, "INVALID"),
            "valid-until": (lambda: not self._behaviour.expired(self._reader.today(), until), "INVALID"),
        }
        for name in self._behaviour.validity_order(self._spec.validity):
            holds, outcome = checks[name]
            if not holds():
                raise self._reader.failure(outcome)

    def _finished(self, card: Card, number: str) -> str:
        values = {"region": card.region, "historical": card.historical.hex().upper()}
        return self._result(card.items, values, number)

    def _result(self, items: Mapping[int, bytes], values: Mapping[str, str], number: str) -> str:
        known = {"region": "", "historical": "", **values}
        known |= {"terminal-number": number, "device-number": self._device_number}
        return written(self._spec.basic, items, self._behaviour.basic_values(known), self._behaviour)
