import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onecard.evidence import BrokenBundle, Event, UnreadableBundle, file_digest, read, sm3_name, verify_bundle
from onecard.evidence.canonical import canonical_line
from onecard.evidence.lines import MAX_LINE, Footer, event_line, footer_line, header_line, make_footer, parse
from onecard.evidence.scanner import Problem, Scanner
from tests.evidence.samples import write_bundle


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.bundle"


def scan(data: bytes) -> tuple[Problem, ...]:
    scanner = Scanner()
    for raw in data.splitlines(keepends=True) if b"\r" not in data else _split(data):
        scanner.feed(raw)
    return scanner.finish()


def _split(data: bytes) -> list[bytes]:
    pieces = data.split(b"\n")
    return [piece + b"\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def test_an_untouched_bundle_holds(path: Path) -> None:
    write_bundle(path)
    report = verify_bundle(path)
    assert (report.problems, report.ok, report.exit_code, report.events) == ((), True, 0, 4)
    assert report.digest == file_digest(path)


FLIPS: list[Callable[[int], int]] = [
    lambda octet: octet ^ 0x01,
    lambda octet: octet ^ 0x02,
    lambda octet: octet ^ 0x20,
    lambda octet: octet ^ 0x80,
    lambda octet: 0x0A if octet != 0x0A else 0x20,
    lambda octet: 0x30 if octet != 0x30 else 0x39,
    lambda octet: 0x00,
    lambda octet: 0x22 if octet != 0x22 else 0x7D,
]


@pytest.mark.parametrize("flip", FLIPS)
def test_every_changed_byte_names_its_line(path: Path, flip: Callable[[int], int]) -> None:
    data = write_bundle(path)
    assert scan(data) == ()
    for at, octet in enumerate(data):
        changed = data[:at] + bytes([flip(octet)]) + data[at + 1 :]
        problems = scan(changed)
        assert problems, f"byte {at} changed unseen"
        assert problems[0].line == data[:at].count(b"\n") + 1, f"byte {at}: {problems}"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_rewritten_line_is_named_when_its_form_is_right(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = write_bundle(tmp_path_factory.mktemp("b") / "run.bundle")
    lines = whole.splitlines(keepends=True)
    at = data.draw(st.integers(1, len(lines) - 2))
    event = parse(lines[at], at + 1)
    assert isinstance(event, Event)
    body = data.draw(st.dictionaries(st.text(max_size=4), st.integers(), max_size=2))
    prev = data.draw(st.sampled_from([event.prev, sm3_name(b"other")]))
    changed = event_line(Event(event.n, event.kind, body, event.case, event.t, event.line, prev))
    if changed == lines[at]:
        return
    problems = scan(b"".join([*lines[:at], changed, *lines[at + 1 :]]))
    assert [problem.line for problem in problems] == [at + 1]


def test_lines_removed_doubled_or_swapped_are_found(path: Path) -> None:
    lines = write_bundle(path).splitlines(keepends=True)
    for at in range(len(lines)):
        assert scan(b"".join(lines[:at] + lines[at + 1 :]))
        assert scan(b"".join([*lines[:at], lines[at], *lines[at:]]))
        if at + 1 < len(lines):
            assert scan(b"".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]))


def test_every_cut_is_found(path: Path) -> None:
    data = write_bundle(path)
    assert all(scan(data[:at]) for at in range(len(data)))


@pytest.mark.parametrize("extra", [b"\n", b"x", b'{"note":{}}\n', b" "])
def test_nothing_may_follow_the_footer(path: Path, extra: bytes) -> None:
    data = write_bundle(path) + extra
    problems = scan(data)
    assert [problem.line for problem in problems] == [7]
    assert problems[0].text.en == "there is something after the footer"


def test_a_missing_footer_is_named_and_the_part_holds(path: Path) -> None:
    write_bundle(path, footer=False)
    report = verify_bundle(path)
    assert [problem.line for problem in report.problems] == [5]
    assert "footer is missing" in report.problems[0].text.en
    assert (report.ok, report.exit_code) == (False, 1)
    bundle = read(path)
    assert (len(bundle.events), bundle.footer, bundle.complete, bundle.torn) == (4, None, False, 0)


def test_the_footer_of_an_interrupted_run_is_intact_but_not_ok(path: Path) -> None:
    write_bundle(path, complete=False)
    report = verify_bundle(path)
    assert (report.problems, report.intact, report.ok, report.exit_code) == ((), True, False, 3)


