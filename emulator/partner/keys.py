"""Test application and SM2 keys of partner and platform, from a seed. None of them is, or resembles, one in use."""

from dataclasses import dataclass

from emulator.crypto import sm3
from emulator.envelope.codec import Party
from emulator.envelope.sm2 import PrivateKey

ID_LENGTH = 32
"""Characters of application id and secret."""


@dataclass(frozen=True, slots=True)
class PartnerKeys:
    """What both sides of one partner interface hold."""

    app_id: str
    secret: str
    partner: PrivateKey
    platform: PrivateKey

    @property
    def partner_side(self) -> Party:
        """The partner, with the platform as its peer."""
        return Party(self.app_id, self.secret, self.partner, self.platform.public)

    @property
    def platform_side(self) -> Party:
        """The platform, with the partner as its peer."""
        return Party(self.app_id, self.secret, self.platform, self.partner.public)


def partner_keys(seed: str) -> PartnerKeys:
    """The test application of ``seed``."""
    return PartnerKeys(
        app_id=f"TESTAPPID{_text(seed, 'application')}"[:ID_LENGTH],
        secret=f"TESTSECRET{_text(seed, 'secret')}"[:ID_LENGTH],
        partner=_private(seed, "partner"),
        platform=_private(seed, "platform"),
    )


def _text(seed: str, what: str) -> str:
    return sm3(f"onecard test partner|{seed}|{what}".encode()).hex().upper()


def _private(seed: str, what: str) -> PrivateKey:
    # The first bit cleared keeps the number below n.
    digest = sm3(f"onecard test partner key|{seed}|{what}".encode())
    return PrivateKey(bytes((digest[0] & 0x7F,)) + digest[1:])
