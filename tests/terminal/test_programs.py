"""Terminals in processes of their own, over the command protocol: the reference, and one in another language."""

import shlex
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from onecard.harness.verdict import Verdict
from onecard.planning.declaration import read_ics, read_ixit
from onecard.reference.terminal import reference_ixit
from tests.terminal.bench import PROFILE, installed, outcomes, program

NODE = shutil.which("node")
SCRIPT = Path(__file__).parents[2] / "examples" / "terminal-node" / "terminal.mjs"
PARAMETERS = {"device-number": "NODE-TERMINAL-1"}

NOT_OFFERED = (
    *("release/", "reading_by_address/", "auth_type/", "writing/", "items_steps", "debit/", "debit_steps/"),
    *("validity/test_items", "validity/test_purchase"),
)
"""Modules of the suite."""


def _node(*arguments: str) -> str:
    if NODE is None:
        pytest.skip("there is no node")
    return shlex.join([NODE, str(SCRIPT), *arguments])


def test_the_emulated_terminal_as_a_program() -> None:
    command = shlex.join([sys.executable, "-m", "onecard", "emulate", "terminal"])
    ended = outcomes(lambda: program(command), lambda case: "literals" in case or "test_basic_data" in case)
    assert len(ended) > 8
    assert {found.verdict for found in ended.values()} == {Verdict.PASS}


@pytest.mark.node
def test_a_terminal_in_javascript_passes() -> None:
    command = _node()
    # Who holds the reader does not show through the protocol: the cases of TERMINAL-RELEASE are outside its scope.
    # What it does not offer its own declaration says; this one is the reference's.
    ended = outcomes(
        lambda: program(command),
        lambda case: "card-2.0" not in case and not any(f"/{part}" in case for part in NOT_OFFERED),
        parameters=PARAMETERS,
    )
    assert len(ended) > 100
    assert {case: found.why for case, found in ended.items() if found.verdict is not Verdict.PASS} == {}


def test_the_declarations_beside_it_are_whole() -> None:
    ics = read_ics(installed(), SCRIPT.parent / "ics.yaml", PROFILE)
    ixit = read_ixit(SCRIPT.parent / "ixit.yaml")
    not_offered = dict.fromkeys(("terminal.files", "terminal.writing", "terminal.debit"), False)
    assert ics.items == {**installed().profile(PROFILE).ics, **not_offered}
    assert ixit.target == "command:node examples/terminal-node/terminal.mjs"
    assert ixit.parameters == PARAMETERS
    given = yaml.safe_load((SCRIPT.parent / "ixit.yaml").read_text(encoding="utf-8"))["key-source"]
    own = cast(dict[str, Any], reference_ixit(PROFILE)["key-source"])
    assert given["region"] == own["region"]
    assert set(given["keys"]) == {"IRK", "UKSSSE", "RKSSSE", "PUK", "STK"}, "those of what it reads and proves"
    assert given["keys"].items() <= own["keys"].items(), "the keys are those of the tester's own cards"


@pytest.mark.node
def test_a_terminal_that_sends_a_refused_pin_again_burns_a_try() -> None:
    command = _node("--pin-again")
    ended = outcomes(lambda: program(command), lambda case: "pin/" in case and "card-3.0" in case)
    failed = [found.failed for found in ended.values() if found.failed is not None]
    # What the card refuses for good is refused twice as well, and of two tries one is told: nothing else is wrong.
    assert {found.requirement for found in failed} == {"TERMINAL-PIN-ONCE"}
    assert {found.received for found in failed} == {"2"}


@pytest.mark.node
def test_the_same_terminal_broken_on_purpose_fails_where_it_is_broken() -> None:
    command = _node("--broken")
    ended = outcomes(
        lambda: program(command),
        lambda case: (
            not any(
                part in case for part in ("by_address", "/auth_type/", "/pin", "/writing/", "/items_steps", "/debit")
            )
            and any(part in case for part in ("forged", "internal", "no_card"))
        ),
    )
    failed = {case for case, found in ended.items() if found.verdict is Verdict.FAIL}
    assert {found.failed.requirement for found in ended.values() if found.failed is not None} == {
        "TERMINAL-INTERNAL-AUTH",
        "TERMINAL-HSM-INTERNAL",
        "TERMINAL-VALIDITY-ORDER",
    }
    counted = Counter("no_card" in case for case in failed)
    assert counted[False] >= 12
    assert counted[True] == 0


@pytest.mark.node
def test_three_faults_at_once_are_told_apart() -> None:
    command = _node("--broken", "--pin-again", "--gaps")
    looked_at = ("refusals/test_forged_card", "pin/test_no_second_try", "refusals/test_refused_reading")
    ended = outcomes(lambda: program(command), lambda case: any(part in case for part in looked_at))
    failed = [found.failed for found in ended.values() if found.failed is not None]
    assert {found.requirement for found in failed} == {
        "TERMINAL-INTERNAL-AUTH",
        "TERMINAL-PIN-ONCE",
        "TERMINAL-STATUS-CODE",
    }
