"""The read-write terminal as data, resolved for one declaration: functions, strings, return codes, use of the PSAM."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec, Node
from onecard.spec.terminal_debit import DebitRules, debit_rules
from onecard.spec.terminal_kinds import TerminalKind, terminal_kinds
from onecard.spec.terminal_pin import PinRules, pin_rules
from onecard.spec.terminal_sam import SamAccess, SamCommand, SamKey, sam_access, sam_command, sam_key
from onecard.spec.terminal_steps import ItemSteps, PinSteps, item_steps, pin_steps
from onecard.spec.terminal_strings import StringFormat, string_format
from onecard.spec.text import Text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the interface: ``call`` is its name, ``arguments`` the names of its inputs."""

    id: str
    call: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardAlgorithm:
    """An algorithm of the card: ``identifier`` in its FCI, ``block`` in bytes, and the ``environment`` (DF name) of the
    PSAM that serves it.
    """

    id: str
    identifier: int
    block: int
    environment: bytes


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation of cards: first character of their version; the key that opens the holder file, None without."""

    id: str
    version: str
    authenticate: str | None


@dataclass(frozen=True, slots=True)
class FileAddress:
    """Grammar of a file address: parts ended by ``separator``, files by ``end``; ``roots``: names of SSSE."""

    separator: str
    end: str
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TerminalSpec:
    """Everything that the data say of one terminal, for one declaration. Outcomes and codes by the end of their id."""

    functions: Mapping[str, Function]
    searches: Mapping[int, tuple[str, ...]]
    basic: StringFormat
    request: StringFormat
    key_input: StringFormat
    status_factor: int
    codes: Mapping[str, int]
    code_names: Mapping[int, Text]
    outcomes: Mapping[str, tuple[int, ...]]
    fallback: tuple[int, ...]
    algorithms: tuple[CardAlgorithm, ...]
    default_algorithm: int
    generations: tuple[Generation, ...]
    sam_keys: Mapping[str, SamKey]
    sam: SamAccess
    sam_commands: Mapping[str, SamCommand]
    validity: tuple[str, ...]
    card_info: StringFormat
    address: FileAddress
    auth_types: Mapping[int, str]
    pin: PinRules
    pin_steps: PinSteps
    debit: DebitRules
    item_steps: ItemSteps
    signed: StringFormat
    kinds: Mapping[str, TerminalKind]

    def status_code(self, sw: int) -> int:
        """The return code of a status word by which the card refused."""
        return self.status_factor * sw

    def algorithm(self, identifier: int | None) -> CardAlgorithm | None:
        """The algorithm with this identifier, or the default one for None; None when there is no such algorithm."""
        wanted = self.default_algorithm if identifier is None else identifier
        return next((algorithm for algorithm in self.algorithms if algorithm.identifier == wanted), None)

    def generation(self, version: str) -> Generation | None:
        """The generation of a specification version (``3.00``); None for one that the data do not know."""
        return next((g for g in self.generations if version.startswith(g.version)), None)


def _said(make: Callable[[InterfaceSpec], T]) -> Callable[[InterfaceSpec], T]:
    """Turn what altered or incomplete data cause into one error that says so."""

    @wraps(make)
    def guarded(interface: InterfaceSpec) -> T:
        try:
            return make(interface)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise SpecError(
                zh=f"终端的规范数据不完整：{error!r}", en=f"the data of the terminal are not whole: {error!r}"
            ) from None

    return guarded


@_said
def terminal_spec(interface: InterfaceSpec) -> TerminalSpec:
    """The typed view of a terminal's data. Raises SpecError where they lack something or hold what has no meaning."""
    codes = {identifier: int(node["code"]) for identifier, node in interface.table("return-codes").items()}
    factor = int(interface.datum("status-rules", "TERMINAL/STATUS-RULE")["factor"])
    _check_rule(codes, factor)
    named = {identifier: tuple(codes[name] for name in node["codes"]) for identifier, node in _coded(interface)}
    return TerminalSpec(
        functions=_table(interface, "functions", _function),
        searches={int(_last(i)): tuple(node["slots"]) for i, node in interface.table("searches").items()},
        basic=string_format(interface, "TERMINAL/BASIC"),
        request=string_format(interface, "TERMINAL/HSM-REQUEST"),
        key_input=string_format(interface, "TERMINAL/HSM-KEY"),
        status_factor=factor,
        codes={_last(identifier): code for identifier, code in codes.items()},
        code_names={int(n["code"]): _text(n["name"]) for n in interface.table("return-codes").values()},
        outcomes={_last(identifier): found for identifier, found in named.items()},
        fallback=named["TERMINAL/FALLBACK"],
        algorithms=tuple(_algorithm(i, node) for i, node in interface.table("algorithms").items()),
        default_algorithm=int(interface.datum("default-algorithms", "TERMINAL/DEFAULT-ALGORITHM")["identifier"]),
        generations=tuple(
            Generation(i, str(node["version"]), node.get("authenticate"))
            for i, node in interface.table("generations").items()
        ),
        sam_keys={str(node["key"]): sam_key(i, node) for i, node in interface.table("sam-keys").items()},
        sam=sam_access(interface.datum("sam-access", "TERMINAL/SAM")),
        sam_commands=_table(interface, "sam-commands", sam_command),
        validity=tuple(interface.datum("validity", "TERMINAL/VALIDITY")["order"]),
        card_info=string_format(interface, "TERMINAL/CARD-INFO"),
        address=_address(interface.datum("file-addresses", "TERMINAL/FILE-ADDRESS")),
        auth_types={int(_last(i)): str(node["proves"]) for i, node in interface.table("auth-types").items()},
        pin=pin_rules(interface),
        pin_steps=pin_steps(interface),
        debit=debit_rules(interface),
        item_steps=item_steps(interface),
        signed=string_format(interface, "TERMINAL/SIGNED"),
        kinds=terminal_kinds(interface),
    )


_STATUS_WORD = re.compile(r"[69][0-9A-F]{3}")


def _check_rule(codes: Mapping[str, int], factor: int) -> None:
    """A code that is named by a status word must be what the rule makes of it; raises SpecError."""
    for identifier, code in codes.items():
        name = _last(identifier)
        if _STATUS_WORD.fullmatch(name) and code != factor * int(name, 16):
            raise SpecError(
                zh=f"{identifier} 的值 {code} 与状态字换算规则不符",
                en=f"{identifier} is {code}: not what the rule says",
            )


def _last(identifier: str) -> str:
    return identifier.rpartition("/")[2]


def _coded(interface: InterfaceSpec) -> list[tuple[str, Node]]:
    return [*interface.table("outcomes").items(), *interface.table("fallbacks").items()]


def _table(interface: InterfaceSpec, section: str, make: Callable[[str, Node], T]) -> dict[str, T]:
    return {_last(identifier): make(identifier, node) for identifier, node in interface.table(section).items()}


def _function(identifier: str, node: Node) -> Function:
    return Function(identifier, str(node["call"]), tuple(node["arguments"]))


def _text(node: Mapping[str, str]) -> Text:
    return Text(zh=node["zh"], en=node["en"])


def _algorithm(identifier: str, node: Node) -> CardAlgorithm:
    return CardAlgorithm(identifier, int(node["identifier"]), int(node["block"]), bytes.fromhex(node["environment"]))


def _address(node: Node) -> FileAddress:
    return FileAddress(str(node["separator"]), str(node["end"]), tuple(node["roots"]))
