"""SM4 of the envelope: key derivation, encipherment with PKCS7, codings."""

import base64
import binascii
import re
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.padding import PKCS7

from onecard.spec.partner import Encipherment, KeyDerivation

KEY_BYTES: Final = 16
_UPPER: Final = re.compile(r"([0-9A-F]{2})+")
_EITHER: Final = re.compile(r"([0-9A-Fa-f]{2})+")


class CannotDecipher(ValueError):
    """Not of the agreed coding, not of whole blocks, or wrongly padded."""


def message_key(rule: KeyDerivation, app_id: str, secret: str) -> bytes:
    """The 16-byte key of a partner's messages, cut out of the secret enciphered under a part of the application id."""
    first = app_id.encode("ascii")[rule.first_key_start :][:KEY_BYTES]
    enciphered = _ecb_encrypt(first, secret.encode("utf-8")).hex()
    text = enciphered.upper() if rule.coding == "upper-hex" else enciphered
    return text[rule.key_start :][:KEY_BYTES].encode("ascii")


def encipher(rule: Encipherment, key: bytes, plain: bytes) -> str:
    """``plain`` enciphered, as text."""
    padder = PKCS7(128).padder()
    context = _cipher(rule, key).encryptor()
    enciphered = context.update(padder.update(plain) + padder.finalize()) + context.finalize()
    return enciphered.hex().upper() if rule.coding == "upper-hex" else base64.b64encode(enciphered).decode("ascii")


def decipher(rule: Encipherment, key: bytes, text: str) -> bytes:
    """The plain bytes of ``text``; raises CannotDecipher."""
    try:
        enciphered = _decoded(rule, text)
        context, unpadder = _cipher(rule, key).decryptor(), PKCS7(128).unpadder()
        return unpadder.update(context.update(enciphered) + context.finalize()) + unpadder.finalize()
    except ValueError as error:
        raise CannotDecipher(str(error)) from None


def _decoded(rule: Encipherment, text: str) -> bytes:
    if rule.coding == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise CannotDecipher(str(error)) from None
    if not (_EITHER if rule.lower_hex else _UPPER).fullmatch(text):
        raise CannotDecipher("not of the agreed hexadecimal form")
    return bytes.fromhex(text)


def _cipher(rule: Encipherment, key: bytes) -> Cipher[modes.ECB] | Cipher[modes.CBC]:
    # One program is known with CBC; its initial value is the key.
    return Cipher(SM4(key), modes.CBC(key)) if rule.mode == "cbc" else Cipher(SM4(key), modes.ECB())


def _ecb_encrypt(key: bytes, plain: bytes) -> bytes:
    padder, context = PKCS7(128).padder(), Cipher(SM4(key), modes.ECB()).encryptor()
    return context.update(padder.update(plain) + padder.finalize()) + context.finalize()
