"""The specification, read once."""

import pytest

from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, load_spec

PROFILE = "ecard-default"


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="session")
def interface(spec: Spec) -> InterfaceSpec:
    """The data of the project's profile."""
    data = spec.resolve_profile(PROFILE)
    assert isinstance(data, InterfaceSpec)
    return data
