"""That a run of malformed requests finds what it looks for: a crash, an acceptance, a key in an output."""

from collections.abc import Mapping

from emulator.hsm.behaviour import HsmBehaviour
from emulator.hsm.factory import KEY_VERSION, TESTER, service, specification
from emulator.keys import DEFAULT_SEED, root_key
from emulator.variant import Variant
from onecard.spec.hsm import HsmSpec
from tests.hsm.fuzzing import Findings, Fuzzer, Line, leaked, run, secrets_of

COUNT, REGION = 1500, "340100"


class _Crashing(HsmBehaviour):
    """Falls over what is refused for its form."""

    def refusal(self, status: int, body: Mapping[str, object], text: str) -> tuple[int, Mapping[str, object]]:
        return (status, body) if body["code"] != "field-form" else (status, {"seen": text[len(text) + 1]})


class _Accepting(HsmBehaviour):
    """Refuses with the status of an answer."""

    def refusal(self, status: int, body: Mapping[str, object], text: str) -> tuple[int, Mapping[str, object]]:
        return 200 if body["code"] == "field-form" else status, body


class _Telling(HsmBehaviour):
    """Tells a key in its message, in lower case, once in a while."""

    def refusal(self, status: int, body: Mapping[str, object], text: str) -> tuple[int, Mapping[str, object]]:
        key = root_key(DEFAULT_SEED, "UKSSSE", KEY_VERSION).hex()
        return status, {**body, "detail": f"cannot use {key}"} if body["code"] == "unknown-algorithm" else body


def found_with(behaviour: HsmBehaviour) -> tuple[HsmSpec, Findings]:
    made = service("hsm-default", variant=Variant(behaviour=behaviour))
    line = Line(made)
    try:
        return made.desk.spec, run(line, Fuzzer(made.desk.spec, REGION, (TESTER.id, TESTER.key), 1), COUNT)
    finally:
        line.close()


def test_planted_crash() -> None:
    _, found = found_with(_Crashing())
    assert (bool(found.crashed), found.accepted) == (True, [])


def test_planted_acceptance() -> None:
    _, found = found_with(_Accepting())
    assert (found.crashed, bool(found.accepted)) == ([], True)


def test_planted_key() -> None:
    spec, found = found_with(_Telling())
    assert (found.crashed, found.accepted) == ([], [])
    cards = {each.card: specification().card_of_profile(each.card) for each in spec.algorithms.values()}
    roots = {key.key: root_key(DEFAULT_SEED, key.key, KEY_VERSION) for key in spec.keys.values()}
    keys = secrets_of(spec, roots, REGION, cards)
    assert leaked(keys, found.outputs)
    _, right = found_with(HsmBehaviour())
    assert leaked(keys, right.outputs) == []
