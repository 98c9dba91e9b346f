"""The face of the harness for suites."""

from onecard.harness.apdu import Apdu
from onecard.harness.apdu_subject import Response
from onecard.harness.card import CardUnderTest
from onecard.harness.case import destructive, for_each, verifies
from onecard.harness.expect import check, expect
from onecard.harness.messages import CallResult, Incoming, Reply
from onecard.harness.psam import PsamUnderTest
from onecard.harness.service import (
    EcardUnderTest,
    HsmUnderTest,
    PartnerUnderTest,
    PlatformUnderTest,
    TerminalUnderTest,
)
from onecard.harness.verdict import Inconclusive, PreambleFailed
from onecard.spec.text import Text

__all__ = [
    "Apdu",
    "CallResult",
    "CardUnderTest",
    "EcardUnderTest",
    "HsmUnderTest",
    "Incoming",
    "Inconclusive",
    "PartnerUnderTest",
    "PlatformUnderTest",
    "PreambleFailed",
    "PsamUnderTest",
    "Reply",
    "Response",
    "TerminalUnderTest",
    "Text",
    "check",
    "destructive",
    "expect",
    "for_each",
    "verifies",
]
