"""Tests that share a costly set-up, or the one pcscd, stay in one worker."""

import pytest


@pytest.mark.xdist_group("own")
def test_groups_are_heeded(request: pytest.FixtureRequest) -> None:
    # pytest 9.2 changed what pytest-xdist 3.8 writes the group into: all groups were ignored, and nothing said so.
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("not shared out by groups (--dist loadgroup)")
    assert request.node.nodeid.endswith("@own")
