"""``onecard emulate terminal``: as a program (``command:``), or behind its library (``--driver``)."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from onecard.cli.emulating import DECLARE, SEED, profile_option, spec_with, write_declaration
from onecard.cli.settings import Settings, with_language
from onecard.planning.declaration import ics_of_profile, reference_ixit

DATE_DIGITS = 8


@click.command(
    help="参考终端：在标准输入输出上使用 command: 协议，或以 --driver 服务动态库 / the reference terminal on standard "
    "input and output, as in certify --target 'command:onecard emulate terminal', or behind its library (--driver)"
)
@click.option(
    "--driver",
    is_flag=True,
    help="服务 libSSCardDriver（onecard driver build）/ serve the library of `onecard driver build`",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="--driver：端口 / with --driver; 0: any free port"
)
@click.option(
    "--link",
    type=click.Path(path_type=Path),
    default=None,
    metavar="PATH",
    help="--driver：连接文件，或库所在目录 / with --driver: the link file, or the folder of the library",
)
@click.option("--card-reader", default="0", show_default=True, metavar="READER", help="--driver：接触卡 / contact slot")
@click.option("--psam-reader", default="1", show_default=True, metavar="READER", help="--driver：PSAM")
@click.option("--contactless-reader", default=None, metavar="READER", help="--driver：非接触卡 / contactless slot")
@click.option(
    "--embedded",
    default=None,
    metavar="PROFILE",
    help="--driver：本进程内的合成卡与 PSAM / with --driver: synthetic card (profile) and PSAM in this process",
)
@click.option("--clock", default=None, metavar="CCYYMMDD", help="--driver：固定日期 / with --driver: a fixed date")
@click.option(
    "--keypad",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="--driver：键盘输入 / with --driver: what the user enters, lines such as `enter 123456` (enter, new, again)",
)
@profile_option("terminal-default")
@SEED
@DECLARE
@with_language
def terminal(
    settings: Settings, profile: str, seed: str | None, declare: Path | None, driver: bool, **more: Any
) -> int:
    """Emulate a terminal until the tester closes its end (or Ctrl-C); ``declare`` only writes the declaration."""
    if driver:
        return _driver(settings, profile, seed, declare, **more)
    given = click.get_current_context().get_parameter_source
    if any(given(name) is ParameterSource.COMMANDLINE for name in more):
        raise click.UsageError(settings.pick("这些选项只用于 --driver", "these options go with --driver only"))
    from onecard.emulate.terminal import emulate_terminal

    if declare is None:
        return emulate_terminal(profile=profile, source=sys.stdin.buffer, sink=sys.stdout.buffer)
    spec = spec_with("terminal", profile)
    target = f"command:onecard emulate terminal --profile {profile}"
    ics = ics_of_profile(spec, profile)
    write_declaration(settings, declare, ics, reference_ixit("terminal", profile, seed), target)
    return 0


def _driver(
    settings: Settings,
    profile: str,
    seed: str | None,
    declare: Path | None,
    *,
    port: int,
    link: Path | None,
    card_reader: str,
    psam_reader: str,
    contactless_reader: str | None,
    embedded: str | None,
    clock: str | None,
    keypad: Path | None,
) -> int:
    from onecard.emulate.driver_command import DriverOrder, emulate_driver

    if clock is not None and not (len(clock) == DATE_DIGITS and clock.isascii() and clock.isdigit()):
        raise click.UsageError(settings.pick("--clock 应为 8 位数字 CCYYMMDD", "--clock is eight digits, CCYYMMDD"))
    spec = spec_with("terminal", profile)
    if embedded is not None and spec.profile(embedded).target != "card":
        raise click.UsageError(settings.pick(f"{embedded} 不是卡的配置", f"{embedded} is not the profile of a card"))
    readers = {"card": card_reader, "psam": psam_reader, "contactless": contactless_reader}
    order = DriverOrder(
        profile=profile,
        readers={slot: reader for slot, reader in readers.items() if reader is not None},
        embedded=embedded,
        seed=seed,
        port=port,
        link=link,
        clock=clock,
        keypad=keypad,
    )
    if declare is not None:
        target = f"library:{(link if link is not None and link.is_dir() else Path()) / 'libSSCardDriver.so'}"
        ics = ics_of_profile(spec, profile)
        contactless = contactless_reader is not None and embedded is None
        ics = replace(ics, items={**ics.items, "terminal.contactless": contactless})
        write_declaration(settings, declare, ics, reference_ixit("terminal", profile, seed), target)
    return emulate_driver(order, settings.language)
