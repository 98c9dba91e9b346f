"""Who may call, and whether a request has the fields and forms that the data ask."""

import hmac
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.errors import Refused
from onecard.spec.ecard import ANYONE, EcardSpec, Operation

BEARER = "Bearer "


class Desk:
    """Receives every call before the service looks at it. ``credentials``: the key of each role."""

    def __init__(self, spec: EcardSpec, behaviour: EcardBehaviour, credentials: Mapping[str, str]) -> None:
        self._spec = spec
        self._behaviour = behaviour
        self._credentials = dict(credentials)

    def refuse(self, name: str, given: Mapping[str, str]) -> NoReturn:
        """Refuse with the named refusal."""
        refusal = self._spec.error(name)
        raise Refused(refusal, self._behaviour.message(refusal, given, refusal.message))

    def admit(self, operation: Operation, authorisation: str) -> None:
        """Check the caller by its header ``Authorization``; raises Refused."""
        if operation.role == ANYONE:
            return
        key = authorisation.removeprefix(BEARER) if authorisation.startswith(BEARER) else None
        role = self._behaviour.role(key, self._credentials, self._role(key))
        if role is None:
            self.refuse("CALLER", {})
        if not self._behaviour.role_may(role, operation, role == operation.role):
            self.refuse("ROLE", {})

    def _role(self, key: str | None) -> str | None:
        sent = (key or "").encode("utf-8")
        return next(
            (role for role, known in self._credentials.items() if hmac.compare_digest(known.encode("utf-8"), sent)),
            None,
        )

    def fields(self, operation: Operation, body: Any) -> dict[str, str]:
        """The operation's fields of a request body (parsed JSON, None without a body); raises Refused."""
        if operation.request and not isinstance(body, dict):
            self.refuse("REQUEST", {})
        given: dict[str, str] = {}
        for key in operation.request:
            field = self._spec.fields[key]
            value = body[key] if key in body else self._behaviour.default(field)
            right = isinstance(value, str) and re.fullmatch(field.pattern, value) is not None
            if not self._behaviour.field_holds(field, value, right) or not isinstance(value, str):
                self.refuse("REQUEST", {key: str(value)})
            given[key] = value
        return given
