"""``onecard driver build``: the library of the reference terminal, compiled where it will be used."""

import os
import platform
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from onecard.driver import source
from onecard.errors import UserError
from onecard.evidence.files import make_folder
from onecard.spec.terminal_library import LibrarySpec

CORE, FUNCTIONS = "sscard_driver.c", "sscard_functions.h"
COMPILERS = ("cc", "gcc", "clang")
_FLAGS = ("-std=gnu99", "-O2", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror")
_LIMIT = 120.0
_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Built:
    """What was written; ``library`` None where only source was asked for."""

    folder: Path
    library: Path | None
    sources: tuple[Path, ...]


def write_sources(library: LibrarySpec, folder: Path) -> tuple[Path, ...]:
    """Core, functions, header for callers and list of exports; existing files of these names are replaced."""
    make_folder(folder)
    texts = {
        CORE: files("onecard.driver").joinpath(CORE).read_text(encoding="utf-8"),
        FUNCTIONS: source.functions(library),
        f"{library.file}.h": source.header(library),
        f"{library.file}.def": source.exports(library),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in texts)


def build(library: LibrarySpec, folder: Path, *, compiler: str | None = None, flags: tuple[str, ...] = ()) -> Built:
    """Write the source into ``folder`` and compile it there.

    ``compiler``: command line in place of $CC or the system's cc; ``flags``: more for it (``-m32``). Raises UserError
    where there is no compiler, where it fails, or on Windows, whose compilers have command lines of their own.
    """
    sources = write_sources(library, folder)
    command = found_compiler(compiler, os.environ, sources[0].parent)
    made = folder / file_name(library)
    # Written beside and put in place: a process that has the old library loaded must not see half of a new one.
    scratch = folder / f".{made.name}.{os.getpid()}"
    words = [*command, *_FLAGS, *flags, "-shared", "-o", str(scratch), str(sources[0]), "-ldl"]
    try:
        run = subprocess.run(
            words, capture_output=True, text=True, errors="replace", timeout=_LIMIT, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if run.returncode:
            said = (run.stderr or run.stdout).strip()[:_SHOWN]
            raise UserError(
                zh=f"编译失败（{shlex.join(words)}，退出码 {run.returncode}）：\n{said}",
                en=f"the compiler failed ({shlex.join(words)}, exit code {run.returncode}):\n{said}",
                exit_code=1,
            )
        scratch.replace(made)
    except subprocess.TimeoutExpired:
        raise UserError(
            zh=f"编译器 {_LIMIT:g} 秒内没有结束：{shlex.join(words)}",
            en=f"the compiler did not end within {_LIMIT:g} s: {shlex.join(words)}",
            exit_code=1,
        ) from None
    except OSError as error:
        raise UserError(
            zh=f"编译器“{command[0]}”无法启动：{error.strerror or error}",
            en=f"the compiler {command[0]!r} cannot be started: {error.strerror or error}",
            exit_code=1,
        ) from None
    finally:
        scratch.unlink(missing_ok=True)
    return Built(folder, made, sources)


def file_name(library: LibrarySpec) -> str:
    """The library's file on this system."""
    ending = "dylib" if platform.system() == "Darwin" else "so"
    return f"lib{library.file}.{ending}"


def found_compiler(given: str | None, environment: Mapping[str, str], folder: Path) -> list[str]:
    """The words that start the compiler; raises UserError."""
    if platform.system() == "Windows":
        raise UserError(
            zh=f"Windows 上请用自己的编译器编译 {folder} 中的源码：cl /LD {CORE} ws2_32.lib "
            f"/link /DEF:SSCardDriver.def，或 gcc -shared -o SSCardDriver.dll {CORE} SSCardDriver.def -lws2_32",
            en=f"on Windows compile the source in {folder} yourself: cl /LD {CORE} ws2_32.lib /link "
            f"/DEF:SSCardDriver.def, or gcc -shared -o SSCardDriver.dll {CORE} SSCardDriver.def -lws2_32",
        )
    named = given or environment.get("CC")
    if named:
        try:
            words = shlex.split(named)
        except ValueError:  # a quotation that does not end names no compiler
            words = []
        if words and shutil.which(words[0]):
            return words
        raise UserError(
            zh=f"没有找到 C 编译器“{named}”（--compiler 或环境变量 CC）",
            en=f"there is no C compiler {named!r} (--compiler, or the environment variable CC)",
        )
    found = next((name for name in COMPILERS if shutil.which(name)), None)
    if found is None:
        raise UserError(
            zh=f"没有找到 C 编译器（{', '.join(COMPILERS)}）。Debian/Ubuntu：apt-get install gcc libc6-dev；"
            f"macOS：xcode-select --install；或用 --compiler 指定。源码已写入 {folder}",
            en=f"there is no C compiler ({', '.join(COMPILERS)}). Debian, Ubuntu: apt-get install gcc libc6-dev; "
            f"macOS: xcode-select --install; or name one by --compiler. The source is in {folder}",
        )
    return [found]
