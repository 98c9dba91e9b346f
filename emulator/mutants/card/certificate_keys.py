"""Mistakes of the certificate application: keys, digests, signatures, changes."""

from collections.abc import Callable

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.crypto import sm3
from emulator.mutants.model import mutant
from onecard.spec.text import Text

MASTERS = frozenset(("MKPKI", "MKCERT"))


@mutant(
    "card/cert-digest-of-object",
    breaks="CARD-CERT-DIGEST",
    because=Text("摘要包含 C1 标签与长度", "tag and length of the object are digested too"),
)
class DigestOfObject(CardBehaviour):
    """The digest covers the whole object."""

    def certificate_digest(self, data: bytes, right: bytes) -> bytes:
        return sm3(bytes((0xC1, len(data))) + data)


@mutant(
    "card/cert-digest-of-one-block",
    breaks="CARD-CERT-DIGEST",
    because=Text("只处理一个分组", "one block of data is digested"),
)
class DigestOfOneBlock(CardBehaviour):
    """Data behind the first 64 bytes are not digested."""

    def certificate_digest(self, data: bytes, right: bytes) -> bytes:
        return sm3(data[:64])


@mutant(
    "card/cert-export-of-other-key",
    breaks="CARD-CERT-EXPORT",
    because=Text("导出的公钥缺少头部并错位", "the exported key is shifted by its header"),
)
class ExportShifted(CardBehaviour):
    """The exported key begins two bytes late."""

    def certificate_exported(self, right: bytes) -> bytes:
        return right[2:] + right[:2]


