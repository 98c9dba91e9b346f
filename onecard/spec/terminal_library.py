"""The terminal as a shared library: the C functions of the interface and what a caller must provide, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.text import Text

NUMBER, TEXT, RESULT = "number", "text", "result"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a C function; ``type``: ``number`` (int), ``text`` (char*, in) or ``result`` (char*, out)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A C function that returns ``long``: ``call`` is its name, ``parameters`` stand in order."""

    id: str
    name: Text
    call: str
    parameters: tuple[Parameter, ...]

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """The parameters without the result."""
        return tuple(one for one in self.parameters if one.type != RESULT)


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """A return code and what it means."""

    code: int
    name: Text


@dataclass(frozen=True, slots=True)
class LibrarySpec:
    """The library of a terminal.

    ``file``: its name without prefix and suffix; ``convention``: calling convention on Windows; ``output_length``:
    bytes of pOutInfo with the ending zero; ``coding`` of all strings. The codes: the terminal is not reached, the
    connection to it broke, an argument is none, the result does not fit.
    """

    file: str
    convention: str
    output_length: int
    coding: str
    unreachable: ReturnCode
    broken: ReturnCode
    refused: ReturnCode
    too_long: ReturnCode
    signatures: Mapping[str, Signature]


def library_spec(interface: InterfaceSpec) -> LibrarySpec:
    """The typed view; signatures by the name of the function. Raises SpecError for data that are not whole."""
    try:
        return _made(interface)
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError(
            zh=f"终端动态库的数据不完整：{error!r}", en=f"the data of the terminal's library are not whole: {error!r}"
        ) from None


def _made(interface: InterfaceSpec) -> LibrarySpec:
    node = interface.datum("libraries", "TERMINAL/LIBRARY")
    codes = interface.table("return-codes")

    def code(name: str) -> ReturnCode:
        found = codes[node[name]]
        return ReturnCode(int(found["code"]), Text(zh=found["name"]["zh"], en=found["name"]["en"]))

    known = {
        str(one["parameter"]): Parameter(str(one["parameter"]), str(one["type"]))
        for one in interface.table("parameters").values()
    }
    signatures = [
        Signature(
            identifier,
            Text(zh=one["name"]["zh"], en=one["name"]["en"]),
            str(one["call"]),
            tuple(known[name] for name in one["parameters"]),
        )
        for identifier, one in interface.table("signatures").items()
    ]
    for signature in signatures:
        if [one.type for one in signature.parameters].count(RESULT) != 1 or signature.parameters[-1].type != RESULT:
            raise ValueError(f"{signature.id}: the last parameter, and no other, is the result")
    return LibrarySpec(
        file=str(node["file"]),
        convention=str(node["convention"]),
        output_length=int(node["output-length"]),
        coding=str(node["coding"]),
        unreachable=code("unreachable"),
        broken=code("broken"),
        refused=code("refused"),
        too_long=code("too-long"),
        signatures={signature.call: signature for signature in signatures},
    )
