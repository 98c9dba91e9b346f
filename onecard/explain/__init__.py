"""APDUs and messages in words, for people who read reports: from the specification's data, in both languages."""

from onecard.explain.aside import DEFAULT_CARD, Aside, Asides, Explainer
from onecard.explain.command import decode_command
from onecard.explain.context import UNKNOWN, Context
from onecard.explain.interface import InterfaceTrace
from onecard.explain.messages import details, request_text, response_text, shortened
from onecard.explain.octets import spaced
from onecard.explain.response import decode_response
from onecard.explain.status import status_name, status_words
from onecard.explain.trace import Memo, Trace

__all__ = [
    "DEFAULT_CARD",
    "UNKNOWN",
    "Aside",
    "Asides",
    "Context",
    "Explainer",
    "InterfaceTrace",
    "Memo",
    "Trace",
    "decode_command",
    "decode_response",
    "details",
    "request_text",
    "response_text",
    "shortened",
    "spaced",
    "status_name",
    "status_words",
]
