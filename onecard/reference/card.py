"""The embedded reference card as a target, and what it declares of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from emulator.card.behaviour import CardBehaviour
from emulator.card.card import ReferenceCard
from emulator.card.certificate.personalise import authority
from emulator.card.factory import variant_card
from emulator.card.personalise import DEFAULT_PIN, historical_of, records_of
from emulator.card.variant import VariantSpec
from emulator.keys import DEFAULT_SEED, root_keys
from emulator.persons import person
from onecard.errors import UserError
from onecard.reference.apdu import ReferenceTarget
from onecard.spec.card import CardSpec
from onecard.spec.card_certificate import certificate_of, has_certificate
from onecard.spec.expr import Value
from onecard.spec.load import load_spec
from onecard.targets.base import CardTarget, SilentTarget, TargetAbsent, TargetOptions

KIND = "card"
IDENTIFICATION_FILE, IDENTIFICATION_TAG = "SSSE/EF05", 0x01


@lru_cache(maxsize=8)
def _card_spec(profile: str) -> CardSpec:
    # Immutable data of this installation: read once, though every fresh sample asks for it.
    spec = load_spec()
    known = sorted(name for name, found in spec.profiles.items() if found.target == KIND)
    if profile not in known:
        names = ", ".join(known)
        raise TargetAbsent(
            zh=f"没有名为“{profile}”的参考卡；可用：{names}，如 reference:{known[-1]}",
            en=f"there is no reference card {profile!r}; known: {names}, as in reference:{known[-1]}",
        )
    return spec.card_of_profile(profile)


def _variant(given: object) -> VariantSpec:
    if given is None or isinstance(given, VariantSpec):
        return given or VariantSpec()
    if isinstance(given, CardBehaviour):
        return VariantSpec(behaviour=given)
    if isinstance(given, CardSpec):
        return VariantSpec(card_spec=given)
    raise TypeError(f"a variant of the reference card is a CardBehaviour, VariantSpec or CardSpec, not {given!r}")


def open_target(rest: str, options: TargetOptions) -> CardTarget:
    """The target ``reference:PROFILE`` (``reference:`` takes the profile of the options), with a fresh card.

    ``options.variant``: a CardBehaviour, a VariantSpec, or a CardSpec in place of the profile's data. Raises UserError
    without a profile, TargetAbsent for an unknown one.
    """
    profile = rest or options.profile
    if not profile:
        raise UserError(
            zh="reference: 需要配置名，如 reference:card-3.0", en="reference: needs a profile, as in reference:card-3.0"
        )
    variant = _variant(options.variant)
    card = variant_card(variant, spec=variant.card_spec or _card_spec(profile), seed=options.seed or DEFAULT_SEED)
    return ReferenceCardTarget(f"reference:{profile}", card)


class ReferenceCardTarget(ReferenceTarget):
    """A reference card, whose supply can be cut and which has a contactless side."""

    def __init__(self, description: str, card: ReferenceCard) -> None:
        super().__init__(description, card)
        self._card = card

    def power_on_contactless(self) -> bytes:
        """Off the contacts and into the field; the ATS."""
        self.inserted()
        return self._card.power_on_contactless()

    def transmit_and_cut(self, command: bytes, step: int) -> bytes | None:
        """Send a command and cut the supply before persistent step ``step``; raises SilentTarget for other silence."""
        self.inserted()
        response = self._card.process_and_cut(command, step)
        if response is None and self._card.powered:
            raise SilentTarget(zh="参考卡无应答", en="the reference card did not answer")
        return response


@dataclass(frozen=True, slots=True)
class ReferenceDeclaration:
    """What a vendor would write of the reference card: ``ics`` by item, ``ixit`` with PIN and test root keys."""

    ics: Mapping[str, Value]
    ixit: Mapping[str, object]


def reference_declaration(profile: str, seed: str = DEFAULT_SEED, holder: int = 0) -> ReferenceDeclaration:
    """The declaration of the reference card of ``profile``, by the specification's own data (never a mutant's).

    Raises TargetAbsent for an unknown profile.
    """
    spec = _card_spec(profile)
    someone = person(seed, holder)
    identification = next(
        record[2:]
        for record in records_of(spec.file(IDENTIFICATION_FILE), someone, spec)
        if record[0] == IDENTIFICATION_TAG
    )
    keys = {
        name: {str(version): key.hex().upper() for version, key in versions.items()}
        for name, versions in root_keys(spec, seed).items()
    }
    ixit: dict[str, object] = {
        "format": 1,
        "kind": "ixit",
        "target": f"reference:{profile}",
        "synthetic": True,
        "identification": identification.hex().upper(),
        "historical": historical_of(spec, someone).hex().upper(),
        "pin": DEFAULT_PIN if spec.ics["card.pin"] else None,
        "key-source": {"kind": "root-keys", "region": someone.region, "keys": keys},
        "parameters": {"certificate": _certificate(spec, seed)} if has_certificate(spec) else {},
    }
    return ReferenceDeclaration(ics=dict(spec.ics), ixit=ixit)


def _certificate(spec: CardSpec, seed: str) -> dict[str, object]:
    data = certificate_of(spec)
    user, admin = data.pins["CERT-USER"], data.pins["CERT-ADMIN"]
    return {
        "user-pin": user.default,
        "user-tries": user.limit,
        "admin-pin": admin.default,
        "admin-tries": admin.limit,
        "challenge": data.coding.challenge_lengths[0],
        "issuer": authority(seed).public.octets.hex().upper(),
    }


def reference_ixit(profile: str, seed: str = DEFAULT_SEED, holder: int = 0) -> Mapping[str, object]:
    """How to reach and open the reference card of ``profile``: the entry point of group ``onecard.declarations``."""
    return reference_declaration(profile, seed, holder).ixit
