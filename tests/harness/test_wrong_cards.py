"""Cards that do not conform: never a pass, and the text says which requirement, why, and what was sent."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.card.image import CardImage
from emulator.card.variant import VariantSpec
from tests.support.cards import (
    AcceptsWrongProofs,
    NeverAnswers,
    WatchedCard,
    five_pin_tries,
    on_port,
    sex_code_zero,
    watched_card,
)
from tests.support.command import declare, onecard

pytestmark = pytest.mark.xdist_group("wrong-cards")


def _certified(folder: Path, declared: str, card: WatchedCard, timeout: float = 5.0) -> tuple[int, str]:
    """Exit code and text of a run that declares ``declared`` on ``card``."""
    with on_port(card) as server:
        words = declare(
            folder, declared, f"tcp:127.0.0.1:{server.port}", lambda ixit: replace(ixit, timeout=timeout)
        )  # fmt: skip
        run = onecard(*words, "--out", "out", "--lang", "en", cwd=folder)
    assert "Traceback" not in run.stderr
    assert not (folder / "out" / "certificate.json").exists()
    assert (folder / "out" / "run.bundle").exists()
    return run.returncode, run.stdout


def _explained(text: str, requirement: str) -> str:
    """The explanations of ``requirement``."""
    blocks = [block for block in text.split("\n\n") if requirement in block.partition("\n")[0]]
    assert blocks, f"nothing about {requirement}: {text[:3000]}"
    return "\n\n".join(blocks)


def test_a_1_0_card_declared_as_3_0(tmp_path: Path) -> None:
    """The holder's data come back without RKSSSE: the requirement, its basis, both answers and the APDU are told."""
    code, text = _certified(tmp_path, "card-3.0", watched_card("card-1.0"))
    assert code == 1
    told = _explained(text, "CARD-EF06-READ")
    head, *lines = told.split("\n")
    assert head.startswith("FAIL")
    assert "basis:" in head
    assert "LD/T" in head
    for label in ("sent      00 B2", "expected  69 82", "onecard replay run.bundle --from"):
        assert any(label in line for line in lines), told
    assert "90 00" in told


def test_sex_code_zero_and_another_try_limit_than_declared(tmp_path: Path) -> None:
    """Two faults in one card: each is told under its own requirement."""
    card = watched_card("card-1.0", VariantSpec(edit=_two_faults))
    code, text = _certified(tmp_path, "card-1.0", card)
    assert code == 1
    sex = _explained(text, "CARD-EF06-SEX")
    assert "FAIL" in sex
    assert "sent      00 B2 0A" in sex
    assert re.search(r"expected +\S", sex)
    assert re.search(r"received +\S", sex)
    limit = _explained(text, "CARD-PIN-LIMIT")
    assert "FAIL" in limit
    assert "sent      00 20 00 00" in limit
    assert "expected  63 C3" in limit
    assert "received  63 C5" in limit


def _two_faults(image: CardImage) -> None:
    sex_code_zero(image)
    five_pin_tries(image)


def test_nine_thousand_to_a_wrong_proof(tmp_path: Path) -> None:
    card = watched_card("card-1.0", VariantSpec(behaviour=AcceptsWrongProofs()))
    code, text = _certified(tmp_path, "card-1.0", card)
    assert code == 1
    told = _explained(text, "CARD-EXTERNAL-AUTH-WRONG")
    assert "FAIL" in told
    assert "00 82 00" in told
    assert "63 Cx" in told
    assert "90 00" in told


def test_a_card_that_never_answers(tmp_path: Path) -> None:
    """Incomplete, not failed: nothing was learnt; and the run gives up soon."""
    card = watched_card("card-3.0", VariantSpec(behaviour=NeverAnswers()))
    code, text = _certified(tmp_path, "card-3.0", card, timeout=0.3)
    assert code == 3
    assert "no answer within 0.3 s" in text
    assert "INCOMPLETE" in text
    assert "CARD-" in text
    assert "sent" in text
    assert card.exchanges < 20
