"""The data drive the card: altering a value alters what the card does, and breaks nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from emulator.card.factory import reference_card
from onecard.spec.card import Access, AccessRule, CardSpec, Status
from tests.emulator.bench import SELECT_DF01, SELECT_EF05, SELECT_EF06, SELECT_SSSE, Bench

Change = Callable[[CardSpec], CardSpec]


def _table(name: str, entry: str, **changes: Any) -> Change:
    def change(spec: CardSpec) -> CardSpec:
        table = getattr(spec, name)
        altered: dict[str, Any] = {name: {**table, entry: replace(table[entry], **changes)}}
        return replace(spec, **altered)

    return change


def _status(command: str, condition: str, sw: int) -> Change:
    def change(spec: CardSpec) -> CardSpec:
        statuses = {**spec.commands[command].statuses, condition: Status(f"{sw:04X}", sw, 0xFFFF)}
        return _table("commands", command, statuses=statuses)(spec)

    return change


def _whole(name: str, **changes: Any) -> Change:
    return lambda spec: replace(spec, **{name: replace(getattr(spec, name), **changes)})


def _modes(command: str, number_now: int, **changes: Any) -> Change:
    def change(spec: CardSpec) -> CardSpec:
        modes = tuple(
            replace(mode, **changes) if mode.number == number_now else mode for mode in spec.commands[command].modes
        )
        return _table("commands", command, modes=modes)(spec)

    return change


def _by_number(spec: CardSpec) -> CardSpec:
    opened = _table("files", "SSSE/EF06", read=AccessRule(Access.FREE))(spec)
    return _modes("READ-RECORD", 0, by="number")(opened)


EXTERNAL = "0082000410" + "00" * 16
FCI_9 = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860109"
OTHER_OK = Status("9001", 0x9001, 0xFFFF)
CHANGES: list[tuple[str, Change, tuple[str, ...], str]] = [
    ("class", _table("commands", "READ-RECORD", cla=0x80), (SELECT_EF05, "00B2010412"), "6E00"),
    ("instruction", _table("commands", "READ-RECORD", ins=0xB3), (SELECT_EF05, "00B2010412"), "6D00"),
    ("case", _table("commands", "VERIFY", case=2), ("0020000003123456",), "6700"),
    ("lengths", _table("commands", "GET-CHALLENGE", lengths=(4,)), ("0084000008",), "6700"),
    ("status", _status("READ-RECORD", "record-not-found", 0x6A8F), (SELECT_EF05, "00B2090412"), "6A8F"),
    ("counter status", _status("VERIFY", "failed", 0x6300), ("0020000003999999",), "6300"),
    ("ok", _whole("general", ok=OTHER_OK), (SELECT_EF05,), "9001"),
    ("more data", _whole("t0", more_data=0x9F), (SELECT_SSSE,), "9F1E"),
    ("wrong Le", _whole("t0", wrong_le=0x67), (SELECT_EF05, "00B2010400"), "6712"),
    ("mode", _modes("READ-RECORD", 4, number=7), (SELECT_EF05, "00B2010412"), "6A86"),
    ("takes", _modes("READ-RECORD", 5, takes="up-to"), (SELECT_EF05, "00B2060511"), "0709"),
    ("by", _by_number, (SELECT_EF06, "00B2080014"), "6A83"),
    ("sfi range", _table("commands", "READ-RECORD", sfi_range=(1, 4)), ("00B2012C12",), "6A82"),
    ("sfi", _table("files", "SSSE/EF05", sfi=7), ("00B2012C12",), "6A82"),
    ("fid", _table("files", "SSSE/EF05", fid=0xEF0F), (SELECT_EF05,), "6A82"),
    ("file's application", _table("files", "SSSE/EF05", application="DF01"), (SELECT_EF05,), "6A82"),
    ("structure", _table("files", "SSSE/EF05", structure="transparent"), (SELECT_EF05, "00B2010412"), "6981"),
    ("read", _table("files", "SSSE/EF06", read=AccessRule(Access.FREE)), (SELECT_EF06, "00B20A0003"), "0A01"),
    ("never", _table("files", "SSSE/EF05", read=AccessRule(Access.NEVER)), (SELECT_EF05, "00B2020003"), "6982"),
    ("aid", _table("applications", "SSSE", aid=b"sx2.sh"), (SELECT_SSSE,), "6A82"),
    ("application's fid", _table("applications", "DF01", fid=0xDF0A), (SELECT_DF01,), "6A82"),
    ("level", _table("applications", "SSSE", level="application"), (SELECT_SSSE,), "6113"),
    ("mf", _table("applications", "SSSE", is_mf=False), ("00A40000",), "9000"),
    ("key id", _table("keys", "UKSSSE", key_id=0x05), (EXTERNAL,), "6A88"),
    ("key's application", _table("keys", "UKSSSE", application="DF01"), (EXTERNAL,), "6A88"),
    ("key's function", _table("keys", "UKSSSE", function="internal-authentication"), (EXTERNAL,), "6A88"),
    ("IRK's id", _table("keys", "IRK", key_id=0x01), ("0088000010" + "00" * 16,), "6A86"),
    ("default version", lambda spec: replace(spec, default_key_version=4), ("0088000010" + "00" * 16,), "6A88"),
    ("versions", lambda spec: replace(spec, key_versions=(1, 2)), ("0088000011" + "00" * 16 + "03",), "6A88"),
    ("PIN's fewest digits", _whole("pin", min_digits=7), ("0020000003123456",), "63C2"),
    ("PIN's most bytes", _whole("pin", max_bytes=2), ("805E010007123456FF654321",), "6A80"),
    ("PIN's packing", _whole("pin", packing="ascii"), ("0020000003123456",), "63C2"),
    ("algorithm", _whole("algorithm", identifier=9), (SELECT_SSSE, "00C000001E"), FCI_9),
]  # fmt: skip


@pytest.mark.parametrize(("change", "commands", "answer"), [pytest.param(*row[1:], id=row[0]) for row in CHANGES])
def test_an_altered_value_shows(
    change: Change, commands: tuple[str, ...], answer: str, card_specs: dict[str, CardSpec]
) -> None:
    def outcome(spec: CardSpec) -> str:
        card = reference_card("card-3.0", spec=spec)
        card.power_on()
        return Bench(card).send(*commands)

    right, altered = outcome(card_specs["card-3.0"]), outcome(change(card_specs["card-3.0"]))
    assert altered.startswith(answer)
    assert right != altered


@pytest.mark.parametrize(
    "change",
    [
        _whole("diversification", levels=()),
        _whole("session_key", random_pad=0xFF),
        _whole("authentication_data", pad=0xFF),
        _whole("authentication_data", fold="left-half"),
        _whole("authentication_data", length=4),
        _table("keys", "UKSSSE", levels=3),
    ],
)
def test_an_altered_rule_refuses_the_right_terminal(change: Change, card_specs: dict[str, CardSpec]) -> None:
    right = reference_card("card-3.0", spec=card_specs["card-3.0"])
    altered = reference_card("card-3.0", spec=change(card_specs["card-3.0"]))
    altered.power_on()
    terminal = Bench(right)
    challenge = Bench(altered).challenge(4)
    assert Bench(altered).send(terminal.external("UKSSSE", challenge)) == "63C2"


def test_an_uncounted_key_is_never_blocked(card_specs: dict[str, CardSpec]) -> None:
    card = reference_card("card-3.0", spec=_table("keys", "UKSSSE", counted=False)(card_specs["card-3.0"]))
    card.power_on()
    table = Bench(card)
    assert [table.wrong("UKSSSE") for _ in range(5)] == ["63C3"] * 5
