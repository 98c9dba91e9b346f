"""Malformed requests: none is accepted, none crashes the encryptor, and nothing that it says or writes holds a key."""

import json
import logging
from contextlib import suppress
from pathlib import Path

import pytest

from emulator.hsm.audit import AuditLog
from emulator.hsm.factory import KEY_VERSION, TESTER, hsm, service, specification
from emulator.hsm.reading import Refused
from emulator.keys import DEFAULT_SEED, root_key
from onecard.evidence.audit import verify_audit
from tests.hsm.fuzzing import Fuzzer, Line, Sent, leaked, run, secrets_of

COUNT = 4000


@pytest.mark.parametrize("seed", [1, 2])
def test_malformed_requests(tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int) -> None:
    caplog.set_level(logging.DEBUG)
    log = AuditLog(tmp_path / "audit.log", profile="hsm-default")
    made = service("hsm-default", log=log)
    spec, region, cards = made.desk.spec, "340100", {}
    for algorithm in spec.algorithms.values():
        cards[algorithm.card] = specification().card_of_profile(algorithm.card)
    roots = {key.key: root_key(DEFAULT_SEED, key.key, KEY_VERSION) for key in spec.keys.values()}
    line, fuzzer = Line(made), Fuzzer(spec, region, (TESTER.id, TESTER.key), seed)
    found = run(line, fuzzer, COUNT)
    assert found.still_right < COUNT * 0.2
    assert found.accepted == []
    assert found.crashed == []
    assert {"unauthorized", "bad-request", "field-form", "field-count", "unknown-service", "too-long"} <= set(
        found.codes
    )
    assert {"unknown-key", "unknown-algorithm", "region", "external-pair"} <= set(found.codes)
    # It still serves.
    status, _ = line.send(_good(fuzzer))
    line.close()
    assert status == [200]
    head = log.close()
    keys = secrets_of(spec, roots, region, cards)
    written = {(tmp_path / "audit.log").read_bytes(), caplog.text.encode()}
    assert leaked(keys, found.outputs | written) == []
    report = verify_audit(tmp_path / "audit.log", head)
    assert (report.exit_code, report.entries) == (0, found.answers + 1)


def _good(fuzzer: Fuzzer) -> Sent:
    return Sent(TESTER.id, TESTER.key, json.dumps({"request": fuzzer.right()}).encode(), tcp=False)


def test_keys_that_are_looked_for() -> None:
    """They are those that the encryptor computes with, and they are found in every form."""
    made = hsm("hsm-default")
    spec = made.spec
    cards = {each.card: specification().card_of_profile(each.card) for each in spec.algorithms.values()}
    roots = {key.key: root_key(DEFAULT_SEED, key.key, KEY_VERSION) for key in spec.keys.values()}
    keys = secrets_of(spec, roots, made.region, cards)
    fuzzer = Fuzzer(spec, made.region, (TESTER.id, TESTER.key), 3)
    for _ in range(100):
        with suppress(Refused):  # a header of the other algorithm
            made.service(fuzzer.right())
    # The encryptor's own, which nothing but a test may look at.
    used = set(vars(made)["_derived"].kept()) | set(vars(made)["_held"].values())
    assert len(used) > 20
    assert used <= keys
    for key in used:
        for form in (key, key.hex().encode(), key.hex().upper().encode()):
            assert leaked(keys, {b"before" + form + b"behind"})
