"""Evidence: a run's record as chained canonical JSON lines, with secrets and personal data sealed."""

from onecard.evidence.bundle import BrokenBundle, Bundle, BundleReport, UnreadableBundle, read, verify_bundle
from onecard.evidence.canonical import JsonObject, NotCanonical, canonical_line, parse_line
from onecard.evidence.digests import file_digest, sm3_name
from onecard.evidence.exchange import mask_exchange, restore_exchange
from onecard.evidence.keyfile import new_key, read_key, write_key
from onecard.evidence.lines import FORMAT, Event, Footer
from onecard.evidence.messages import NotRecordable, mask_message, restore_message
from onecard.evidence.policy import regions_to_seal
from onecard.evidence.scanner import Problem
from onecard.evidence.sealing import (
    NullSealer,
    Sealer,
    SealError,
    Sealing,
    StillSealed,
    WrongKey,
    judged_digest,
)
from onecard.evidence.writer import EvidenceExists, EvidenceWriteError, ResumeRefused, Writer

__all__ = [
    "FORMAT",
    "BrokenBundle",
    "Bundle",
    "BundleReport",
    "Event",
    "EvidenceExists",
    "EvidenceWriteError",
    "Footer",
    "JsonObject",
    "NotCanonical",
    "NotRecordable",
    "NullSealer",
    "Problem",
    "ResumeRefused",
    "SealError",
    "Sealer",
    "Sealing",
    "StillSealed",
    "UnreadableBundle",
    "Writer",
    "WrongKey",
    "canonical_line",
    "file_digest",
    "judged_digest",
    "mask_exchange",
    "mask_message",
    "new_key",
    "parse_line",
    "read",
    "read_key",
    "regions_to_seal",
    "restore_exchange",
    "restore_message",
    "sm3_name",
    "verify_bundle",
    "write_key",
]
