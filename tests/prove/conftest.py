"""One prepared suite for all tests of the proof: collecting it takes longer than running it."""

import pytest

from onecard.prove.stage import Stage, stage
from onecard.spec.load import Spec, load_spec


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="session")
def newest(spec: Spec) -> Stage:
    return stage(spec, "card", "card-3.0")
