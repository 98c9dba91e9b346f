"""The tester as channel, verifier and platform of an e-card service: what it sends, and steps before a tested one."""

from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

from onecard.oracle.ecard import card_proof
from onecard.spec.card import CardSpec
from onecard.spec.ecard import ANYONE, EcardSpec, Operation, ecard_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.text import Text

AUTHORISED_BY = "004"
"""The holder authorised by password; which way it was makes no difference here."""


class Answer(Protocol):
    """A reply of the service."""

    @property
    def status(self) -> int: ...

    def get(self, path: str) -> Any: ...


R = TypeVar("R", bound=Answer)


class Random(Protocol):
    """The tester's randomness."""

    def bytes(self, count: int) -> bytes: ...


class Service(Protocol[R]):
    """What is asked of the service under test and its circumstances."""

    @property
    def spec(self) -> InterfaceSpec: ...

    @property
    def random(self) -> Random: ...

    def request(
        self, method: str, path: str, *, json: object = None, headers: Mapping[str, str] | None = None
    ) -> R: ...

    def must(self, reply: R, step: Text) -> R: ...

    def parameter(self, name: str) -> Any: ...

    def has_parameter(self, name: str) -> bool: ...

    def root_key(self, name: str, version: int = 1) -> bytes: ...

    def card_of(self, profile: str) -> CardSpec: ...


class Client(Generic[R]):
    """Calls of one case. Cards are the IXIT's, by field key; the first one serves where any does.

    ``may_end``: a card that may be cancelled; where test data can be reset the last one, which stays among ``cards``,
    else the one that the IXIT offers, which does not; None when it offers none.
    """

    def __init__(self, service: Service[R]) -> None:
        self._service = service
        self.spec: EcardSpec = ecard_spec(service.spec)
        known: list[dict[str, str]] = service.parameter("cards")
        self.may_end: dict[str, str] | None = known[-1]
        self.cards = known
        if not service.has_parameter("control"):
            offered = service.parameter("may_cancel") if service.has_parameter("may_cancel") else None
            self.may_end = next((card for card in known if card["aaz501"] == offered), None)
            self.cards = [card for card in known if card["aaz501"] != offered]
        self.keys: dict[str, str] = service.parameter("credentials")

    @property
    def card(self) -> dict[str, str]:
        """The first card."""
        return self.cards[0]

    def card_with(self, algorithm: str) -> dict[str, str] | None:
        """A card of an algorithm, None when the IXIT names none."""
        return next((card for card in self.cards if card["algorithm"] == algorithm), None)

    # --- calls ---

    def call(self, operation: Operation, body: object = None, *, essc_no: str = "", key: str | None = None) -> R:
        """Call an operation under the key of its role, or under another ``key``; an empty one sends no key."""
        own = "" if operation.role == ANYONE else self.keys[operation.role]
        sent = own if key is None else key
        headers = {"authorization": f"Bearer {sent}"} if sent else {}
        return self._service.request(operation.method, operation.at(essc_no), json=body, headers=headers)

    def issue(self, record: Mapping[str, str], **other: object) -> R:
        """First-level issue from a card with a fresh proof; ``other`` fields stand in place of the right ones."""
        return self.call(self.spec.operation("ISSUE"), {**self.issue_body(record), **other})

    def issue_body(self, record: Mapping[str, str]) -> dict[str, object]:
        """The right request for a card."""
        random, data = self._service.random.bytes(8), self._service.random.bytes(8)
        proof = self.proof(record, random, data)
        return {
            **record,
            "random": random.hex().upper(),
            "data": data.hex().upper(),
            "proof": proof.hex().upper(),
        }

    def proof(self, record: Mapping[str, str], random: bytes, data: bytes) -> bytes:
        """What the card of ``record`` answers to an internal authentication."""
        rule = self.spec.proofs[record["algorithm"]]
        root = self._service.root_key(rule.key, rule.version)
        return card_proof(self._service.card_of(rule.card), root, rule.key, record, random, data)

    def status(self, essc_no: str) -> R:
        """Ask for an e-card's state."""
        return self.call(self.spec.operation("STATUS"), essc_no=essc_no)

    def code(self, essc_no: str) -> R:
        """Ask for a dynamic code."""
        return self.call(self.spec.operation("CODE"), essc_no=essc_no)

    def verify(self, text: str) -> R:
        """Verify a code."""
        return self.call(self.spec.operation("VERIFY"), {"code": text})

    def report(self, record: Mapping[str, str], state: str) -> R:
        """Report the state (by its name in the data) of a card."""
        code = self.spec.state(state).code
        return self.call(self.spec.operation("REPORT"), {"aaz501": record["aaz501"], "aaz502": code})

    def authorise(self, essc_no: str, scene: str = AUTHORISED_BY) -> R:
        """Tell the holder's authorisation."""
        return self.call(self.spec.operation("AUTHORISE"), {"sceneType": scene}, essc_no=essc_no)

    # --- steps before the tested one ---

    def issued(self, record: Mapping[str, str] | None = None) -> str:
        """The number of an e-card of a card (the first one)."""
        reply = self._service.must(self.issue(record or self.card), Text("一级签发", "first-level issue"))
        return str(reply.get("esscNo"))

    def code_text(self, essc_no: str) -> str:
        """A fresh code."""
        reply = self._service.must(self.code(essc_no), Text("生成动态码", "dynamic code"))
        return str(reply.get("code"))

    def reported(self, record: Mapping[str, str], state: str) -> None:
        """A reported state."""
        self._service.must(self.report(record, state), Text(f"通知卡状态 {state}", f"report of the state {state}"))

    def authorised(self, essc_no: str) -> None:
        """The holder's authorisation."""
        self._service.must(self.authorise(essc_no), Text("持卡人授权", "the holder's authorisation"))
