import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onecard.evidence import NotCanonical, canonical_line, parse_line

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | st.text(), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=5)


@settings(deadline=None)
@given(OBJECTS)
def test_what_is_written_is_read_back(body: dict[str, Any]) -> None:
    raw = canonical_line(body)
    assert parse_line(raw) == body
    assert raw.count(b"\n") == 1


@settings(deadline=None)
@given(OBJECTS, OBJECTS)
def test_equal_objects_and_only_those_have_equal_lines(one: dict[str, Any], other: dict[str, Any]) -> None:
    shuffled = dict(reversed(one.items()))
    assert canonical_line(shuffled) == canonical_line(one)
    if canonical_line(one) == canonical_line(other):
        assert one == other


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused_with_a_reason(raw: bytes) -> None:
    reason = None
    body = {}
    try:
        body = parse_line(raw)
    except NotCanonical as error:
        reason = error.text
    assert canonical_line(body) == raw if reason is None else reason.zh and reason.en


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1}', "torn"),
        (b'{"a":1,"a":1}\n', "twice"),
        (b'{"a":{"b":1,"b":2}}\n', "twice"),
        (b'{"b":1,"a":1}\n', "canonical form"),
        (b'{"a": 1}\n', "canonical form"),
        (b'{"a":1}\r\n', "canonical form"),
        (b'{"a":1} \n', "canonical form"),
        (b'{"a":1.50}\n', "canonical form"),
        (b'{"a":1e5}\n', "canonical form"),
        (b'{"a":1e999}\n', "canonical form"),
        (b'{"a":"\\u4e00"}\n', "canonical form"),
        (b'{"a":"\\ud800"}\n', "canonical form"),
        (b'{"a":"\\/"}\n', "canonical form"),
        (b'{"a":NaN}\n', "not a JSON number"),
        (b'{"a":-Infinity}\n', "not a JSON number"),
        (b'{"a":"\xff"}\n', "not UTF-8 at byte 6"),
        (b'\xef\xbb\xbf{"a":1}\n', "not valid JSON"),
        (b"[1]\n", "not a JSON object"),
        (b"\n", "not valid JSON"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "not valid JSON"),
        (b'{"a":' + b"9" * 5000 + b"}\n", "not valid JSON"),
    ],
)
def test_other_forms_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(NotCanonical, match=reason):
        parse_line(raw)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", "\ud800"])
def test_what_json_cannot_hold_is_not_written(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical_line({"a": value})


def test_the_form_is_plain_json() -> None:
    raw = canonical_line({"乙": 1, "a": [0.5, None, True], "Z": "\u2028\n"})
    assert raw == '{"Z":"\u2028\\n","a":[0.5,null,true],"乙":1}\n'.encode()
    assert json.loads(raw) == {"乙": 1, "a": [0.5, None, True], "Z": "\u2028\n"}
