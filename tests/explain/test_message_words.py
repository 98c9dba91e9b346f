"""HTTP exchanges, function calls and what happened on the tester's side, in words."""

import json
from typing import Any

import pytest

from onecard.explain import Aside, Asides, InterfaceTrace, Trace, details, request_text, response_text, shortened
from onecard.explain.messages import code_names, code_of, fits, told_in
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec

SPEC = load_spec()
JSON = {"content-type": "application/json"}
ACCEPTED = {"status": 200, "headers": JSON, "body": '{"result": "accepted", "code": {"used": true}}'}
PSAM = InterfaceSpec(
    "psam",
    "psam-sm4",
    {},
    {
        "commands": {
            "X/CIPHER": {
                "id": "X/CIPHER",
                "name": {"zh": "数据加密", "en": "CIPHER DATA"},
                "cla": 0x80,
                "ins": 0xFA,
                "modes": [{"id": "X/MAC", "name": {"zh": "计算鉴别码", "en": "a single MAC"}, "p1": 5}],
            }
        }
    },
)


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"do": "http", "method": "GET", "path": "/v1/cards"}, "GET /v1/cards"),
        (
            {"do": "http", "method": "POST", "path": "/v1/codes/verify", "headers": JSON, "body": '{"code": "A"}'},
            'POST /v1/codes/verify {"code":"A"}',
        ),
        ({"do": "http", "method": "POST", "path": "/x", "body": "{broken\n  text"}, "POST /x {broken text"),
        ({"do": "call", "call": "iReadCardBas", "args": {"iType": 1, "s": "a"}}, 'iReadCardBas(iType=1, s="a")'),
        ({"do": "call", "call": "iDOpenPort"}, "iDOpenPort()"),
        ({"do": "instrument", "settings": {"card": "expired"}}, 'set the tester\'s side: {"card":"expired"}'),
        ({"do": "receive", "count": 2, "within_ms": 1500}, "await 2 request(s) for up to 1.5 s"),
        ({"do": "wait", "ms": 61000}, "wait 61 s"),
        ({"clear": {"do": "http", "method": "GET", "path": "/v1/__"}}, "GET /v1/__, sealed"),
        ({"do": "other", "a": 1}, '{"do":"other","a":1}'),
    ],
)
def test_requests(request_: dict[str, Any], told: str) -> None:
    assert request_text(request_).en == told


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (None, "no answer"),
        (ACCEPTED, '200 {"result":"accepted","code":{"used":true}}'),
        ({"status": 204, "headers": {}, "body": ""}, "204 No Content"),
        ({"status": 799, "headers": {}, "body": ""}, "799"),
        ({"status": 502, "headers": {"content-type": "text/html; charset=x"}, "body": "<h1>a"}, "502 text/html <h1>a"),
        ({"status": 200, "headers": {}, "body_hex": "1F8B"}, "200 (not UTF-8) 1F8B"),
        (
            {"status": 200, "headers": {}, "body": "xx", "truncated": True},
            "200 xx (too long an answer; this is its beginning)",
        ),
        ({"return": -2203, "out": "", "trace": []}, 'returns -2203, out ""'),
        ({"trace": [{}]}, "1 request(s) came"),
        ({"clear": {"status": 403}}, "403 Forbidden, sealed"),
        ({"clear": {}}, "sealed"),
        ({}, "{}"),
    ],
)
def test_responses(response: dict[str, Any] | None, told: str) -> None:
    assert response_text(response).en == told


def test_long_values_are_cut_and_control_characters_replaced() -> None:
    assert shortened("AB" * 40) == "ABABABABABABABAB…ABABABAB"
    assert shortened("Q" * 95 + "-" * 60) == "Q" * 16 + "…" + "-" * 8
    assert shortened("中" * 700) == "中" * 600 + "… (700)"
    assert len(shortened("x y" * 10**6)) < 620
    assert shortened("a\x1b[31m\u202eb") == "a\ufffd[31m\ufffdb"


def test_details_stand_over_several_lines() -> None:
    headers = {"content-type": "application/json", "authorization": "Bearer t", "x-signature": "0" * 128}
    assert details({"headers": headers, "body": '{"a": [1]}'}) == (
        "authorization: Bearer t",
        "x-signature: 0000000000000000…00000000",
        "{",
        '  "a": [',
        "    1",
        "  ]",
        "}",
    )
    assert details({"headers": JSON, "body": "one line"}) == details(None) == ()


@pytest.mark.parametrize(
    ("hint", "found"),
    [
        ("200", True),
        ("20", True),
        ("2", True),
        ("00", False),
        ("404", False),
        ("accepted", True),
        ("accept", False),
        ('"used": true', True),
        ('{"result":"accepted"', True),
        ('"used":false', False),
        (" ", False),
    ],
)
def test_a_hint_is_looked_for_in_the_answer_and_in_what_was_compared(hint: str, found: bool) -> None:
    assert fits(hint, "", ACCEPTED) is found
    assert fits(hint, "200 " + str(ACCEPTED["body"]), None) is found


@pytest.mark.parametrize(
    ("value", "hint", "found"),
    [
        (-27266, "-27", True),
        (-27266, "-27266", True),
        (-2203, "-2", False),
        (-2, "-2", True),
        (27266, "2", True),
        (0, "0", True),
        (-20, "0", False),
        (0, "000000000000", True),
        (0, "00000000", False),
        (0, '"apdu":"00B2"', True),
    ],
)
def test_a_number_is_a_return_value_or_how_it_begins(value: int, hint: str, found: bool) -> None:
    trace = [{"ask": {"transmit": {"apdu": "00B2"}}, "answer": {"response": "9000"}}]
    result = {"return": value, "out": "a|000000000000|b", "trace": trace}
    assert fits(hint, "", result) is found


