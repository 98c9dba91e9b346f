"""``onecard card show``: what a card says, without changing it."""

import json
from dataclasses import replace
from pathlib import Path

import click

from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.harness.context import KeySource
from onecard.planning.declaration import Ixit, no_ixit, read_ixit
from onecard.planning.keysource import key_source
from onecard.show.reading import read_card
from onecard.show.text import lines
from onecard.spec.card import CardSpec
from onecard.spec.load import load_spec
from onecard.targets.base import CardTarget
from onecard.targets.registry import open_target

_DIGITS = (4, 16)
_REFERENCE = "reference:"


@click.group(help="查看卡片 / look at a card")
@with_language
def card(_settings: Settings) -> None:
    """Commands about one card."""


@card.command(
    help="读出并解释卡上可读的全部内容，不改动卡片 / read and explain all that a card gives, without changing it"
)
@click.option("--target", required=True, metavar="T", help="reference:P, pcsc:R, tcp:H:P")
@click.option(
    "--profile", default=None, metavar="P", help="规范数据；默认按卡片自述 / data; default: by the card's words"
)
@click.option("--pin", default=None, metavar="PIN", help="个人密码，只试一次 / the PIN, tried once")
@click.option("--ixit", type=click.Path(path_type=Path), default=None, metavar="F", help="密钥来源 / key source")
@click.option("--timeout", type=float, default=5.0, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@with_language
def show(
    settings: Settings,
    target: str,
    profile: str | None,
    pin: str | None,
    ixit: Path | None,
    timeout: float,
    as_json: bool,
) -> int:
    """Everything readable on stdout; what went otherwise than asked on stderr."""
    given = _given(ixit, pin)
    spec = load_spec()
    wanted = profile or _profile_of(target)
    if wanted is not None:
        spec.profile(wanted)
    reached = open_target(target, timeout=timeout, context={"profile": wanted, "kind": "card"})
    if not isinstance(reached, CardTarget):
        raise UserError(zh=f"{reached.description} 不是卡片", en=f"{reached.description} is no card")
    reached.connect()
    try:
        found = read_card(reached, spec, wanted, lambda data: _keys(given, data))
    finally:
        reached.close()
    if as_json:
        click.echo(json.dumps(found.document(settings.language), ensure_ascii=False))
        return 0
    for line in lines(found, settings.language):
        settings.out(line)
    for note in found.notes:
        settings.say(note)
    return 0


def _profile_of(target: str) -> str | None:
    return target.removeprefix(_REFERENCE) or None if target.startswith(_REFERENCE) else None


def _given(path: Path | None, pin: str | None) -> Ixit:
    given = read_ixit(path, "card") if path is not None else no_ixit()
    if pin is None:
        return given
    if not (pin.isascii() and pin.isdigit() and _DIGITS[0] <= len(pin) <= _DIGITS[1]):
        raise UserError(zh="密码应为 4 至 16 位数字（--pin）", en="a PIN has 4 to 16 digits (--pin)")
    return replace(given, pin=pin)


def _keys(given: Ixit, data: CardSpec) -> KeySource:
    return key_source(given, data)
