"""The virtual reader for the tests that need a real PC/SC service."""

from collections.abc import Iterator

import pytest

from tests.support import pcscd


@pytest.fixture(scope="module")
def reader() -> Iterator[pcscd.VirtualReader]:
    missing = pcscd.missing_part()
    if missing is not None:
        pytest.skip(missing)
    with pcscd.virtual_reader() as running:
        yield running
