"""What the reader lets through, read from one answer to a case-4 command."""

import pytest

from onecard.targets.base import TargetOptions
from onecard.targets.capability import probe_capability
from onecard.targets.tcp import card_target
from tests.targets.serving import tcp_card
from tests.targets.toy import ToyCard

SELECT = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")


@pytest.mark.parametrize(
    ("answer", "raw_t0", "words"),
    [
        ("611E", True, "611E"),
        ("6F0284009000", False, "4 data bytes"),
        ("6A82", False, "undecided"),
        ("9000", False, "undecided"),
        ("6100", True, "6100"),
        ("616100", False, "1 data bytes"),
    ],
)
def test_only_a_lone_61xx_shows_raw_t0(answer: str, raw_t0: bool, words: str) -> None:
    card = ToyCard()
    card.misbehave = lambda _: bytes.fromhex(answer)
    with tcp_card(card) as server:
        target = card_target(f"127.0.0.1:{server.port}", TargetOptions())
        target.power_on()
        capability = probe_capability(target, SELECT)
        target.close()
    assert capability.raw_t0 is raw_t0
    assert words in capability.note.en
    assert capability.note.zh
