"""``pcsc:`` where something is missing: one clear message each, exit code 2, nothing left running."""

import os
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from onecard.targets import pcsc
from onecard.targets.base import CardRemoved, TargetAbsent, TargetOptions


def _library(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Put a module ``smartcard`` in front of the real one, for the worker only."""
    (folder / "smartcard.py").write_text(source, encoding="utf-8")
    others = [path for path in (os.environ.get("PYTHONPATH"),) if path]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *others]))


def test_pyscard_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _library(tmp_path, monkeypatch, "raise ModuleNotFoundError(\"No module named 'smartcard'\")\n")
    target = pcsc.open_target("0", TargetOptions())
    with pytest.raises(TargetAbsent) as caught:
        target.connect()
    assert caught.value.exit_code == 2
    for words in (caught.value.text.zh, caught.value.text.en):
        assert "pip install 'onecard-conformance[pcsc]'" in words
        assert "libpcsclite-dev" in words
        assert "swig" in words


def test_a_library_that_ends_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _library(tmp_path, monkeypatch, "raise SystemExit(5)\n")
    with pytest.raises(TargetAbsent, match="code 5"):
        pcsc.open_target("0", TargetOptions()).connect()


def test_a_service_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _library(
        tmp_path,
        monkeypatch,
        "import time\n"
        "class scard:\n"
        "    SCARD_SCOPE_SYSTEM = 2\n"
        "    SCardEstablishContext = staticmethod(lambda scope: time.sleep(60))\n",
    )
    monkeypatch.setattr(pcsc, "OPEN_LIMIT", 0.3)
    started = time.monotonic()
    with pytest.raises(TargetAbsent, match="does not answer"):
        pcsc.open_target("0", TargetOptions(timeout=0.3)).connect()
    assert time.monotonic() - started < 20


@pytest.mark.pcsc
def test_the_service_is_not_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("smartcard") is None:
        pytest.skip("pyscard is not installed")
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "nobody-listens"))
    with pytest.raises(TargetAbsent, match="not running") as caught:
        pcsc.open_target("0", TargetOptions()).connect()
    assert "pcscd" in caught.value.text.zh
    assert caught.value.exit_code == 2


def test_without_a_connection_nothing_is_sent_and_closing_is_harmless() -> None:
    target = pcsc.open_target("0", TargetOptions())
    with pytest.raises(CardRemoved):
        target.transmit(bytes(5))
    target.close()
    target.close()
    assert target.reader_name() == "pcsc:0"