def test_a_torn_last_line_is_left_out_by_read_and_named_by_verify(path: Path) -> None:
    data = write_bundle(path, footer=False)
    path.write_bytes(data[:-7])
    bundle = read(path)
    assert len(bundle.events) == 3
    assert bundle.size + bundle.torn == len(data) - 7
    assert [(problem.line, "torn" in problem.text.en) for problem in verify_bundle(path).problems] == [(5, True)]


def test_without_a_footer_a_change_is_still_seen_up_to_the_last_link(path: Path) -> None:
    data = write_bundle(path, footer=False)
    path.write_bytes(data.replace(b"01020304", b"01020305"))
    with pytest.raises(BrokenBundle) as caught:
        read(path)
    assert [problem.line for problem in caught.value.problems] == [3]
    assert caught.value.exit_code == 1
    path.write_bytes(data.replace(b'"verdict":"pass"', b'"verdict":"fail"'))
    assert "cannot tell which" in verify_bundle(path).problems[0].text.en


def test_an_altered_count_with_all_digests_made_anew_is_found(path: Path) -> None:
    lines = write_bundle(path).splitlines(keepends=True)
    footer = parse(lines[-1], 6)
    assert isinstance(footer, Footer)
    forged = make_footer(complete=True, counts=footer.counts, events=9, final=footer.final)
    problems = scan(b"".join([*lines[:-1], footer_line(forged)]))
    assert [problem.line for problem in problems] == [6]
    assert "counts 9 events, there are 4" in problems[0].text.en


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (b"", "empty"),
        (canonical_line({"header": {"format": 2}}), "knows 1"),
        (canonical_line({"header": {"format": 1.0}}), "knows 1"),
        (canonical_line({"header": {"format": True}}), "knows 1"),
        (canonical_line({"header": {}, "n": 1}), "one object"),
        (canonical_line({"note": {}, "n": 1, "t": 0, "prev": sm3_name(b"")}), "not a header"),
        (b'{"header', "torn"),
    ],
)
def test_a_first_line_that_is_no_header_is_refused(path: Path, first: bytes, says: str) -> None:
    path.write_bytes(first)
    problems = verify_bundle(path).problems
    assert problems[0].line == 1
    assert says in problems[0].text.en
    with pytest.raises(BrokenBundle):
        read(path)


@pytest.mark.parametrize(
    "members",
    [
        {"note": []},
        {"note": {}, "other": {}},
        {"Note": {}},
        {"note": {}, "n": True},
        {"note": {}, "n": 1.0},
        {"note": {}, "t": -1},
        {"note": {}, "t": "0"},
        {"note": {}, "case": None},
        {"note": {}, "prev": "sm3:00"},
        {"header": {"format": 1}, "n": 1},
    ],
)
def test_an_event_of_wrong_form_is_refused(members: dict[str, object]) -> None:
    header = header_line({})
    event = {"n": 1, "prev": sm3_name(header), "t": 0.5, **members}
    assert [problem.line for problem in scan(header + canonical_line(event))] == [2]


def test_a_second_header_is_refused() -> None:
    header = header_line({})
    assert "only be the first" in scan(header + header)[0].text.en


def test_an_endless_line_is_not_taken_into_memory(path: Path) -> None:
    with path.open("wb") as file:
        file.write(header_line({}))
        file.write(b"x" * (MAX_LINE + 5))
    problems = verify_bundle(path).problems
    assert [problem.line for problem in problems] == [2]
    assert "longer than" in problems[0].text.en


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for place in (tmp_path / "absent.bundle", tmp_path):
        with pytest.raises(UnreadableBundle) as caught:
            verify_bundle(place)
        assert caught.value.exit_code == 2
        assert str(place) in caught.value.text.zh


def test_events_carry_what_was_recorded(path: Path) -> None:
    write_bundle(path)
    bundle = read(path)
    assert bundle.header == {"format": 1, "target": "reference:", "tool": "0.1.0"}
    assert [(event.n, event.kind, event.line) for event in bundle.events] == [
        (1, "begin", 2),
        (2, "apdu", 3),
        (3, "verdict", 4),
        (4, "note", 5),
    ]
    assert bundle.events[1].body["c"] == "0084000008"
    assert bundle.events[3].case is None
    assert [event.t for event in bundle.events] == [0.25, 0.5, 0.75, 1.0]
    assert bundle.footer is not None
    assert bundle.footer.counts == {"fail": 0, "pass": 1}
    assert json.loads(path.read_bytes().splitlines()[2])["prev"] == bundle.events[1].prev
