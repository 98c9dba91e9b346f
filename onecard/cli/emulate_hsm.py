"""``onecard emulate hsm``: the encryptor over HTTP and TCP, its institutions, its audit log."""

import secrets
import sys
from dataclasses import replace
from pathlib import Path

import click

from onecard.cli.emulating import KEY_FILE, keys_of, service_options, spec_with, with_control, write_declaration
from onecard.cli.keysets import password_options
from onecard.cli.settings import Settings
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.planning.keyset import KeySet

KIND, TCP = "hsm", "hsm.tcp"


@click.command(help="参考加密机（HTTP，可加 TCP）/ the reference encryptor over HTTP, and TCP beside it")
@click.option(
    "--tcp", type=click.IntRange(0, 65535), default=None, metavar="PORT",
    help="同时在 TCP 上监听，0 由系统选择 / listen on TCP as well; 0: any free port",
)  # fmt: skip
@click.option(
    "--institutions", type=click.Path(path_type=Path), metavar="FILE",
    help="机构与渠道的权限和限额 / institutions and channels, their rights and limits",
)  # fmt: skip
@click.option(
    "--audit", type=click.Path(path_type=Path), metavar="FILE",
    help="审计日志，已有的接着写 / audit log, gone on with where it exists",
)  # fmt: skip
@click.option(
    "--audit-sync", type=click.Choice(("always", "second", "close")), default="second", show_default=True,
    help="日志何时落盘 / when the log's lines go down to the disk",
)  # fmt: skip
@click.option(
    "--stdio", is_flag=True,
    help="从标准输入逐行读请求串，应答写到标准输出 / request strings on standard input, answers on standard output",
)  # fmt: skip
@KEY_FILE
@password_options
@service_options(KIND)
def hsm(
    settings: Settings,
    stdio: bool,
    tcp: int | None,
    institutions: Path | None,
    audit: Path | None,
    audit_sync: str,
    key_file: Path | None,
    password_file: Path | None,
    variable: str | None,
    port: int,
    host: str,
    profile: str,
    control: str | None,
    seed: str | None,
    declare: Path | None,
) -> int:
    """Emulate an encryptor until Ctrl-C."""
    from onecard.emulate.encryptor import EncryptorOptions, emulate_encryptor

    keys = keys_of(settings, key_file, password_file, variable, declare)
    if stdio:
        return _on_streams(settings, profile, seed, keys, tcp, institutions, audit, control, declare)
    if institutions is not None and declare is not None:
        raise click.UsageError(
            settings.pick(
                "--institutions 不能与 --declare 同用：请在 IXIT 的 parameters 中写出凭据",
                "--institutions does not go with --declare: write credentials into the parameters of an IXIT",
            )
        )
    spec = spec_with(KIND, profile)
    token = control or secrets.token_urlsafe(16) if control is not None else None

    def told(target: str, address: str | None) -> None:
        if declare is not None:
            ixit = with_control(reference_ixit(KIND, profile, seed), token)
            more = {} if address is None else {"tcp": address}
            ics = ics_of_profile(spec, profile)
            ics = replace(ics, items={**ics.items, TCP: address is not None})
            ixit = replace(ixit, parameters={**ixit.parameters, **more})
            write_declaration(settings, declare, ics, ixit, target)

    return emulate_encryptor(
        EncryptorOptions(tcp, institutions, audit, audit_sync),
        profile=profile,
        host=host,
        port=port,
        seed=seed,
        control_token=token,
        language=settings.language,
        declare=told,
        **({} if keys is None else {"keys": keys}),
    )


def _on_streams(settings: Settings, profile: str, seed: str | None, keys: KeySet | None, *listening: object) -> int:
    """Answer lines; what belongs to a service that listens is refused."""
    from onecard.emulate.encryptor_pipe import encryptor_pipe

    if any(given is not None for given in listening):
        raise click.UsageError(
            settings.pick(
                "--stdio 不监听：不能与 --tcp、--institutions、--audit、--test-control、--declare 同用",
                "--stdio listens nowhere: no --tcp, --institutions, --audit, --test-control or --declare with it",
            )
        )
    return encryptor_pipe(profile=profile, source=sys.stdin.buffer, sink=sys.stdout.buffer, seed=seed, keys=keys)
