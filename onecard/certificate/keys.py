"""``onecard keys new``: a test CA and a signing key, for trying things out. Every name in them says TEST."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from onecard.certificate.sm2 import PrivateKey
from onecard.certificate.x509 import Identity, build, distinguished_name, to_pem
from onecard.errors import UserError
from onecard.evidence.files import FileExists, write_secret, write_whole

ORGANIZATION: Final = "OneCard Conformance TEST"
_CA_NAME: Final = "OneCard Conformance TEST CA"
_SIGNER_NAME: Final = "OneCard Conformance TEST signer"
_CA_LIFE: Final = timedelta(days=3650)
_SIGNER_LIFE: Final = timedelta(days=1095)


@dataclass(frozen=True, slots=True)
class KeySet:
    """Where the four files lie. ``signer`` holds the chain: the signer's certificate, then the CA's."""

    ca: Path
    ca_key: Path
    signer: Path
    signer_key: Path


def key_set(folder: Path) -> KeySet:
    """The names of the files in ``folder``, whether they exist or not."""
    return KeySet(
        ca=folder / "ca.pem", ca_key=folder / "ca.key", signer=folder / "signer.pem", signer_key=folder / "signer.key"
    )


def make_keys(folder: Path, now: datetime, *, overwrite: bool = False) -> KeySet:
    """Make a test CA and a signing key in ``folder`` (made with mode 0700), valid from ``now`` (aware).

    Private keys are PKCS#8 in PEM, mode 0600. Raises FileExists unless ``overwrite``, SigningUnavailable without
    tongsuopy, UserError if a file cannot be written.
    """
    files = key_set(folder)
    paths = (files.ca_key, files.signer_key, files.ca, files.signer)
    present = [path for path in paths if path.exists() or path.is_symlink()]
    if present and not overwrite:
        raise FileExists(
            zh=f"{present[0]} 已存在，不会覆盖密钥：请换一个目录",
            en=f"{present[0]} exists and keys are not overwritten: choose another folder",
        )
    begin = now.replace(microsecond=0)
    ca = Identity(distinguished_name(_CA_NAME, ORGANIZATION), PrivateKey.generate())
    ca_der = build(
        subject=ca.name,
        point=ca.key.point(),
        issuer=ca,
        not_before=begin,
        not_after=begin + _CA_LIFE,
        authority=True,
    )
    signer = PrivateKey.generate()
    signer_der = build(
        subject=distinguished_name(_SIGNER_NAME, ORGANIZATION),
        point=signer.point(),
        issuer=ca,
        not_before=begin,
        not_after=begin + _SIGNER_LIFE,
        authority=False,
    )
    _make_folder(folder)
    ca_pem = to_pem("CERTIFICATE", ca_der)
    write_secret(files.ca_key, ca.key.pem(), overwrite=overwrite)
    write_secret(files.signer_key, signer.pem(), overwrite=overwrite)
    write_whole(files.ca, ca_pem)
    write_whole(files.signer, to_pem("CERTIFICATE", signer_der) + ca_pem)
    return files


def _make_folder(folder: Path) -> None:
    try:
        for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            missing.mkdir(mode=0o700)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            zh=f"无法建立目录 {folder}：{reason}", en=f"cannot make the folder {folder}: {reason}"
        ) from error
