"""What a case of each kind of target gets."""

from collections.abc import Mapping
from types import MappingProxyType

from onecard.harness.card import CardUnderTest
from onecard.harness.psam import PsamUnderTest
from onecard.harness.service import (
    EcardUnderTest,
    HsmUnderTest,
    PartnerUnderTest,
    PlatformUnderTest,
    TerminalUnderTest,
)
from onecard.harness.subject import Subject

SUBJECTS: Mapping[str, type[Subject]] = MappingProxyType(
    {
        "card": CardUnderTest,
        "psam": PsamUnderTest,
        "hsm": HsmUnderTest,
        "terminal": TerminalUnderTest,
        "ecard": EcardUnderTest,
        "platform": PlatformUnderTest,
        "partner": PartnerUnderTest,
    }
)
KINDS = tuple(SUBJECTS)
"""Every kind of target, in the order in which a campaign runs them."""
