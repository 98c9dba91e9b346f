"""``onecard replay`` and ``onecard verify``: what was recorded is judged again, and no change goes unnoticed."""

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from onecard.errors import UserError
from onecard.evidence import keyfile
from onecard.evidence.bundle import Bundle, read, verify_bundle
from onecard.evidence.lines import Event
from onecard.evidence.sealing import NullSealer, Sealer
from onecard.harness.campaign import TREES
from onecard.harness.replay import ReplayResult, replay
from tests.harness.bundles import forge
from tests.harness.running import campaign, request, spec
from tests.support.cards import on_port, watched_card
from tests.support.command import declare, onecard

pytestmark = pytest.mark.xdist_group("replay")

SEED = 20260801
ALTERED = 200


@dataclass(frozen=True)
class Recorded:
    """A passed run of one embedded reference and what its replay said."""

    path: Path
    bundle: Bundle
    replayed: ReplayResult


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    result = campaign(tmp_path_factory.mktemp("recorded"), request("card-1.0"))
    bundle = read(result.bundle)
    return Recorded(result.bundle, bundle, replay(spec(), bundle, NullSealer()))


def test_all_verdicts_are_derived_again(recorded: Recorded) -> None:
    result = recorded.replayed
    assert (result.exit_code, result.verdict, result.divergences, result.sealed) == (0, "pass", [], [])
    ends = {event.body["case"]: event.body["verdict"] for event in recorded.bundle.events if event.kind == "end"}
    ends.pop("setup")
    assert {case: str(outcome.verdict) for case, outcome in result.runs[0].outcomes.items()} == ends
    assert len(ends) > ALTERED


def _altered(event: Event, draw: random.Random) -> tuple[Event, str]:
    """The event with another status word or one other data byte; ``part`` says which."""
    response = bytearray.fromhex(event.body["r"])
    part = draw.choice(("sw", "data")) if len(response) > 2 else "sw"
    at = len(response) - 2 + draw.randrange(2) if part == "sw" else draw.randrange(len(response) - 2)
    response[at] ^= draw.randrange(1, 256)
    return replace(event, body={**event.body, "r": response.hex().upper()}), part


def _exchanges(bundle: Bundle) -> dict[str, list[Event]]:
    """The answered exchanges of each case."""
    found: dict[str, list[Event]] = {}
    for event in bundle.events:
        if event.kind == "apdu" and "r" in event.body and event.case not in (None, "setup"):
            found.setdefault(str(event.case), []).append(event)
    return found


def test_altered_responses_are_named(recorded: Recorded, tmp_path: Path) -> None:
    draw = random.Random(SEED)
    exchanges = _exchanges(recorded.bundle)
    chosen = {case: draw.choice(exchanges[case]) for case in draw.sample(sorted(exchanges), ALTERED)}
    parts: dict[int, str] = {}
    altered: dict[int, Event] = {}
    for event in chosen.values():
        altered[event.n], parts[event.n] = _altered(event, draw)

    forged = forge(recorded.bundle, tmp_path / "run.bundle", events=altered)
    assert verify_bundle(tmp_path / "run.bundle").ok, "every digest was made again"
    result = replay(spec(), forged, NullSealer())

    named = {divergence.case: divergence for divergence in result.divergences}
    # What no case judges is told by the replay of the true bundle, and again by that of the altered one.
    unjudged = {entry.n: entry.part for entry in recorded.replayed.unjudged}
    listed = {entry.n for entry in result.unjudged}
    missed, late = [], []
    for case, event in chosen.items():
        if case in named:
            late += [] if event.line <= named[case].line else [(case, event.line, named[case].line)]
        elif parts[event.n] in _unjudged_parts(unjudged.get(event.n)) and event.n in listed:
            continue
        else:
            missed.append((case, event.n, parts[event.n], unjudged.get(event.n)))
    listed_only = ALTERED - len(named) - len(missed)
    counts = f"{ALTERED} altered, {len(named)} named, {listed_only} listed as not judged, {len(missed)} missed"
    assert not missed, f"{counts}: {missed}"
    assert not late, f"a divergence before its cause: {late}"
    assert set(named) <= set(chosen), "a case whose evidence nobody touched diverged"
    assert len(named) > ALTERED // 2, counts
    assert result.exit_code == 1


def _unjudged_parts(part: str | None) -> tuple[str, ...]:
    return {"all": ("sw", "data"), "data": ("data",)}.get(part or "", ())


def test_recorded_verdicts_are_not_trusted(recorded: Recorded, tmp_path: Path) -> None:
    """A fail written over as a pass, and a pass as a fail, are divergences at the line of the verdict."""
    draw = random.Random(SEED)
    ends = [event for event in recorded.bundle.events if event.kind == "end" and event.body["case"] != "setup"]
    chosen = draw.sample(ends, 5)
    events = {event.n: replace(event, body={**event.body, "verdict": "fail"}) for event in chosen}
    forged = forge(recorded.bundle, tmp_path / "run.bundle", events=events)
    result = replay(spec(), forged, NullSealer())
    assert {(d.case, d.line) for d in result.divergences} >= {(e.body["case"], e.line) for e in chosen}
    assert result.exit_code == 1


