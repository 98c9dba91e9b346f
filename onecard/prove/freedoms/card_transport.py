"""Freedoms of the transport application: what its issuer decides, and the reading of the balance that it takes."""

from dataclasses import replace

from onecard.prove.freedoms.model import Freedom
from onecard.spec.card import CardSpec
from onecard.spec.text import Text

APPLICATION, VERSION = "TRANSPORT", 0x9F08
BALANCES, PLAIN, READINGS = "transport-balances", "TRANSPORT-BALANCE/P1-00", "readings"
PURSES, PURSE, ALGORITHM = "transport-purses", "TRANSPORT-PURSE", "algorithm-identifier"
PROFILES = ("card-3.0-anhui",)


def _with(spec: CardSpec, table: str, name: str, key: str, value: object) -> CardSpec:
    nodes = spec.table(table)
    return replace(spec, tables={**spec.tables, table: {**nodes, name: {**nodes[name], key: value}}})


def _with_overdraft(spec: CardSpec) -> CardSpec:
    return _with(spec, BALANCES, PLAIN, READINGS, ["with-overdraft"])


def _own_identifiers(spec: CardSpec) -> CardSpec:
    application = spec.applications[APPLICATION]
    objects = tuple(replace(each, value=b"\x10") if each.tag == VERSION else each for each in application.fci.objects)
    whole = replace(application, fci=replace(application.fci, objects=objects))
    own = replace(spec, applications={**spec.applications, APPLICATION: whole})
    return _with(own, PURSES, PURSE, ALGORITHM, 0x01)


FREEDOMS = (
    Freedom(
        "card/transport-balance-with-overdraft",
        Text("交通电子钱包的余额含透支限额", "the balance of the transport purse counts the overdraft limit in"),
        data=_with_overdraft,
        profiles=PROFILES,
    ),
    Freedom(
        "card/transport-own-identifiers",
        Text(
            "交通应用的版本与算法标识由发卡方选定",
            "version and algorithm byte of the transport application are the issuer's",
        ),
        data=_own_identifiers,
        profiles=PROFILES,
    ),
)
