"""A medical purchase with two card slots: the card in one, the PSAM in the other, both over real PC/SC; and the same
purchase by the encryptor, which must come to the same bytes.
"""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from onecard.harness.context import historical_in
from onecard.oracle import session as computation
from onecard.oracle.psam import PsamTerminal
from onecard.oracle.psam_purchase import PurchaseSide
from onecard.spec.card_purse import PURCHASE, purse_of
from onecard.spec.load import load_spec
from onecard.spec.psam import psam_spec
from tests.pcsc.conftest import Emulate
from tests.support.command import started
from tests.support.emulated import emulated as service
from tests.support.pcscd import VirtualReader, wait_for_card

pytestmark = pytest.mark.pcsc

CARD, PSAM = 0, 1
SEED = "two slots"
AMOUNTS = {"account": 12_345, "self-paid": 678, "pooled": 9}
TIME = "20261122101500"
PIN = "0020000003123456"
HISTORICAL = 13


class Slot:
    """A connection over PC/SC, as any terminal program makes it."""

    def __init__(self, number: int) -> None:
        from smartcard.CardConnection import CardConnection
        from smartcard.System import readers

        self._connection = readers()[number].createConnection()
        self._connection.connect(CardConnection.T0_protocol)
        self.atr = bytes(self._connection.getATR())

    def done(self, command: bytes) -> bytes:
        """The data of an answer that must be a success, fetched where it waits."""
        data, first, second = self._connection.transmit(list(command))
        if first == 0x61:
            data, first, second = self._connection.transmit([0x00, 0xC0, 0x00, 0x00, second])
        assert (first, second) == (0x90, 0x00), f"{command[:5].hex()} -> {first:02X}{second:02X}"
        return bytes(data)

    def close(self) -> None:
        self._connection.disconnect()


@contextmanager
def psam_in_slot(reader: VirtualReader, folder: Path) -> Iterator[None]:
    process = started("emulate", "psam", "--pcsc", "--seed", SEED, cwd=folder, log=folder / "psam.log")
    try:
        wait_for_card(reader.ports[PSAM], present=True)
        yield
    finally:
        process.terminate()
        process.wait(20)
        wait_for_card(reader.ports[PSAM], present=False)


def asked(declared: Path, text: str) -> list[str]:
    """The fields of the encryptor's answer."""
    ixit: dict[str, Any] = yaml.safe_load((declared / "ixit.yaml").read_text(encoding="utf-8"))
    credentials = ixit["parameters"]["credentials"]
    request = urllib.request.Request(
        ixit["target"] + "/v1/services",
        json.dumps({"request": text}).encode(),
        {"x-api-id": credentials["id"], "x-api-key": credentials["key"], "content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: str = json.loads(answer.read())["response"]
    return found.split("|")


@pytest.mark.parametrize(("profile", "algorithm"), [("card-2.0", "3des"), ("card-3.0", "sm4")])
def test_a_purchase_by_psam_and_by_encryptor(
    emulated: Emulate, reader: VirtualReader, tmp_path: Path, profile: str, algorithm: str
) -> None:
    with ExitStack() as running:
        running.enter_context(emulated("--profile", profile, "--seed", SEED))
        running.enter_context(psam_in_slot(reader, tmp_path))
        (tmp_path / "hsm").mkdir()
        running.enter_context(service(tmp_path / "hsm", "hsm", "--seed", SEED, "--port", "0"))
        card, psam = Slot(CARD), Slot(PSAM)
        running.callback(psam.close)
        running.callback(card.close)
        bought(card, psam, tmp_path / "hsm" / "declared", profile, algorithm)


def bought(card: Slot, psam: Slot, declared: Path, profile: str, algorithm: str) -> None:
    spec = load_spec()
    data = spec.card_of_profile(profile)
    ics = spec.profile("psam-sm4").ics
    side = PsamTerminal(psam_spec(spec.interface("psam", ics, "psam-sm4")), algorithm)
    till = PurchaseSide(side)
    for command in (side.select_environment(), side.select_application()):
        psam.done(command)
    psam.done(side.select_fid(0x3F00))
    psam.done(side.select_fid(side.spec.file("EF0016").fid))
    terminal = psam.done(side.read_binary(0, 6))
    for command in (side.select_environment(), side.select_application()):
        psam.done(command)

    amounts = {name: fen.to_bytes(4, "big") for name, fen in AMOUNTS.items()}
    medical = purse_of(data)
    names = [data.applications[each].df_name for each in ("SSSE", "DF04")]
    for name in names:
        card.done(bytes((0x00, 0xA4, 0x04, 0x00, len(name))) + name)
    card.done(bytes.fromhex(PIN))
    begun = card.done(bytes.fromhex("B02801011301") + b"".join(amounts.values()) + terminal)
    fields = amounts | {
        "purchase-serial": begun[14:16],
        "version": begun[16:17],
        "algorithm": begun[17:18],
        "random": begun[18:22],
        "type": bytes((medical.types[PURCHASE],)),
        "time": bytes.fromhex(TIME),
        "terminal": terminal,
    }
    historical = historical_in(card.atr, HISTORICAL)
    region = terminal.hex()[:6]
    rules = computation.rules_of(data)
    levels = till.purchase.key.levels if till.purchase.key is not None else 0
    factors = computation.factors_of(rules, region, historical)[-levels:]
    answer = psam.done(till.init(till.data(fields, factors)))
    sequence, mac1 = answer[:4], answer[4:]
    proof = card.done(bytes.fromhex("B02C01000F") + sequence + fields["time"] + mac1)
    tac, mac2 = proof[:4], proof[4:]
    assert psam.done(till.credit(mac2)) == b""

    told = "|".join(
        (
            "04",
            region,
            historical.hex().upper(),
            sequence.hex().upper(),
            f"{fields['algorithm'].hex()}",
            "017F",
            fields["random"].hex().upper(),
            fields["purchase-serial"].hex().upper(),
            b"".join(amounts.values()).hex().upper(),
            fields["type"].hex(),
            terminal.hex(),
            TIME,
            "",
        )
    )
    by_encryptor = asked(declared, told)
    assert by_encryptor == [*(each.hex().upper() for each in (sequence, fields["time"], mac1, mac2, tac)), ""]
