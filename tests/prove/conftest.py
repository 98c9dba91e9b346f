"""One prepared suite for all tests of the proof: collecting it takes longer than running it."""

from collections.abc import Iterator

import pytest

from onecard.prove.stage import Stage, stage
from onecard.spec.load import Spec, load_spec


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="session")
def newest(spec: Spec) -> Stage:
    return stage(spec, "card", "card-3.0")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Results of former proofs are the user's; these tests begin without any."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
