"""The reference partner at its edges: declaration, instrument, outgoing HTTP; and how a planted fault reads."""

import json
import re
import secrets
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from emulator.mutants.partner.messages import ReplayTaken
from emulator.partner.http_port import post
from emulator.variant import Variant
from onecard.errors import UserError
from onecard.evidence.bundle import read
from onecard.harness.campaign import BUNDLE, Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.reference import partner
from onecard.spec.load import Spec
from onecard.targets.base import TargetAbsent, TargetOptions
from onecard.views.text import explain_case
from tests.partner.conftest import PROFILE

REQUEST = {"method": "POST", "path": "/v1/notify", "headers": {"content-type": "application/json"}, "body": "{}"}


class Desk(BaseHTTPRequestHandler):
    """Answers with what it got."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = json.dumps({"path": self.path, "body": body.decode()}).encode()
        self.send_response(201)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing on stderr."""


def test_outgoing_http() -> None:
    server = HTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    try:
        answer = post(f"http://127.0.0.1:{server.server_port}/base/", REQUEST)
    finally:
        thread.join()
        server.server_close()
    assert answer["status"] == 201
    assert json.loads(answer["body"]) == {"path": "/base/v1/notify", "body": "{}"}


@pytest.mark.parametrize("base", ["", "https://127.0.0.1:1", "nonsense"])
def test_outgoing_address_that_is_none(base: str) -> None:
    with pytest.raises(ValueError, match="no http address"):
        post(base, REQUEST)


def test_nobody_answers() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            post(f"http://127.0.0.1:{taken.getsockname()[1]}", REQUEST)


def test_profiles_are_named() -> None:
    with pytest.raises(UserError, match="needs a profile"):
        partner.open_target("", TargetOptions())
    with pytest.raises(TargetAbsent, match="partner-default"):
        partner.open_target("partner-x", TargetOptions())


def test_instrument_refuses_unknown_answers(spec: Spec) -> None:
    instrument = partner.instrument(reference_ixit("partner", PROFILE).parameters)
    with pytest.raises(ValueError, match="no way of answering: perhaps"):
        instrument.configure({"answers": ["perhaps"]})
    instrument.configure({"answers": ["html"]})
    assert instrument.answer({"http": REQUEST})["headers"] == {"content-type": "text/html"}


def test_a_planted_fault_is_explained(spec: Spec, tmp_path: Path) -> None:
    """A replayed message is accepted: requirement, basis, what was sent and received, and the likely cause are told."""
    request = RunRequest(ics_of_profile(spec, PROFILE), reference_ixit("partner", PROFILE), f"reference:{PROFILE}")
    fault = Variant(behaviour=ReplayTaken())
    result = run_campaign(Order(spec, [request], tmp_path, secrets.token_bytes(16), variant=fault))
    assert result.verdict is Campaign.FAIL
    told = explain_case(read(tmp_path / BUNDLE), spec, 1, "partner/checks/test_same_message_again", "en")
    assert re.search(r"FAIL +PARTNER-REPLAY +basis: profile", told), told
    assert "POST /v1/activate" in told
    assert "used message ids are not kept" in told
    for label in ("sent", "expected", "received", "likely", "replay"):
        assert re.search(rf"^ +{label} ", told, re.MULTILINE), told
