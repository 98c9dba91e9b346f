"""PKCS#11 tokens (an HSM, a smart card, SoftHSM2) that hold 3DES keys of the hierarchy, through python-pkcs11.

A key is a secret key object of type DES2 with the label ``NAME:VERSION:LEVEL``, for example ``UKSSSE:1:province``. It
never leaves the token: the token enciphers (CKM_DES3_ECB). Neither SoftHSM2 nor the binding has SM4: keys of SM4 are
kept in key files.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from onecard.errors import UserError
from onecard.planning.keyset import Key

if TYPE_CHECKING:
    import pkcs11

T = TypeVar("T")
ALGORITHM = "3des"
"""The one algorithm of the hierarchy that PKCS#11 has."""


class _Enciphers(Protocol):
    def encrypt(self, data: bytes, *, mechanism: "pkcs11.Mechanism") -> bytes: ...


class Token:
    """A token with a user logged in."""

    def __init__(self, session: "pkcs11.Session", where: str) -> None:
        self._session = session
        self._where = where

    def encipher(self, label: str, data: bytes) -> bytes | None:
        """Whole blocks enciphered by the key of this label (ECB); None where the token has no such key."""
        from pkcs11 import KeyType, Mechanism, NoSuchKey, ObjectClass

        try:
            key = self._done(
                lambda: self._session.get_key(ObjectClass.SECRET_KEY, KeyType.DES2, label), passing=NoSuchKey
            )
        except NoSuchKey:
            return None
        return self._done(lambda: cast(_Enciphers, key).encrypt(data, mechanism=Mechanism.DES3_ECB))

    def store(self, keys: Iterable[Key]) -> int:
        """Put 3DES keys into the token, never to be read back; how many. Raises UserError for a label that is there."""
        from pkcs11 import Attribute, KeyType, ObjectClass

        count = 0
        for key in keys:
            label = label_of(key.name, key.version, key.level)
            if self.encipher(label, bytes(8)) is not None:
                raise UserError(zh=f"{self._where} 已有密钥 {label}", en=f"{self._where} has a key {label} already")
            template = {
                Attribute.CLASS: ObjectClass.SECRET_KEY,
                Attribute.KEY_TYPE: KeyType.DES2,
                Attribute.LABEL: label,
                Attribute.VALUE: key.value,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.ENCRYPT: True,
                Attribute.DECRYPT: False,
            }
            self._create(template)
            count += 1
        return count

    def close(self) -> None:
        """End the session."""
        self._done(self._session.close)

    def _create(self, template: "Mapping[pkcs11.Attribute, object]") -> None:
        self._done(lambda: self._session.create_object(dict(template)))

    def _done(self, step: Callable[[], T], *, passing: type[Exception] | tuple[()] = ()) -> T:
        from pkcs11 import PKCS11Error

        try:
            return step()
        except passing:
            raise
        except PKCS11Error as error:
            raise _failed(self._where, error) from None


def label_of(name: str, version: int, level: str) -> str:
    """The label of a key in a token."""
    return f"{name}:{version}:{level}"


def open_token(module: str, label: str, pin: Callable[[], str], *, writing: bool = False) -> Token:
    """Open a token and log in; ``pin`` is tried once. Raises UserError: no binding, module, token; wrong PIN."""
    try:
        import pkcs11
    except ImportError:
        raise UserError(
            zh="未安装 python-pkcs11：pip install 'onecard-conformance[pkcs11]'",
            en="python-pkcs11 is not installed: pip install 'onecard-conformance[pkcs11]'",
        ) from None
    where = f"PKCS#11 {module} {label}"
    try:
        token = pkcs11.lib(module).get_token(token_label=label)
        try:
            session = token.open(rw=writing, user_pin=pin())
        except pkcs11.exceptions.UserAlreadyLoggedIn:
            # Another session of this process did: the login counts for all of them.
            session = token.open(rw=writing)
    except pkcs11.NoSuchToken:
        raise UserError(zh=f"{module} 没有令牌 {label}", en=f"{module} has no token {label}") from None
    except pkcs11.exceptions.PinIncorrect:
        raise UserError(
            zh=f"{where}：PIN 错误（只试一次）", en=f"{where}: the PIN is wrong (it was tried once)"
        ) from None
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise _failed(where, error) from None
    return Token(session, where)


def _failed(where: str, error: Exception) -> UserError:
    reason = str(error) or type(error).__name__
    return UserError(zh=f"{where}：失败（{reason}）", en=f"{where}: it failed ({reason})")
