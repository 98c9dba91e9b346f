"""Key sources: where the tester's keys and PIN come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from onecard.errors import UserError
from onecard.harness.context import KeySource
from onecard.oracle import session as computation
from onecard.planning.declaration import Ixit
from onecard.planning.keyfile_source import key_file_source
from onecard.planning.token_source import token_source
from onecard.spec.card import CardSpec
from onecard.spec.card_transport import has_own_factors
from onecard.spec.load import TargetSpec

Keys = Mapping[str, Mapping[str, str]]


def _pin(pin: str | None) -> bytes | None:
    return computation.pin_block(pin) if pin is not None else None


@dataclass(frozen=True)
class NoKeys:
    """Nothing but perhaps a PIN."""

    pin_digits: str | None = field(repr=False)
    diversified: bool = False

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        """Never any."""
        return None

    def pin(self) -> bytes | None:
        """The PIN in BCD."""
        return _pin(self.pin_digits)

    def root_key(self, name: str, version: int, algorithm: str | None = None) -> bytes | None:
        """Never any."""
        return None

    def region_code(self) -> bytes | None:
        """Never any."""
        return None


@dataclass(frozen=True)
class CardKeys:
    """The keys of this very card."""

    keys: Keys = field(repr=False)
    pin_digits: str | None = field(repr=False)
    diversified: bool = False

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        """The card's key as given."""
        value = self.keys.get(name, {}).get(str(version))
        return bytes.fromhex(value) if value is not None else None

    def pin(self) -> bytes | None:
        """The PIN in BCD."""
        return _pin(self.pin_digits)

    def root_key(self, name: str, version: int, algorithm: str | None = None) -> bytes | None:
        """Never any: these are keys of one card."""
        return None

    def region_code(self) -> bytes | None:
        """Never any."""
        return None


@dataclass(frozen=True)
class RootKeys:
    """Root keys and the region; the oracle diversifies them with the card's historical bytes."""

    keys: Keys = field(repr=False)
    region: str
    pin_digits: str | None = field(repr=False)
    diversified: bool = True
    _made: dict[tuple[str, str, int, bytes], bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        """The card's key below the root that the data name for it."""
        value = self.keys.get(name, {}).get(str(version))
        if value is None:
            return None
        which = (spec.profile, name, version, historical)
        if which not in self._made:
            # Cases ask for the same few keys all the time. Factors of files are read from the card: the root is given.
            levels = 0 if has_own_factors(spec, name) else spec.keys[name].levels
            self._made[which] = computation.card_key(
                computation.rules_of(spec), bytes.fromhex(value), levels, self.region, historical
            )
        return self._made[which]

    def pin(self) -> bytes | None:
        """The PIN in BCD."""
        return _pin(self.pin_digits)

    def root_key(self, name: str, version: int, algorithm: str | None = None) -> bytes | None:
        """The root key as given, the same in every algorithm."""
        value = self.keys.get(name, {}).get(str(version))
        return bytes.fromhex(value) if value is not None else None

    def region_code(self) -> bytes | None:
        """The region in ASCII."""
        return self.region.encode("ascii")


def key_source(ixit: Ixit, spec: TargetSpec) -> KeySource:
    """The key source that an IXIT names; raises UserError for a key that a card does not have or of a wrong length."""
    source = ixit.key_source
    keys: Keys = source.get("keys", {})
    if isinstance(spec, CardSpec):
        _check_keys(keys, spec)
    match source["kind"]:
        case "card-keys":
            return CardKeys(keys, ixit.pin)
        case "root-keys":
            return RootKeys(keys, source["region"], ixit.pin)
        case "key-file":
            return key_file_source(source, spec, ixit.pin, synthetic=ixit.synthetic)
        case "pkcs11":
            return token_source(source, spec, ixit.pin)
        case _:
            return NoKeys(ixit.pin)


def _check_keys(keys: Keys, spec: CardSpec) -> None:
    for name, versions in keys.items():
        if name not in spec.keys:
            known = ", ".join(spec.keys)
            raise UserError(
                zh=f"IXIT 给出未知密钥 {name}；此卡的密钥：{known}",
                en=f"the IXIT gives the unknown key {name}; keys of this card: {known}",
            )
        for version, value in versions.items():
            if len(value) != 2 * spec.algorithm.key_length:
                raise UserError(
                    zh=f"IXIT 中 {name} 版本 {version} 应为 {spec.algorithm.key_length} 字节",
                    en=f"{name} version {version} of the IXIT must have {spec.algorithm.key_length} bytes",
                )
