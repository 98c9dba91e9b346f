"""Reading and writing items in two steps, with an encryptor that the caller asks between them.

Its request has no internal authentication: the card does not prove itself in these functions.
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from emulator.terminal.behaviour import Addressed
from emulator.terminal.failure import Failure
from emulator.terminal.files import addressed, file_id, values_of, written_file
from emulator.terminal.reading import Card
from emulator.terminal.steps import Arguments, Function, Session, Steps
from emulator.terminal.strings import taken_apart, written
from emulator.terminal.writing import ItemsToWrite
from onecard.spec.card import FileSpec

READ, WRITE = "READ-CARD", "WRITE-CARD"
FOLLOWING: Mapping[str, str] = MappingProxyType({READ: "READ-CARD-STEP-2", WRITE: "WRITE-CARD-STEP-2"})


class ItemsByEncryptor:
    """iReadCard_HSM_Step1 and Step2, iWriteCard_HSM_Step1 and Step2."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._items = ItemsToWrite(steps)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {
            "READ-CARD-STEP-1": partial(self._ask, READ),
            "READ-CARD-STEP-2": self._read,
            "WRITE-CARD-STEP-1": partial(self._ask, WRITE),
            "WRITE-CARD-STEP-2": self._write,
        }

    def _ask(self, function: str, arguments: Arguments) -> str:
        steps, behaviour = self._steps, self._steps.behaviour
        steps.session = None
        asked = str(arguments.get("pFileAddr", ""))
        wanted = behaviour.address(asked, addressed(steps.spec.address, asked))
        if wanted is None:
            raise steps.reader.failure("ADDRESS")
        card = steps.begin(arguments)
        if card.algorithm is None:
            raise steps.reader.failure("SAM-ALGORITHM")
        if not behaviour.item_step_info_fits(steps.fits(card, str(arguments.get("pCardInfo", "")))):
            raise steps.reader.failure("DIFFERS")
        # The card's proof is not part of these functions; the other checks of validity need none.
        steps.check_validity(card, True, "INTERNAL")
        key = self._key(card, function, wanted)
        values = {"algorithm": f"{card.algorithm.identifier:02X}", "key-address": "", "factor": "", "original": ""}
        if key is not None:
            original, factor = (steps.reader.challenge(card).hex().upper() for _ in range(2))
            values |= {"key-address": steps.spec.item_steps.addresses[key][0], "factor": factor, "original": original}
        elif not behaviour.asks_without_key():
            raise steps.reader.failure("HSM-NOT-NEEDED")
        steps.session = Session(card, b"", key, FOLLOWING[function], wanted=wanted)
        return written(steps.spec.item_steps.request, {}, behaviour.item_request_values(values), behaviour)

    def _read(self, arguments: Arguments) -> str:
        steps, behaviour = self._steps, self._steps.behaviour
        session = self._waiting(FOLLOWING[READ])
        self._prove(session, self._proof(session, arguments))
        out = ""
        for name, tags in behaviour.item_step_files(session.wanted):
            values = behaviour.file_items(steps.reader.read_items(session.card, self._file(name).id, tags))
            out += written_file(steps.spec.address, name, [text for _, text in values])
        if behaviour.item_step_marks():
            steps.reader.mark(session.card)
        return behaviour.file_text(out)

    def _write(self, arguments: Arguments) -> str:
        steps, behaviour = self._steps, self._steps.behaviour
        session = self._waiting(FOLLOWING[WRITE])
        given = str(arguments.get("pWriteData", ""))
        values = behaviour.write_data(given, values_of(steps.spec.address, given, session.wanted))
        if values is None:
            raise steps.reader.failure("WRITE-DATA")
        proof = self._proof(session, arguments)
        # Nothing is sent before it is sure that all of it can be written.
        updates = tuple(self._items.coded(session.wanted, values, steps.spec.item_steps.addresses))
        self._prove(session, proof)
        for file, tag, value in behaviour.item_step_updates(updates):
            steps.reader.write_item(session.card, file, tag, value)
        return ""

    # --- parts ---

    def _key(self, card: Card, function: str, wanted: Addressed) -> str | None:
        """The one key that opens the files of an address, None where none is needed; raises Failure."""
        keys = {self._key_of(card, function, self._file(name, tags)) for name, tags in wanted} - {None}
        if len(keys) > 1 or not keys <= set(self._steps.spec.item_steps.addresses):
            raise self._steps.reader.failure("ADDRESS")
        return keys.pop() if keys else None

    def _key_of(self, card: Card, function: str, file: FileSpec) -> str | None:
        return self._steps.read_key_of(card, file) if function == READ else file.update.key

    def _file(self, name: str, tags: tuple[int, ...] = ()) -> FileSpec:
        file = self._steps.reader.file_of(file_id(self._steps.spec.address, name))
        if file is None or not set(tags) <= {item.tag for item in file.items}:
            raise self._steps.reader.failure("ADDRESS")
        return file

    def _waiting(self, step: str) -> Session:
        """What the step before left; raises Failure where it is not the turn of ``step``."""
        session, behaviour = self._steps.session, self._steps.behaviour
        right = session is not None and session.step == step
        may = behaviour.item_step_may_follow(None if session is None else session.step, right)
        if behaviour.item_step_ends() or not may:
            self._steps.session = None
        if session is None or not may:
            raise self._steps.reader.failure("ORDER")
        self._steps.known = session.card.items
        return session

    def _proof(self, session: Session, arguments: Arguments) -> bytes:
        if session.key is None:
            return b""
        text = str(arguments.get("pKey", ""))
        fields = taken_apart(self._steps.spec.item_steps.key_input, text)
        taken = self._steps.behaviour.item_proof(text, None if fields is None else fields["proof"] or None)
        if taken is None:
            raise self._steps.reader.failure("KEY-INPUT")
        return bytes.fromhex(taken)

    def _prove(self, session: Session, proof: bytes) -> None:
        """Send the authentication data of pKey to the card; raises Failure."""
        steps, behaviour = self._steps, self._steps.behaviour
        if session.key is None or not behaviour.proves_item_key():
            return
        key_id = steps.card_spec.keys[session.key].key_id
        _, sw = session.card.channel.command("EXTERNAL-AUTHENTICATE", 0, key_id, proof)
        if not session.card.channel.is_ok(sw) and behaviour.looks_at_item_proof():
            raise Failure(steps.reader.code_of_status(sw))
