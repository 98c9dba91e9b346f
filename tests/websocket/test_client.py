"""The target's side of the connection, without a reader: whatever a service answers is a result or a fault."""

import json
import queue
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.server import ServerConnection

from onecard.targets.library_program import Fault, Returned
from onecard.targets.websocket_service import Unreached, WebSocketClient
from tests.websocket.support import faulty, library, messages

LIMIT = 5.0
TOLD: "queue.SimpleQueue[str | bytes]" = queue.SimpleQueue()
"""What the service answers next."""
HEARD: "queue.SimpleQueue[str | bytes]" = queue.SimpleQueue()


def _obeys(connection: ServerConnection) -> None:
    for message in connection:
        HEARD.put(message)
        connection.send(TOLD.get())


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with faulty(_obeys) as found:
        yield found


def _client(url: str, *, limit: float = LIMIT, texts: bool = False) -> WebSocketClient:
    return WebSocketClient(url, messages(), library(), limit, None, texts=texts)


def _asked(client: WebSocketClient, answer: str | bytes, function: str = "iReadCardBas") -> Returned | Fault:
    TOLD.put(answer)
    wanted = {one.name: 1 if one.type == "number" else "x" for one in library().signatures[function].inputs}
    return client.call(function, wanted, [])


@pytest.mark.parametrize(("texts", "number"), [(False, "1"), (True, '"1"')])
def test_the_literal_request(url: str, texts: bool, number: str) -> None:
    client = _client(url, texts=texts)
    TOLD.put("{}")
    client.call("iReadCard_HSM_Step1", {"iType": 1, "pCardInfo": "识|", "pFileAddr": "SSSEEF05|07|$"}, [])
    client.drop()
    assert HEARD.get(timeout=LIMIT) == (
        f'{{"function": "iReadCard_HSM_Step1", "iType": {number}, "pCardInfo": "识|", "pFileAddr": "SSSEEF05|07|$"}}'
    )


def test_a_name_that_published_pages_use_for_the_function(url: str) -> None:
    client = _client(url)
    for quirk in messages().calls:
        answer = json.dumps({"functionName": quirk.sent, "success": "1", "pOutInfo": "x"})
        assert _asked(client, answer, quirk.meant) == Returned(0, "x")
        assert isinstance(_asked(client, answer, "iVerifyPIN"), Fault)
    client.drop()


def test_what_the_interface_does_not_have_is_a_mistake_of_the_case(url: str) -> None:
    client = _client(url)
    for name, arguments in (("iNothing", {}), ("iReadCardBas", {}), ("iReadCardBas", {"iType": 1, "pKey": "x"})):
        with pytest.raises(ValueError, match="the interface has no"):
            client.call(name, arguments, [])
    client.drop()


def test_a_closed_connection_is_tried_again_only_where_nothing_was_done() -> None:
    """Once the card was used, another try could burn a PIN or write twice."""
    calls: list[object] = []

    def second_fails(connection: ServerConnection) -> None:
        calls.append(connection.recv())
        connection.send('{"functionName": "iReadCardBas", "success": "1", "pOutInfo": "x"}')
        calls.append(connection.recv())

    for trace, expected in (([], Returned), ([{"ask": {"ask": "power-on", "slot": "card"}}], Fault)):
        calls.clear()
        with faulty(second_fails) as url:
            client = _client(url)
            assert isinstance(client.call("iReadCardBas", {"iType": 1}, []), Returned)
            found = client.call("iReadCardBas", {"iType": 1}, trace)
            client.drop()
        assert isinstance(found, expected)
        assert len(calls) == (3 if expected is Returned else 2)


def test_whatever_is_no_websocket_is_not_reached() -> None:
    begun = time.monotonic()
    with pytest.raises(Unreached, match="cannot be reached"):
        _client("ws://127.0.0.1:1/").open()
    assert time.monotonic() - begun < LIMIT


_RESULTS = st.sampled_from(["1", "-2", "0", "+1", "01", "-0", "", "１", "-99999999999"]) | st.integers() | st.none()
_NEAR = st.builds(
    lambda name, result, out: json.dumps({"functionName": name, "success": result, "pOutInfo": out}),
    st.sampled_from(["iReadCardBas", "iReadCard", ""]),
    _RESULTS | st.text(max_size=5) | st.floats() | st.lists(st.text(), max_size=1),
    st.text(max_size=20) | st.none() | st.integers(),
)


@given(st.text(max_size=50) | st.binary(max_size=50) | _NEAR)
def test_every_answer_is_a_result_or_a_fault(url: str, answer: str | bytes) -> None:
    client = _client(url)
    found = _asked(client, answer)
    client.drop()
    if isinstance(found, Returned):
        said = json.loads(answer)
        assert said["functionName"] == "iReadCardBas"
        assert found.out == said["pOutInfo"]
        assert str(said["success"]) == "1" if found.code == 0 else int(said["success"]) == found.code
    else:
        assert found.kind == "nonsense"
