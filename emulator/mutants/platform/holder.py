"""Mistakes of holder authentication and masks."""

from collections.abc import Mapping

from emulator.mutants.model import mutant
from emulator.platform.behaviour import PlatformBehaviour
from onecard.spec.platform import Mask
from onecard.spec.text import Text


@mutant(
    "platform/name-uncompared",
    breaks="PLATFORM-HOLDER-MISMATCH",
    because=Text("姓名有生僻字，故不比较", "names with rare characters gave trouble, so names are not compared"),
)
class NameUncompared(PlatformBehaviour):
    """The number alone will do."""

    def holder_matches(self, known: Mapping[str, str], given: Mapping[str, str]) -> bool:
        return known["number"] == given["number"]


@mutant(
    "platform/number-compared-by-prefix",
    breaks="PLATFORM-HOLDER-MISMATCH",
    because=Text("为兼容 15 位号码只比较前 17 位", "only 17 digits are compared, for the sake of old numbers"),
)
class NumberComparedByPrefix(PlatformBehaviour):
    """The check character of the number does not matter."""

    def holder_matches(self, known: Mapping[str, str], given: Mapping[str, str]) -> bool:
        return known["name"] == given["name"] and known["number"][:17] == given["number"][:17]


@mutant(
    "platform/name-found-within",
    breaks="PLATFORM-HOLDER-MISMATCH",
    because=Text("姓名以包含关系比较", "names are compared by LIKE"),
)
class NameFoundWithin(PlatformBehaviour):
    """A part of the name will do."""

    def holder_matches(self, known: Mapping[str, str], given: Mapping[str, str]) -> bool:
        return given["name"] in known["name"] and known["number"] == given["number"]


@mutant(
    "platform/mismatch-told",
    breaks="PLATFORM-HOLDER-MISMATCH",
    because=Text("为方便排错，应答指出哪一项不符", "to help with mistakes the answer tells which one differs"),
)
class MismatchTold(PlatformBehaviour):
    """Names can be guessed one by one."""

    def mismatch_told(self, known: Mapping[str, str], given: Mapping[str, str]) -> str | None:
        return next(f"holder/{field}" for field in known if known[field] != given[field])


@mutant(
    "platform/number-stored-with-blank",
    breaks="PLATFORM-HOLDER",
    because=Text("库中号码带有空格，比较前未去除", "numbers are stored with a blank that is not removed"),
)
class StoredWithBlanks(PlatformBehaviour):
    """The right holder is refused."""

    def holder_matches(self, known: Mapping[str, str], given: Mapping[str, str]) -> bool:
        return f"{known['number']} " == given["number"]


@mutant(
    "platform/number-unmasked",
    breaks="PLATFORM-HOLDER-MASKED",
    because=Text("只对姓名脱敏", "names are masked, numbers are not"),
)
class NumberUnmasked(PlatformBehaviour):
    """The whole number is shown."""

    def masked(self, field: str, plain: str, mask: Mask) -> str:
        return plain if field == "number" else super().masked(field, plain, mask)


@mutant(
    "platform/last-of-name-shown",
    breaks="PLATFORM-HOLDER-MASKED",
    because=Text("两字姓名按三字规则脱敏", "the rule of another field is applied to names"),
)
class LastOfNameShown(PlatformBehaviour):
    """First and last character of the name are shown."""

    def masked(self, field: str, plain: str, mask: Mask) -> str:
        return super().masked(field, plain, Mask(1, 1, mask.filler) if field == "name" else mask)
