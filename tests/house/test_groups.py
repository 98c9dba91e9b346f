"""Tests that share a costly set-up, or the one pcscd, stay in one worker."""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="without workers there is nothing to share out")
@pytest.mark.xdist_group("own")
def test_groups_are_heeded(request: pytest.FixtureRequest) -> None:
    # pytest 9.2 changed what pytest-xdist 3.8 writes the group into: all groups were ignored, and nothing said so.
    assert request.node.nodeid.endswith("@own")
