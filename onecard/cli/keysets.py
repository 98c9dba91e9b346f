"""``onecard keys set|ceremony|check|encrypt``: key sets, ceremonies, and encrypted key files."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from onecard.cli.settings import Settings, with_language
from onecard.errors import UserError
from onecard.planning.ceremony import CEREMONY, COMPONENTS, combined
from onecard.planning.keyfile import KEY_FILE, keys_in, read_keys, write_key_file
from onecard.planning.keyset import KEY_SET, KeySet, merged, problems, sound
from onecard.planning.password import PIN_VARIABLE, PasswordSource
from onecard.planning.token import ALGORITHM, open_token
from onecard.spec.document import RawDocument, read_document
from onecard.spec.hierarchy import KeyHierarchy, installed_hierarchy
from onecard.spec.text import Text

F = TypeVar("F", bound=Callable[..., Any])

_FILES = click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
_OUT = click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR")
_FORCE = click.option("--force", is_flag=True, help="覆盖已有文件 / write over files that exist")
_HISTORICAL = re.compile(r"[0-9A-Fa-f]{26}")
_REGION = re.compile(r"[0-9]{6}")


def password_options(function: F) -> F:
    """``--password-file FILE`` and ``--password-env NAME``; without them ONECARD_KEY_PASSWORD, or a question."""
    for option in (
        click.option("--password-env", "variable", metavar="NAME", help="密码所在环境变量 / variable that holds it"),
        click.option(
            "--password-file", "password_file", type=click.Path(path_type=Path), metavar="FILE",
            help="密码在文件第一行 / file whose first line is the password",
        ),
    ):  # fmt: skip
        function = option(function)
    return function


@click.command(help="由种子生成合成测试密钥集（国家、省、市）/ synthetic key sets of a region from a seed")
@click.option("--seed", default=None, metavar="S", help="缺省与参考仿真相同 / default: that of the references")
@click.option("--region", default=None, metavar="CODE", help="六位行政区划代码 / region, six digits")
@click.option("--historical", default=None, metavar="HEX", help="另写一张卡的密钥 / also the keys of one card (ATR)")
@click.option("--algorithm", "algorithms", multiple=True, metavar="A", help="3des, sm4; 缺省两种 / default: both")
@_OUT
@_FORCE
@with_language
def make(
    settings: Settings,
    seed: str | None,
    region: str | None,
    historical: str | None,
    algorithms: tuple[str, ...],
    out: Path,
    force: bool,
) -> int:
    """Make test key sets."""
    from onecard.emulate.keyset import made_sets, write_sets

    hierarchy = installed_hierarchy()
    if region is not None and _REGION.fullmatch(region) is None:
        raise UserError(zh="--region 应为 6 位数字", en="--region takes six digits")
    if historical is not None and _HISTORICAL.fullmatch(historical) is None:
        raise UserError(zh="--historical 应为 26 个十六进制数字", en="--historical takes 26 hexadecimal digits")
    for name in algorithms:
        _check_algorithm(hierarchy, name)
    given: dict[str, Any] = {"algorithms": algorithms} if algorithms else {}
    if seed is not None:
        given["seed"] = seed
    sets = made_sets(
        hierarchy, region=region, historical=None if historical is None else bytes.fromhex(historical), **given
    )
    for path in write_sets(sets, out, overwrite=force):
        settings.out(str(path))
    settings.say(
        Text(
            zh="合成测试密钥：任何人都能由种子算出，不得用于真实卡片",
            en="synthetic test keys: anybody can compute them from the seed; never for cards in use",
        )
    )
    for algorithm in hierarchy.algorithms.values():
        if algorithm.excluded is not None:
            settings.say(
                Text(
                    zh=f"{algorithm.name.zh} 未公开：不可测，没有密钥集",
                    en=f"{algorithm.name.en} is not published: not testable, no key set",
                )
            )
    return 0


def _check_algorithm(hierarchy: KeyHierarchy, name: str) -> None:
    found = hierarchy.algorithms.get(name)
    usable = ", ".join(code for code, each in hierarchy.algorithms.items() if each.excluded is None)
    if found is None:
        raise UserError(zh=f"没有算法 {name}；可用：{usable}", en=f"there is no algorithm {name}; known: {usable}")
    if found.excluded is not None:
        raise UserError(
            zh=f"{found.name.zh} 未公开，不可测，也不仿造；可用：{usable}",
            en=f"{found.name.en} is not published: it cannot be tested and is not imitated; known: {usable}",
        )


@click.command(
    help="密钥仪式：把密钥集分成各保管人的分量，附校验值 / a key ceremony: components for custodians, with check values"
)
@_FILES
@click.option("--custodians", type=int, default=2, show_default=True, metavar="N")
@_OUT
@_FORCE
@password_options
@with_language
def ceremony(
    settings: Settings,
    files: tuple[Path, ...],
    custodians: int,
    out: Path,
    force: bool,
    password_file: Path | None,
    variable: str | None,
) -> int:
    """Split keys into components."""
    from onecard.emulate.keyset import write_ceremony

    hierarchy, source = installed_hierarchy(), PasswordSource(password_file, variable)
    keys = merged(sound(read_keys(path, hierarchy, source), hierarchy) for path in files)
    for path in write_ceremony(hierarchy, keys, custodians, out, overwrite=force):
        settings.out(str(path))
    return 0


@click.command(
    help="核对校验值；给出仪式记录与全部分量时合成密钥 / verify check values; combine a ceremony's components"
)
@_FILES
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="KEYFILE",
    help="把合成的密钥写入加密文件 / write the combined keys to an encrypted file",
)  # fmt: skip
@_FORCE
@password_options
@with_language
def check(
    settings: Settings,
    files: tuple[Path, ...],
    out: Path | None,
    force: bool,
    password_file: Path | None,
    variable: str | None,
) -> int:
    """Exit 0: all holds; 1: a check value, component or diversified key does not."""
    hierarchy, source = installed_hierarchy(), PasswordSource(password_file, variable)
    keys = _given(files, hierarchy, source)
    wrong = list(problems(keys, hierarchy))
    for problem in wrong:
        settings.out(problem)
    if wrong:
        return 1
    settings.out(
        Text(
            zh=f"{len(keys.keys)} 个密钥的校验值均相符" + ("（合成密钥）" if keys.synthetic else ""),
            en=f"the check values of {len(keys.keys)} keys hold" + (" (synthetic keys)" if keys.synthetic else ""),
        )
    )
    if out is not None:
        write_key_file(out, keys, source.new_password(str(out)), overwrite=force)
        settings.out(str(out))
    return 0


def _given(files: tuple[Path, ...], hierarchy: KeyHierarchy, source: PasswordSource) -> KeySet:
    documents = [read_document(path) for path in files]
    kinds = {kind: [each for each in documents if each.data.get("kind") == kind] for kind in (CEREMONY, COMPONENTS)}
    if not kinds[CEREMONY] and not kinds[COMPONENTS]:
        return merged(_of_kind(document, hierarchy, source) for document in documents)
    if len(kinds[CEREMONY]) != 1 or len(kinds[CEREMONY]) + len(kinds[COMPONENTS]) != len(documents):
        raise UserError(
            zh="合成密钥需要一份仪式记录和各保管人的分量文件，别无其他",
            en="to combine keys give one record of a ceremony and the files of its custodians, nothing else",
        )
    return combined(kinds[CEREMONY][0], kinds[COMPONENTS], hierarchy)


def _of_kind(document: RawDocument, hierarchy: KeyHierarchy, source: PasswordSource) -> KeySet:
    if document.data.get("kind") not in (KEY_SET, KEY_FILE):
        kinds = f"{KEY_SET}, {KEY_FILE}, {CEREMONY}, {COMPONENTS}"
        raise document.error(
            ("kind",) if "kind" in document.data else (),
            zh=f"kind 应为 {kinds} 之一",
            en=f"kind must be one of {kinds}",
        )
    return keys_in(document, hierarchy, source)


@click.command(help="把密钥集加密为密钥文件 / encrypt key sets into one key file")
@_FILES
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="KEYFILE")
@_FORCE
@password_options
@with_language
def encrypt(
    settings: Settings,
    files: tuple[Path, ...],
    out: Path,
    force: bool,
    password_file: Path | None,
    variable: str | None,
) -> int:
    """Merge key sets of one region and encrypt them; their check values must hold."""
    hierarchy, source = installed_hierarchy(), PasswordSource(password_file, variable)
    keys = sound(merged(_of_kind(read_document(path), hierarchy, source) for path in files), hierarchy)
    write_key_file(out, keys, source.new_password(str(out)), overwrite=force)
    settings.out(str(out))
    return 0


@click.command(
    help="把 3DES 密钥装入 PKCS#11 令牌（令牌没有 SM4）/ put 3DES keys into a PKCS#11 token (tokens have no SM4)"
)
@_FILES
@click.option("--module", required=True, metavar="LIBRARY", help="PKCS#11 库 / the token's PKCS#11 library")
@click.option("--token", "label", required=True, metavar="LABEL")
@click.option("--pin-file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--pin-env", metavar="NAME")
@password_options
@with_language
def load(
    settings: Settings,
    files: tuple[Path, ...],
    module: str,
    label: str,
    pin_file: Path | None,
    pin_env: str | None,
    password_file: Path | None,
    variable: str | None,
) -> int:
    """Store keys in a token as objects that cannot be read back."""
    hierarchy, source = installed_hierarchy(), PasswordSource(password_file, variable)
    keys = sound(merged(_of_kind(read_document(path), hierarchy, source) for path in files), hierarchy)
    fit = [key for key in keys.keys.values() if key.algorithm == ALGORITHM]
    secret = PasswordSource(pin_file, pin_env, PIN_VARIABLE)
    token = open_token(module, label, lambda: secret.password(label), writing=True)
    try:
        count = token.store(fit)
    finally:
        token.close()
    settings.out(Text(zh=f"{label}：装入 {count} 个密钥", en=f"{label}: {count} keys stored"))
    left = len(keys.keys) - count
    if left:
        settings.say(
            Text(
                zh=f"{left} 个密钥未装入：PKCS#11 接口库与 SoftHSM2 均无 SM4，请用密钥文件保存",
                en=f"{left} keys were left out: the PKCS#11 binding and SoftHSM2 have no SM4; keep them in a key file",
            )
        )
    return 0
