"""Institutions and their channels: who a caller is, and what it may ask for. Basis: profile.

Credentials are compared by their digests in constant time; the credentials themselves are not kept.
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from emulator.crypto import sm3
from emulator.hsm.calling_behaviour import CallingBehaviour
from emulator.hsm.reading import Request
from onecard.spec.hsm import KEY_ADDRESS, REGION


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be asked for; None is everything.

    ``services`` by number, key ``addresses``, ``regions`` by their leading digits.
    """

    services: frozenset[str] | None = None
    addresses: frozenset[str] | None = None
    regions: tuple[str, ...] | None = None

    def service(self, number: str) -> bool:
        """Whether a service may be used."""
        return self.services is None or number in self.services

    def address(self, address: str) -> bool:
        """Whether a key address may be named."""
        return self.addresses is None or address in self.addresses

    def region(self, region: str) -> bool:
        """Whether cards of a region may be asked about."""
        return self.regions is None or region.startswith(self.regions)


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution: its credential ``id`` and ``key``, its rights, and a limit of requests a minute (None: none).

    ``channels``: rights of its channels by name, which narrow its own; where there are any, a request names one.
    """

    id: str
    key: str = field(repr=False)
    rights: Rights = field(default_factory=Rights)
    channels: tuple[tuple[str, Rights], ...] = ()
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the institution, and the rights of the channel through which it does (None: it has no channels)."""

    institution: Institution
    channel: str
    narrower: Rights | None


class Authority:
    """The institutions that an encryptor knows; raises ValueError where there is none, or an id stands twice."""

    def __init__(self, institutions: Iterable[Institution], behaviour: CallingBehaviour) -> None:
        known = tuple(institutions)
        self._by_id = {each.id: each for each in known}
        if not known or len(self._by_id) != len(known):
            raise ValueError("an encryptor knows one institution or more, each by an id of its own")
        self._behaviour = behaviour
        self._salt = secrets.token_bytes(16)
        self._digests = {each.id: self._digest(each.id, each.key) for each in known}
        self._nobody = self._digest("", secrets.token_hex(16))
        self._first = known[0]

    def known(self, name: str, key: str) -> Institution | None:
        """The institution whose credential this is, None where it is nobody's."""
        # Somebody unknown is compared as well, so that the time does not tell which ids there are.
        right = self._digests.get(name, self._nobody)
        return self._by_id.get(name) if hmac.compare_digest(self._digest(name, key), right) else None

    def named(self, name: str) -> Institution:
        """The institution of an id whatever its credential, for an encryptor that asks for none: else the first."""
        return self._by_id.get(name, self._first)

    def caller(self, institution: Institution, channel: str) -> Caller | None:
        """The caller that comes through ``channel`` (empty: none named); None where the institution has it not."""
        rights = dict(institution.channels)
        known = channel in rights or (not rights and channel == "")
        return (
            Caller(institution, channel, rights.get(channel))
            if self._behaviour.accepts_channel(channel, known)
            else None
        )

    def permits(self, caller: Caller, request: Request) -> bool:
        """Whether a caller has the right to a request."""
        own = self._has(caller.institution.rights, request)
        narrower = caller.narrower
        return own and (narrower is None or self._behaviour.narrows(self._has(narrower, request)))

    def _has(self, rights: Rights, request: Request) -> bool:
        grants, fields = self._behaviour.grants, request.fields
        return (
            grants("service", rights.service(request.service.number))
            and grants("address", KEY_ADDRESS not in fields or rights.address(fields[KEY_ADDRESS]))
            and grants("region", rights.region(fields[REGION]))
        )

    def _digest(self, name: str, key: str) -> bytes:
        # The salt keeps a digest from being looked up; the separator keeps id and key apart.
        return sm3(b"\n".join((self._salt, name.encode(errors="replace"), key.encode(errors="replace"))))
