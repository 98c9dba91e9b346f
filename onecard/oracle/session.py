"""Key diversification, session keys, authentication data, MAC, encipherment and PIN coding of the card.

The computations are those of the draft of 2011 (part 4, security; part 7, application flows; part 9, PSAM). Keys of
16 bytes; all values big-endian as they stand in commands. Every function takes ``Rules`` as its first argument: what
differs between block sizes, and what the specification's data may change, is a member of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from onecard.oracle.blocks import (
    BLOCK_SIZE,
    Algorithm,
    cbc_last_block,
    check_key,
    ecb_decrypt,
    ecb_encrypt,
    encrypt_block,
    pad_marked,
    xor,
)
from onecard.oracle.errors import ComputationError, DecodeError
from onecard.spec.card import CardSpec
from onecard.spec.card_messaging import CommandMac, EnciphermentRule, MacRule, messaging_of


class WrongOperandLength(ComputationError):
    """An operand is not of a length that the rule takes."""


class NotDigits(ComputationError):
    """A text that must consist of decimal digits holds something else, or has the wrong length."""


class WrongPadding(DecodeError):
    """Deciphered bytes are not LD, that many bytes, and the padding 80 00 ... of the rule."""


class SecondHalf(StrEnum):
    """What makes the second half of a child key: the complemented factor, or the factor again."""

    COMPLEMENT = "complement"
    REPEAT = "repeat"


class Fold(StrEnum):
    """What makes 8 bytes of a 16-byte block: its halves exclusive-ored, or its left half."""

    XOR_HALVES = "xor-halves"
    LEFT_HALF = "left-half"


class Source(StrEnum):
    """Where a diversification factor comes from: the ASCII digits of the region code, or the ATR's historical bytes."""

    REGION = "region"
    HISTORICAL = "historical"


@dataclass(frozen=True, slots=True)
class FactorRule:
    """A factor of one level, 8 bytes: ``length`` bytes of ``source`` from ``start`` (from 0), then ``suffix``."""

    source: Source
    start: int
    length: int
    suffix: bytes

    def of(self, region: str, historical: bytes) -> bytes:
        """The factor for a region code (six digits) and 13 historical bytes. Raises NotDigits, WrongOperandLength."""
        _require_length(_HISTORICAL, historical, (13,))
        octets = _region(region) if self.source is Source.REGION else historical
        return octets[self.start : self.start + self.length] + self.suffix


def _unfolded(block: bytes) -> bytes:
    return block


def _left_half(block: bytes) -> bytes:
    return block[:8]


def _fold_halves(block: bytes) -> bytes:
    return xor(block[:8], block[8:])


def _leftmost_word(block: bytes) -> bytes:
    return block[:4]


def _fold_words(block: bytes) -> bytes:
    words = [block[start : start + 4] for start in range(0, len(block), 4)]
    return reduce(xor, words)


_FOLDS: Final = {Fold.XOR_HALVES: _fold_halves, Fold.LEFT_HALF: _left_half}
_LEFTMOST: Final = "leftmost"
_XOR_WORDS: Final = "xor-words"
_WORD_FOLDS: Final = {_LEFTMOST: _leftmost_word, _XOR_WORDS: _fold_words}
_NEEDED: Final = "needed"


@dataclass(frozen=True, slots=True)
class Rules:
    """The computation rules of one card.

    ``factors``: from the national root downwards. ``second_half``: of a child key. ``random_lengths``: lengths of a
    random value from which a session key is made, ``random_pad`` the byte that fills it to a block.
    ``authentication_pad``: the byte that fills 8 bytes of original data to a block; ``authentication_fold``: of a
    16-byte block. ``mac``, ``encipherment`` and ``command``: secure messaging. ``tac_key``: the key of the 16-byte DTK.
    """

    algorithm: Algorithm
    factors: tuple[FactorRule, ...]
    second_half: SecondHalf
    random_lengths: tuple[int, ...]
    random_pad: int
    authentication_pad: int
    authentication_fold: Fold
    mac: MacRule
    encipherment: EnciphermentRule
    command: CommandMac
    tac_key: Callable[[bytes], bytes]

    @property
    def block(self) -> int:
        """Bytes of one block."""
        return BLOCK_SIZE[self.algorithm]