def test_codes_have_the_names_of_the_specification() -> None:
    names = {"zh": "无卡", "en": "no card"}
    spec = InterfaceSpec(
        "terminal", "p", {}, {"codes": {"A": {"id": "A", "code": -2, "name": names}, "B": {"id": "B"}}}
    )
    assert {code: name.en for code, name in code_names(spec).items()} == {-2: "no card"}
    assert code_names(None) == {}
    assert code_of({"return": -2, "out": ""}) == -2
    assert code_of({"status": 403, "body": '{"code":"wrong-role"}'}) == "wrong-role"
    others: list[dict[str, Any] | None] = [
        None,
        {"status": 200, "body": "[1]"},
        {"status": 200, "body": '{"code":7}'},
        {"clear": {}},
    ]
    for nothing in others:
        assert code_of(nothing) is None


def test_an_answer_that_is_told_already_is_known() -> None:
    assert told_in('result = "x" in 200 {"result":"accepted", "code":{"used":true}}', ACCEPTED)
    assert not told_in("the signature does not hold", ACCEPTED)
    assert told_in("0, '1|2'", {"return": 0, "out": "1|2"})
    assert told_in("anything", {"clear": {"status": 200}})


def asides() -> Asides:
    card = SPEC.card_of_profile("card-3.0")
    return Asides(
        lambda slot, profile: InterfaceTrace(PSAM, card) if slot == "psam" else Trace(SPEC.card_of_profile(profile)),
        frozenset({"card-1.0", "card-3.0"}),
    )


def told(*entries: tuple[dict[str, Any], dict[str, Any]], told_by: Asides | None = None) -> list[Aside]:
    trace = [{"ask": ask, "answer": answer} for ask, answer in entries]
    return list((told_by or asides()).of({"return": 0, "trace": trace}))


def apdu(slot: str, command: str) -> dict[str, Any]:
    return {"transmit": {"slot": slot, "apdu": command}}


def test_apdus_of_a_call_are_explained_by_the_card_that_lay_there() -> None:
    select = (apdu("card", "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"), {"response": "6A82"})
    first, second = told(select, (apdu("card", "00A4020002EF06"), {"response": "9000"}))
    assert (first.side, first.told.en) == ("card", "6A82  6A 82: file not found")
    assert first.asked.en.endswith("  SELECT SSSE (social security system environment), by name")
    assert second.asked.en.endswith("  SELECT EF06 (holder data), by identifier")


def test_each_case_may_set_another_card() -> None:
    asked: list[str] = []

    def explainer(_slot: str, profile: str) -> Trace:
        asked.append(profile)
        return Trace(None)

    watched = Asides(explainer, frozenset({"card-1.0"}))
    for settings in ({}, {"cards": [{"profile": "card-1.0"}]}, {"card": "card-9.9"}):
        watched.configured({"do": "instrument", "settings": settings})
        told((apdu("card", "0084000008"), {"response": "9000"}), told_by=watched)
    assert asked == ["card-3.0", "card-1.0", "card-3.0"]
    assert watched.of(None) == ()


def test_the_psam_and_other_questions() -> None:
    mac, unknown, pulled, pin, http = told(
        (apdu("psam", "80FA05000801020304050607089"), {"response": "61"}),
        (apdu("psam", "80FF0000"), {"response": "AABB9000"}),
        (apdu("card", "0084000008"), {"error": "removed"}),
        ({"ask": "pin", "tries": 3}, {"value": "123456"}),
        ({"http": {"method": "POST", "path": "/notify", "body": "{}"}}, {"status": 401, "headers": JSON, "body": "{}"}),
    )
    assert mac.asked.en == "80FA05000801020304050607089  CIPHER DATA, a single MAC, 9 bytes"
    assert mac.told.en == "61  1 byte, no status word"
    assert unknown.asked.en.endswith("unknown command 80 FF")
    assert unknown.told.en.endswith("2 bytes of data; 90 00: ok")
    assert pulled.told.en == "error: removed"
    assert (pin.side, pin.asked.en, pin.told.en) == ("ask", "ask: pin, tries: 3", "value: 123456")
    assert (http.side, http.asked.en, http.told.en) == ("http", "POST /notify {}", "401 {}")


@pytest.mark.parametrize("trace", [None, "x", [1, {"ask": 1}, {"ask": {}, "answer": []}], {}])
def test_a_trace_of_another_form_is_left_out(trace: object) -> None:
    assert asides().of({"trace": trace}) == ()


def test_half_a_character_stays_an_escape() -> None:
    halves = {"status": 422, "headers": JSON, "body": '{"code": "\\ud800汉"}'}
    assert response_text(halves).en == '422 {"code":"\\ud800汉"}'
    assert fits('"code":"\\ud800汉"', "422", halves)
    assert "\n".join(details(halves)).encode("utf-8")


def test_any_json_can_be_told() -> None:
    strange: list[Any] = [{"do": "call", "args": 5}, {"do": "http", "body": "[" * 5000}, {"do": "wait", "ms": "x"}, {}]
    for message in strange:
        assert isinstance(request_text(message).zh, str)
        assert isinstance(response_text({"status": message, "body": json.dumps(message)}).zh, str)
