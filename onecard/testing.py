"""The face of the harness for suites."""

from onecard.harness import files
from onecard.harness.apdu import Apdu
from onecard.harness.apdu_subject import Response
from onecard.harness.card import CardUnderTest
from onecard.harness.case import Ends, destructive, for_each, verifies, verifies_by
from onecard.harness.certificate import Certificate
from onecard.harness.debit_desk import DebitDesk
from onecard.harness.expect import check, expect
from onecard.harness.item_desk import ItemDesk
from onecard.harness.maintenance import IssuerDesk
from onecard.harness.messages import CallResult, Incoming, Octets, Reply
from onecard.harness.pin_desk import PinDesk
from onecard.harness.psam import PsamUnderTest
from onecard.harness.psam_desk import PsamDesk
from onecard.harness.psam_keys import PsamKeys
from onecard.harness.psam_purchase import PsamTill
from onecard.harness.psam_transport import PsamGate
from onecard.harness.purse import Begun, PurseHost
from onecard.harness.service import (
    EcardUnderTest,
    HsmUnderTest,
    PartnerUnderTest,
    PlatformUnderTest,
    TerminalUnderTest,
)
from onecard.harness.terminal_seen import card_information, observed
from onecard.harness.transport import TransportBegun, TransportDesk
from onecard.harness.verdict import Inconclusive, PreambleFailed
from onecard.spec.text import Text

__all__ = [
    "Apdu",
    "Begun",
    "CallResult",
    "CardUnderTest",
    "Certificate",
    "DebitDesk",
    "EcardUnderTest",
    "Ends",
    "HsmUnderTest",
    "Incoming",
    "Inconclusive",
    "IssuerDesk",
    "ItemDesk",
    "Octets",
    "PartnerUnderTest",
    "PinDesk",
    "PlatformUnderTest",
    "PreambleFailed",
    "PsamDesk",
    "PsamGate",
    "PsamKeys",
    "PsamTill",
    "PsamUnderTest",
    "PurseHost",
    "Reply",
    "Response",
    "TerminalUnderTest",
    "Text",
    "TransportBegun",
    "TransportDesk",
    "card_information",
    "check",
    "destructive",
    "expect",
    "files",
    "for_each",
    "observed",
    "verifies",
    "verifies_by",
]
