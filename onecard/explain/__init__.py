"""APDUs in words, for people who read reports: from the specification's data, in both languages."""

from onecard.explain.command import decode_command
from onecard.explain.context import UNKNOWN, Context
from onecard.explain.octets import spaced
from onecard.explain.response import decode_response
from onecard.explain.status import status_name, status_words
from onecard.explain.trace import Memo, Trace

__all__ = [
    "UNKNOWN",
    "Context",
    "Memo",
    "Trace",
    "decode_command",
    "decode_response",
    "spaced",
    "status_name",
    "status_words",
]
