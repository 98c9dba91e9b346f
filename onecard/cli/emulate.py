"""``onecard emulate``: long-running references."""

import secrets
from pathlib import Path
from typing import Any

import click

from onecard.cli.emulate_hsm import hsm
from onecard.cli.emulate_terminal import terminal
from onecard.cli.emulating import (
    DECLARE,
    HOST,
    KEY_FILE,
    SEED,
    keys_of,
    profile_option,
    service_options,
    spec_with,
    with_control,
    write_declaration,
)
from onecard.cli.keysets import password_options
from onecard.cli.settings import Settings, with_language
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.planning.keyset import KeySet


@click.group(help="长时间运行的参考仿真 / long-running references")
def emulate() -> None:
    """References by kind."""


emulate.add_command(hsm)
emulate.add_command(terminal)


_PCSC = click.option("--pcsc", is_flag=True, help="作为虚拟读卡器（vpcd）中的卡 / a card in the virtual reader")
_TCP = click.option(
    "--tcp",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="监听端口，0 由系统选择 / listen; 0: any free port",
)


@emulate.command(help="参考卡：--pcsc 虚拟读卡器，或 --tcp PORT / the reference card on the virtual reader or TCP")
@_PCSC
@_TCP
@profile_option("card-3.0")
@click.option("--slot", type=click.Choice(("0", "1", "both")), default="0", show_default=True)
@HOST
@SEED
@DECLARE
@click.option(
    "--image",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="个人化的卡映像，写入会保存 / a personalised card image, which keeps what is written to it",
)
@KEY_FILE
@password_options
@with_language
def card(
    settings: Settings,
    pcsc: bool,
    port: int | None,
    profile: str,
    slot: str,
    host: str,
    seed: str | None,
    declare: Path | None,
    image: Path | None,
    key_file: Path | None,
    password_file: Path | None,
    variable: str | None,
) -> int:
    """Emulate a card until Ctrl-C."""
    slots = {"0": (0,), "1": (1,), "both": (0, 1)}[slot]
    if image is not None and (len(slots) > 1 or any(each is not None for each in (declare, seed, key_file))):
        raise click.UsageError(
            settings.pick(
                "--image 不能与 --slot both、--declare、--seed、--key-file 同用",
                "--image does not go with --slot both, --declare, --seed or --key-file",
            )
        )
    keys = keys_of(settings, key_file, password_file, variable, declare)
    return _on_reader(settings, "card", pcsc, port, profile, slots, host, seed, declare, image, keys)


@emulate.command(help="参考 PSAM：--pcsc 虚拟读卡器，或 --tcp PORT / the reference PSAM on the virtual reader or TCP")
@_PCSC
@_TCP
@profile_option("psam-sm4")
@click.option("--slot", type=click.Choice(("0", "1")), default="1", show_default=True)
@HOST
@SEED
@DECLARE
@KEY_FILE
@password_options
@with_language
def psam(
    settings: Settings,
    pcsc: bool,
    port: int | None,
    profile: str,
    slot: str,
    host: str,
    seed: str | None,
    declare: Path | None,
    key_file: Path | None,
    password_file: Path | None,
    variable: str | None,
) -> int:
    """Emulate a PSAM until Ctrl-C."""
    keys = keys_of(settings, key_file, password_file, variable, declare)
    return _on_reader(settings, "psam", pcsc, port, profile, (int(slot),), host, seed, declare, keys=keys)


def _on_reader(
    settings: Settings,
    kind: str,
    pcsc: bool,
    port: int | None,
    profile: str,
    slots: tuple[int, ...],
    host: str,
    seed: str | None,
    declare: Path | None,
    image: Path | None = None,
    keys: KeySet | None = None,
) -> int:
    from onecard.emulate.card import emulate_card

    if pcsc == (port is not None):
        raise click.UsageError(settings.pick("请在 --pcsc 与 --tcp PORT 中选一个", "choose --pcsc or --tcp PORT"))
    spec = spec_with(kind, profile)

    def told(target: str, holder: int) -> None:
        if declare is not None:
            # One folder a slot where there are two: the cards have different holders.
            folder = declare / f"slot-{holder}" if len(slots) > 1 else declare
            write_declaration(
                settings, folder, ics_of_profile(spec, profile), reference_ixit(kind, profile, seed, holder), target
            )

    return emulate_card(
        profile=profile,
        kind=kind,
        mode="pcsc" if pcsc else "tcp",
        slots=slots,
        host=host,
        port=port,
        seed=seed,
        language=settings.language,
        declare=told,
        image=image,
        keys=keys,
    )


@emulate.command(help="参考电子社保卡服务（HTTP）/ the reference e-card service over HTTP")
@service_options("ecard")
def ecard(settings: Settings, **options: Any) -> int:
    """Emulate an e-card service until Ctrl-C."""
    return _serve(settings, "ecard", **options)


@emulate.command(help="参考一卡通平台（HTTP）/ the reference platform over HTTP")
@click.option("--database", default=None, metavar="URL", help="SQLAlchemy 地址，默认内存 / default: in memory")
@service_options("platform")
def platform(settings: Settings, database: str | None, **options: Any) -> int:
    """Emulate a platform until Ctrl-C."""
    return _serve(settings, "platform", more={} if database is None else {"database": database}, **options)


@emulate.command(help="参考合作方系统（HTTP）/ the reference partner system over HTTP")
@click.option(
    "--platform", "url", default=None, metavar="URL", help="平台地址（接收通知）/ where it notifies the platform"
)
@service_options("partner")
def partner(settings: Settings, url: str | None, **options: Any) -> int:
    """Emulate a partner system until Ctrl-C."""
    return _serve(settings, "partner", more={} if url is None else {"callback": url}, **options)


def _serve(
    settings: Settings,
    kind: str,
    *,
    port: int,
    host: str,
    profile: str,
    control: str | None,
    seed: str | None,
    declare: Path | None,
    more: dict[str, Any] | None = None,
) -> int:
    from onecard.emulate.service import emulate_service

    spec = spec_with(kind, profile)
    token = control or secrets.token_urlsafe(16) if control is not None else None

    def told(target: str) -> None:
        if declare is not None:
            ixit = reference_ixit(kind, profile, seed)
            write_declaration(settings, declare, ics_of_profile(spec, profile), with_control(ixit, token), target)

    return emulate_service(
        kind=kind,
        profile=profile,
        host=host,
        port=port,
        seed=seed,
        control_token=token,
        language=settings.language,
        declare=told,
        **(more or {}),
    )
