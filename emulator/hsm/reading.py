"""From a request's string to its fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import digits, hexdigits
from types import MappingProxyType

from emulator.hsm.behaviour import HsmBehaviour
from onecard.spec.hsm import HsmField, HsmService, HsmSpec

_ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType(
    {"digits": frozenset(digits), "hexadecimal": frozenset(hexdigits)}
)


class Refused(ValueError):
    """A request that the encryptor refuses; ``name`` is that of the error in the data."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Request:
    """A request that has the right form: its service and its fields by role; optional ones only where they stand."""

    service: HsmService
    fields: Mapping[str, str]


def read(spec: HsmSpec, behaviour: HsmBehaviour, services: Mapping[str, HsmService], text: str) -> Request:
    """The request that a string is; ``services`` by number. Raises Refused."""
    if not behaviour.accepts_length(len(text.encode(errors="replace")), spec.strings.limit):
        raise Refused("TOO-LONG")
    number, *values = text.split(spec.strings.separator)
    ended = bool(values) and values[-1] == ""
    meant = behaviour.service(number, tuple(services))
    if meant is None:
        raise Refused("UNKNOWN-SERVICE")
    service = services[meant]
    given = behaviour.fields(values[:-1] if ended else values, len(service.fields), ended)
    if given is None:
        raise Refused("FIELD-COUNT")
    return Request(service, _fields(spec, behaviour, tuple(zip(service.fields, given, strict=True))))


def _fields(spec: HsmSpec, behaviour: HsmBehaviour, given: Sequence[tuple[HsmField, str]]) -> dict[str, str]:
    optional = [value for field, value in given if field.optional]
    present = sum(value != "" for value in optional)
    if not behaviour.accepts_optional(present, len(optional)):
        raise Refused("EXTERNAL-PAIR")
    found: dict[str, str] = {}
    for field, value in given:
        if field.optional and not present:
            continue
        if not behaviour.accepts_field(field.role, value, _is_formed(field, value, spec.strings.lower_case)):
            raise Refused("FIELD-FORM")
        found[field.role] = behaviour.mended(field.role, value, field.length)
    return found


def _is_formed(field: HsmField, value: str, lower_case: bool) -> bool:
    allowed = _ALLOWED[field.form]
    return (
        len(value) in field.lengths and allowed.issuperset(value) and (lower_case or not any(map(str.islower, value)))
    )
