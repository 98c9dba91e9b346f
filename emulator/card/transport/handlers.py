"""The commands of the transport application by their ids in the data."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from emulator.card.chip import Chip
from emulator.card.transport.balance import GetBalance
from emulator.card.transport.maintenance import Block, SecureUpdate
from emulator.card.transport.purse import Cache, Complete, Initialize, Proof
from onecard.spec.card import Command


class _Handler(Protocol):
    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes: ...


TRANSPORT_HANDLERS: Mapping[str, Callable[[Chip, Command], _Handler]] = MappingProxyType(
    {
        "TRANSPORT-GET-BALANCE": GetBalance,
        "TRANSPORT-INITIALIZE": Initialize,
        "TRANSPORT-DEBIT": Complete,
        "TRANSPORT-CREDIT": Complete,
        "TRANSPORT-CACHE": Cache,
        "TRANSPORT-PROOF": Proof,
        "TRANSPORT-BLOCK": Block,
        "TRANSPORT-SECURE-UPDATE": SecureUpdate,
    }
)
