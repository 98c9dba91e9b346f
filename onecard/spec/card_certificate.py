"""The certificate application as data: its PINs, key pairs and coding, resolved for one declaration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from onecard.spec.card import CardSpec, Command
from onecard.spec.errors import SpecError
from onecard.spec.text import Text

ENVIRONMENT, APPLICATION = "PKI", "CERT"
"""The ids of the DDF and of the ADF in it."""

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CertificatePin:
    """A PIN: ``p2`` names it in VERIFY; ``default`` and ``limit`` are those of the reference."""

    id: str
    name: Text
    p2: int
    default: str
    limit: int


@dataclass(frozen=True, slots=True)
class KeyPair:
    """File ids of public key, private key and certificate; ``use`` signature or encryption."""

    id: str
    name: Text
    public: str
    private: str
    certificate: str
    use: str


@dataclass(frozen=True, slots=True)
class Coding:
    """Tags of the objects in commands; lengths of challenges that prove a PIN; ``proof_key``: bytes of the PIN's SM3;
    ``new_key``: what precedes a new master key; ``header``: the two bytes before the reference's public keys.
    """

    public_file: int
    private_file: int
    data: int
    public_value: int
    private_value: int
    challenge_lengths: tuple[int, ...]
    proof_key: int
    new_key: bytes
    header: bytes


@dataclass(frozen=True, slots=True)
class CertificateSpec:
    """Everything beside commands and files that the data say of the certificate application."""

    pins: Mapping[str, CertificatePin]
    pairs: Mapping[str, KeyPair]
    coding: Coding

    def pair(self, use: str) -> KeyPair:
        """The key pair for signature or encryption; raises KeyError."""
        for pair in self.pairs.values():
            if pair.use == use:
                return pair
        raise KeyError(use)


def has_certificate(spec: CardSpec) -> bool:
    """Whether the card has the certificate application."""
    return bool(spec.table("certificate-coding"))


def certificate_of(spec: CardSpec) -> CertificateSpec:
    """The typed view; raises SpecError where the card has no certificate application, or its data are broken."""
    try:
        pins = cast(Mapping[str, Node], spec.table("certificate-pins"))
        pairs = cast(Mapping[str, Node], spec.table("certificate-pairs"))
        (coding,) = cast(Mapping[str, Node], spec.table("certificate-coding")).values()
        return CertificateSpec(
            pins={name: _pin(node) for name, node in pins.items()},
            pairs={name: _pair(node) for name, node in pairs.items()},
            coding=_coding(coding),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError(
            zh=f"证书应用的规范数据不完整：{error!r}",
            en=f"the data of the certificate application are broken: {error!r}",
        ) from None


def word(command: Command, name: str) -> str:
    """A parameter of a command that is text; raises SpecError where the data hold none."""
    value = command.parameters.get(name)
    if not isinstance(value, str):
        raise SpecError(zh=f"{command.id} 缺少参数 {name}", en=f"{command.id} has no parameter {name}")
    return value


def _text(node: Node) -> Text:
    return Text(zh=node["name"]["zh"], en=node["name"]["en"])


def _pin(node: Node) -> CertificatePin:
    return CertificatePin(node["id"], _text(node), node["p2"], node["default"], node["limit"])


def _pair(node: Node) -> KeyPair:
    return KeyPair(node["id"], _text(node), node["public"], node["private"], node["certificate"], node["use"])


def _coding(node: Node) -> Coding:
    return Coding(
        public_file=node["public-file"],
        private_file=node["private-file"],
        data=node["data"],
        public_value=node["public-value"],
        private_value=node["private-value"],
        challenge_lengths=tuple(node["challenge-lengths"]),
        proof_key=node["proof-key"]["length"],
        new_key=bytes.fromhex(node["new-key"]),
        header=bytes.fromhex(node["reference-header"]),
    )
