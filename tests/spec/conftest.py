"""The real specification, read once."""

import pytest

from onecard.spec.load import Spec, load_spec


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()
