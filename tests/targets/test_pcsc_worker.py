"""The PC/SC worker without PC/SC: which reader a word means, and what the answers on its pipe look like."""

import io
import json
from types import SimpleNamespace

import pytest

from onecard.targets import pcsc_worker
from onecard.targets.pcsc_worker import Failed, PcscCard, select_reader, serve

READERS = ["Virtual PCD 00 00", "Virtual PCD 00 01", "ACS ACR39U ICC Reader 00 00"]


@pytest.mark.parametrize(
    ("selector", "meant"),
    [
        ("0", 0),
        ("2", 2),
        ("Virtual PCD 00 01", 1),
        ("00 01", 1),
        ("acr39u", 2),
        ("ACS ACR39U ICC Reader 00 00", 2),
    ],
)
def test_an_index_or_part_of_a_name(selector: str, meant: int) -> None:
    assert select_reader(selector, READERS) == READERS[meant]


def test_nothing_means_the_only_reader() -> None:
    assert select_reader("", READERS[:1]) == READERS[0]


def test_a_whole_name_wins_over_being_part_of_another() -> None:
    assert select_reader("Reader 1", ["Reader 12", "Reader 1"]) == "Reader 1"


@pytest.mark.parametrize(
    ("selector", "names", "kind"),
    [
        ("3", READERS, pcsc_worker.NO_SUCH_READER),
        ("gemalto", READERS, pcsc_worker.NO_SUCH_READER),
        ("virtual", READERS, pcsc_worker.AMBIGUOUS),
        ("", READERS, pcsc_worker.AMBIGUOUS),
        ("0", [], pcsc_worker.NO_READERS),
    ],
)
def test_what_cannot_be_meant_lists_the_readers(selector: str, names: list[str], kind: str) -> None:
    with pytest.raises(Failed) as caught:
        select_reader(selector, names)
    assert caught.value.kind == kind
    assert all(name in caught.value.detail for name in names)


class Scard(SimpleNamespace):
    """The PC/SC calls answering from a script: states that no reader here can be brought into."""

    def __init__(self, *, connect: list[tuple[int, int, int]], transmit: tuple[int, list[int]] = (0, [])) -> None:
        self.masks: list[int] = []
        self.pci: object = None
        self._connects = connect
        self._response = transmit
        super().__init__(
            SCARD_SCOPE_SYSTEM=2,
            SCARD_SHARE_EXCLUSIVE=1,
            SCARD_PROTOCOL_T0=1,
            SCARD_PROTOCOL_T1=2,
            SCARD_PCI_T0="pci-T0",
            SCARD_PCI_T1="pci-T1",
            SCARD_STATE_UNAWARE=0,
            SCARD_STATE_EMPTY=16,
            SCARD_STATE_UNAVAILABLE=8,
            SCardEstablishContext=lambda _scope: (0, 1),
            SCardListReaders=lambda _context, _groups: (0, READERS),
            SCardGetStatusChange=lambda _context, _timeout, _states: (0, [("reader", 32, [])]),
            SCardConnect=self._connect,
            SCardTransmit=self._transmit,
            SCardGetErrorMessage=self._words,
        )

    def _connect(self, _context: int, _reader: str, _share: int, mask: int) -> tuple[int, int, int]:
        self.masks.append(mask)
        return self._connects.pop(0)

    def _transmit(self, _card: int, pci: object, _command: list[int]) -> tuple[int, list[int]]:
        self.pci = pci
        return self._response

    def _words(self, code: int) -> str:
        assert -0x8000_0000 <= code < 0x8000_0000  # the real call takes a signed 32-bit number
        return f"words for {code}"


def _asked(scard: Scard, *requests: str) -> list[str]:
    answers = io.BytesIO()
    serve(PcscCard(scard), io.BytesIO("\n".join(requests).encode("ascii") + b"\n"), answers, lambda _: None)
    return answers.getvalue().decode("ascii").splitlines()


def _signed(code: int) -> int:
    return code - 0x1_0000_0000


def test_a_card_without_t0_is_taken_with_t1() -> None:
    scard = Scard(connect=[(_signed(pcsc_worker.PROTO_MISMATCH), 0, 0), (0, 7, 2)], transmit=(0, [0x90, 0x00]))
    opened, answer = _asked(scard, 'open "0"', "00A40000")
    assert json.loads(opened[1:]) == {"reader": READERS[0], "protocol": "T=1"}
    assert answer == "=9000"
    assert scard.masks == [1, 3]
    assert scard.pci == "pci-T1"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0x8010000B, pcsc_worker.IN_USE),
        (0x8010000C, pcsc_worker.NO_CARD),
        (0x80100069, pcsc_worker.NO_CARD),
        (0x80100066, pcsc_worker.MUTE),
        (0x8010001D, pcsc_worker.NO_SERVICE),
        (0x80100004, pcsc_worker.REFUSED),
    ],
)
@pytest.mark.parametrize("as_signed", [True, False])
def test_return_codes_of_connecting(code: int, kind: str, as_signed: bool) -> None:
    # pcsc-lite gives signed numbers on some platforms and unsigned ones on others.
    (answer,) = _asked(Scard(connect=[(_signed(code) if as_signed else code, 0, 0)]), 'open "0"')
    failure = json.loads(answer[1:])
    assert (answer[0], failure["kind"], failure["code"]) == ("!", kind, code)


def test_garbage_in_the_buffer_of_a_failed_exchange_is_not_a_response() -> None:
    scard = Scard(connect=[(0, 7, 1)], transmit=(_signed(0x80100004), [0x90, 0x00]))
    _, answer = _asked(scard, 'open "0"', "00A40000")
    assert json.loads(answer[1:])["kind"] == pcsc_worker.REFUSED


def test_an_exchange_that_fails_with_the_card_still_there_is_the_readers_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pcsc_worker, "PRESENCE_WAIT", 0.01)
    scard = Scard(connect=[(0, 7, 1)], transmit=(_signed(pcsc_worker.NOT_TRANSACTED), []))
    _, answer = _asked(scard, 'open "0"', "00A40000")
    assert json.loads(answer[1:])["kind"] == pcsc_worker.REFUSED