@mutant(
    "card/cert-unwrap-order",
    breaks="CARD-CERT-UNWRAP",
    because=Text("按旧顺序 C1‖C2‖C3 解析", "the old order C1, C2, C3 is expected"),
)
class UnwrapOrder(CardBehaviour):
    """C2 is taken to precede C3."""

    def certificate_cipher(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        return data[:64], data[-32:], data[64:-32]


@mutant(
    "card/cert-unwrap-hash-unchecked",
    breaks="CARD-CERT-UNWRAP-CHECK",
    because=Text("未比较 C3", "C3 is not compared"),
)
class UnwrapHashUnchecked(CardBehaviour):
    """What does not agree is given all the same."""

    def certificate_decrypted(self, parts: tuple[bytes, bytes, bytes], plain: bytes | None) -> bytes | None:
        return parts[2] if plain is None else plain


@mutant(
    "card/cert-signature-reversed",
    breaks="CARD-CERT-SIGN",
    because=Text("r、s 按小端输出", "r and s are given with the low byte first"),
)
class SignatureReversed(CardBehaviour):
    """The numbers of the signature stand reversed."""

    def certificate_signature(self, digest: bytes, right: bytes) -> bytes:
        return right[:32][::-1] + right[32:][::-1]


@mutant(
    "card/cert-signature-numbers-exchanged",
    breaks="CARD-CERT-SIGN",
    because=Text("输出顺序为 s、r", "s is given before r"),
)
class SignatureNumbersExchanged(CardBehaviour):
    """s precedes r."""

    def certificate_signature(self, digest: bytes, right: bytes) -> bytes:
        return right[32:] + right[:32]


@mutant(
    "card/cert-signature-nonce-constant",
    breaks="CARD-CERT-SIGN-FRESH",
    because=Text("签名随机数固定", "the random number of signatures is a constant"),
)
class SignatureNonceConstant(CardBehaviour):
    """Every signature has the same k."""

    def certificate_nonce(self, random: Callable[[int], bytes]) -> bytes:
        return b"\x5a" * 32


@mutant(
    "card/cert-signature-nonce-kept",
    breaks="CARD-CERT-SIGN-FRESH",
    because=Text("随机数上电后只取一次", "the random number is drawn once a power-up"),
)
class SignatureNonceKept(CardBehaviour):
    """Signatures between two power-ups have the same k."""

    def __init__(self) -> None:
        self._nonce = b""

    def atr(self, right: bytes) -> bytes:
        self._nonce = b""
        return right

    def certificate_nonce(self, random: Callable[[int], bytes]) -> bytes:
        self._nonce = self._nonce or random(32)
        return self._nonce


@mutant(
    "card/cert-generation-keeps-key",
    breaks="CARD-CERT-GENERATE",
    because=Text("已有密钥时不重新产生", "a key that is there already is kept"),
)
class GenerationKeepsKey(CardBehaviour):
    """The first key stays."""

    def certificate_private_key(self, random: Callable[[int], bytes], old: bytes | None) -> bytes:
        # One less: the key is this number plus one.
        return random(32) if old is None else (int.from_bytes(old, "big") - 1).to_bytes(32, "big")


@mutant(
    "card/cert-generation-keeps-public-key",
    breaks="CARD-CERT-GENERATE",
    because=Text("公钥文件未更新", "the file of the public key is not written"),
)
class GenerationKeepsPublicKey(CardBehaviour):
    """The file shows the old public key."""

    def certificate_public_key(self, old: bytes, right: bytes) -> bytes:
        return old


@mutant(
    "card/cert-generation-repeats",
    breaks="CARD-CERT-GENERATE",
    because=Text("随机数发生器每次上电后相同", "the random generator begins again with every power-up"),
)
class GenerationRepeats(CardBehaviour):
    """The keys made after each power-up are the same."""

    def __init__(self) -> None:
        self._count = 0

    def atr(self, right: bytes) -> bytes:
        self._count = 0
        return right

    def certificate_private_key(self, random: Callable[[int], bytes], old: bytes | None) -> bytes:
        self._count += 1
        return sm3(bytes((self._count,)))


@mutant(
    "card/cert-import-not-deciphered",
    breaks="CARD-CERT-IMPORT",
    because=Text("导入的私钥未以会话密钥解密", "the imported private key is not deciphered with the session key"),
)
class ImportNotDeciphered(CardBehaviour):
    """The private key is kept as it came."""

    def certificate_import_key(self, deciphered: bytes, given: bytes) -> bytes:
        return b"\x00" + given[1:]


@mutant(
    "card/cert-master-key-unchecked",
    breaks="CARD-CERT-MASTER",
    because=Text("比较结果未被使用", "the result of the comparison is not used"),
)
class MasterKeyUnchecked(CardBehaviour):
    """Any proof is right."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return True


@mutant(
    "card/cert-master-key-uncounted",
    breaks="CARD-CERT-MASTER",
    because=Text("主控密钥错误不计数", "wrong proofs of a master key are not counted"),
)
class MasterKeyUncounted(CardBehaviour):
    """Master keys can be tried for ever."""

    def counted(self, name: str, right: bool) -> bool:
        return right and name not in MASTERS


@mutant(
    "card/cert-changed-pin-forgotten",
    breaks="CARD-CERT-CHANGE-PIN",
    because=Text("应答成功但未写入", "success is answered and nothing written"),
)
class ChangedPinForgotten(CardBehaviour):
    """The old PIN counts after a change."""

    def certificate_changed(self, name: str, old: bytes, new: bytes) -> bytes:
        return new if name in MASTERS else old


@mutant(
    "card/cert-changed-key-forgotten",
    breaks="CARD-CERT-CHANGE-KEY",
    because=Text("应答成功但未写入", "success is answered and nothing written"),
)
class ChangedKeyForgotten(CardBehaviour):
    """The old master key counts after a change."""

    def certificate_changed(self, name: str, old: bytes, new: bytes) -> bytes:
        return old if name in MASTERS else new


@mutant(
    "card/cert-change-unauthenticated",
    breaks="CARD-CERT-CHANGE-KEY",
    because=Text("修改主控密钥前不要求鉴别", "a master key is changed without its authentication"),
)
class ChangeUnauthenticated(CardBehaviour):
    """A secured change needs no authentication."""

    def certificate_allowed(self, command: str, right: str, state: SecurityState) -> bool:
        return command == "CERT-CHANGE-KEY" or super().certificate_allowed(command, right, state)


@mutant(
    "card/cert-change-mac-unchecked",
    breaks="CARD-CERT-CHANGE-MAC",
    because=Text("未验证 MAC", "the MAC is not verified"),
)
class ChangeMacUnchecked(CardBehaviour):
    """Any MAC is right."""

    def certificate_mac_agrees(self, computed: bytes, given: bytes) -> bool:
        return True


@mutant(
    "card/cert-change-mac-in-part",
    breaks="CARD-CERT-CHANGE-MAC",
    because=Text("只比较 MAC 的前 2 字节", "two bytes of the MAC are compared"),
)
class ChangeMacInPart(CardBehaviour):
    """Half a MAC is enough."""

    def certificate_mac_agrees(self, computed: bytes, given: bytes) -> bool:
        return computed[:2] == given[:2]


@mutant(
    "card/cert-parameters-not-looked-at",
    breaks="CARD-CERT-PARAMETERS",
    because=Text("不检查 P1、P2", "P1 and P2 are not looked at"),
)
class ParametersNotLookedAt(CardBehaviour):
    """Any P1 and P2 do."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command.startswith("CERT-")


@mutant(
    "card/cert-status-of-data",
    breaks="CARD-CERT-PARAMETERS",
    because=Text("数据结构错误以 6700 应答", "data of a wrong structure are answered 6700"),
)
class StatusOfData(CardBehaviour):
    """6700 in place of 6A80."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6700 if command.startswith("CERT-") and condition == "data" else right
