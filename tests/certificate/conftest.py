import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onecard.certificate import Issued, KeySet, issue, make_keys
from tests.certificate.samples import NOW, request_for, write_bundle


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeySet:
    return make_keys(tmp_path_factory.mktemp("keys"), NOW)


@pytest.fixture
def certified(tmp_path: Path, keys: KeySet) -> Callable[..., Path]:
    """Issue a certificate for a small run; returns the folder of all its files."""

    def make(**changes: Any) -> Path:
        folder = tmp_path / "out"
        folder.mkdir()
        final = write_bundle(folder, challenge=changes.get("challenge"))
        request = request_for(folder / "run.bundle", final, **changes)
        assert isinstance(issue(request, folder, keys.signer_key, keys.signer, NOW), Issued)
        return folder

    return make


@pytest.fixture(scope="session")
def openssl() -> None:
    """Skip, or fail in CI, where the OpenSSL command line is missing or has no SM3."""
    listed = ""
    if shutil.which("openssl"):
        command = ["openssl", "list", "-digest-algorithms"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    if "SM3" in listed.upper():
        return
    if os.environ.get("CI") == "true":
        pytest.fail("CI needs the OpenSSL command line with SM2 and SM3")
    pytest.skip("no OpenSSL command line with SM2 and SM3")
