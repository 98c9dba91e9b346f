"""The specification of this installation, read once for all cards and PSAMs that the tester lays out."""

from functools import lru_cache

from onecard.spec.card import CardSpec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, load_spec


@lru_cache(maxsize=1)
def installed() -> Spec:
    """The specification; immutable."""
    return load_spec()


@lru_cache(maxsize=8)
def card_data(profile: str) -> CardSpec:
    """The data of a profile's card; raises onecard.spec.errors.SpecError for an unknown profile."""
    return installed().card_of_profile(profile)


@lru_cache(maxsize=8)
def interface_data(profile: str) -> InterfaceSpec:
    """The data of a profile that is no card's; raises SpecError for an unknown one, ValueError for a card's."""
    found = installed().resolve_profile(profile)
    if not isinstance(found, InterfaceSpec):
        raise ValueError(f"{profile} is the profile of a card")
    return found
