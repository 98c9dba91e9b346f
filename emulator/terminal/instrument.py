"""The tester's side of a terminal: the card on its reader, the PSAM in its slot, and the clock.

Nothing that it answers counts for a verdict; a judge computes everything again from the transcript.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from cryptography.hazmat.primitives import hashes

from emulator.card.factory import variant_card
from emulator.card.image import CardImage
from emulator.card.personalise import DEFAULT_PIN
from emulator.card.pin_coding import pin_octets
from emulator.crypto_card import factors
from emulator.keys import DEFAULT_SEED
from emulator.psam import crypto
from emulator.psam.factory import psam
from emulator.psam.psam import ReferencePsam
from emulator.terminal.hostile import region_and_historical, variant_of
from emulator.terminal.installation import card_data, interface_data
from emulator.terminal.script import Chip, Exchanged, Pulled, ScriptedChip, rules_of
from emulator.variant import Variant
from onecard.spec.card import CardSpec, PinSpec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import terminal_spec

Message = dict[str, Any]

DEFAULT_CARD, DEFAULT_PSAM = "card-3.0", "psam-sm4"
DEFAULT_CLOCK = "20260617093000"
"""Within the validity of every synthetic card, and in the middle of month and year: of a card that ended two days ago
neither the year nor the month says so (profile)."""
LEVELS_SHIFT, TYPE_MASK = 5, 0x1F
NATIONAL = 3
OWN_DATA = "terminal-default"
"""Where the keys of the PSAM stand that the PSAM's own data do not have."""
NO_ENTRY = ("cancelled", "timeout")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a case sets; the fields stand for themselves in the message, with hyphens.

    ``card``: profile of the card, None for none; ``holder``: synthetic person (from 0); ``slots``: where such cards
    lie, ``card`` and ``contactless``.
    ``reader``: whether the reader is connected. ``psam``: profile, or ``{profile, lacks, levels, holder}``
    (``levels`` of diversification below its keys: 3 national, 2 province, 1 city; of the region of person ``holder``,
    the card's own without it), None for none. ``hostile``: name of a hostile card; ``removed_after``: number of
    exchanges after which the card is pulled. ``pin``: digits of the card's PIN, None for a card without;
    ``pin_tries``: so many are left, None for all. ``keypad``: by prompt (``enter``, ``new``, ``again``) what is
    entered, one after the other: keys, or ``cancelled`` or ``timeout``; cancelled where nothing is left. ``clock``:
    CCYYMMDDhhmmss. ``random``: hex from which card and PSAM draw their challenges, so that a run can be bound to its
    nonce; None: they draw true random values. ``script``: rules by which card and PSAM answer otherwise
    (emulator.terminal.script).
    """

    card: str | None = DEFAULT_CARD
    holder: int = 0
    slots: Sequence[str] = ("card",)
    reader: bool = True
    psam: str | Mapping[str, Any] | None = DEFAULT_PSAM
    hostile: str | None = None
    removed_after: int | None = None
    pin: str | None = DEFAULT_PIN
    pin_tries: int | None = None
    keypad: Mapping[str, Sequence[str]] = field(default_factory=dict)
    clock: str = DEFAULT_CLOCK
    random: str | None = None
    script: Sequence[Mapping[str, Any]] = ()

    def today(self) -> date:
        """The day of ``clock``; raises ValueError where that is none."""
        return date(int(self.clock[:4]), int(self.clock[4:6]), int(self.clock[6:8]))

    def source(self, slot: str) -> Callable[[int], bytes]:
        """Random values of the card or PSAM in a slot."""
        return secrets.token_bytes if self.random is None else _Stream(bytes.fromhex(self.random) + slot.encode()).take


@dataclass(slots=True)
class _Stream:
    """Bytes drawn from a label: SM3(label ‖ counter), one after the other."""

    label: bytes
    drawn: int = 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes; whole digests are used up."""
        made = b""
        while len(made) < count:
            digest = hashes.Hash(hashes.SM3())
            digest.update(self.label + self.drawn.to_bytes(4, "big"))
            made += digest.finalize()
            self.drawn += 1
        return made[:count]


@dataclass(slots=True)
class _Slot:
    chip: Chip
    left: int | None = None
    powered: bool = False


@dataclass(slots=True)
class _Bench:
    clock: str
    entries: dict[str, list[str]]
    slots: dict[str, _Slot] = field(default_factory=dict)


class TerminalInstrument:
    """Reference cards and PSAMs of ``seed`` before a terminal."""

    def __init__(self, seed: str = DEFAULT_SEED) -> None:
        self._seed = seed
        self._chosen = Settings()
        self._laid: _Bench | None = None
        self._answers: Mapping[str, Callable[[Message], Message]] = {
            "power-on": self._power_on,
            "clock": lambda _: {"clock": self._bench.clock},
            "pin": self._pin,
        }

    def configure(self, settings: Message) -> Message:
        """Lay out fresh cards; an empty message means the defaults. Raises ValueError for what it does not know."""
        try:
            chosen = Settings(**{name.replace("-", "_"): value for name, value in settings.items()})
        except TypeError as error:
            raise ValueError(f"unknown setting of the terminal's instrument: {error}") from None
        chosen.today()
        rules_of(chosen.script)
        self._chosen, self._laid = chosen, None
        return {}

    @property
    def _bench(self) -> _Bench:
        # Laid out when the terminal first asks: of the settings before a case most are replaced by the case's own.
        if self._laid is None:
            self._laid = self._laid_out(self._chosen)
        return self._laid

    def answer(self, ask: Message) -> Message:
        """Answer ``{"transmit": {slot, apdu}}``, ``{"ask": "power-on", "slot"}``, ``{"ask": "pin", "prompt"}`` or
        ``{"ask": "clock"}``.

        ``{"error": …}`` says why there is none: disconnected, absent, unpowered, removed, silent, malformed, cancelled,
        timeout or unsupported.
        """
        if "transmit" in ask:
            return self._transmit(ask["transmit"])
        known = self._answers.get(str(ask.get("ask")))
        return known(ask) if known is not None else {"error": "unsupported"}

    def _power_on(self, ask: Message) -> Message:
        if not self._chosen.reader:
            return {"error": "disconnected"}
        slot = self._bench.slots.get(str(ask.get("slot")))
        if slot is None or slot.left == 0:
            return {"error": "absent"}
        slot.powered = True
        return {"atr": slot.chip.power_on().hex().upper()}

    def _transmit(self, sent: Message) -> Message:
        if not self._chosen.reader:
            return {"error": "disconnected"}
        slot = self._bench.slots.get(str(sent.get("slot")))
        if slot is None:
            return {"error": "absent"}
        if slot.left == 0:
            return {"error": "removed"}
        if not slot.powered:
            return {"error": "unpowered"}
        try:
            apdu = bytes.fromhex(str(sent.get("apdu")))
        except ValueError:
            return {"error": "malformed"}
        slot.left = None if slot.left is None else slot.left - 1
        try:
            response = slot.chip.process(apdu)
        except Pulled:
            slot.left = 0
            return {"error": "removed"}
        except Exchanged as exchanged:
            other = replace(self._chosen, holder=exchanged.holder)
            slot.chip, slot.powered = self._card(other, str(sent["slot"])), False
            return {"error": "removed"}
        return {"error": "silent"} if response is None else {"response": response.hex().upper()}

    def _pin(self, ask: Message) -> Message:
        left = self._bench.entries.get(str(ask.get("prompt")), [])
        entry = left.pop(0) if left else NO_ENTRY[0]
        return {"error": entry} if entry in NO_ENTRY else {"pin": entry}

    def _laid_out(self, chosen: Settings) -> _Bench:
        bench = _Bench(chosen.clock, {prompt: list(entries) for prompt, entries in chosen.keypad.items()})
        if chosen.card is not None:
            for slot in chosen.slots:
                bench.slots[slot] = _Slot(self._card(chosen, slot), chosen.removed_after)
        if chosen.psam is not None:
            bench.slots["psam"] = _Slot(self._psam(chosen))
        rules = rules_of(chosen.script)
        for name, laid in bench.slots.items():
            own = [rule for rule in rules if rule.slot == name]
            if own:
                laid.chip = ScriptedChip(laid.chip, own)
        return bench

    def _card(self, chosen: Settings, slot: str) -> Chip:
        data = card_data(chosen.card or DEFAULT_CARD)
        variant = variant_of(chosen.hostile, chosen.holder, chosen.today())
        edit = _with_pin(variant.edit, data.pin, chosen)
        drawing = replace(variant, random=chosen.source(slot), edit=edit)
        return variant_card(drawing, spec=data, seed=self._seed)

    def _psam(self, chosen: Settings) -> ReferencePsam:
        wanted: Mapping[str, Any] = chosen.psam if isinstance(chosen.psam, Mapping) else {"profile": chosen.psam}
        profile = str(wanted.get("profile") or DEFAULT_PSAM)
        lacks = frozenset(str(name) for name in wanted.get("lacks") or ())
        levels = int(wanted.get("levels") or NATIONAL)
        holder = int(wanted.get("holder", chosen.holder))
        data = _with_keys(interface_data(profile))
        source = chosen.source("psam")
        if levels == NATIONAL or chosen.card is None:
            return psam(profile, seed=self._seed, lacks=lacks, variant=Variant(spec=data, random=source))
        made = psam(profile, seed=self._seed, lacks=lacks, variant=Variant(spec=_lower(data, levels)))
        return self._brought_down(made, data, card_data(chosen.card), holder, levels, source)

    def _brought_down(
        self,
        made: ReferencePsam,
        data: InterfaceSpec,
        card: CardSpec,
        holder: int,
        levels: int,
        source: Callable[[int], bytes],
    ) -> ReferencePsam:
        # The keys of a province or city below the national ones, for the region and algorithm of the card.
        region, historical = region_and_historical(card, holder, self._seed)
        path = factors(card.diversification, region, historical)
        algorithm = next(a for a in made.spec.algorithms.values() if a.code == card.algorithm.code)
        rule = made.spec.diversification
        whole = {node["key"]: node["usage"] >> LEVELS_SHIFT for node in data.table("keys").values()}
        keys = {
            # From the root of a key, as many levels above the card as its usage says, down to those that are left.
            name: crypto.diversify(algorithm, rule, root, path[NATIONAL - own : NATIONAL - min(own, levels)])
            for name, root in made.image.keys.items()
            for own in (whole[name],)
        }
        return ReferencePsam(made.spec, replace(made.image, keys=keys), random=source)


def _lower(data: InterfaceSpec, levels: int) -> InterfaceSpec:
    keys = {
        identifier: {
            **node,
            "usage": node["usage"] & TYPE_MASK | min(levels, node["usage"] >> LEVELS_SHIFT) << LEVELS_SHIFT,
        }
        for identifier, node in data.table("keys").items()
    }
    return InterfaceSpec(data.kind, data.profile, data.ics, {**data.tables, "keys": keys})


def _with_keys(data: InterfaceSpec) -> InterfaceSpec:
    """The PSAM's data with the keys that terminals use and its own data do not have (those of the PIN)."""
    keys = dict(data.table("keys"))
    held = {node["key"] for node in keys.values()}
    for key in terminal_spec(interface_data(OWN_DATA)).sam_keys.values():
        if key.key not in held:
            keys[key.id] = {"id": key.id, "key": key.key, "usage": key.usages[0], "number": key.key_id}
    return InterfaceSpec(data.kind, data.profile, data.ics, {**data.tables, "keys": keys})


def _with_pin(edit: Callable[[CardImage], None] | None, rule: PinSpec, chosen: Settings) -> Callable[[CardImage], None]:
    def edited(image: CardImage) -> None:
        if edit is not None:
            edit(image)
        image.pin = None if chosen.pin is None else pin_octets(chosen.pin, rule)
        image.pin_tries = image.pin_limit if chosen.pin_tries is None else chosen.pin_tries

    return edited
