"""``onecard emulate``: long-running references."""

import secrets
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from onecard.cli.keysets import password_options
from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.evidence.files import make_folder, write_secret
from onecard.planning.declaration import Ixit, ics_of_profile, ics_text, ixit_text, reference_ixit
from onecard.planning.keyfile import keys_to_use
from onecard.planning.keyset import KeySet
from onecard.planning.password import PasswordSource
from onecard.spec.hierarchy import installed_hierarchy
from onecard.spec.load import Spec, load_spec
from onecard.spec.text import Text

F = TypeVar("F", bound=Callable[..., Any])


@click.group(help="长时间运行的参考仿真 / long-running references")
def emulate() -> None:
    """References by kind."""


_SEED = click.option(
    "--seed", default=None, metavar="TEXT", help="合成数据与密钥的种子 / seed of synthetic data and keys"
)
_DECLARE = click.option(
    "--declare",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="写出 ics.yaml 与 ixit.yaml（测试密钥）/ write its ICS and IXIT",
)
_HOST = click.option("--host", default="127.0.0.1", show_default=True)
_PCSC = click.option("--pcsc", is_flag=True, help="作为虚拟读卡器（vpcd）中的卡 / a card in the virtual reader")
_TCP = click.option(
    "--tcp",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="监听端口，0 由系统选择 / listen; 0: any free port",
)


_KEY_FILE = click.option(
    "--key-file",
    "key_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="用密钥文件中的密钥代替测试密钥 / the keys of a key file instead of test keys",
)


def _keys_of(
    settings: Settings, key_file: Path | None, password_file: Path | None, variable: str | None, declare: Path | None
) -> KeySet | None:
    if key_file is None:
        return None
    if declare is not None:
        raise click.UsageError(
            settings.pick(
                "--key-file 不能与 --declare 同用：请在 IXIT 中写 key-source: {kind: key-file, file: …}",
                "--key-file does not go with --declare: write key-source: {kind: key-file, file: ...} into an IXIT",
            )
        )
    return keys_to_use(key_file, installed_hierarchy(), PasswordSource(password_file, variable))


def _profile(default: str) -> Callable[[F], F]:
    return click.option("--profile", default=default, show_default=True, metavar="P")


@emulate.command(help="参考卡：--pcsc 虚拟读卡器，或 --tcp PORT / the reference card on the virtual reader or TCP")
@_PCSC
@_TCP
@_profile("card-3.0")
@click.option("--slot", type=click.Choice(("0", "1", "both")), default="0", show_default=True)
@_HOST
@_SEED
@_DECLARE
@click.option(
    "--image",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="个人化的卡映像，写入会保存 / a personalised card image, which keeps what is written to it",
)
@_KEY_FILE
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
    keys = _keys_of(settings, key_file, password_file, variable, declare)
    return _on_reader(settings, "card", pcsc, port, profile, slots, host, seed, declare, image, keys)


@emulate.command(help="参考 PSAM：--pcsc 虚拟读卡器，或 --tcp PORT / the reference PSAM on the virtual reader or TCP")
@_PCSC
@_TCP
@_profile("psam-sm4")
@click.option("--slot", type=click.Choice(("0", "1")), default="1", show_default=True)
@_HOST
@_SEED
@_DECLARE
@_KEY_FILE
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
    keys = _keys_of(settings, key_file, password_file, variable, declare)
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
    spec = _spec_with(kind, profile)

    def told(target: str, holder: int) -> None:
        if declare is not None:
            # One folder a slot where there are two: the cards have different holders.
            folder = declare / f"slot-{holder}" if len(slots) > 1 else declare
            _declare(settings, folder, spec, profile, reference_ixit(kind, profile, seed, holder), target)

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


def _service_options(kind: str) -> Callable[[F], F]:
    """What every emulated service takes."""

    def decorate(function: F) -> F:
        for option in (
            with_language,
            _DECLARE,
            _SEED,
            click.option(
                "--test-control", "control", is_flag=False, flag_value="", default=None, metavar="[TOKEN]",
                help="打开测试控制接口（复位、调时钟）；令牌可省略 / open the control interface for tests; a token is "
                "made where none is given",
            ),
            _profile(f"{kind}-default"),
            _HOST,
            click.option(
                "--port", type=click.IntRange(0, 65535), default=0, show_default=True,
                help="0 由系统选择 / 0: any free port",
            ),
        ):  # fmt: skip
            function = option(function)
        return function

    return decorate


