"""The reference encryptor: strings in, strings out; no socket, no clock."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.crypto_card import child_key, factors
from emulator.hsm.behaviour import HsmBehaviour
from emulator.hsm.making import Work, message, proof, purchase
from emulator.hsm.reading import Refused, Request, read
from emulator.hsm.recent import RecentKeys
from onecard.spec.card import CardSpec
from onecard.spec.hsm import (
    ALGORITHM,
    ECHO,
    HISTORICAL,
    KEY_ADDRESS,
    MESSAGE,
    PROOF,
    PURCHASE,
    REGION,
    USES,
    HsmAnswer,
    HsmKey,
    HsmSpec,
)

KEPT = 4096
"""Diversified keys that are kept: a card asks two or three times in a row, and a busy counter's cards come again."""

LEVELS: Mapping[str, int] = MappingProxyType({"province": 2, "city": 1})
"""Levels of diversification that an encryptor applies: the keys that it holds were made of the roots by the others."""

_MAKERS: Mapping[str, Callable[[Work, HsmAnswer, Mapping[str, str]], str]] = MappingProxyType(
    {PROOF: proof, MESSAGE: message, PURCHASE: purchase}
)


class ReferenceHsm:
    """An encryptor of ``region`` that ``spec`` describes.

    ``cards``: data of the cards by profile, for their computations. ``roots``: test root keys by name, from which the
    keys of its own level are made. ``behaviour``: its decisions, right by default.
    """

    def __init__(
        self,
        spec: HsmSpec,
        cards: Mapping[str, CardSpec],
        roots: Mapping[str, bytes],
        region: str,
        behaviour: HsmBehaviour | None = None,
    ) -> None:
        self.spec = spec
        self.behaviour = behaviour or HsmBehaviour()
        self._cards = cards
        self.region = region
        self._levels = LEVELS[spec.level]
        self._by_name = {key.key: key for key in spec.keys.values()}
        self._held = {
            (profile, key.key): self._own(card, key, roots[key.key])
            for profile, card in cards.items()
            for key in spec.keys.values()
        }
        self._derived = RecentKeys(KEPT)
        self._services = {service.number: service for service in spec.services.values()}

    def service(self, text: str) -> str:
        """The answer to a request's string; raises Refused."""
        return self.answer(self.read(text))

    def read(self, text: str) -> Request:
        """The request that a string is, before anything is computed; raises Refused."""
        return read(self.spec, self.behaviour, self._services, text)

    def answer(self, request: Request) -> str:
        """The answer to a request; raises Refused."""
        spec, behaviour = self.spec, self.behaviour
        profile = self._profile(request)
        region = request.fields[REGION]
        digits = spec.region_digits
        if not behaviour.serves(region, region[:digits] == self.region[:digits]):
            raise Refused("REGION")
        parts = [self._part(request, part, profile) for part in request.service.answers]
        end = spec.strings.separator
        # An optional part that was not asked for is empty and keeps its separator.
        return behaviour.response("".join(part + end for part in parts))

    def _profile(self, request: Request) -> str:
        identifier = request.fields[ALGORITHM]
        known = self.spec.algorithms.get(identifier)
        profile = self.behaviour.algorithm(identifier, None if known is None else known.card)
        if profile is None:
            raise Refused("UNKNOWN-ALGORITHM")
        return profile

    def _part(self, request: Request, part: HsmAnswer, profile: str) -> str:
        behaviour, fields = self.behaviour, request.fields
        if part.kind == ECHO:
            return behaviour.echo(part.id, fields[part.original])
        asked = part.kind != PROOF or (part.factor in fields and part.original in fields)
        if not behaviour.answered(part.id, asked):
            return ""
        name = behaviour.key_of_part(part.id, part.key or self._addressed(fields, USES[part.kind]))
        card = self._cards[profile]
        work = Work(self.spec, behaviour, card, self._card_key(card, name, profile, fields))
        return _MAKERS[part.kind](work, part, fields)

    def _addressed(self, fields: Mapping[str, str], use: str) -> str:
        address = fields[KEY_ADDRESS]
        known = self.spec.key_at(address)
        found = None if known is None or not self.behaviour.key_serves(use, known.use == use) else known.key
        name = self.behaviour.key(address, found)
        if name is None:
            raise Refused("UNKNOWN-KEY")
        return name

    def _card_key(self, card: CardSpec, name: str, profile: str, fields: Mapping[str, str]) -> bytes:
        historical = self.behaviour.historical(bytes.fromhex(fields[HISTORICAL]))
        region = self.behaviour.region(fields[REGION])
        asked = (profile, name, region, historical)
        key = self._derived.get(asked)
        if key is None:
            key = self._held[profile, name]
            steps = factors(card.diversification, region, historical)
            for factor in steps[len(steps) - min(self._levels, self._by_name[name].levels) :]:
                key = child_key(card, key, factor)
            self._derived.put(asked, key)
        return key

    def _own(self, card: CardSpec, key: HsmKey, root: bytes) -> bytes:
        # The factors above the card's are the region's: no card is needed for them.
        steps = factors(card.diversification, self.region, bytes(card.atr.historical_length))
        first = len(steps) - key.levels
        for factor in steps[first : len(steps) - self._levels]:
            root = child_key(card, root, factor)
        return root
