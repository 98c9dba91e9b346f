"""Exchanges of messages in the evidence: in clear for synthetic runs, sealed whole for real devices."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from onecard.evidence import NotRecordable, NullSealer, Sealer, SealError, StillSealed, canonical_line, new_key
from onecard.evidence.lines import MAX_LINE
from onecard.evidence.messages import LARGEST, clear_part, mask_message, restore_message

SCHEMA = Path(__file__).parents[2] / "reports" / "schema" / "evidence.schema.json"
KEY = bytes(range(32))
HOLDER = "110101199001011237"
Body = dict[str, Any]

HTTP: Body = {
    "do": "http",
    "method": "POST",
    "path": f"/v1/cards/{HOLDER}/activate?name=%E5%BC%A0",
    "headers": {"authorization": "Bearer token-of-the-channel"},
    "body": '{"name":"张三"}',
}
ANSWER: Body = {"status": 200, "headers": {"content-type": "application/json"}, "body": f'{{"holder":"{HOLDER}"}}'}
CALL: Body = {"do": "call", "call": "iReadCardBas", "args": {"iType": 1}}
RESULT: Body = {
    "return": 0,
    "out": f"110000|{HOLDER}|A00000000|",
    "trace": [{"ask": {"transmit": {"slot": "card", "apdu": "00B2080014"}}, "answer": {"response": "9000"}}],
}
SAMPLES: list[tuple[Body, Body | None]] = [
    (HTTP, ANSWER),
    (CALL, RESULT),
    (HTTP, None),
    ({"do": "instrument", "settings": {"card": "expired"}}, {}),
    ({"do": "receive", "count": 2, "within_ms": 100}, {"trace": []}),
    ({"do": "wait", "ms": 61000}, {}),
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Draft202012Validator({"$ref": "#/$defs/exchange", "$defs": schema["$defs"]})


def written(body: Body) -> Body:
    """``body`` after a way through the file."""
    found: Body = json.loads(canonical_line({**body, "ms": 1.25}))
    return found


@pytest.mark.parametrize(("request_", "response"), SAMPLES, ids=lambda value: str(value)[:24])
def test_both_forms_are_restored_and_fit_the_schema(
    request_: Body, response: Body | None, validator: Draft202012Validator
) -> None:
    for sealing in (NullSealer(), Sealer(KEY)):
        body = written(mask_message(sealing, request_, response))
        assert list(validator.iter_errors(body)) == []
        assert restore_message(sealing, body) == (request_, response)


def test_a_synthetic_run_shows_the_messages_as_they_are() -> None:
    assert mask_message(NullSealer(), HTTP, ANSWER) == {"do": "http", "c": HTTP, "r": ANSWER}
    assert mask_message(NullSealer(), HTTP, None) == {"do": "http", "c": HTTP}


def test_what_is_not_known_to_be_harmless_is_sealed() -> None:
    body = mask_message(Sealer(KEY), HTTP, ANSWER)
    assert body["c"] == {"clear": {"do": "http", "method": "POST", "path": "/v1/cards/__/activate"}}
    assert body["r"] == {"clear": {"status": 200}}
    told = canonical_line(body).decode() + canonical_line(mask_message(Sealer(KEY), CALL, RESULT)).decode()
    for secret in (HOLDER, "token-of", "张三", "00B2", "%E5", "A00000000"):
        assert secret not in told
    with pytest.raises(StillSealed):
        restore_message(NullSealer(), body)
    with pytest.raises(SealError):
        restore_message(Sealer(new_key()), body)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/codes/verify", "/v1/codes/verify"),
        ("/v12/one-stop/", "/v12/one-stop/"),
        ("/v123/A1", "/__/__"),
        ("/cards/%E5%BC%A0", "/cards/__"),
        ("/x?id=1", "/x"),
    ],
)
def test_numbers_in_a_path_are_masked(path: str, shown: str) -> None:
    assert clear_part("c", {"do": "http", "path": path})["path"] == shown


CHANGES: list[Callable[[Body], object]] = [
    lambda body: body.pop("c"),
    lambda body: body.update(do="call"),
    lambda body: body.update(sealed={}),
    lambda body: body["sealed"][0].update({"in": "x"}),
    lambda body: body["sealed"].append(dict(body["sealed"][1])),
    lambda body: body["sealed"].pop(0),
    lambda body: body.update(r="9000"),
    lambda body: body["r"]["clear"].update(status=403),
    lambda body: body["sealed"][1].update(at=[0, 10**12]),
    lambda body: body["sealed"][1].update(at=[1, 5]),
    lambda body: body["sealed"][1].update(at=[0, True]),
    lambda body: body["sealed"][1].update(at=[0, 3]),
    lambda body: body["sealed"][1].update(box=7),
    lambda body: [seal.update({"in": side}) for seal, side in zip(body["sealed"], "rc", strict=True)],
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_record_does_not_open(change: Callable[[Body], object]) -> None:
    body = mask_message(Sealer(KEY), HTTP, ANSWER)
    change(body)
    with pytest.raises(SealError):
        restore_message(Sealer(KEY), body)


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"body": "\ud800"}, "no canonical JSON"),
        ({"return": float("inf")}, "no canonical JSON"),
        ({"body": '"' * (LARGEST // 2)}, "more than the 8388608"),
    ],
)
def test_what_the_evidence_cannot_hold_is_said(response: Body, said: str) -> None:
    for sealing in (NullSealer(), Sealer(KEY)):
        with pytest.raises(NotRecordable, match=said) as caught:
            mask_message(sealing, HTTP, response)
        assert caught.value.text.zh.startswith("消息")


def test_the_longest_message_fits_into_a_line() -> None:
    longest = {"body": "x" * (LARGEST - len('{"body":""}\n'))}
    assert len(canonical_line({"exchange": mask_message(Sealer(KEY), HTTP, longest)})) < MAX_LINE
    with pytest.raises(NotRecordable):
        mask_message(Sealer(KEY), HTTP, {"body": longest["body"] + "x"})


def test_a_sealed_text_that_is_no_message_is_refused() -> None:
    sealer = Sealer(KEY)
    body = mask_message(sealer, HTTP, ANSWER)
    _, seals = sealer.mask(b"[1]\n", [(0, 4)], "r")
    body["sealed"][1] = {**seals[0], "in": "r"}
    with pytest.raises(SealError, match="not a JSON object"):
        restore_message(sealer, body)


@pytest.mark.parametrize("change", [{"do": "x"}, {"r": []}, {"error": "?"}, {"sealed": []}, {"c": {"clear": {}}}])
def test_another_form_does_not_fit_the_schema(change: Body, validator: Draft202012Validator) -> None:
    body = mask_message(NullSealer(), HTTP, ANSWER)
    assert validator.is_valid(body)
    assert not validator.is_valid({**body, **change})