def _line_of(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def test_one_changed_byte_is_named(recorded: Recorded, tmp_path: Path) -> None:
    """Anywhere in the file: the line is named. Lines are sampled whole bundle over, the bytes within them too."""
    content = recorded.path.read_bytes()
    draw = random.Random(SEED)
    offsets = [0, len(content) - 1, *(draw.randrange(len(content)) for _ in range(18))]
    changed = tmp_path / "run.bundle"
    for offset in offsets:
        byte = content[offset] ^ draw.randrange(1, 256)
        changed.write_bytes(content[:offset] + bytes((byte,)) + content[offset + 1 :])
        report = verify_bundle(changed)
        line = _line_of(content, offset)
        assert report.exit_code == 1, f"offset {offset}, byte {byte:02X}"
        assert line in [problem.line for problem in report.problems], f"offset {offset}: {report.problems}"


def test_verify_tells_the_line_of_a_changed_byte(recorded: Recorded, tmp_path: Path) -> None:
    content = bytearray(recorded.path.read_bytes())
    offset = content.index(b'"verdict":"pass"', len(content) // 2) + 12
    content[offset : offset + 4] = b"fail"
    (tmp_path / "run.bundle").write_bytes(content)
    told = onecard("verify", "run.bundle", "--lang", "en", cwd=tmp_path)
    assert told.returncode == 1
    assert f"run.bundle line {_line_of(bytes(content), offset)}:" in told.stdout
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("tree", TREES)
def test_a_bundle_of_another_version_is_refused(recorded: Recorded, tmp_path: Path, tree: str) -> None:
    other = forge(
        recorded.bundle,
        tmp_path / "run.bundle",
        header=lambda body: {**body, "digests": {**body["digests"], tree: "sm3:" + "0" * 64}},
    )
    with pytest.raises(UserError, match=tree) as refused:
        replay(spec(), other, NullSealer())
    assert refused.value.exit_code == 2


def test_other_suite_is_told(recorded: Recorded, tmp_path: Path) -> None:
    forge(
        recorded.bundle,
        tmp_path / "run.bundle",
        header=lambda body: {**body, "digests": {**body["digests"], "suites": "sm3:" + "0" * 64}},
    )
    refused = onecard("replay", "run.bundle", "--lang", "en", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--other-suite" in refused.stderr
    accepted = onecard("replay", "run.bundle", "--other-suite", "--json", cwd=tmp_path)
    told = json.loads(accepted.stdout)
    assert (accepted.returncode, told["other_suite"], told["verdict"]) == (0, True, "pass")


@dataclass(frozen=True)
class Sealed:
    """A run of a card that is no embedded reference: its folder, and what must not stand in clear there."""

    folder: Path
    secrets: dict[str, bytes]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    root = tmp_path_factory.mktemp("sealed")
    card = watched_card("card-1.0")
    image = card.memory()
    holder, issuer = image.linear("SSSE/EF06"), image.linear("SSSE/EF05")
    ixit = request("card-1.0").ixit
    assert image.pin is not None
    values = {
        "number": holder.value(0x08),
        "name": holder.value(0x09).rstrip(b"\0 "),
        "card number": issuer.value(0x07).rstrip(b"\0 "),
        "PIN": image.pin,
    }
    values |= {f"key {name} {v}": key for name, versions in image.keys.items() for v, key in versions.items()}
    values |= {
        f"root key {name} {version}": bytes.fromhex(key)
        for name, versions in ixit.key_source["keys"].items()
        for version, key in versions.items()
    }
    with on_port(card) as server:
        words = declare(root, "card-1.0", f"tcp:127.0.0.1:{server.port}")
        run = onecard(*words, "--out", "out", "--json", cwd=root)
    assert run.returncode == 0, run.stdout + run.stderr
    return Sealed(root / "out", values)


def test_a_sealed_bundle_needs_its_key(sealed: Sealed) -> None:
    bundle = read(sealed.folder / "run.bundle")
    assert bundle.header["synthetic"] is False
    without = replay(spec(), bundle, NullSealer())
    assert without.exit_code == 3
    assert without.sealed
    assert not without.divergences
    opened = replay(spec(), bundle, Sealer(keyfile.read_key(sealed.folder / "run.key")))
    assert (opened.divergences, opened.sealed, opened.verdict, opened.exit_code) == ([], [], "pass", 0)


def test_replay_tells_of_sealed_cases(sealed: Sealed) -> None:
    without = onecard("replay", "run.bundle", "--json", cwd=sealed.folder)
    told = json.loads(without.stdout)
    assert without.returncode == 3
    assert told["sealed"]
    assert told["divergences"] == []
    opened = onecard("replay", "run.bundle", "--unseal", "run.key", "--lang", "en", cwd=sealed.folder)
    assert (opened.returncode, "re-derived" in opened.stdout) == (0, True), opened.stdout + opened.stderr


def test_the_key_file_is_the_testers_alone(sealed: Sealed) -> None:
    assert (sealed.folder / "run.key").stat().st_mode & 0o777 == 0o600


def _forms(value: bytes) -> list[bytes]:
    """The ways in which a value could stand in a text file: raw, in UTF-8, in hex of either case, spaced or not."""
    forms = [value] if len(value) > 3 else []
    for text in (value.hex(), value.hex(" ")):
        forms += [text.encode(), text.upper().encode()]
    try:
        decoded = value.decode("gbk")
    except UnicodeDecodeError:
        return forms
    if decoded.isprintable() and len(value) > 3:
        forms += [decoded.encode("utf-8"), json.dumps(decoded)[1:-1].encode()]
    return forms


def test_nothing_secret_or_personal_stands_in_clear(sealed: Sealed) -> None:
    files = [path for path in sealed.folder.rglob("*") if path.is_file() and path.name != "run.key"]
    names = {path.name for path in files}
    assert {"run.bundle", "junit.xml", "report.html"} <= names
    assert any(path.parent.name == "allure-results" for path in files)
    found = []
    for path in files:
        content = path.read_bytes()
        for name, value in sealed.secrets.items():
            # Three bytes of a PIN in hex would be met by chance in the digests: they must stand alone as a value.
            short = len(value) <= 4
            forms = [b'"' + form + b'"' for form in _forms(value)] if short else _forms(value)
            found += [(path.name, name, form) for form in forms if form in content]
    assert not found, found
