"""What the commands of ``onecard emulate`` share: options, keys, declarations."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.evidence.files import make_folder, write_secret
from onecard.planning.declaration import Ics, Ixit, ics_text, ixit_text
from onecard.planning.keyfile import keys_to_use
from onecard.planning.keyset import KeySet
from onecard.planning.password import PasswordSource
from onecard.spec.hierarchy import installed_hierarchy
from onecard.spec.load import Spec, load_spec
from onecard.spec.text import Text

F = TypeVar("F", bound=Callable[..., Any])

SEED = click.option(
    "--seed", default=None, metavar="TEXT", help="合成数据与密钥的种子 / seed of synthetic data and keys"
)
DECLARE = click.option(
    "--declare",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="写出 ics.yaml 与 ixit.yaml（测试密钥）/ write its ICS and IXIT",
)
HOST = click.option("--host", default="127.0.0.1", show_default=True)
KEY_FILE = click.option(
    "--key-file",
    "key_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="用密钥文件中的密钥代替测试密钥 / the keys of a key file instead of test keys",
)


def keys_of(
    settings: Settings, key_file: Path | None, password_file: Path | None, variable: str | None, declare: Path | None
) -> KeySet | None:
    """The keys of a key file, None without one; it does not go with a declaration, which would tell test keys."""
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


def profile_option(default: str) -> Callable[[F], F]:
    """The option that names a profile."""
    return click.option("--profile", default=default, show_default=True, metavar="P")


def service_options(kind: str) -> Callable[[F], F]:
    """What every emulated service takes."""

    def decorate(function: F) -> F:
        for option in (
            with_language,
            DECLARE,
            SEED,
            click.option(
                "--test-control", "control", is_flag=False, flag_value="", default=None, metavar="[TOKEN]",
                help="打开测试控制接口（复位、调时钟）；令牌可省略 / open the control interface for tests; a token is "
                "made where none is given",
            ),
            profile_option(f"{kind}-default"),
            HOST,
            click.option(
                "--port", type=click.IntRange(0, 65535), default=0, show_default=True,
                help="0 由系统选择 / 0: any free port",
            ),
        ):  # fmt: skip
            function = option(function)
        return function

    return decorate


def with_control(ixit: Ixit, token: str | None) -> Ixit:
    """Only a control interface that is open is declared, with the token that opens it."""
    parameters = {name: value for name, value in ixit.parameters.items() if name != "control"}
    if token is not None:
        parameters["control"] = {**ixit.parameters["control"], "token": token}
    return replace(ixit, parameters=parameters)


def spec_with(kind: str, profile: str) -> Spec:
    """The specification, once it is sure that ``profile`` is one of this kind; raises UserError."""
    spec = load_spec()
    found = spec.profile(profile).target
    if found != kind:
        raise UserError(
            zh=f"配置 {profile} 属于 {found}，不是 {kind}", en=f"{profile} is a profile of a {found}, not of a {kind}"
        )
    return spec


def write_declaration(settings: Settings, folder: Path, ics: Ics, ixit: Ixit, target: str) -> None:
    """Write ICS and IXIT of what is emulated into a folder."""
    make_folder(folder)
    for name, text in (
        ("ics.yaml", ics_text(ics)),
        ("ixit.yaml", ixit_text(ixit, target)),
    ):
        write_secret(folder / name, text.encode("utf-8"), overwrite=True)
    settings.say(
        Text(
            zh=f"已写出 {folder}/ics.yaml 与 ixit.yaml（合成测试密钥）",
            en=f"wrote {folder}/ics.yaml and ixit.yaml (synthetic test keys)",
        )
    )