_DRAFT_FACTORS: Final = (
    FactorRule(Source.REGION, 0, 2, b"0000sh"),
    FactorRule(Source.REGION, 0, 6, b"sx"),
    FactorRule(Source.HISTORICAL, 5, 8, b""),
)
_DRAFT_TDES: Final = Rules(
    algorithm=Algorithm.TDES,
    factors=_DRAFT_FACTORS,
    second_half=SecondHalf.COMPLEMENT,
    random_lengths=(4, 8),
    random_pad=0x00,
    authentication_pad=0x00,
    authentication_fold=Fold.XOR_HALVES,
    mac=MacRule(initial=0x00, marker=0x80, length=4, fold=_LEFTMOST),
    encipherment=EnciphermentRule(counted=True, marker=0x80, fill=_NEEDED),
    command=CommandMac(header=True, counts_mac=True, challenge=8),
    tac_key=_fold_halves,
)
DRAFT_RULES: Final[Mapping[Algorithm, Rules]] = MappingProxyType(
    {
        Algorithm.TDES: _DRAFT_TDES,
        Algorithm.SM4: replace(
            _DRAFT_TDES,
            algorithm=Algorithm.SM4,
            random_lengths=(4, 8, 16),
            mac=replace(_DRAFT_TDES.mac, fold=_XOR_WORDS),
            tac_key=_unfolded,
        ),
    }
)
"""The draft of 2011 as it stands, which the vectors follow. A card under test is judged by ``rules_of`` its data."""


def rules_of(spec: CardSpec) -> Rules:
    """The rules that the specification's data state for one card; what they leave out is the draft's."""
    messaging = messaging_of(spec)
    return replace(
        DRAFT_RULES[Algorithm(spec.algorithm.code)],
        mac=messaging.mac,
        encipherment=messaging.encipherment,
        command=messaging.command,
        factors=tuple(
            FactorRule(Source(level.source), level.start, level.length, level.suffix)
            for level in sorted(spec.diversification.levels, key=attrgetter("level"))
        ),
        second_half=SecondHalf(spec.diversification.second_half),
        random_pad=spec.session_key.random_pad,
        authentication_pad=spec.authentication_data.pad,
        authentication_fold=Fold(spec.authentication_data.fold),
    )


def _require_length(what: Mapping[str, str], octets: bytes, lengths: tuple[int, ...]) -> None:
    if len(octets) not in lengths:
        raise WrongOperandLength(
            zh=f"{what['zh']}长度应为 {' 或 '.join(map(str, lengths))} 字节，实为 {len(octets)} 字节",
            en=f"the {what['en']} has {' or '.join(map(str, lengths))} bytes, this one has {len(octets)}",
        )


_FACTOR: Final = {"zh": "分散因子", "en": "diversification factor"}
_RANDOM: Final = {"zh": "随机数", "en": "random value"}
_ORIGINAL: Final = {"zh": "原始信息", "en": "original data"}
_INITIAL: Final = {"zh": "初始值", "en": "initial value"}
_HISTORICAL: Final = {"zh": "历史字节", "en": "string of historical bytes"}
_ROOT: Final = {"zh": "根密钥", "en": "root key"}
_DTK: Final = {"zh": "TAC 密钥", "en": "TAC key"}


def _region(region: str) -> bytes:
    if len(region) != 6 or not (region.isascii() and region.isdigit()):
        raise NotDigits(
            zh=f"行政区划代码应为 6 位数字，实为「{region}」", en=f"a region code has six digits, not {region!r}"
        )
    return region.encode("ascii")


def factors_of(rules: Rules, region: str, historical: bytes) -> tuple[bytes, ...]:
    """The 8-byte factors of a card, highest level first: province, city, card. Raises NotDigits, WrongOperandLength."""
    return tuple(factor.of(region, historical) for factor in rules.factors)


def card_key(rules: Rules, root_key: bytes, levels: int, region: str, historical: bytes) -> bytes:
    """The card's key under a root key that stands ``levels`` above it: 3 national, 2 province, 1 city, 0 its own."""
    factors = factors_of(rules, region, historical)
    return diversify(rules, root_key, factors[len(factors) - levels :])


def diversify(rules: Rules, root_key: bytes, factors: Sequence[bytes]) -> bytes:
    """The 16-byte key under ``root_key`` (16 bytes) after ``factors`` in order of application, highest level first.

    In commands the factors run the other way, lowest level first. No factor: the root key itself.
    """
    _require_length(_ROOT, root_key, (16,))
    key = root_key
    for factor in factors:
        _require_length(_FACTOR, factor, (8,))
        key = _child(rules, key, factor)
    return key


def _child(rules: Rules, parent: bytes, factor: bytes) -> bytes:
    return ecb_encrypt(rules.algorithm, parent, child_input(rules, factor))


def child_input(rules: Rules, factor: bytes) -> bytes:
    """The 16 bytes that the parent key enciphers (ECB) to its child: a factor of 8 bytes and the second half.

    8-byte blocks: one block per half of the child. 16-byte blocks: both halves of the one input block.
    """
    second = bytes(octet ^ 0xFF for octet in factor) if rules.second_half is SecondHalf.COMPLEMENT else factor
    return factor + second


def session_key(rules: Rules, key: bytes, random: bytes) -> bytes:
    """The session key (8 bytes for 3DES, 16 for SM4): ``random`` right-padded to a block, enciphered.

    Raises WrongOperandLength, WrongKeyLength.
    """
    _require_length(_RANDOM, random, rules.random_lengths)
    return encrypt_block(rules.algorithm, key, random.ljust(rules.block, bytes([rules.random_pad])))


