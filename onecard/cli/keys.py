"""``onecard keys``: test CA, signing key, challenges; key sets and ceremonies."""

from datetime import UTC, datetime
from pathlib import Path

import click

from onecard.certificate.challenge import challenge_files, new_challenge
from onecard.certificate.keys import key_set, make_keys
from onecard.cli import keysets
from onecard.cli.output import default_keys
from onecard.cli.settings import Settings, with_language
from onecard.spec.text import Text


@click.group(
    help="测试 CA、签名密钥与质询；密钥集与密钥仪式 / test CA, signing key, challenges; key sets and ceremonies"
)
def keys() -> None:
    """Keys for certificates, and keys of the hierarchy."""


keys.add_command(keysets.make, "set")
keys.add_command(keysets.ceremony)
keys.add_command(keysets.check)
keys.add_command(keysets.encrypt)
keys.add_command(keysets.load)


@keys.command(help="生成测试 CA 与签名密钥（SM2）/ make a test CA and a signing key (SM2)")
@click.option("--dir", "folder", type=click.Path(path_type=Path), envvar="ONECARD_KEYS", metavar="DIR")
@with_language
def new(settings: Settings, folder: Path | None) -> int:
    """Make keys; private keys are readable by their owner only."""
    made = make_keys(folder if folder is not None else default_keys(), datetime.now(UTC))
    for path in (made.ca, made.signer, made.ca_key, made.signer_key):
        settings.out(str(path))
    settings.out(
        Text(
            zh="这是测试 CA（TEST），没有效力；私钥文件仅本人可读",
            en="a TEST CA, of no effect; private key files are readable by you alone",
        )
    )
    return 0


@keys.command(help="监管方：签发质询文件 / for a regulator: make a signed challenge")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--issuer", required=True, metavar="NAME")
@click.option("--dir", "folder", type=click.Path(path_type=Path), envvar="ONECARD_KEYS", metavar="DIR")
@with_language
def challenge(settings: Settings, file: Path, issuer: str, folder: Path | None) -> int:
    """Make a challenge; the run made under it happened after it, whichever device answered."""
    own = key_set(folder if folder is not None else default_keys())
    new_challenge(file, issuer, own.signer_key, own.signer, datetime.now(UTC))
    written = challenge_files(file)
    for path in (written.payload, written.signature, written.chain):
        settings.out(str(path))
    return 0
