"""``onecard emulate terminal``: on standard streams, over HTTP (``--http``), behind its library (``--driver``), or
for web pages (``--ws``).
"""

import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from onecard.cli.emulating import DECLARE, SEED, profile_option, spec_with, write_declaration
from onecard.cli.settings import Settings, with_language
from onecard.planning.declaration import ics_of_profile, reference_ixit

DATE_DIGITS = 8
_ORIGIN = re.compile(r"null|https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


@click.command(
    help="参考终端：在标准输入输出上使用 command: 协议，或以 --http 经 HTTP 使用该协议，或以 --driver 服务动态库，"
    "或以 --ws 服务网页 / the reference terminal on standard input and output, as in certify --target 'command:onecard "
    "emulate terminal', by the same protocol over HTTP (--http), behind its library (--driver), or as the WebSocket "
    "service of web pages (--ws)"
)
@click.option(
    "--driver",
    is_flag=True,
    help="服务 libSSCardDriver（onecard driver build）/ serve the library of `onecard driver build`",
)
@click.option(
    "--ws", "web", is_flag=True, help="网页调用的本地 WebSocket 服务 / the local WebSocket service of web pages"
)
@click.option("--http", is_flag=True, help="经 HTTP 的 command: 协议 / the protocol of command: over HTTP")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="--ws：允许调用的其他网页来源 / with --ws: pages that may call beside those of this machine, as in "
    "https://window.example",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="--driver、--ws、--http：端口 / the port; 0: any free port"
)
@click.option(
    "--link",
    type=click.Path(path_type=Path),
    default=None,
    metavar="PATH",
    help="--driver：连接文件，或库所在目录 / with --driver: the link file, or the folder of the library",
)
@click.option(
    "--card-reader", default="0", show_default=True, metavar="READER", help="--driver、--ws：接触卡 / contact slot"
)
@click.option("--psam-reader", default="1", show_default=True, metavar="READER", help="--driver、--ws：PSAM")
@click.option(
    "--contactless-reader", default=None, metavar="READER", help="--driver、--ws：非接触卡 / contactless slot"
)
@click.option(
    "--embedded",
    default=None,
    metavar="PROFILE",
    help="--driver、--ws：本进程内的合成卡与 PSAM / synthetic card (profile) and PSAM in this process",
)
@click.option("--clock", default=None, metavar="CCYYMMDD", help="--driver、--ws：固定日期 / a fixed date")
@click.option(
    "--keypad",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="--driver、--ws：键盘输入（文件更换后重新读取）/ what the user enters, lines such as `enter 123456` "
    "(enter, new, again); read again when another file takes its place, as the tester's does",
)
@profile_option("terminal-default")
@SEED
@DECLARE
@with_language
def terminal(
    settings: Settings,
    profile: str,
    seed: str | None,
    declare: Path | None,
    driver: bool,
    web: bool,
    http: bool,
    **more: Any,
) -> int:
    """Emulate a terminal until the tester closes its end (or Ctrl-C); ``declare`` only writes the declaration."""
    given = click.get_current_context().get_parameter_source
    chosen = {name for name in more if given(name) is ParameterSource.COMMANDLINE}
    if driver + web + http > 1:
        raise click.UsageError(
            settings.pick("--driver、--ws、--http 只能选一个", "--driver, --ws and --http exclude each other")
        )
    if driver and "origins" in chosen:
        raise click.UsageError(settings.pick("--origin 只用于 --ws", "--origin goes with --ws only"))
    if any(_ORIGIN.fullmatch(one) is None for one in more["origins"]):
        raise click.UsageError(
            settings.pick(
                "--origin 应与浏览器发送的一致：协议、小写主机名和端口，没有路径，如 https://window.example",
                "--origin is what a browser sends: scheme, host in small letters and port, without a path, as in "
                "https://window.example",
            )
        )
    if web and "link" in chosen:
        raise click.UsageError(settings.pick("--link 只用于 --driver", "--link goes with --driver only"))
    if driver or web:
        return _served(settings, profile, seed, declare, web=web, **more)
    if chosen - ({"port"} if http else set()):
        raise click.UsageError(
            settings.pick("这些选项只用于 --driver 或 --ws", "these options go with --driver only, or --ws")
        )
    return _by_protocol(settings, profile, seed, declare, port=more["port"] if http else None)


def _by_protocol(settings: Settings, profile: str, seed: str | None, declare: Path | None, *, port: int | None) -> int:
    """Over HTTP on ``port``, or on the standard streams (None)."""
    from onecard.emulate.terminal import emulate_terminal
    from onecard.emulate.terminal_http import emulate_terminal_http

    spec = spec_with("terminal", profile)

    def written(target: str) -> None:
        if declare is not None:
            ixit = reference_ixit("terminal", profile, seed)
            write_declaration(settings, declare, ics_of_profile(spec, profile), ixit, target)

    if port is not None:
        return emulate_terminal_http(profile, port, settings.language, declare=written)
    if declare is None:
        return emulate_terminal(profile=profile, source=sys.stdin.buffer, sink=sys.stdout.buffer)
    written(f"command:onecard emulate terminal --profile {profile}")
    return 0


def _served(
    settings: Settings,
    profile: str,
    seed: str | None,
    declare: Path | None,
    *,
    web: bool,
    origins: tuple[str, ...],
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
    from onecard.emulate.websocket_command import emulate_websocket

    if clock is not None and not _is_date(clock):
        raise click.UsageError(settings.pick("--clock 应为 8 位数字的日期 CCYYMMDD", "--clock is a date, CCYYMMDD"))
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

    def written(target: str) -> None:
        if declare is None:
            return
        ics = ics_of_profile(spec, profile)
        contactless = contactless_reader is not None and embedded is None
        ics = replace(ics, items={**ics.items, "terminal.contactless": contactless})
        ixit = reference_ixit("terminal", profile, seed)
        if keypad is not None:
            section = "websocket" if web else "library"
            ixit = replace(ixit, parameters={**ixit.parameters, section: {"keypad": str(keypad)}})
        write_declaration(settings, declare, ics, ixit, target)

    if web:
        return emulate_websocket(order, origins, settings.language, declare=lambda url: written(f"ws:{url}"))
    written(f"library:{(link if link is not None and link.is_dir() else Path()) / 'libSSCardDriver.so'}")
    return emulate_driver(order, settings.language)


def _is_date(text: str) -> bool:
    if not (len(text) == DATE_DIGITS and text.isascii() and text.isdigit()):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
