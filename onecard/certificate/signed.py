"""A canonical JSON file with its detached DER signature and PEM chain beside it: certificates and challenges."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from onecard.certificate import sm2
from onecard.certificate.chain import path_fault, signer_fault
from onecard.certificate.sm2 import PrivateKey
from onecard.certificate.x509 import X509, BadCertificate, read_certificates
from onecard.errors import UserError
from onecard.evidence.canonical import JsonObject, NotCanonical, canonical_line, parse_line
from onecard.evidence.files import write_whole
from onecard.spec.text import Text


@dataclass(frozen=True, slots=True)
class SignedFiles:
    """The three files: what is signed, its signature, and the chain of its signer (the signer first)."""

    payload: Path
    signature: Path
    chain: Path


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the chain that vouches for it."""

    key: PrivateKey
    chain: tuple[X509, ...]
    chain_pem: bytes

    @property
    def certificate(self) -> X509:
        """The signer's own certificate."""
        return self.chain[0]


@dataclass(frozen=True, slots=True)
class SignedObject:
    """A signed file as read. ``body`` is None if it is not canonical JSON; ``trusted`` is None if no CA was given."""

    raw: bytes
    body: JsonObject | None
    signer: X509 | None
    trusted: bool | None
    problems: tuple[Text, ...]


def load_signer(key_path: Path, chain_path: Path, now: datetime) -> Signer:
    """The key and its chain, checked to belong together and to be usable ``now``. Raises UserError (exit code 2)."""
    key = PrivateKey.load(key_path)
    try:
        chain = read_certificates(chain_path)
    except BadCertificate as error:
        raise UserError(zh=error.text.zh, en=error.text.en) from error
    if chain[0].point != key.point():
        raise UserError(
            zh=f"私钥 {key_path} 与证书 {chain_path} 不是一对", en=f"the key {key_path} is not that of {chain_path}"
        )
    fault = signer_fault(chain[0], now)
    if fault is not None:
        raise UserError(zh=fault.zh, en=fault.en)
    return Signer(key, chain, chain_path.read_bytes())


def write_signed(body: JsonObject, signer: Signer, files: SignedFiles) -> None:
    """Sign ``body`` byte for byte as it is written, and write the three files, the payload last. Raises UserError."""
    raw = canonical_line(body)
    write_whole(files.signature, signer.key.sign(raw))
    write_whole(files.chain, signer.chain_pem)
    write_whole(files.payload, raw)


def read_signed(files: SignedFiles, ca: Path | None, now: datetime) -> SignedObject:
    """Read and check the three files: form, signature, signer, and the path to ``ca`` (a PEM file) if one is given.

    Raises UserError (exit code 2) only for files that cannot be read.
    """
    raw = _bytes(files.payload)
    signature = _bytes(files.signature)
    anchors = None if ca is None else _anchors(ca)
    problems: list[Text] = []
    body: JsonObject | None = None
    try:
        body = parse_line(raw)
    except NotCanonical as error:
        problems.append(_about(files.payload, error.text))
    try:
        chain = read_certificates(files.chain)
    except BadCertificate as error:
        return SignedObject(raw, body, None, None if anchors is None else False, (*problems, error.text))
    signer = chain[0]
    if not sm2.verify(signer.point, raw, signature):
        problems.append(
            Text(
                zh=f"签名不成立：{files.payload.name}、{files.signature.name} 或 {files.chain.name} 被改动",
                en=f"the signature does not hold: {files.payload.name}, {files.signature.name} or {files.chain.name} "
                "was changed",
            )
        )
    fault = signer_fault(signer, now)
    if fault is not None:
        problems.append(fault)
    trusted: bool | None = None
    if anchors is not None:
        fault = path_fault(signer, chain[1:], anchors, now)
        trusted = fault is None
        if fault is not None:
            problems.append(fault)
    return SignedObject(raw, body, signer, trusted, tuple(problems))


def _anchors(ca: Path) -> tuple[X509, ...]:
    try:
        return read_certificates(ca)
    except BadCertificate as error:
        raise UserError(zh=error.text.zh, en=error.text.en) from error


def _about(path: Path, text: Text) -> Text:
    return Text(zh=f"{path.name}：{text.zh}", en=f"{path.name}: {text.en}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(zh=f"无法读取 {path}：{reason}", en=f"cannot read {path}: {reason}") from error
