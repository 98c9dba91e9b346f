"""The service itself, sans-IO: fields in, an answer or a refusal out. Time comes from the clock that is passed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from emulator.ecard import code as codes
from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.desk import Desk
from emulator.ecard.proof import RootKey, expected_proof
from emulator.ecard.register import CardRecord, Ecard, Register
from onecard.spec.card import CardSpec
from onecard.spec.ecard import CardState, EcardSpec, Mask, Operation, Use

PATH_KEY = "esscNo"
ESSC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: HTTP status and JSON body."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """What the service leans on: time in whole seconds, random bytes, rules of cards by profile, root keys."""

    now: Callable[[], int]
    random: Callable[[int], bytes]
    cards: Mapping[str, CardSpec]
    root: RootKey


class EcardService:
    """The operations, on one register. ``given``: the checked fields of a request and the number in its path."""

    def __init__(
        self, spec: EcardSpec, behaviour: EcardBehaviour, desk: Desk, world: World, signer: codes.Codes, known: Register
    ) -> None:
        self._spec = spec
        self._behaviour = behaviour
        self._desk = desk
        self._world = world
        self._codes = signer
        self._register = known

    def perform(self, operation: Operation, given: Mapping[str, str]) -> Answer:
        """Do what an operation asks; raises Refused."""
        return _OPERATIONS[operation.id](self, operation, given)

    # --- issue ---

    def issue(self, operation: Operation, given: Mapping[str, str]) -> Answer:
        """First-level issue from a physical card."""
        record = self._card(given)
        for key in self._spec.recorded:
            field = self._spec.fields[key]
            if self._behaviour.differs(field, key in given and given[key] != record.data[key]):
                self._desk.refuse("RECORD", given)
        self._prove(record, given)
        if not self._behaviour.state_lets_issue(record.state, record.state.issue):
            self._desk.refuse("STATE", given)
        known = self._behaviour.existing(self._register.ecard_of(record.identification))
        ecard = known or self._new_ecard(record)
        return self._answer(operation, self._facts(ecard, record), record, repeated=known is not None)

    def _card(self, given: Mapping[str, str]) -> CardRecord:
        record = self._register.cards.get(given["aaz501"]) or self._behaviour.unknown_card(given)
        if record is None:
            self._desk.refuse("CARD", given)
        return self._register.cards.setdefault(given["aaz501"], record)

    def _prove(self, record: CardRecord, given: Mapping[str, str]) -> None:
        proof = self._spec.proofs[record.data["algorithm"]]
        expected = expected_proof(proof, self._world.cards, self._world.root, {**given, **record.data})
        shown = bytes.fromhex(given["proof"])
        if not self._behaviour.proof_holds(shown, expected, shown == expected):
            self._desk.refuse("PROOF", given)
        used = (record.identification, given["random"])
        if self._behaviour.proof_used(used in self._register.proofs):
            self._desk.refuse("PROOF-USED", given)
        self._register.proofs.add(used)

    def _new_ecard(self, record: CardRecord) -> Ecard:
        numbers = (self._world.random(ESSC_BYTES).hex().upper() for _ in range(2))
        ecard = Ecard(next(numbers), next(numbers), record.identification)
        self._register.ecards[ecard.essc_no] = ecard
        return ecard

    # --- state ---

    def report(self, operation: Operation, given: Mapping[str, str]) -> Answer:
        """The platform tells a card's state."""
        record = self._card(given)
        reported = self._spec.state_of(given["aaz502"]) or self._behaviour.reported(
            given["aaz502"], self._spec.state("NORMAL")
        )
        if reported is None:
            self._desk.refuse("REQUEST", given)
        if reported != record.state:
            if not self._behaviour.may_leave(record.state, not record.state.final):
                self._desk.refuse("ENDED", given)
            record.authorised = self._behaviour.authorised_after(record.authorised, reported)
            record.state = self._behaviour.state_after(record.state, reported)
        return self._answer(operation, dict(given), record)

    def authorise(self, operation: Operation, given: Mapping[str, str]) -> Answer:
        """The holder authorises use while the card is temporarily lost."""
        ecard, record = self._ecard(given[PATH_KEY], given)
        if not self._behaviour.may_authorise(record.state, record.state.use is Use.AUTHORISED):
            self._desk.refuse(_not_authorised(record.state), given)
        record.authorised = self._behaviour.authorisation()
        return self._answer(operation, self._facts(ecard, record), record)

    def status(self, operation: Operation, given: Mapping[str, str]) -> Answer:
        """What an e-card's state is."""
        ecard, record = self._ecard(given[PATH_KEY], given)
        return self._answer(operation, self._facts(ecard, record), record)

    def _ecard(self, essc_no: str, given: Mapping[str, str]) -> tuple[Ecard, CardRecord]:
        ecard = self._register.ecards.get(essc_no) or self._behaviour.unknown_ecard(essc_no)
        if ecard is None:
            self._desk.refuse("ECARD", given)
        record = self._register.cards.get(ecard.identification)
        return ecard, record or CardRecord(dict.fromkeys(self._spec.fields, ""), self._spec.state("NORMAL"))

    # --- codes ---

    def code(self, operation: Operation, given: Mapping[str, str]) -> Answer:
        """A new dynamic code."""
        ecard, record = self._ecard(given[PATH_KEY], given)
        self._require_usable(operation, record, given)
        issued = self._world.now()
        contents = {
            codes.ESSC_NO: bytes.fromhex(ecard.essc_no),
            codes.ISSUED: issued.to_bytes(8, "big"),
            codes.NONCE: self._behaviour.nonce(issued, self._world.random(8)),
            codes.KEY_ID: self._codes.key_id,
        }
        expires = self._behaviour.expires(issued, issued + self._spec.code.validity)
        found = {"code": self._codes.make(contents), "issued": issued, "expires": expires}
        return self._answer(operation, found, record)

    def verify(self, operation: Operation, given: Mapping[str, str]) -> Answer:
        """Verify a code on line. The signature goes before everything that would tell what the service knows."""
        fields = self._codes.read(given["code"])
        if fields is None:
            self._desk.refuse("MALFORMED", given)
        essc_no = fields[codes.ESSC_NO].hex().upper()
        if self._behaviour.lookup_first():
            self._ecard(essc_no, given)
        if not self._codes.holds(fields):
            self._desk.refuse("SIGNATURE", given)
        ecard, record = self._ecard(essc_no, given)
        issued = int.from_bytes(fields[codes.ISSUED], "big")
        self._spend(given, fields, issued)
        self._require_usable(operation, record, given)
        self._register.remember_code(self._used_key(given, fields), issued, self._oldest())
        found = {**self._facts(ecard, record), "issued": issued, **self._masked(record)}
        return self._answer(operation, found, record)

    def _spend(self, given: Mapping[str, str], fields: Mapping[str, bytes], issued: int) -> None:
        age = self._world.now() - issued
        validity = self._spec.code.validity
        if self._behaviour.expired(age, validity, not 0 <= age <= validity):
            self._desk.refuse("EXPIRED", given)
        if self._behaviour.used(self._used_key(given, fields) in self._register.codes):
            self._desk.refuse("USED", given)

    def _used_key(self, given: Mapping[str, str], fields: Mapping[str, bytes]) -> bytes:
        return self._behaviour.used_key(given["code"], fields[codes.ESSC_NO] + fields[codes.NONCE])

    def _oldest(self) -> int:
        return self._world.now() - self._spec.code.validity

    def _require_usable(self, operation: Operation, record: CardRecord, given: Mapping[str, str]) -> None:
        refused = self._behaviour.use_refused(operation.id, record, _use_refused(record))
        if refused is not None:
            self._desk.refuse(refused, given)

    def _masked(self, record: CardRecord) -> dict[str, str]:
        return {
            key: self._behaviour.masked(mask, record.data[key], masked(mask, record.data[key]))
            for key, mask in self._spec.masks.items()
        }

    def keys(self, operation: Operation, given: Mapping[str, str]) -> Answer:
        """The public keys of the codes."""
        return self._answer(operation, {"keys": self._codes.published()}, None)

    # --- answers ---

    def _facts(self, ecard: Ecard, record: CardRecord) -> dict[str, Any]:
        return {
            PATH_KEY: ecard.essc_no,
            "signNo": ecard.sign_no,
            "aab301": record.data["aab301"],
            "actionType": self._spec.issued_action,
            "aaz502": record.state.code,
            "usable": self._behaviour.use_refused("STATUS", record, _use_refused(record)) is None,
        }

    def _answer(
        self, operation: Operation, found: Mapping[str, Any], record: CardRecord | None, repeated: bool = False
    ) -> Answer:
        body = {key: found[key] for key in operation.answer if key in found}
        status = operation.repeated if repeated else operation.success
        return Answer(self._behaviour.status(operation, status), self._behaviour.answer(operation, record, body))


def masked(mask: Mask, value: str) -> str:
    """``value`` with its first and last characters kept; a value that they would show in full is hidden in full."""
    hidden = len(value) - mask.first - mask.last
    if hidden <= 0:
        return mask.character * len(value)
    return value[: mask.first] + mask.character * hidden + value[len(value) - mask.last :]


def _use_refused(record: CardRecord) -> str | None:
    usable = record.state.use is Use.ALL or (record.state.use is Use.AUTHORISED and record.authorised)
    if usable:
        return None
    return "ENDED" if record.state.final else "SUSPENDED"


def _not_authorised(state: CardState) -> str:
    if state.final:
        return "ENDED"
    return "STATE" if state.use is Use.ALL else "SUSPENDED"


_OPERATIONS: Mapping[str, Callable[[EcardService, Operation, Mapping[str, str]], Answer]] = MappingProxyType(
    {
        "ISSUE": EcardService.issue,
        "STATUS": EcardService.status,
        "CODE": EcardService.code,
        "AUTHORISE": EcardService.authorise,
        "VERIFY": EcardService.verify,
        "REPORT": EcardService.report,
        "KEYS": EcardService.keys,
    }
)
