import json
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from onecard.certificate import (
    BadChallenge,
    CertificateClass,
    KeySet,
    NotIssued,
    issue,
    make_keys,
    new_challenge,
    verify_certificate,
    verify_challenge,
)
from onecard.certificate.issue import certificate_files
from onecard.certificate.payload import payload
from onecard.certificate.signed import load_signer, write_signed
from onecard.errors import UserError
from onecard.evidence import canonical_line, parse_line
from tests.certificate.samples import NOW, request_for, write_bundle

Certified = Callable[..., Path]


def test_a_certificate_holds_with_its_ca(certified: Certified, keys: KeySet) -> None:
    report = verify_certificate(certified(), keys.ca, NOW)
    assert report.problems == ()
    assert (report.ok, report.trusted, report.test, report.exit_code) == (True, True, True, 0)
    assert report.bundle is not None
    assert report.bundle.ok
    assert report.notes[0].en.startswith("TEST")
    assert report.notes[-1].en == "it speaks of: card (card-3.0)"


def test_without_ca_integrity_holds_and_the_issuer_is_not_trusted(certified: Certified) -> None:
    report = verify_certificate(certified() / "certificate.json", None, NOW)
    assert (report.ok, report.trusted, report.exit_code) == (True, None, 0)
    assert "issuer not trusted" in report.notes[0].en


def test_another_ca_does_not_vouch(certified: Certified, tmp_path: Path) -> None:
    other = make_keys(tmp_path / "other", NOW)
    report = verify_certificate(certified(), other.ca, NOW)
    assert (report.ok, report.trusted, report.exit_code) == (False, False, 1)
    assert "not issued by the given CA" in report.problems[0].en


def test_a_signer_is_no_authority(certified: Certified, keys: KeySet, tmp_path: Path) -> None:
    only_signer = tmp_path / "only-signer.pem"
    only_signer.write_bytes(
        keys.signer.read_bytes().split(b"-----END CERTIFICATE-----")[0] + b"-----END CERTIFICATE-----\n"
    )
    assert verify_certificate(certified(), only_signer, NOW).exit_code == 1


