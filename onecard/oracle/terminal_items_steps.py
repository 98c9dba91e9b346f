"""Items read and written by encryptor: what it answers to step 1, and the string of step 1 judged."""

from collections.abc import Iterator, Mapping

from onecard.oracle.errors import OracleError
from onecard.oracle.terminal import Keys, UnusableRequest
from onecard.oracle.terminal_strings import Comparison, fields_of
from onecard.oracle.terminal_trace import Observed
from onecard.spec.terminal import TerminalSpec


def request_values(spec: TerminalSpec, out: str) -> Mapping[str, str]:
    """The fields of the result of step 1 by their source."""
    form = spec.item_steps.request
    return dict(zip((field.source for field in form.fields), fields_of(form, out), strict=False))


def compare_request(spec: TerminalSpec, seen: Observed, out: str) -> Iterator[Comparison]:
    """The result of step 1 against the card's challenges, the last of which is the process factor.

    Which key address stands there is compared by ``compare_address``.
    """
    form, found = spec.item_steps.request, spec.algorithm(seen.identifier)
    last = [challenge.hex().upper() for challenge in seen.challenges[-2:]]
    expected = {
        "algorithm": "" if found is None else f"{found.identifier:02X}",
        "factor": last[-1] if last else "",
        "original": last[0] if len(last) == 2 else "",
    }
    given, number = fields_of(form, out), len(form.fields)
    told = f"{len(given)}" if out.endswith(form.separator) else f"{len(given)}, not ended"
    yield Comparison("number of fields", f"{number}", told)
    for field, received in zip(form.fields, given, strict=False):
        right = expected.get(field.source, received)
        # Hexadecimal letters may be written either way.
        yield Comparison(field.name.en, right, right if right.upper() == received.upper() else received)


def compare_address(spec: TerminalSpec, key: str, out: str) -> Comparison:
    """The key address of step 1 against those of a key."""
    may_be, received = spec.item_steps.addresses[key], request_values(spec, out).get("key-address", "").upper()
    return Comparison("key address", " or ".join(may_be), " or ".join(may_be) if received in may_be else received)


def item_proof(spec: TerminalSpec, keys: Keys, key: str, out: str) -> str:
    """pKey of step 2: what an encryptor answers to the result of step 1. Raises UnusableRequest."""
    given = request_values(spec, out)
    try:
        factor, original = bytes.fromhex(given["factor"]), bytes.fromhex(given["original"])
        proof = keys.proof(key, factor, original)
    except (ValueError, KeyError, OracleError) as error:
        raise UnusableRequest(
            zh=f"加密机无法使用第一步的结果（{type(error).__name__}）",
            en=f"an encryptor cannot use the result of step 1 ({type(error).__name__})",
        ) from None
    return (proof + original).hex().upper() + spec.item_steps.key_input.separator
