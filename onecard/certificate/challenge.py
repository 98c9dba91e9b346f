"""A regulator's challenge: a signed nonce. A run made with it was made after it was issued; nothing more follows."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from onecard.certificate.payload import parse_stamp, stamp
from onecard.certificate.signed import SignedFiles, load_signer, read_signed, write_signed
from onecard.certificate.verify import CLOCK_SKEW
from onecard.errors import UserError
from onecard.evidence.canonical import JsonObject
from onecard.evidence.digests import sm3_name
from onecard.spec.text import Text

FORMAT: Final = 1
NONCE_LENGTH: Final = 32
_NONCE: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge whose signature holds; ``nonce`` has 32 bytes, ``trusted`` is None if no CA was given."""

    nonce: bytes
    issued: datetime
    issuer: str
    digest: str
    trusted: bool | None
    test: bool

    def body(self) -> JsonObject:
        """As the bundle's header and the certificate hold it."""
        return {
            "digest": self.digest,
            "issued": stamp(self.issued),
            "issuer": self.issuer,
            "nonce": self.nonce.hex(),
        }


class BadChallenge(UserError):
    """The challenge does not hold: nothing is sent under it (exit code 2)."""


def challenge_files(path: Path) -> SignedFiles:
    """The challenge ``path`` with its signature and chain: the same name ending in .sig and .pem."""
    return SignedFiles(path, path.with_suffix(".sig"), path.with_suffix(".pem"))


def new_challenge(path: Path, issuer: str, key: Path, chain: Path, now: datetime) -> Challenge:
    """Make a challenge with a fresh nonce and sign it. Raises UserError for unusable keys or files."""
    signer = load_signer(key, chain, now)
    body: JsonObject = {
        "format": FORMAT,
        "issued": stamp(now),
        "issuer": issuer,
        "nonce": secrets.token_hex(NONCE_LENGTH),
    }
    write_signed(body, signer, challenge_files(path))
    return verify_challenge(path, None, now)


def verify_challenge(path: Path, ca: Path | None, now: datetime) -> Challenge:
    """The challenge at ``path``, checked. Raises BadChallenge with every reason, UserError for unreadable files."""
    signed = read_signed(challenge_files(path), ca, now)
    challenge = None if signed.body is None else _parse(signed.body, sm3_name(signed.raw))
    problems = list(signed.problems)
    if isinstance(challenge, Text):
        problems.append(challenge)
    elif challenge is not None and challenge.issued > now + CLOCK_SKEW:
        problems.append(Text(zh="质询的签发时间在将来", en="it was issued in the future"))
    if problems or signed.signer is None or not isinstance(challenge, Challenge):
        raise BadChallenge(
            zh=f"质询文件 {path} 不成立：" + "；".join(problem.zh for problem in problems),
            en=f"the challenge {path} does not hold: " + "; ".join(problem.en for problem in problems),
        )
    return replace(challenge, trusted=signed.trusted, test=signed.signer.is_test)


def _parse(body: JsonObject, digest: str) -> Challenge | Text:
    issued = parse_stamp(body.get("issued"))
    nonce, issuer = body.get("nonce"), body.get("issuer")
    if (
        body.keys() != {"format", "issued", "issuer", "nonce"}
        or body["format"] != FORMAT
        or issued is None
        or not isinstance(issuer, str)
        or not isinstance(nonce, str)
        or _NONCE.fullmatch(nonce) is None
    ):
        return Text(
            zh="应恰有 format（1）、issued、issuer、nonce（64 位小写十六进制）",
            en="it should hold exactly format (1), issued, issuer and nonce (64 lower-case hex digits)",
        )
    return Challenge(bytes.fromhex(nonce), issued, issuer, digest, None, False)
