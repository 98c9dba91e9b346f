"""C text made from the data: the header for callers, the exported functions, the list of exports for Windows."""

from collections.abc import Mapping
from types import MappingProxyType

from onecard.spec.terminal_library import NUMBER, RESULT, LibrarySpec, Parameter, ReturnCode, Signature

LONGEST_ANSWER = 65536
"""Bytes of pOutInfo that the terminal process may send; what the caller's buffer does not take is never written."""

_MADE = "/* Made by `onecard driver build` from the data of the terminal's interface: do not edit. */\n"
_WINDOWS: Mapping[str, str] = MappingProxyType({"stdcall": "__stdcall", "cdecl": "__cdecl"})
_LINKAGE = """\
#if defined(_WIN32)
#ifdef ONECARD_BUILDS_DRIVER
#define ONECARD_API __declspec(dllexport)
#else
#define ONECARD_API __declspec(dllimport)
#endif
#define ONECARD_CALL {convention}
#else
#define ONECARD_API __attribute__((visibility("default")))
#define ONECARD_CALL
#endif
"""


def header(library: LibrarySpec) -> str:
    """The header for programs that call the library."""
    guard = f"ONECARD_{library.file.upper()}_H"
    declared = "".join(f"{_declaration(one)}; /* {one.name.en} */\n" for one in library.signatures.values())
    return (
        f"{_MADE}#ifndef {guard}\n#define {guard}\n\n"
        f"{_LINKAGE.format(convention=_WINDOWS[library.convention])}\n"
        "/* 0 is success, anything below an error code. Strings are GBK (GB 18030). pOutInfo: at least so many bytes,\n"
        " * with the ending zero; more is never written. */\n"
        f"#define SSCARD_OUTPUT_LENGTH {library.output_length}\n\n"
        '#ifdef __cplusplus\nextern "C" {\n#endif\n\n'
        f"{declared}\n#ifdef __cplusplus\n}}\n#endif\n\n#endif\n"
    )


def functions(library: LibrarySpec) -> str:
    """What the driver's source includes: lengths, codes with their texts, and each function."""
    codes = {
        "UNREACHABLE": library.unreachable,
        "BROKEN": library.broken,
        "REFUSED": library.refused,
        "TOO_LONG": library.too_long,
    }
    defined = "".join(_code(name, found, library.coding) for name, found in codes.items())
    bodies = "\n".join(_body(one) for one in library.signatures.values())
    return (
        f'{_MADE}#include "{library.file}.h"\n\n'
        f"#define ONECARD_OUTPUT_LENGTH {library.output_length}\n"
        f"#define ONECARD_LONGEST_ANSWER {LONGEST_ANSWER}\n{defined}\n{bodies}"
    )


def exports(library: LibrarySpec) -> str:
    """The module definition file for Windows: names without the decoration of the calling convention."""
    return f"LIBRARY {library.file}\nEXPORTS\n" + "".join(f"    {name}\n" for name in library.signatures)


def _typed(one: Parameter) -> str:
    return f"int {one.name}" if one.type == NUMBER else f"char *{one.name}"


def _declaration(one: Signature) -> str:
    return f"ONECARD_API long ONECARD_CALL {one.call}({', '.join(_typed(each) for each in one.parameters)})"


def _body(one: Signature) -> str:
    out = next(each.name for each in one.parameters if each.type == RESULT)
    # Only numbers and texts go in: a function without either would need no array.
    given = ", ".join(
        f"{{ARGUMENT_NUMBER, {each.name}, NULL}}" if each.type == NUMBER else f"{{ARGUMENT_TEXT, 0, {each.name}}}"
        for each in one.inputs
    )
    lines = [f"{_declaration(one)}", "{"]
    lines += [
        f"    struct argument arguments[{max(1, len(one.inputs))}] = {{{given or '{ARGUMENT_NUMBER, 0, NULL}'}}};",
        f'    return forwarded("{one.call}", arguments, {len(one.inputs)}, {out});',
    ]
    return "\n".join([*lines, "}", ""])


def _code(name: str, found: ReturnCode, coding: str) -> str:
    octets = "".join(f"\\x{octet:02X}" for octet in found.name.zh.encode(coding))
    return f'#define ONECARD_{name} ({found.code}L)\n#define ONECARD_{name}_TEXT "{octets}"\n'
