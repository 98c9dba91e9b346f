"""Encrypted key sets: a key set under a password, scrypt and AES-256-GCM.

The file is JSON (schema ``key-file``); everything in it but the enciphered bytes is authenticated along with them.
Basis: profile (no public text says how a tester keeps keys); scrypt by RFC 7914, GCM by NIST SP 800-38D.
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from onecard.errors import UserError
from onecard.evidence.canonical import canonical_value
from onecard.evidence.files import write_secret
from onecard.planning.keyset import KEY_SET, KeySet, document_of, key_set_of, sound
from onecard.planning.password import PasswordSource
from onecard.spec.document import RawDocument, parse_document, read_document
from onecard.spec.hierarchy import KeyHierarchy
from onecard.spec.load import check_schema

KEY_FILE: Final = "key-file"
_COST: Final = {"n": 2**17, "r": 8, "p": 1}
_SALT, _NONCE, _KEY = 16, 12, 32


def read_keys(path: Path, hierarchy: KeyHierarchy, password: PasswordSource) -> KeySet:
    """The key set of a file, encrypted or not, its check values not compared. Raises SpecError or UserError.

    ``password`` is asked only for an encrypted one.
    """
    document = read_document(path)
    return keys_in(document, hierarchy, password)


def keys_in(document: RawDocument, hierarchy: KeyHierarchy, password: PasswordSource) -> KeySet:
    """As ``read_keys``, of a document that was read already."""
    if document.data.get("kind") != KEY_FILE:
        return key_set_of(document, hierarchy)
    inner = _opened(document, password.password(document.file))
    return key_set_of(parse_document(inner, document.file), hierarchy)


def keys_to_use(path: Path, hierarchy: KeyHierarchy, password: PasswordSource) -> KeySet:
    """The key set of a file, whose check values hold, for use. Raises UserError, SpecError.

    Keys that are not synthetic are taken from an encrypted file only.
    """
    document = read_document(path)
    keys = sound(keys_in(document, hierarchy, password), hierarchy)
    if not keys.synthetic and document.data.get("kind") == KEY_SET:
        raise UserError(
            zh=f"{path} 未加密，又没有标明是合成密钥：先用 onecard keys encrypt 加密",
            en=f"{path} is not encrypted and does not say that its keys are synthetic: run onecard keys encrypt first",
        )
    return keys


def write_key_file(path: Path, keys: KeySet, password: str, *, overwrite: bool = False) -> None:
    """Write a key set encrypted, readable by its owner only. Raises FileExists unless ``overwrite``, UserError."""
    write_secret(path, encrypted(keys, password), overwrite=overwrite)


def encrypted(keys: KeySet, password: str) -> bytes:
    """The bytes of a key file."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    head: dict[str, Any] = {
        "format": 1,
        "kind": KEY_FILE,
        "kdf": {"name": "scrypt", **_COST, "salt": salt.hex().upper()},
        "cipher": "aes-256-gcm",
        "nonce": nonce.hex().upper(),
    }
    plain = json.dumps(document_of(keys), ensure_ascii=False).encode("utf-8")
    sealed = AESGCM(_key(head["kdf"], password)).encrypt(nonce, plain, canonical_value(head))
    body = {**head, "data": base64.b64encode(sealed).decode("ascii")}
    return json.dumps(body, indent=1).encode("utf-8") + b"\n"


def _opened(document: RawDocument, password: str) -> str:
    check_schema(document, KEY_FILE, secret=True)
    body = cast(dict[str, Any], document.data)
    head = {name: value for name, value in body.items() if name != "data"}
    try:
        sealed = base64.b64decode(body["data"], validate=True)
    except binascii.Error:
        raise document.error(("data",), zh="不是 base64", en="this is not base64") from None
    try:
        plain = AESGCM(_key(body["kdf"], password)).decrypt(bytes.fromhex(body["nonce"]), sealed, canonical_value(head))
    except InvalidTag:
        raise document.error(
            ("data",), zh="密码错误，或文件被改动", en="the password is wrong, or the file was altered"
        ) from None
    return plain.decode("utf-8")


def _key(kdf: Mapping[str, Any], password: str) -> bytes:
    derivation = Scrypt(salt=bytes.fromhex(kdf["salt"]), length=_KEY, n=kdf["n"], r=kdf["r"], p=kdf["p"])
    return derivation.derive(password.encode("utf-8"))
