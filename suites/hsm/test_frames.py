"""The same strings over TCP: frames of a length and a JSON object."""

from collections.abc import Callable
from typing import Any

from onecard.oracle.hsm import CardSide, answers, fields_of, request
from onecard.oracle.hsm_frames import content_of, framed, objects, padded
from onecard.spec.hsm import HsmFrame, HsmSpec, hsm_spec
from onecard.testing import HsmUnderTest, Octets, expect, for_each, verifies

ORDER = 80
NO_OBJECTS = {"empty": b"", "plain": b"02|", "list": b"[]", "open": b"{", "not-utf8": b'{"request": "\xff"}'}
Judge = Callable[[dict[str, Any]], bool]


def data_of(hsm: HsmUnderTest) -> tuple[HsmSpec, HsmFrame]:
    """The data, and its frame."""
    spec = hsm_spec(hsm.spec)
    return spec, spec.frame


def content(hsm: HsmUnderTest, text: str, **changes: str) -> bytes:
    """A string with the tester's credential; ``changes`` of the credential (``key``)."""
    transport = hsm_spec(hsm.spec).transport
    who = hsm.caller("credentials")
    if "key" in changes:
        who[transport.key_header] = changes["key"]
    return content_of({**who, transport.request: text})


def right(hsm: HsmUnderTest) -> tuple[bytes, tuple[str, ...]]:
    """A right request for an external authentication, and the strings that answer it."""
    spec, _ = data_of(hsm)
    card = CardSide(hsm.region, hsm.random.bytes(13), "03", hsm.card_of(spec.algorithms["03"].card))
    key = spec.keys["HSM/UKSSSE"]
    drawn = {role: hsm.random.bytes(8).hex().upper() for role in ("factor", "original")}
    fields = fields_of(card, key_address=key.address or "", **drawn)
    service = spec.service("02")
    return content(hsm, request(spec, service, fields)), answers(
        spec, service, fields, {key.key: hsm.root_key(key.key)}, card
    )


def answers_with(hsm: HsmUnderTest, octets: Octets, *judges: Judge, what: str) -> None:
    """One whole frame an answer, in order, and nothing else."""
    _, frame = data_of(hsm)

    def judge(data: bytes) -> None:
        found = objects(frame, data)
        if len(found) != len(judges):
            raise ValueError(f"{len(found)} frames came, {len(judges)} are expected")
        for number, (told, fits) in enumerate(zip(found, judges, strict=True), start=1):
            if not fits(told):
                raise ValueError(f"frame {number} does not fit")

    expect(octets).conforms(judge, what)


def answer(hsm: HsmUnderTest, strings: tuple[str, ...]) -> Judge:
    """Status 200 and one of the right strings, without an error."""
    spec, frame = data_of(hsm)

    def fits(told: dict[str, Any]) -> bool:
        return told.get(frame.status) == 200 and told.get(spec.transport.response) in strings and "code" not in told

    return fits


def refusal(hsm: HsmUnderTest, name: str) -> Judge:
    """The refusal of the data, and no answer beside it."""
    spec, frame = data_of(hsm)
    error = spec.error(name)

    def fits(told: dict[str, Any]) -> bool:
        said = told.get(frame.status) == error.status and told.get("code") == error.code
        return said and isinstance(told.get("message"), dict) and spec.transport.response not in told

    return fits


@verifies("HSM-FRAME")
@for_each("cut", (0, 1, 3, 4, 5, 60), ids=lambda cut: f"after-{cut}" if cut else "whole")
def test_framed_request(hsm: HsmUnderTest, cut: int) -> None:
    """A right request in a frame is answered in a frame as over HTTP, also where it arrives in two pieces."""
    _, frame = data_of(hsm)
    sent, strings = right(hsm)
    octets = framed(frame, sent)
    pieces = (octets[:cut], octets[cut:]) if cut else (octets,)
    answers_with(hsm, hsm.send_octets(*pieces), answer(hsm, strings), what="the answer of service 02 in one frame")


@verifies("HSM-FRAME")
def test_one_after_the_other(hsm: HsmUnderTest) -> None:
    """Three requests that arrive together are answered in their order; a refused one does not end the connection."""
    _, frame = data_of(hsm)
    (first, one), (last, two) = right(hsm), right(hsm)
    octets = b"".join(framed(frame, each) for each in (first, content(hsm, "02|"), last))
    wanted = (answer(hsm, one), refusal(hsm, "FIELD-COUNT"), answer(hsm, two))
    answers_with(hsm, hsm.send_octets(octets), *wanted, what="an answer, a refusal and an answer, one frame each")


@verifies("HSM-FRAME")
def test_longest_frame(hsm: HsmUnderTest) -> None:
    """A frame of exactly the longest length is read."""
    _, frame = data_of(hsm)
    sent, strings = right(hsm)
    octets = framed(frame, padded(sent, frame.longest))
    answers_with(hsm, hsm.send_octets(octets), answer(hsm, strings), what="the answer of service 02 in one frame")


@verifies("HSM-FRAME")
@for_each("more", (1, 1 << 20), ids=lambda more: f"longest+{more}")
def test_too_long_frame(hsm: HsmUnderTest, more: int) -> None:
    """A longer frame is refused before it is read, and the connection ends: nothing after it is answered."""
    _, frame = data_of(hsm)
    sent, _ = right(hsm)
    head = (frame.longest + more).to_bytes(frame.length_bytes, "big")
    octets = head + padded(sent, frame.longest + 1) + framed(frame, sent)
    answers_with(hsm, hsm.send_octets(octets), refusal(hsm, "TOO-LONG"), what="one frame: too long")


@verifies("HSM-FRAME")
@for_each("form", tuple(NO_OBJECTS))
def test_content_is_no_object(hsm: HsmUnderTest, form: str) -> None:
    """A frame without a JSON object is refused, and the next one is served."""
    _, frame = data_of(hsm)
    good, strings = right(hsm)
    octets = framed(frame, NO_OBJECTS[form]) + framed(frame, good)
    wanted = (refusal(hsm, "BAD-REQUEST"), answer(hsm, strings))
    answers_with(hsm, hsm.send_octets(octets), *wanted, what="a refusal and an answer, one frame each")


@verifies("HSM-FRAME")
def test_credential_in_a_frame(hsm: HsmUnderTest) -> None:
    """Over TCP, too, a wrong credential is refused; the credential of the frame before does not last."""
    _, frame = data_of(hsm)
    sent, strings = right(hsm)
    octets = framed(frame, sent) + framed(frame, content(hsm, "02|", key="x"))
    wanted = (answer(hsm, strings), refusal(hsm, "UNAUTHORIZED"))
    answers_with(hsm, hsm.send_octets(octets), *wanted, what="an answer and a refusal, one frame each")


@verifies("HSM-FRAME")
def test_unfinished_frame(hsm: HsmUnderTest) -> None:
    """A frame that is never finished is not answered."""
    _, frame = data_of(hsm)
    sent, _ = right(hsm)
    answers_with(hsm, hsm.send_octets(framed(frame, sent)[:-1]), what="nothing")
