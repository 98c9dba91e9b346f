"""``onecard apdu``: one line in, one line out."""

import sys
from collections.abc import Callable

import click

from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.targets.base import CardTarget
from onecard.targets.registry import open_target

_DEFAULT = "card-3.0"


@click.command(
    help="从标准输入逐行发送命令 APDU（十六进制）或 reset / send hex command APDUs or 'reset', one a line of stdin"
)
@click.option("--profile", default=None, metavar="P", help=f"default {_DEFAULT}")
@click.option("--target", default=None, metavar="T")
@click.option("--timeout", type=float, default=5.0, show_default=True)
@with_language
def apdu(settings: Settings, profile: str | None, target: str | None, timeout: float) -> int:
    """Exactly one output line for each input line, flushed: hex response, ATR for reset, or '!' and the reason."""
    card = open_target(
        target or f"reference:{profile or _DEFAULT}", timeout=timeout, context={"profile": profile or _DEFAULT}
    )
    if not isinstance(card, CardTarget):
        raise UserError(zh=f"{card.description} 不接受命令 APDU", en=f"{card.description} takes no command APDUs")
    card.connect()
    try:
        card.power_on()
        for line in sys.stdin.buffer:
            click.echo(_answer(settings, card, line.decode("utf-8", errors="backslashreplace").strip()))
            sys.stdout.flush()
    finally:
        card.close()
    return 0


def _answer(settings: Settings, card: CardTarget, line: str) -> str:
    if line.lower() == "reset":
        return _told(settings, card.reset)
    compact = "".join(line.split())
    try:
        command = bytes.fromhex(compact)
    except ValueError:
        return "! " + settings.pick(f"不是十六进制：{line[:60]!r}", f"not hex: {line[:60]!r}")
    if len(command) < 4:
        return "! " + settings.pick(
            "命令至少 4 字节（CLA INS P1 P2）", "a command has at least 4 bytes (CLA INS P1 P2)"
        )
    return _told(settings, lambda: card.transmit(command))


def _told(settings: Settings, action: Callable[[], bytes]) -> str:
    try:
        return action().hex().upper()
    except UserError as error:
        return "! " + error.text.in_(settings.language)
