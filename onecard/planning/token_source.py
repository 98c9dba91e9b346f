"""The key source ``pkcs11``: 3DES keys that stay in a token; it serves cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from onecard.errors import UserError
from onecard.oracle import session as computation
from onecard.oracle.session import pin_block
from onecard.planning.password import PIN_VARIABLE, PasswordSource
from onecard.planning.token import ALGORITHM, Token, label_of, open_token
from onecard.spec.card import CardSpec
from onecard.spec.card_transport import has_own_factors
from onecard.spec.hierarchy import KeyHierarchy, installed_hierarchy, key_algorithm
from onecard.spec.load import TargetSpec


@dataclass(frozen=True)
class TokenKeys:
    """Keys in a token, which makes the first step of diversification; the oracle makes those below."""

    token: Token = field(repr=False)
    region: str
    hierarchy: KeyHierarchy = field(repr=False)
    pin_digits: str | None = field(repr=False)
    diversified: bool = True
    _made: dict[tuple[str, str, int, bytes], bytes | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        """The card's key below the highest key of that name in the token; None without one."""
        if key_algorithm(spec, name) != ALGORITHM or has_own_factors(spec, name):
            return None
        which = (spec.profile, name, version, historical)
        if which not in self._made:
            self._made[which] = self._derived(spec, name, version, historical)
        return self._made[which]

    def _derived(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        rules = computation.rules_of(spec)
        factors = computation.factors_of(rules, self.region, historical)
        for level in sorted(self.hierarchy.levels.values(), key=lambda each: -each.above_card):
            below = factors[len(factors) - level.above_card :]
            if not 0 < level.above_card <= spec.keys[name].levels:
                continue
            block = computation.child_input(rules, below[0])
            child = self.token.encipher(label_of(name, version, level.code), block)
            if child is not None:
                return computation.diversify(rules, child, below[1:])
        return None

    def pin(self) -> bytes | None:
        """The PIN in BCD."""
        return pin_block(self.pin_digits) if self.pin_digits is not None else None

    def root_key(self, name: str, version: int, algorithm: str | None = None) -> bytes | None:
        """Never any: keys do not leave the token."""
        return None

    def region_code(self) -> bytes | None:
        """The region in ASCII."""
        return self.region.encode("ascii")


def token_source(source: Mapping[str, Any], spec: TargetSpec, pin: str | None) -> TokenKeys:
    """The token that an IXIT names, opened. Raises UserError: SM4, a target that is no card, and as open_token."""
    if not isinstance(spec, CardSpec):
        raise UserError(
            zh="密钥来源 pkcs11 只用于卡片：密钥不离开令牌；其他被测对象请用 key-file",
            en="the key source pkcs11 serves cards only, as keys do not leave the token; use key-file for others",
        )
    if spec.algorithm.code != ALGORITHM:
        raise UserError(
            zh=f"{spec.profile} 使用 {spec.algorithm.code}，PKCS#11 接口库与 SoftHSM2 均无此算法：请用 key-file",
            en=f"{spec.profile} computes by {spec.algorithm.code}, which neither the PKCS#11 binding nor SoftHSM2 has: "
            "use key-file",
        )
    secret = PasswordSource.of(source.get("pin"), PIN_VARIABLE)
    token = open_token(source["module"], source["token"], lambda: secret.password(source["token"]))
    return TokenKeys(token, source["region"], installed_hierarchy(), pin)
