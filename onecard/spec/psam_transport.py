"""The PSAM's part in transport purses as data: its keys, the rule of the MAC, data and inputs of a purchase."""

from collections.abc import Mapping
from dataclasses import dataclass

from onecard.spec.interface import InterfaceSpec, Node

TRANSPORT = "transport"
"""Where the commands of the transport application are taken."""


@dataclass(frozen=True, slots=True)
class TransportMacKey:
    """A root key for MACs: ``key`` is its name on the user card, ``usage`` and ``version`` are P1 and P2 of its
    delivery.
    """

    id: str
    key: str
    usage: int
    version: int


@dataclass(frozen=True, slots=True)
class TransportPurchaseKey:
    """The purchase key: ``key`` is its name on the user card, ``levels`` the diversification levels below it,
    ``versions`` those that the PSAM holds.
    """

    id: str
    key: str
    levels: int
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PsamTransport:
    """The transport application. ``reference``: file identifier (2 bytes) or DF name by which the reference has it.
    A key is None where the PSAM has none.

    ``final_cipher``: how the last block of a MAC is enciphered, 3des by the whole key or des as the others.
    ``fields``: name and length of each datum of the initialisation before the factors. ``inputs``: by session, mac1,
    mac2.
    """

    id: str
    reference: bytes
    mac_key: TransportMacKey | None
    purchase_key: TransportPurchaseKey | None
    final_cipher: str
    fields: tuple[tuple[str, int], ...]
    inputs: Mapping[str, tuple[str, ...]]

    @property
    def head(self) -> int:
        """Bytes of the initialisation's data before the factors."""
        return sum(length for _, length in self.fields)


def transport_in(interface: InterfaceSpec) -> PsamTransport | None:
    """The typed view; None for a PSAM without the application.

    Raises SpecError, KeyError, TypeError or ValueError where the data are incomplete.
    """
    found = interface.table("transport-applications")
    if not found:
        return None
    (application,) = found.values()
    computations = interface.table("transport-computations").values()
    return PsamTransport(
        id=application["id"],
        reference=bytes.fromhex(application["reference"]),
        mac_key=next((_mac_key(node) for node in interface.table("transport-keys").values()), None),
        purchase_key=next((_purchase_key(node) for node in interface.table("transport-purchase-keys").values()), None),
        final_cipher=interface.datum("transport-macs", "PSAM/TRANSPORT/MAC")["final-cipher"],
        fields=tuple(
            (each["field"], each["length"])
            for each in interface.datum("transport-data", "PSAM/TRANSPORT/DATA")["fields"]
        ),
        inputs={node["gives"]: tuple(node["inputs"]) for node in computations},
    )


def _mac_key(node: Node) -> TransportMacKey:
    return TransportMacKey(*(node[key] for key in ("id", "key", "usage", "version")))


def _purchase_key(node: Node) -> TransportPurchaseKey:
    return TransportPurchaseKey(node["id"], node["key"], node["levels"], tuple(node["held-versions"]))
