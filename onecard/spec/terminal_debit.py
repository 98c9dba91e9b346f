"""Purchases by a terminal, as data."""

from dataclasses import dataclass

from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal_strings import StringFormat, string_format


@dataclass(frozen=True, slots=True)
class DebitRules:
    """How a purchase is made.

    ``key``: name of the purchase key, ``index`` on the card, ``levels``: factors that the PSAM is given; ``sam_data``:
    the fields of INIT SAM FOR PURCHASE before them. ``account``: what is taken from the account, in fen; ``decimals``
    of an amount in yuan; ``address``: of the key at the encryptor, four hexadecimal digits; ``amount_forms``: readings
    of the amounts in the result of step 1, fields in order, the reference's first. Strings: ``pay_info`` (pPayInfo),
    ``request`` (result of step 1), ``key_input`` (pKey of step 2), ``result``, ``record`` (one record).
    """

    key: str
    index: int
    levels: int
    sam_data: tuple[str, ...]
    account: int
    decimals: int
    address: str
    amount_forms: tuple[tuple[str, ...], ...]
    pay_info: StringFormat
    request: StringFormat
    key_input: StringFormat
    result: StringFormat
    record: StringFormat


def debit_rules(interface: InterfaceSpec) -> DebitRules:
    """The rules; raises KeyError, TypeError, ValueError where the data lack something."""
    purchase = interface.datum("purchases", "TERMINAL/PURCHASE")
    rule = interface.datum("pay-rules", "TERMINAL/PAY-RULE")
    return DebitRules(
        key=str(purchase["key"]),
        index=int(purchase["index"]),
        levels=int(purchase["levels"]),
        sam_data=tuple(purchase["sam-data"]),
        account=int(rule["account"]),
        decimals=int(rule["decimals"]),
        address=str(rule["address"]),
        amount_forms=tuple(tuple(node["told"]) for node in interface.table("amount-forms").values()),
        pay_info=string_format(interface, "TERMINAL/PAY-INFO"),
        request=string_format(interface, "TERMINAL/DEBIT-REQUEST"),
        key_input=string_format(interface, "TERMINAL/DEBIT-KEY"),
        result=string_format(interface, "TERMINAL/DEBIT-RESULT"),
        record=string_format(interface, "TERMINAL/DEBIT-RECORD"),
    )
