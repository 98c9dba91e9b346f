"""The reference over its application: what no conformance case sends."""

import json
from pathlib import Path

import pytest

from emulator.platform.activation import Entry
from emulator.platform.database import Card, Store
from emulator.platform.messages import Step
from emulator.service import CONTROL_PATH, Clock
from emulator.variant import Variant
from onecard.reference import platform as reference
from onecard.spec.card import CardSpec
from onecard.spec.openapi import Interface
from onecard.spec.platform import PlatformSpec
from onecard.targets.base import TargetAbsent, TargetOptions
from tests.platform.conftest import TOKEN, Running, running


def query(platform: Running, card_no: str, sequence: str) -> str:
    call = {"channel": "1", "cardNo": card_no, "item": "card-query", "scene": "service-hall", "busiSeq": sequence}
    answer = platform.send("POST", "/v1/cards/query", json.dumps({"call": call}), **platform.credentials())
    assert answer["status"] == 200
    state: str = json.loads(answer["body"])["state"]
    return state


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("GET", "/v1/cards/query", 405)])
def test_what_is_not_there(platform: Running, method: str, path: str, status: int) -> None:
    answer = platform.send(method, path, **platform.credentials())
    assert answer["status"] == status
    assert set(json.loads(answer["body"])) == {"code", "message"}


@pytest.mark.parametrize(
    "body", ["[" * 5000, json.dumps({"call": {"channel": "x" * 70000}}), '{"call":' + "[" * 100 + "]" * 100 + "}"]
)
def test_monstrous_bodies(platform: Running, body: str) -> None:
    assert platform.send("POST", "/v1/cards/query", body, **platform.credentials())["status"] == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"party": "nobody", "step": "activate", "mode": "refuse", "times": 1},
        {"party": "bank", "step": "dance", "mode": "refuse", "times": 1},
        {"party": "bank", "step": "undo", "mode": "sulk", "times": 1},
        {"party": "bank", "step": "undo", "mode": "lose", "times": 0},
        {},
    ],
)
def test_control_takes_sense_only(platform: Running, fields: dict[str, object]) -> None:
    answer = platform.send("POST", f"{CONTROL_PATH}/fail", json.dumps(fields), x_test_control=TOKEN)
    assert answer["status"] == 400
    assert platform.send("POST", f"{CONTROL_PATH}/parties", "{}", x_test_control="wrong")["status"] == 401


def test_database_outlives_the_service(
    tmp_path: Path, data: PlatformSpec, card_data: CardSpec, interface: Interface
) -> None:
    url = f"sqlite:///{tmp_path}/platform.db"
    first = running(data, card_data, interface, url)
    card_no = first.card_no("temporarily-lost")
    assert query(first, card_no, "00000001") == "temporarily-lost"
    first.target.close()
    clock = Clock()
    clock.advance(data.timers["temporarily-lost"].days * 86400 + 60)
    second = running(data, card_data, interface, url, clock)
    assert query(second, card_no, "00000002") == "normal"
    # The call of the first service is known to the second, with the answer of then.
    assert query(second, card_no, "00000001") == "temporarily-lost"
    second.target.close()


def test_what_was_not_committed_is_forgotten(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/x.db")
    store.refill([Card("A", "normal", None, "甲", "1")])
    entry = Entry("activating-hrss", "hrss", "activate", "ok", "activating-bank")
    with store.begin() as data:
        data.open_activation("one", "A", "activating-hrss")
        data.advance("one", 1, entry)
        data.commit()
        data.move("A", "lost", None)
        data.complete(Step("X", "f", "A", "item", "operation"))
    with store.begin() as data:
        card, kept = data.card("A"), data.activation("one")
        assert card is not None
        assert card.state == "normal"
        assert data.done("f", "operation") == []
        assert kept is not None
        assert (kept.state, kept.log) == ("activating-bank", (entry,))
    store.close()


def test_reference_is_chosen_by_profile() -> None:
    with pytest.raises(TargetAbsent, match="platform-default"):
        reference.open_target("platform-none", TargetOptions())
    with pytest.raises(TypeError, match="not a behaviour"):
        reference.open_target("platform-default", TargetOptions(variant=Variant(behaviour=object())))


def test_declaration_is_synthetic_and_the_same_each_time() -> None:
    declared = reference.reference_ixit("platform-default")
    assert declared == reference.reference_ixit("platform-default")
    assert declared["synthetic"] is True