@emulate.command(help="参考加密机（HTTP）/ the reference encryptor over HTTP")
@_KEY_FILE
@password_options
@_service_options("hsm")
def hsm(
    settings: Settings, key_file: Path | None, password_file: Path | None, variable: str | None, **options: Any
) -> int:
    """Emulate an encryptor until Ctrl-C."""
    keys = _keys_of(settings, key_file, password_file, variable, options["declare"])
    return _serve(settings, "hsm", more={} if keys is None else {"keys": keys}, **options)


@emulate.command(help="参考电子社保卡服务（HTTP）/ the reference e-card service over HTTP")
@_service_options("ecard")
def ecard(settings: Settings, **options: Any) -> int:
    """Emulate an e-card service until Ctrl-C."""
    return _serve(settings, "ecard", **options)


@emulate.command(help="参考一卡通平台（HTTP）/ the reference platform over HTTP")
@click.option("--database", default=None, metavar="URL", help="SQLAlchemy 地址，默认内存 / default: in memory")
@_service_options("platform")
def platform(settings: Settings, database: str | None, **options: Any) -> int:
    """Emulate a platform until Ctrl-C."""
    return _serve(settings, "platform", more={} if database is None else {"database": database}, **options)


@emulate.command(help="参考合作方系统（HTTP）/ the reference partner system over HTTP")
@click.option(
    "--platform", "url", default=None, metavar="URL", help="平台地址（接收通知）/ where it notifies the platform"
)
@_service_options("partner")
def partner(settings: Settings, url: str | None, **options: Any) -> int:
    """Emulate a partner system until Ctrl-C."""
    return _serve(settings, "partner", more={} if url is None else {"callback": url}, **options)


@emulate.command(
    help="参考终端：在标准输入输出上使用 command: 协议 / the reference terminal on standard input and output, as in "
    "certify --target 'command:onecard emulate terminal'"
)
@_profile("terminal-default")
@_SEED
@_DECLARE
@with_language
def terminal(settings: Settings, profile: str, seed: str | None, declare: Path | None) -> int:
    """Emulate a terminal until the tester closes its end; ``declare`` only writes the declaration."""
    from onecard.emulate.terminal import emulate_terminal

    if declare is None:
        return emulate_terminal(profile=profile, source=sys.stdin.buffer, sink=sys.stdout.buffer)
    spec = _spec_with("terminal", profile)
    target = f"command:onecard emulate terminal --profile {profile}"
    _declare(settings, declare, spec, profile, reference_ixit("terminal", profile, seed), target)
    return 0


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

    spec = _spec_with(kind, profile)
    token = control or secrets.token_urlsafe(16) if control is not None else None

    def told(target: str) -> None:
        if declare is not None:
            ixit = reference_ixit(kind, profile, seed)
            _declare(settings, declare, spec, profile, _with_control(ixit, token), target)

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


def _with_control(ixit: Ixit, token: str | None) -> Ixit:
    """Only a control interface that is open is declared, with the token that opens it."""
    parameters = {name: value for name, value in ixit.parameters.items() if name != "control"}
    if token is not None:
        parameters["control"] = {**ixit.parameters["control"], "token": token}
    return replace(ixit, parameters=parameters)


def _spec_with(kind: str, profile: str) -> Spec:
    """The specification, once it is sure that ``profile`` is one of this kind; raises UserError."""
    spec = load_spec()
    found = spec.profile(profile).target
    if found != kind:
        raise UserError(
            zh=f"配置 {profile} 属于 {found}，不是 {kind}", en=f"{profile} is a profile of a {found}, not of a {kind}"
        )
    return spec


def _declare(settings: Settings, folder: Path, spec: Spec, profile: str, ixit: Ixit, target: str) -> None:
    make_folder(folder)
    for name, text in (
        ("ics.yaml", ics_text(ics_of_profile(spec, profile))),
        ("ixit.yaml", ixit_text(ixit, target)),
    ):
        write_secret(folder / name, text.encode("utf-8"), overwrite=True)
    settings.say(
        Text(
            zh=f"已写出 {folder}/ics.yaml 与 ixit.yaml（合成测试密钥）",
            en=f"wrote {folder}/ics.yaml and ixit.yaml (synthetic test keys)",
        )
    )
