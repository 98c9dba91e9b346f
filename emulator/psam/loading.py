"""CREATE KEY and CHANGE KEY: a root key comes enciphered and with a MAC, both under the own key of its key file."""

from collections.abc import Mapping

from emulator.crypto import decrypt, marked
from emulator.crypto_messaging import plain_of
from emulator.psam import crypto
from emulator.psam.chip import Chip
from emulator.psam.state import LoadedKey
from emulator.psam.store import KeyStore
from onecard.spec.card_messaging import EnciphermentRule
from onecard.spec.psam_command import PsamCommand
from onecard.spec.psam_loading import ALGORITHM, CREATE, NUMBER, USAGE, KeyFile, KeyForm

LD = 1
"""Bytes that count the plain data."""


class LoadKey:
    """``84 D4 P1 file``: P1 says whether a key is created or changed; data: enciphered key ‖ MAC (4)."""

    __slots__ = ("_chip", "_command", "_files", "_filling", "_forms", "_keys", "_rule")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command
        self._rule = chip.spec.loading
        # LD counts, and what are whole blocks is not filled.
        self._filling = EnciphermentRule(counted=True, marker=self._rule.marker, fill="needed")
        self._forms = {form.p1: form for form in self._rule.forms}
        self._files = {file.fid & 0xFF: file for file in self._rule.files}
        self._keys = KeyStore(chip.spec, chip.image)

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        form, file = self._forms.get(p1), self._files.get(p2)
        if form is None:
            return chip.refuse(command, "parameters")
        if file is None or file.own not in chip.image.own or not behaviour.loads_here(chip.position.application):
            return chip.refuse(command, "place")
        if not behaviour.accepts_loading_length(length, length in self._lengths(form)):
            return chip.refuse(command, "length")
        condition = self._sealed(bytes((command.cla, command.ins, p1, p2, length)), file, data)
        return chip.refuse(command, condition) if condition is not None else self._load(form, file, data)

    def _lengths(self, form: KeyForm) -> frozenset[int]:
        """The values of Lc: LD, the fields and a key, in whole blocks, and the MAC."""
        algorithm = self._chip.algorithm
        plain = {LD + form.head + key for key in self._rule.lengths(algorithm.code)}
        return frozenset(size + -size % algorithm.block + self._rule.mac_length for size in plain)

    def _sealed(self, header: bytes, file: KeyFile, data: bytes) -> str | None:
        """The condition that refuses; None for data with the right MAC over the last challenge, which is used up."""
        chip, behaviour, algorithm, rule = self._chip, self._chip.behaviour, self._chip.algorithm, self._rule
        if not behaviour.may_load(chip.rights, file.own):
            return "mac"
        challenge = behaviour.challenge_to_use(chip.challenge)
        if len(challenge) != rule.challenge:
            return "no-challenge"
        chip.challenge = behaviour.challenge_after_use(chip.challenge)
        initial = behaviour.initial_value(challenge, challenge.ljust(algorithm.block, b"\x00"))
        covered = marked(header + data[: -rule.mac_length], rule.marker, algorithm.block)
        last = crypto.loading_block(algorithm, chip.image.own[file.own], initial + covered)
        mac = behaviour.loading_block(last, crypto.fold(algorithm, last)[: rule.mac_length])
        return None if behaviour.accepts_loading_mac(data[-rule.mac_length :], mac) else "mac"

    def _load(self, form: KeyForm, file: KeyFile, data: bytes) -> bytes:
        chip, behaviour = self._chip, self._chip.behaviour
        deciphered = decrypt(chip.algorithm.code, chip.image.own[file.own], data[: -self._rule.mac_length])
        plain = behaviour.loaded_plain(deciphered, plain_of(self._filling, chip.algorithm.block, deciphered))
        if plain is None or len(plain) <= form.head:
            return chip.refuse(self._command, "data")
        fields, value = self._fields(form, plain), plain[form.head :]
        condition = self._store(form, file, fields, value)
        if condition is not None:
            return chip.refuse(self._command, condition)
        return chip.ok()

    @staticmethod
    def _fields(form: KeyForm, plain: bytes) -> Mapping[str, int]:
        found, at = {}, 0
        for name, length in form.fields:
            found[name] = int.from_bytes(plain[at : at + length], "big")
            at += length
        return found

    def _store(self, form: KeyForm, file: KeyFile, fields: Mapping[str, int], value: bytes) -> str | None:
        behaviour, environment = self._chip.behaviour, self._chip.environment.id
        usage, number = fields[USAGE], fields[NUMBER]
        before = self._keys.find(environment, usage, number) if file.has(number) else None
        if form.does == CREATE:
            key = LoadedKey(usage, number, fields[ALGORITHM], value)
            condition = self._refusal(file, key, before)
        else:
            before = behaviour.key_to_change(usage, number, before)
            key = LoadedKey(usage, number, 0 if before is None else before.code, value)
            condition = "key" if before is None else None if len(value) == len(before.value) else "data"
        if condition is None:
            self._keys.put(environment, behaviour.stored_key(before, key))
        return condition

    def _refusal(self, file: KeyFile, key: LoadedKey, before: LoadedKey | None) -> str | None:
        chip, behaviour = self._chip, self._chip.behaviour
        kinds = {(each.code, each.key_length) for each in self._rule.algorithms if self._is_here(each.algorithm)}
        right = (key.code, len(key.value)) in kinds and chip.spec.usage.type(key.usage) in self._rule.types
        if not behaviour.accepts_key(key.usage, key.number, right and file.has(key.number)):
            return "data"
        if before is not None and not behaviour.creates_over():
            return "exists"
        count = self._keys.count(chip.environment.id, file)
        return None if before is not None or behaviour.has_room(count, chip.image.room) else "full"

    def _is_here(self, algorithm: str) -> bool:
        return algorithm == self._chip.algorithm.code