def authentication_data(rules: Rules, session: bytes, original: bytes) -> bytes:
    """The 8 bytes that prove the key: ``original`` (8 bytes) right-padded to a block, enciphered, folded.

    Raises WrongOperandLength, WrongKeyLength.
    """
    _require_length(_ORIGINAL, original, (8,))
    block = encrypt_block(rules.algorithm, session, original.ljust(rules.block, bytes([rules.authentication_pad])))
    return block if len(block) == 8 else _FOLDS[rules.authentication_fold](block)


def mac4(rules: Rules, session: bytes, data: bytes, initial: bytes) -> bytes:
    """The MAC (4 bytes) of ``data`` (padded here with 80 00 ...) in CBC mode.

    ``initial``: the initial value, one block; ``zero_block`` for transactions, ``initial_block`` for commands. Secured
    commands: ``data`` is CLA INS P1 P2 Lc and the command data, Lc counting the MAC; medical transactions: the data
    elements alone.
    """
    _require_length(_INITIAL, initial, (rules.block,))
    padded = pad_marked(rules.algorithm, data, rules.mac.marker)
    return fold_mac(rules, cbc_last_block(rules.algorithm, session, initial, padded))


def fold_mac(rules: Rules, block: bytes) -> bytes:
    """The MAC that the last block of a CBC gives."""
    return _WORD_FOLDS[rules.mac.fold](block)[: rules.mac.length]


def zero_block(rules: Rules) -> bytes:
    """One block of 00."""
    return bytes(rules.block)


def initial_block(rules: Rules) -> bytes:
    """The initial value of the MAC of secured commands, one block."""
    return bytes((rules.mac.initial,)) * rules.block


def command_mac(rules: Rules, session: bytes, header: bytes, data: bytes) -> bytes:
    """The MAC of a secured command: ``header`` is CLA INS P1 P2; Lc, counting the MAC, is put behind it."""
    counted = len(data) + (rules.mac.length if rules.command.counts_mac else 0)
    covered = header + bytes((counted & 0xFF,)) + data if rules.command.header else data
    return mac4(rules, session, covered, initial_block(rules))


def secured(rules: Rules, session: bytes, header: bytes, data: bytes) -> bytes:
    """The whole secured command: ``header``, Lc, ``data`` and the MAC."""
    mac = command_mac(rules, session, header, data)
    return header + bytes((len(data) + len(mac),)) + data + mac


def _filled(rules: Rules, counted: bytes) -> bytes:
    rule = rules.encipherment
    if rule.fill == _NEEDED and len(counted) % rules.block == 0:
        return counted
    return pad_marked(rules.algorithm, counted, rule.marker)


def encipher(rules: Rules, session: bytes, plain: bytes) -> bytes:
    """LD (1 byte) and ``plain`` (0 to 255 bytes), padded with 80 00 ... unless they fill their blocks, in ECB mode."""
    if len(plain) > 0xFF:
        raise WrongOperandLength(
            zh=f"明文最多 255 字节，实为 {len(plain)} 字节",
            en=f"the plain text has 255 bytes at most, this one {len(plain)}",
        )
    counted = bytes([len(plain)]) + plain if rules.encipherment.counted else plain
    return ecb_encrypt(rules.algorithm, session, _filled(rules, counted))


def decipher(rules: Rules, session: bytes, enciphered: bytes) -> bytes:
    """The plain text of ``encipher`` with LD. Raises WrongPadding, WrongBlockLength."""
    counted = ecb_decrypt(rules.algorithm, session, enciphered)
    if not counted:
        raise WrongPadding(offset=0, zh="密文为空", en="nothing was enciphered")
    end = 1 + counted[0]
    whole = counted[:end]
    if len(whole) != end or counted != _filled(rules, whole):
        raise WrongPadding(
            offset=min(end, len(counted)),
            zh=f"LD 为 {counted[0]}，其后的数据与填充不符合 80 00… 规则",
            en=f"LD is {counted[0]} and what follows is not that many bytes and the padding 80 00 ...",
        )
    return counted[1:end]


def tac(rules: Rules, dtk: bytes, data: bytes) -> bytes:
    """The 4-byte transaction code over ``data`` under the 16-byte ``dtk``: the MAC rule without a session key."""
    _require_length(_DTK, dtk, (16,))
    check_key(rules.algorithm, dtk)
    return mac4(rules, rules.tac_key(dtk), data, zero_block(rules))


def pin_block(digits: str) -> bytes:
    """The PIN (4 to 16 digits) as BCD, 2 to 8 bytes, an odd count filled with F in the last low nibble."""
    if not (4 <= len(digits) <= 16 and digits.isascii() and digits.isdigit()):
        raise NotDigits(zh="PIN 应为 4 至 16 位数字", en="a PIN has 4 to 16 digits")
    return bytes.fromhex(digits + "F" * (len(digits) % 2))
