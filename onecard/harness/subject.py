"""What a case sees of any target: its circumstances, the IXIT, checks, and undoing."""

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from onecard.evidence.canonical import canonical_value
from onecard.harness.context import Identity, RunContext, Sample
from onecard.harness.rng import TesterRandom
from onecard.harness.verdict import Check, CheckFailed, Inconclusive
from onecard.harness.wire import Wire
from onecard.spec.card import CardSpec
from onecard.spec.text import Text


class Subject(ABC):
    """One target during one case; each kind has a class of its own."""

    loss_ends_run: ClassVar[bool] = False
    """Whether a lost connection ends the run: a pulled card does, a service that drops one request does not."""

    def __init__(
        self, context: RunContext, sample: Sample, wire: Wire, case: str, requirements: tuple[str, ...]
    ) -> None:
        self._context = context
        self._sample = sample
        self._wire = wire
        self._undo: list[tuple[str, Callable[[], None]]] = []
        self.default_requirement = requirements[0] if requirements else None
        self.checked: set[str] = set()
        self.last_event: int | None = None
        self.last_answer = b""
        self.ics = context.ics
        self.random = TesterRandom(context.nonce, case)

    # --- circumstances ---

    def card_of(self, profile: str) -> CardSpec:
        """The data of a card of a project profile."""
        return self._context.card_of(profile)

    def has_parameter(self, name: str) -> bool:
        """Whether the IXIT gives this parameter."""
        return self._parameter(name) is not None

    def parameter(self, name: str) -> Any:
        """A parameter of the IXIT as JSON value; Inconclusive when it gives none."""
        value = self._parameter(name)
        if value is None:
            raise Inconclusive(
                zh=f"IXIT 的 parameters 未给出 {name}", en=f"the IXIT gives no {name} among its parameters"
            )
        return json.loads(value)

    def _parameter(self, name: str) -> bytes | None:
        given = self._context.parameters
        return self._wire.secret(f"ixit:{name}", lambda: canonical_value(given[name]) if name in given else None)

    def root_key(self, name: str, version: int = 1, algorithm: str | None = None) -> bytes:
        """A test root key of the IXIT's key source; Inconclusive when it has none.

        ``algorithm`` (3des, sm4): where roots may differ by algorithm.
        """
        asked = ":".join(filter(None, (f"root-key:{name}:{version}", algorithm)))
        value = self._wire.secret(asked, lambda: self._context.keys.root_key(name, version, algorithm))
        if value is None:
            raise Inconclusive(
                zh=f"密钥来源没有根密钥 {name} 版本 {version}",
                en=f"the key source has no root key {name} version {version}",
            )
        return value

    def fresh_secret(self, name: str, length: int) -> bytes:
        """Secret bytes drawn anew, not from the nonce (keys, SM2 ephemerals); recorded, so a replay has the same."""
        value = self._wire.secret(name, lambda: secrets.token_bytes(length))
        if value is None:
            raise Inconclusive(zh=f"记录中没有 {name}", en=f"the record holds no {name}")
        return value

    @property
    def region(self) -> str:
        """The region (six digits) below which the key source's keys are diversified; Inconclusive without one."""
        value = self._wire.secret("region", self._context.keys.region_code)
        if value is None:
            raise Inconclusive(zh="密钥来源未给出地区", en="the key source names no region")
        return value.decode("ascii")

    # --- judging ---

    def record(self, check: Check) -> None:
        """Record a comparison; ends the case when it does not hold."""
        if check.requirement is not None:
            self.checked.add(check.requirement)
        self._wire.check(check)
        if not check.ok:
            raise CheckFailed(check)

    def note(self, text: Text) -> None:
        """Something worth telling in the evidence."""
        self._wire.note(text)

    # --- the course of a case ---

    @abstractmethod
    def reset(self) -> object:
        """Bring the target to where each case begins."""

    @abstractmethod
    def identify(self, identity: Identity) -> None:
        """The body of the setup case: what identifies the sample, as far as it shows."""

    def wait(self, seconds: int) -> None:
        """Let time pass; a replay does not wait."""
        self._wire.exchange({"do": "wait", "ms": seconds * 1000})

    def at_end(self, label: str, action: Callable[[], None]) -> None:
        """Register an undoing step before the change is made. Steps run last in first out, after a reset."""
        self._undo.append((label, action))

    def undo(self) -> list[tuple[str, Exception]]:
        """Run the undoing steps; returns those that did not work."""
        failed: list[tuple[str, Exception]] = []
        while self._undo:
            label, action = self._undo.pop()
            try:
                self.reset()
                action()
            except Exception as error:  # noqa: BLE001 - the remaining steps must still be tried, whatever one of them met
                failed.append((label, error))
        return failed
