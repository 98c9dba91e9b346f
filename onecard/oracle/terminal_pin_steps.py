"""Reload and unblocking of a PIN by encryptor: what it answers to the steps, and the strings of the steps judged."""

from collections.abc import Iterator, Mapping
from typing import Final

from onecard.oracle import session
from onecard.oracle.errors import OracleError
from onecard.oracle.terminal import Keys, UnusableRequest
from onecard.oracle.terminal_pin import MESSAGE, MESSAGE_KEY, UNBLOCK_KEY
from onecard.oracle.terminal_strings import Comparison, fields_of
from onecard.oracle.terminal_trace import Observed
from onecard.spec.card import CardSpec
from onecard.spec.terminal import TerminalSpec
from onecard.spec.terminal_strings import StringFormat

MAC: Final = 4
SHOWN: Final = {"factor": "the card's last challenge", "original": "the card's challenge before"}


def values_of(form: StringFormat, out: str) -> Mapping[str, str]:
    """The fields of a string by their source."""
    return dict(zip((field.source for field in form.fields), fields_of(form, out), strict=False))


def message_header(card: CardSpec, block: int, *, reload: bool) -> bytes:
    """CLA INS P1 P2 Lc of the command for a card with blocks of so many bytes."""
    command = card.command(MESSAGE)
    p2 = command.number("reload" if reload else "unblock")
    return bytes((command.cla, command.ins, 0, p2, MAC + (block if reload else 0)))


def compare_step_1(spec: TerminalSpec, seen: Observed, out: str) -> Iterator[Comparison]:
    """The result of step 1 against the card's challenges, the last of which is the process factor."""
    last = [challenge.hex().upper() for challenge in seen.challenges[-2:]]
    expected = {
        "algorithm": _algorithm(spec, seen),
        "key-address": spec.pin_steps.addresses[UNBLOCK_KEY],
        "factor": last[-1] if last else "",
        "original": last[0] if len(last) == 2 else "",
    }
    yield from _compared(spec.pin_steps.request, expected, out)


def compare_step_2(
    spec: TerminalSpec, card: CardSpec, keys: Keys, seen: Observed, out: str, pin: str | None
) -> Iterator[Comparison]:
    """The result of step 2 against the card's last challenge and the new ``pin`` (None where it is unblocked)."""
    expected = {
        "algorithm": _algorithm(spec, seen),
        "key-address": spec.pin_steps.addresses[MESSAGE_KEY],
        "factor": seen.challenges[-1].hex().upper() if seen.challenges else "",
        "header": message_header(card, keys.rules.block, reload=pin is not None).hex().upper(),
        "pin": pin or "",
    }
    yield from _compared(spec.pin_steps.message, expected, out)


def _algorithm(spec: TerminalSpec, seen: Observed) -> str:
    found = spec.algorithm(seen.identifier)
    return "" if found is None else f"{found.identifier:02X}"


def _compared(form: StringFormat, expected: Mapping[str, str], out: str) -> Iterator[Comparison]:
    given = fields_of(form, out)
    whole = out.endswith(form.separator)
    # Whether an empty last field stands there, the sources do not say.
    needed = len(form.fields) - (not expected[form.fields[-1].source])
    told = f"{len(given)}{'' if whole else ', not ended'}"
    right = needed <= len(given) <= len(form.fields) and whole
    wanted = f"{needed} to {len(form.fields)}"
    yield Comparison("number of fields", wanted, wanted if right else told)
    for field, received in zip(form.fields, given, strict=False):
        right_one = expected[field.source]
        # Hexadecimal letters may be written either way.
        same = right_one.upper() == received.upper()
        # A PIN is never told, not even a synthetic one.
        secret = field.source == "pin"
        shown = ("that PIN", "another") if secret else (right_one, received)
        yield Comparison(field.name.en, shown[0], shown[0] if same else shown[1])


def unblock_proof(spec: TerminalSpec, keys: Keys, out: str) -> str:
    """pKey of step 2: what an encryptor answers to the result of step 1. Raises UnusableRequest."""
    given = values_of(spec.pin_steps.request, out)
    try:
        factor, original = bytes.fromhex(given["factor"]), bytes.fromhex(given["original"])
        proof = keys.proof(UNBLOCK_KEY, factor, original)
    except (ValueError, KeyError, OracleError) as error:
        raise _unusable(error) from None
    return (proof + original).hex().upper() + spec.pin_steps.key_input.separator


def secured_message(spec: TerminalSpec, keys: Keys, out: str) -> tuple[bytes, bytes]:
    """Header (5 bytes) and data of the command that an encryptor makes of the result of step 2. UnusableRequest."""
    given = values_of(spec.pin_steps.message, out)
    try:
        header, challenge = bytes.fromhex(given["header"]), bytes.fromhex(given["factor"])
        made = session.session_key(keys.rules, keys.keys[MESSAGE_KEY], challenge)
        pin = given.get("pin", "")
        plain = session.encipher(keys.rules, made, session.pin_block(pin)) if pin else b""
        whole = session.secured(keys.rules, made, header[:4], plain)
    except (ValueError, KeyError, OracleError) as error:
        raise _unusable(error) from None
    return whole[:5], whole[5:]


def _unusable(error: Exception) -> UnusableRequest:
    return UnusableRequest(
        zh=f"加密机无法使用这一步的结果（{type(error).__name__}）",
        en=f"an encryptor cannot use the result of this step ({type(error).__name__})",
    )
