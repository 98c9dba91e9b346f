"""References with the keys of a key set in place of test keys."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from emulator.card.card import ReferenceCard
from emulator.card.personalise import card_image
from emulator.card.transport.personalise import transport_keys
from emulator.persons import person
from emulator.psam.factory import KEY_VERSION, psam_image, specification, transport_store
from emulator.psam.psam import ReferencePsam
from emulator.supply import KeySupply, MissingKey, SuppliedCardKeys
from onecard.errors import UserError
from onecard.planning.keyset import KeySet
from onecard.planning.root_levels import levels_in, transport_levels
from onecard.spec.card_transport import transport_of
from onecard.spec.hierarchy import installed_hierarchy, key_algorithm
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec

T = TypeVar("T")


def supply_of(keys: KeySet) -> KeySupply:
    """The keys as the emulator takes them."""
    return KeySupply(installed_hierarchy(), keys.region, {place: key.value for place, key in keys.keys.items()})


def supplied_card(keys: KeySet, profile: str, seed: str, slot: int) -> ReferenceCard:
    """The reference card of a synthetic person in the region of the set. Raises UserError naming keys that it lacks."""
    supply, spec = supply_of(keys), specification().card_of_profile(profile)
    image = card_image(spec, replace(person(seed, slot), region=keys.region), seed)
    own = SuppliedCardKeys(spec, supply, image.historical)
    _complete([partial(own.__getitem__, name) for name in spec.keys])
    image.keys = own
    transport = transport_of(spec)
    if image.transport is not None and transport is not None:

        def root(name: str, version: int) -> bytes:
            return supply.root(name, version, key_algorithm(spec, name))

        made = whole(lambda: transport_keys(spec, transport, root, image.files))
        image.transport = replace(image.transport, keys=made)
    return ReferenceCard(spec, image)


def supplied_psam(keys: KeySet, profile: str, seed: str, _slot: int) -> ReferencePsam:
    """The reference PSAM with roots and own keys of the set. Raises UserError naming keys that it lacks."""
    found = specification().resolve_profile(profile)
    if not isinstance(found, InterfaceSpec):
        raise TypeError(f"{profile} is not a profile of a PSAM")
    spec, supply = psam_spec(found), supply_of(keys)
    image = psam_image(spec, seed)
    codes = {environment.algorithm for environment in spec.environments}
    # The transport application lies below the master file, whose algorithm its keys have.
    codes_of = {name: {spec.master.algorithm} for name in transport_levels(spec)}
    levels = levels_in(found)
    purchase = spec.purchase.key.key if spec.purchase.key is not None else ""

    def root(name: str, version: int) -> bytes:
        return supply.common_root(name, version, codes_of.get(name, codes), levels[name])

    names = (*image.keys, *image.own)
    asked = [*((name, KEY_VERSION) for name in names), *((purchase, version) for version in image.purchase)]
    _complete([partial(root, name, version) for name, version in asked])
    transport = spec.transport
    supplied = replace(
        image,
        keys={name: root(name, KEY_VERSION) for name in image.keys},
        own={name: root(name, KEY_VERSION) for name in image.own},
        purchase={version: root(purchase, version) for version in image.purchase},
        transport=image.transport if transport is None else whole(lambda: transport_store(transport, root)),
    )
    return ReferencePsam(spec, supplied)


def _complete(asked: Iterable[Callable[[], object]]) -> None:
    missing = []
    for ask in asked:
        try:
            ask()
        except MissingKey as error:
            missing.append(str(error))
    if missing:
        raise _lacking(missing)


def whole(make: Callable[[], T]) -> T:
    """What ``make`` makes of a supply; raises UserError naming a key that it lacks."""
    try:
        return make()
    except MissingKey as error:
        raise _lacking([str(error)]) from None


def _lacking(missing: list[str]) -> UserError:
    names = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
    return UserError(
        zh=f"密钥集缺少 {len(missing)} 个密钥（名称/版本/算法/级别）：{names}；3des=sm4 表示两种算法须用同一根密钥",
        en=f"the key set lacks {len(missing)} keys (name/version/algorithm/level): {names}; 3des=sm4 means that this "
        "reference has one root for both algorithms",
    )
