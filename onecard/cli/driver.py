"""``onecard driver``: the reference terminal's library for programs that call the standard C functions."""

import shlex
from pathlib import Path

import click

from onecard.cli.settings import Settings, with_language
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.spec.terminal_library import LibrarySpec, library_spec
from onecard.spec.text import Text


@click.group(help="读写终端的标准动态库 / the standard library of a read-write terminal")
def driver() -> None:
    """The library of the reference terminal."""


@driver.command(help="用系统的 C 编译器生成 libSSCardDriver.so / build libSSCardDriver.so with the system's C compiler")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("driver"),
    show_default=True,
    metavar="DIR",
    help="输出目录 / where it is written",
)
@click.option("--compiler", default=None, metavar="COMMAND", help="C 编译器，默认 $CC 或 cc / default: $CC or cc")
@click.option(
    "--flags", default="", metavar="WORDS", help="附加编译选项，如 -m32 / more words for the compiler, such as -m32"
)
@click.option("--source-only", is_flag=True, help="只写出 C 源码（Windows）/ write the C source only (Windows)")
@click.option("--profile", default="terminal-default", show_default=True, metavar="P")
@with_language
def build(settings: Settings, out: Path, compiler: str | None, flags: str, source_only: bool, profile: str) -> int:
    """Write the source and compile it."""
    from onecard.driver.build import build as build_library
    from onecard.driver.build import write_sources

    library = _library(profile)
    if source_only:
        paths = write_sources(library, out)
        settings.say(Text(zh=f"源码已写入 {out}", en=f"the source is in {out}"))
        click.echo("\n".join(str(path) for path in paths))
        return 0
    try:
        more = tuple(shlex.split(flags))
    except ValueError as error:
        raise click.UsageError(f"--flags: {error}") from None
    made = build_library(library, out, compiler=compiler, flags=more)
    settings.say(
        Text(
            zh="先启动 onecard emulate terminal --driver，再由程序调用此库",
            en="start onecard emulate terminal --driver, then call the library from a program",
        )
    )
    click.echo(str(made.library))
    return 0


def _library(profile: str) -> LibrarySpec:
    found = load_spec().resolve_profile(profile)
    if not isinstance(found, InterfaceSpec) or found.kind != "terminal":
        raise click.UsageError(f"{profile}: 不是终端配置 / not a terminal's profile")
    return library_spec(found)
