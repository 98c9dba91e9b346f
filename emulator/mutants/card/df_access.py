"""Mistakes in the access rules of the information areas, one area at a time: what opens that must not, and what does
not open that must.
"""

from collections.abc import Callable

from emulator.card.access import granted
from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.card.variant import VariantSpec
from emulator.mutants.model import Mutant
from onecard.spec.card import Access, AccessRule, FileSpec
from onecard.spec.text import Text

Rule = Callable[[AccessRule, SecurityState], bool]
PICTURES = {"SSSE/EF07": "FINGERPRINT", "SSSE/EF08": "PHOTO"}


class OtherRule(CardBehaviour):
    """The files of one area are read or updated by another rule than theirs."""

    def __init__(self, area: str, *, read: Rule | None = None, update: Rule | None = None) -> None:
        self._area = area
        self._read = read
        self._update = update

    def _concerns(self, file: FileSpec) -> bool:
        return self._area in (file.application, PICTURES.get(file.id))

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        if self._read is not None and self._concerns(file):
            return self._read(file.read, state)
        return super().may_read(file, state)

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        if self._update is not None and self._concerns(file):
            return self._update(file.update, state)
        return super().may_update(file, state)


def _open(rule: AccessRule, state: SecurityState) -> bool:
    return True


def _shut(rule: AccessRule, state: SecurityState) -> bool:
    return False


def _any_key(rule: AccessRule, state: SecurityState) -> bool:
    return granted(rule, state) or bool(state.keys)


def _pin_too(rule: AccessRule, state: SecurityState) -> bool:
    return granted(rule, state) or state.pin


def _key_only(rule: AccessRule, state: SecurityState) -> bool:
    return rule.key in state.keys if rule.key is not None else granted(rule, state)


def _pin_only(rule: AccessRule, state: SecurityState) -> bool:
    return state.pin


def _both(rule: AccessRule, state: SecurityState) -> bool:
    return state.pin and (rule.key is None or rule.key in state.keys)


def _either(rule: AccessRule, state: SecurityState) -> bool:
    if rule.access is Access.PIN_AND_KEY:
        return state.pin or rule.key in state.keys
    return granted(rule, state)


WHERE = {"DF06": ("card-2.0", "card-3.0-anhui"), "DF0A": ("card-3.0-anhui",)}
"""Profiles with an area that not every card of its generation has."""


def _mutant(
    name: str,
    area: str,
    breaks: str,
    because: Text,
    profiles: tuple[str, ...] = (),
    *,
    read: Rule | None = None,
    update: Rule | None = None,
) -> Mutant:
    return Mutant(
        id=f"card/{area.lower()}-{name}",
        breaks=f"CARD-{area}-{breaks}",
        because=because,
        variant=lambda _spec: VariantSpec(behaviour=OtherRule(area, read=read, update=update)),
        profiles=WHERE.get(area, profiles),
    )


AREAS = ("DF01", "DF02", "DF03", "DF04", "DF05", "DF06", "DF07", "DF0A", "PHOTO", "FINGERPRINT")
GUARDED = ("DF01", "DF02", "DF03", "DF04", "DF06", "DF07", "DF0A", "PHOTO", "FINGERPRINT")
PIN_OR_KEY = ("DF01", "DF02", "DF03", "DF04", "DF0A")
KEY_ALONE = ("DF06", "DF07", "PHOTO", "FINGERPRINT")
SECOND = ("card-2.0", "card-3.0", "card-3.0-anhui")