@pytest.mark.parametrize("name", ["certificate.json", "certificate.sig", "chain.pem", "pub.pem", "run.bundle"])
def test_one_changed_byte_in_any_file_is_found(certified: Certified, keys: KeySet, name: str) -> None:
    folder = certified()
    path = folder / name
    whole = path.read_bytes()
    # The chain's second certificate is carried for others' convenience; the given CA is what counts.
    end = whole.index(b"-----END") if name == "chain.pem" else len(whole)
    for at in range(0, end, max(1, end // 40)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :])
        assert verify_certificate(folder, keys.ca, NOW).exit_code == 1, f"byte {at} of {name}"
    path.write_bytes(whole)
    assert verify_certificate(folder, keys.ca, NOW).ok


def test_a_changed_bundle_names_its_line(certified: Certified, keys: KeySet) -> None:
    folder = certified()
    bundle = folder / "run.bundle"
    bundle.write_bytes(bundle.read_bytes().replace(b"0102030405060708", b"0102030405060709"))
    problems = [problem.en for problem in verify_certificate(folder, keys.ca, NOW).problems]
    assert any(problem.startswith("run.bundle line 2:") for problem in problems)


def test_without_its_bundle_that_is_said(certified: Certified, keys: KeySet) -> None:
    folder = certified()
    (folder / "run.bundle").unlink()
    report = verify_certificate(folder, keys.ca, NOW)
    assert report.ok
    assert any("evidence was not checked" in note.en for note in report.notes)


@pytest.mark.parametrize("days", [366, -1])
def test_outside_its_dates_it_does_not_hold(certified: Certified, keys: KeySet, days: int) -> None:
    assert verify_certificate(certified(), keys.ca, NOW + timedelta(days=days)).exit_code == 1


def test_it_ends_with_its_signer(certified: Certified) -> None:
    body = parse_line((certified(valid_until=NOW + timedelta(days=9999)) / "certificate.json").read_bytes())
    assert body["valid-until"].startswith("2029-11-21")


@pytest.mark.parametrize("verdict", ["fail", "incomplete"])
def test_only_a_pass_is_certified(tmp_path: Path, keys: KeySet, verdict: str) -> None:
    final = write_bundle(tmp_path)
    request = request_for(tmp_path / "run.bundle", final, verdict=verdict)
    result = issue(request, tmp_path, keys.signer_key, keys.signer, NOW)
    assert isinstance(result, NotIssued)
    assert verdict in result.reason.en
    assert not (tmp_path / "certificate.json").exists()


def test_without_tongsuopy_no_certificate_is_issued(
    tmp_path: Path, keys: KeySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = write_bundle(tmp_path)
    monkeypatch.setitem(sys.modules, "tongsuopy", None)
    result = issue(request_for(tmp_path / "run.bundle", final), tmp_path, keys.signer_key, keys.signer, NOW)
    assert isinstance(result, NotIssued)
    assert "tongsuopy" in result.reason.zh


def test_an_interrupted_run_is_not_certified(tmp_path: Path, keys: KeySet) -> None:
    final = write_bundle(tmp_path, complete=False)
    with pytest.raises(UserError) as caught:
        issue(request_for(tmp_path / "run.bundle", final), tmp_path, keys.signer_key, keys.signer, NOW)
    assert caught.value.exit_code == 3


def test_a_key_that_is_not_the_chains_is_refused(tmp_path: Path, keys: KeySet) -> None:
    final = write_bundle(tmp_path)
    with pytest.raises(UserError, match="is not that of"):
        issue(request_for(tmp_path / "run.bundle", final), tmp_path, keys.ca_key, keys.signer, NOW)


def test_a_ca_key_may_not_sign_certificates_of_runs(tmp_path: Path, keys: KeySet) -> None:
    final = write_bundle(tmp_path)
    with pytest.raises(UserError, match="not for signing"):
        issue(request_for(tmp_path / "run.bundle", final), tmp_path, keys.ca_key, keys.ca, NOW)


@pytest.mark.parametrize(
    ("member", "value", "says"),
    [
        ("test", False, "does not say TEST"),
        ("verdict", "fail", "not pass"),
        ("class", "official", "not understood"),
        ("challenge", {"nonce": "00"}, "do not agree"),
        ("issued", "2020-01-01T00:00:00Z", "outside the validity of its signer"),
        ("issued", "yesterday", "not understood"),
        ("valid-until", "2027-02-30T00:00:00Z", "not understood"),
        ("synthetic", False, "disagree"),
        ("digests", {}, "lacks digests"),
        ("basis", [], "wrong types"),
        ("seal", "gold", "unknown"),
    ],
)
def test_a_rightly_signed_untruth_is_refused(
    certified: Certified, keys: KeySet, member: str, value: object, says: str
) -> None:
    folder = certified()
    files = certificate_files(folder)
    body = {**parse_line(files.payload.read_bytes()), member: value}
    write_signed(body, load_signer(keys.signer_key, keys.signer, NOW), files)
    report = verify_certificate(folder, keys.ca, NOW)
    assert report.exit_code == 1
    assert any(says in problem.en for problem in report.problems), report.problems


@pytest.mark.parametrize("name", ["final", "specs", "suites", "vectors", "ics", "bundle"])
def test_every_digest_is_compared_with_the_bundle(certified: Certified, keys: KeySet, name: str) -> None:
    folder = certified()
    files = certificate_files(folder)
    body = parse_line(files.payload.read_bytes())
    body["digests"][name] = "sm3:" + "0" * 64
    write_signed(body, load_signer(keys.signer_key, keys.signer, NOW), files)
    assert len(verify_certificate(folder, keys.ca, NOW).problems) == 1


def test_a_pass_that_the_bundle_does_not_record_is_refused(tmp_path: Path, keys: KeySet) -> None:
    final = write_bundle(tmp_path, verdict="fail")
    request = request_for(tmp_path / "run.bundle", final)
    with pytest.raises(UserError, match="no pass"):
        issue(request, tmp_path, keys.signer_key, keys.signer, NOW)
    body = payload(request, test=True, valid_until=request.valid_until)
    write_signed(body, load_signer(keys.signer_key, keys.signer, NOW), certificate_files(tmp_path))
    problems = verify_certificate(tmp_path, keys.ca, NOW).problems
    assert [problem.en for problem in problems] == ["the verdict that run.bundle records is not pass"]


def test_the_payload_is_signed_as_canonical_bytes_only(certified: Certified, keys: KeySet) -> None:
    folder = certified()
    path = folder / "certificate.json"
    loose = json.dumps(json.loads(path.read_bytes())).encode()
    path.write_bytes(loose)
    (folder / "certificate.sig").write_bytes(load_signer(keys.signer_key, keys.signer, NOW).key.sign(loose))
    assert verify_certificate(folder, keys.ca, NOW).exit_code == 1


def test_unreadable_files_are_named(tmp_path: Path, keys: KeySet, certified: Certified) -> None:
    with pytest.raises(UserError, match=r"certificate\.json"):
        verify_certificate(tmp_path, keys.ca, NOW)
    with pytest.raises(UserError, match=r"absent\.pem"):
        verify_certificate(certified(), tmp_path / "absent.pem", NOW)


def test_requests_that_contradict_themselves_are_refused(tmp_path: Path) -> None:
    final = write_bundle(tmp_path)
    request = request_for(tmp_path / "run.bundle", final)
    with pytest.raises(ValueError, match="digests"):
        replace(request, digests={"bundle": "sm3:00"})
    with pytest.raises(ValueError, match="challenge"):
        replace(request, certificate_class=CertificateClass.CHALLENGED)
    with pytest.raises(ValueError, match="in order"):
        replace(request, valid_until=request.issued)


def test_the_private_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "a" / "keys", NOW)
    for path in (made.ca_key, made.signer_key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "keys").stat().st_mode) == 0o700


def test_keys_are_not_written_over_unless_asked(tmp_path: Path) -> None:
    made = make_keys(tmp_path, NOW)
    before = made.ca_key.read_bytes()
    with pytest.raises(UserError) as caught:
        make_keys(tmp_path, NOW)
    assert caught.value.exit_code == 2
    assert made.ca_key.read_bytes() == before
    make_keys(tmp_path, NOW, overwrite=True)
    assert made.ca_key.read_bytes() != before
    assert stat.S_IMODE(made.ca_key.stat().st_mode) == 0o600


def test_a_link_in_the_place_of_a_key_is_not_followed(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "keys", tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "ca.key").symlink_to(elsewhere)
    with pytest.raises(UserError):
        make_keys(folder, NOW)
    make_keys(folder, NOW, overwrite=True)
    assert not elsewhere.exists()
    assert not (folder / "ca.key").is_symlink()


def test_a_challenge_is_proved_in_the_certificate(certified: Certified, tmp_path: Path, keys: KeySet) -> None:
    path = tmp_path / "challenge.json"
    new_challenge(path, "验收实验室 TEST", keys.signer_key, keys.signer, NOW)
    challenge = verify_challenge(path, keys.ca, NOW)
    assert (len(challenge.nonce), challenge.trusted, challenge.test) == (32, True, True)
    folder = certified(certificate_class=CertificateClass.CHALLENGED, challenge=challenge.body())
    assert verify_certificate(folder, keys.ca, NOW).ok

    files = certificate_files(folder)
    other = {**challenge.body(), "nonce": "00" * 32}
    body = {**parse_line(files.payload.read_bytes()), "challenge": other}
    write_signed(body, load_signer(keys.signer_key, keys.signer, NOW), files)
    report = verify_certificate(folder, keys.ca, NOW)
    assert [problem.en for problem in report.problems] == [
        "the bundle was not made for the challenge that the certificate names"
    ]


def test_a_challenge_that_does_not_hold_stops_the_run(tmp_path: Path, keys: KeySet) -> None:
    path = tmp_path / "challenge.json"
    new_challenge(path, "lab", keys.signer_key, keys.signer, NOW)
    assert verify_challenge(path, None, NOW).trusted is None
    with pytest.raises(BadChallenge, match="future"):
        verify_challenge(path, keys.ca, NOW - timedelta(minutes=6))
    other = make_keys(tmp_path / "other", NOW)
    with pytest.raises(BadChallenge, match="not issued by the given CA"):
        verify_challenge(path, other.ca, NOW)
    body = parse_line(path.read_bytes())
    path.write_bytes(canonical_line({**body, "nonce": "00" * 32}))
    with pytest.raises(BadChallenge, match="signature") as caught:
        verify_challenge(path, keys.ca, NOW)
    assert caught.value.exit_code == 2
    path.write_bytes(canonical_line({**body, "nonce": "zz"}))
    with pytest.raises(BadChallenge, match="64 lower-case hex"):
        verify_challenge(path, keys.ca, NOW)
