"""The specification and the data of the project's partner profile, read once."""

import pytest

from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, load_spec
from onecard.spec.partner import PartnerSpec, partner_spec

PROFILE = "partner-default"


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="session")
def data(spec: Spec) -> PartnerSpec:
    """What the project profile declares."""
    resolved = spec.resolve_profile(PROFILE)
    assert isinstance(resolved, InterfaceSpec)
    return partner_spec(resolved)