READ_FREELY = tuple(
    _mutant(
        "read-freely",
        area,
        "READ-REFUSED",
        Text("建立文件时读权限写成“自由”", "the files were created with the read rule 'free'"),
        read=_open,
    )
    for area in GUARDED
)
READ_BY_ANY_KEY = tuple(
    _mutant(
        "read-by-any-key",
        area,
        "READ-REFUSED",
        Text("安全状态只有一位，不区分密钥", "the security state is one bit and knows no keys"),
        SECOND,
        read=_any_key,
    )
    for area in GUARDED
)
READ_BY_PIN = tuple(
    _mutant(
        "read-by-pin",
        area,
        "READ-REFUSED",
        Text("“仅密钥”误设为“密码或密钥”", "'key' was set up as 'PIN or key'"),
        SECOND,
        read=_pin_too,
    )
    for area in KEY_ALONE
)
NEVER_READ = tuple(
    _mutant(
        "never-read",
        area,
        "READ",
        Text("文件在个人化后被误锁定", "the files were locked at personalisation by mistake"),
        read=_shut,
    )
    for area in AREAS
)
READ_BY_BOTH = tuple(
    _mutant(
        "read-by-both-only",
        area,
        "READ",
        Text("“密码或密钥”按“密码与密钥”实现", "'PIN or key' was implemented as 'PIN and key'"),
        SECOND,
        read=_both,
    )
    for area in PIN_OR_KEY
)
READ_BY_KEY_ONLY = tuple(
    _mutant(
        "read-by-key-only",
        area,
        "READ",
        Text("“密码或密钥”只认密钥", "of 'PIN or key' the key alone was implemented"),
        SECOND,
        read=_key_only,
    )
    for area in PIN_OR_KEY
)
READ_BY_PIN_ONLY = tuple(
    _mutant(
        "read-by-pin-only",
        area,
        "READ",
        Text("“密码或密钥”只认密码", "of 'PIN or key' the PIN alone was implemented"),
        SECOND,
        read=_pin_only,
    )
    for area in PIN_OR_KEY
)
EITHER_FOR_BOTH = (
    _mutant(
        "read-by-either",
        "DF04",
        "READ-REFUSED",
        Text("“密码与密钥”按“密码或密钥”实现", "'PIN and key' was implemented as 'PIN or key'"),
        SECOND,
        read=_either,
    ),
)
UPDATED_FREELY = tuple(
    _mutant(
        "updated-freely",
        area,
        "UPDATE-REFUSED",
        Text("个人化后未切换更新权限", "the rule of the personalisation phase stayed in force"),
        update=_open,
    )
    for area in AREAS
)
UPDATED_BY_ANY_KEY = tuple(
    _mutant(
        "updated-by-any-key",
        area,
        "UPDATE-REFUSED",
        Text("任一更新密钥可改全部文件", "any update key of the area writes all of its files"),
        SECOND,
        update=_any_key,
    )
    for area in GUARDED
)
UPDATED_BY_PIN = tuple(
    _mutant(
        "updated-by-pin",
        area,
        "UPDATE-REFUSED",
        Text("更新权限沿用了读权限的“密码或密钥”", "the update rule was copied from the read rule 'PIN or key'"),
        update=_pin_too,
    )
    for area in AREAS
)
NEVER_UPDATED = tuple(
    _mutant(
        "never-updated",
        area,
        "UPDATE",
        Text("文件按只读建立", "the files were created for reading only"),
        update=_shut,
    )
    for area in AREAS
)
UPDATED_WITH_PIN = tuple(
    _mutant(
        "updated-with-pin-only",
        area,
        "UPDATE",
        Text("更新另要求密码", "updating asks for the PIN besides the key"),
        update=_both,
    )
    for area in AREAS
)


class NumbersForKeys(CardBehaviour):
    """Rights are kept by the number of the key and outlive the area: key 84 of one area is key 84 of another."""

    def __init__(self, keys: dict[str, int]) -> None:
        self._keys = keys

    def rights_after_select(self, state: SecurityState) -> SecurityState:
        return state

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return super().may_read(file, self._namesakes(state))

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return super().may_update(file, self._namesakes(state))

    def _namesakes(self, state: SecurityState) -> SecurityState:
        numbers = {self._keys[key] for key in state.keys}
        for key, number in self._keys.items():
            if number in numbers:
                state = state.with_key(key)
        return state


BY_NUMBER = tuple(
    Mutant(
        id=f"card/{area.lower()}-{right.lower()}-by-number",
        breaks=f"CARD-{area}-{right}-REFUSED",
        because=Text(
            "安全状态按密钥号记录，且不随应用切换清除",
            "rights are recorded by key number and not cleared with the area",
        ),
        variant=lambda spec: VariantSpec(
            behaviour=NumbersForKeys({name: key.key_id for name, key in spec.keys.items()})
        ),
        profiles=SECOND,
    )
    for area, right in (("DF02", "READ"), ("DF02", "UPDATE"), ("DF03", "READ"), ("DF04", "UPDATE"))
)
