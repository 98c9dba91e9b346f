"""Freedoms of the bank application: what its issuer and the payment system decide."""

from dataclasses import replace

from onecard.prove.freedoms.model import Freedom
from onecard.spec.card import Application, CardSpec, FciObject
from onecard.spec.text import Text

APPLICATION, LAYOUTS, OPTIONS = "PBOC", ("PBOC/EF01", "PBOC/EF02", "PBOC/EF03", "PBOC/EF10"), "GET-PROCESSING-OPTIONS"
LATER = ("card-2.0", "card-3.0", "card-3.0-anhui")
LABEL, LIST = 0x50, 0x9F38


def _with_objects(application: Application, objects: tuple[FciObject, ...]) -> Application:
    return replace(application, fci=replace(application.fci, objects=objects))


def _objects(spec: CardSpec) -> CardSpec:
    """The label and the PDOL stay; the others are left out, coded otherwise or added."""
    whole = spec.applications[APPLICATION]
    kept = tuple(each for each in whole.fci.objects if each.tag in (LABEL, LIST))
    own = (
        FciObject("PBOC/FCI-OWN-LANGUAGE", 0x5F2D, b"ZHen"),
        FciObject("PBOC/FCI-OWN-CODE-TABLE", 0x9F11, b"\x01"),
        FciObject("PBOC/FCI-OWN-NAME", 0x9F12, b"DEBIT"),
        FciObject("PBOC/FCI-OWN-ISSUER", 0xBF0C, bytes.fromhex("9F4D020B0ADF4D020C0A")),
    )
    return replace(spec, applications={**spec.applications, APPLICATION: _with_objects(whole, (*kept, *own))})


def _record(sfi: int, kept: str) -> Freedom:
    def one(spec: CardSpec) -> CardSpec:
        files = {name: file for name, file in spec.files.items() if name == kept or name not in LAYOUTS}
        command = spec.commands[OPTIONS]
        locator = bytes((sfi << 3, 1, 1, 0)).hex().upper()
        told = replace(command, parameters={**command.parameters, "locator": locator})
        return replace(spec, files=files, commands={**spec.commands, OPTIONS: told})

    return Freedom(
        f"card/bank-record-sfi-{sfi}",
        Text(f"银行数据只在 SFI {sfi} 的一条记录中", f"all of the bank's data stand in one record of SFI {sfi}"),
        data=one,
        profiles=LATER,
    )


FREEDOMS = (
    Freedom(
        "card/bank-own-objects",
        Text("借记应用 FCI 含发卡方自选的数据对象", "the debit application's FCI holds objects of the issuer's choice"),
        data=_objects,
        profiles=LATER,
    ),
    _record(3, "PBOC/EF03"),
    _record(16, "PBOC/EF10"),
)
