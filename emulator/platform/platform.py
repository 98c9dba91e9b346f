"""The platform's core: credentials, validation, idempotency, admission, operations. No HTTP here."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from emulator.crypto import sm3
from emulator.platform.admission import Facts, first_refusal
from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.database import Kept, Store, Transaction
from emulator.platform.messages import Answer, Call, Institution, Refused, Step, call_of
from emulator.platform.operations import OPERATIONS, Desk
from emulator.platform.parties import Port
from emulator.platform.validation import Validator
from emulator.service import Clock
from onecard.spec.platform import PlatformSpec

LIST_STATES = "listCardStates"
"""The one operation that is no business call: it needs credentials, and no control looks at it."""


class Platform:
    """A platform over a store. ``institutions`` by id; ``send`` is the way to the parties of an activation."""

    def __init__(
        self,
        spec: PlatformSpec,
        validator: Validator,
        store: Store,
        institutions: Mapping[str, Institution],
        send: Port,
        clock: Clock,
        behaviour: PlatformBehaviour,
        random: Callable[[int], bytes],
    ) -> None:
        self._spec = spec
        self._validator = validator
        self._store = store
        self._institutions = institutions
        self._behaviour = behaviour
        self._desk = Desk(spec, behaviour, send, clock, random)

    def handle(self, operation: str, organisation: str, key: str, body: bytes) -> Answer:
        """Answer one call. ``organisation`` and ``key`` as they came, empty when absent."""
        try:
            institution = self._known(organisation, key)
            if operation == LIST_STATES:
                return Answer(200, self._behaviour.shaped(operation, self._desk.code_table()))
            content = self._valid(operation, body)
            return self._served(call_of(institution, operation, content), content)
        except Refused as refused:
            return refused.answer()

    def _known(self, organisation: str, key: str) -> Institution:
        institution = self._institutions.get(organisation)
        if not self._behaviour.key_matches(institution.key if institution else None, key) or institution is None:
            raise Refused(self._spec.error("unauthorized"))
        return institution

    def _valid(self, operation: str, body: bytes) -> Mapping[str, Any]:
        content, problem = self._validator.check(operation, body)
        if content is None or not self._behaviour.accepts(problem):
            raise Refused(self._spec.error("invalid-request"), problem)
        return content

    def _served(self, call: Call, content: Mapping[str, Any]) -> Answer:
        digest = sm3(json.dumps([call.operation, content], sort_keys=True).encode()).hex()
        with self._store.begin() as data:
            kept = data.kept(call.institution.id, call.sequence)
            fresh = kept is None
            if kept is not None and self._behaviour.repeats(kept.digest, digest):
                if self._behaviour.answers_repeat_from_store():
                    return Answer(kept.status, json.loads(kept.answer))
                fresh = True
            try:
                self._admit(data, call, fresh)
            except Refused:
                if self._behaviour.keeps_sequence_of_refused():
                    _keep(data, kept, call, "", Answer(409, {}))
                raise
            answer = self._carried_out(data, call, content)
            _keep(data, kept, call, digest, answer)
            return answer

    def _admit(self, data: Transaction, call: Call, fresh: bool) -> None:
        card = self._desk.card(data, call.card_no)
        facts = Facts(call, card.state if card else None, self._in_flow(data, call), fresh)
        refusal = first_refusal(self._spec, facts, self._behaviour)
        if refusal is not None:
            raise Refused(refusal)

    def _in_flow(self, data: Transaction, call: Call) -> bool:
        item = self._spec.items.get(call.item)
        if item is None or call.operation not in item.flow or call.operation == item.flow[0]:
            return True
        wanted = _step(call, item.flow[item.flow.index(call.operation) - 1])
        done = data.done(call.flow, wanted.operation)
        return any(self._behaviour.same_flow(step, wanted) for step in done)

    def _carried_out(self, data: Transaction, call: Call, content: Mapping[str, Any]) -> Answer:
        try:
            body = OPERATIONS[call.operation](self._desk, data, call, content)
        except Refused as refused:
            data.rollback()
            return refused.answer()
        data.complete(_step(call, call.operation))
        return Answer(200, self._behaviour.shaped(call.operation, body))


def _step(call: Call, operation: str) -> Step:
    return Step(call.institution.id, call.flow, call.card_no, call.item, operation)


def _keep(data: Transaction, kept: Kept | None, call: Call, digest: str, answer: Answer) -> None:
    now = Kept(digest, answer.status, json.dumps(answer.body))
    data.keep(call.institution.id, call.sequence, now, again=kept is not None)
    data.commit()
