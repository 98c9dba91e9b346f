"""The kill matrix as it stands in the repository: written, read, and held against a new proof.

One line a requirement, mutant or variant, sorted, so that a change of the suite shows as a small difference. What is
written depends on the specification, the suite and the reference alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from onecard.errors import UserError
from onecard.evidence.files import make_folder, write_whole
from onecard.prove.matrix import MutantResult, Proof
from onecard.prove.results import Hints
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION
from onecard.prove.trial import Fate, Trial
from onecard.spec.text import Text

FORMAT: Final = 1
_COUNTED: Final = (Fate.KILLED, Fate.EQUIVALENT, Fate.SURVIVED, Fate.CANNOT_RUN)
_SECTIONS: Final = ("requirements", BEHAVIOUR, SPECIFICATION, "variants")
Lines = Mapping[str, Any]


@dataclass(frozen=True)
class Committed:
    """A matrix from a file: its sections, each name with what stands in its line."""

    kind: str
    sections: Mapping[str, Lines]

    @property
    def hints(self) -> Hints:
        """The killer of each mutant on each profile."""
        return {key: result for key, result in self.results().items() if not _is_fate(result)}

    def results(self) -> dict[tuple[str, str], str]:
        """By mutant and profile: the case that killed it, or its fate in brackets."""
        found = {}
        for name, line in self.sections[BEHAVIOUR].items():
            found.update({(name, profile): result for result, own in line["by"].items() for profile in own})
        for leaf, line in self.sections[SPECIFICATION].items():
            for profile, by_result in line.items():
                found.update(
                    {(f"spec/{leaf}/{change}", profile): result for result, own in by_result.items() for change in own}
                )
        return found


def matrix_of(proof: Proof) -> Committed:
    """What is to be written of a proof."""
    behaviour: dict[str, Any] = {}
    specification: dict[str, Any] = {}
    for mutant in proof.mutants:
        for trial in mutant.trials:
            if trial.fate is Fate.SAME:
                continue
            if mutant.kind == BEHAVIOUR:
                line = behaviour.setdefault(mutant.id, {"breaks": min(mutant.requirements), "by": {}})
                line["by"].setdefault(_result(trial), []).append(trial.profile)
            else:
                leaf, _, change = mutant.id.removeprefix("spec/").rpartition("/")
                by_result = specification.setdefault(leaf, {}).setdefault(trial.profile, {})
                by_result.setdefault(_result(trial), []).append(change)
    variants: dict[str, list[str]] = {}
    for variant in proof.variants:
        variants.setdefault(variant.variant, []).append(variant.profile)
    counts = {name: _counts(mutants) for name, mutants in proof.breaking().items()}
    sections: dict[str, Lines] = dict(zip(_SECTIONS, (counts, behaviour, specification, variants), strict=True))
    return Committed(proof.kind, MappingProxyType(sections))


def _counts(mutants: tuple[MutantResult, ...]) -> dict[str, list[int]]:
    return {
        kind: [sum(found.kind == kind and found.fate is fate for found in mutants) for fate in _COUNTED]
        for kind in (BEHAVIOUR, SPECIFICATION)
    }


def _result(trial: Trial) -> str:
    return trial.killers[0] if trial.fate is Fate.KILLED else f"({trial.fate})"


def _is_fate(result: str) -> bool:
    return result.startswith("(")


def file_of(folder: Path, kind: str) -> Path:
    """Where the matrix of a kind stands."""
    return folder / f"{kind}.json"


def write(folder: Path, matrix: Committed) -> None:
    """Write a matrix. Raises UserError where that cannot be."""
    make_folder(folder)
    write_whole(file_of(folder, matrix.kind), _text(matrix).encode("utf-8"))


def _text(matrix: Committed) -> str:
    sections = [f"{json.dumps(name)}: {{\n" + ",\n".join(_lines(matrix.sections[name])) + "\n}" for name in _SECTIONS]
    return "{\n" + ",\n".join((f'"format": {FORMAT}', f'"suite": "{matrix.kind}"', *sections)) + "\n}\n"


def _lines(section: Lines) -> Iterator[str]:
    for name in sorted(section):
        line = json.dumps(section[name], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield f"{json.dumps(name, ensure_ascii=False)}: {line}"


def read(folder: Path, kind: str) -> Committed:
    """Read the matrix of a kind. Raises UserError where there is none, or one of another form."""
    file = file_of(folder, kind)
    again = f"onecard prove {kind} --write {folder}"
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        found = Committed(kind, {name: dict(body[name]) for name in _SECTIONS})
        found.results()
        if (body["format"], body["suite"]) != (FORMAT, kind):
            raise ValueError(body["format"], body["suite"])
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            zh=f"无法读取杀死矩阵 {file}：{reason}；用 {again} 生成",
            en=f"cannot read the kill matrix {file}: {reason}; write it by {again}",
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            zh=f"{file} 不是本程序写的 {kind} 杀死矩阵；用 {again} 重新生成",
            en=f"{file} is no kill matrix of {kind} as this program writes it; write it anew by {again}",
        ) from None
    return found


def differences(old: Committed, proof: Proof) -> tuple[Text, ...]:
    """In what a committed matrix is stale, and requirements that nothing proves.

    Another killer is no difference while the recorded one still kills.
    """
    new = matrix_of(proof)
    return (
        *_of_names(old.sections["requirements"], new.sections["requirements"], "要求", "requirement"),
        *_of_names(old.sections["variants"], new.sections["variants"], "符合变体", "conforming variant"),
        *_of_results(old, new, proof),
        *_of_counts(old.sections, new.sections),
        *(
            Text(zh=f"要求 {name} 没有自己的被杀变异体", en=f"requirement {name} has no killed mutant of its own")
            for name in proof.unproven
        ),
    )


def _of_names(old: Lines, new: Lines, zh: str, en: str) -> Iterator[Text]:
    for name in sorted(new.keys() - old.keys()):
        yield Text(zh=f"{zh} {name} 不在矩阵中", en=f"{en} {name} is not in the matrix")
    for name in sorted(old.keys() - new.keys()):
        yield Text(zh=f"{zh} {name} 已不存在", en=f"{en} {name} no longer exists")


def _of_results(old: Committed, new: Committed, proof: Proof) -> Iterator[Text]:
    before, now = old.results(), new.results()
    killers = {(trial.mutant, trial.profile): trial.killers for found in proof.mutants for trial in found.trials}
    yield from _of_names(
        {f"{name} [{profile}]": None for name, profile in before},
        {f"{name} [{profile}]": None for name, profile in now},
        "变异体",
        "mutant",
    )
    for key in sorted(before.keys() & now.keys()):
        was, is_now = before[key], now[key]
        shown = f"{key[0]} [{key[1]}]"
        if was == is_now or was in killers[key]:
            continue
        if _is_fate(was) or _is_fate(is_now):
            yield Text(zh=f"变异体 {shown} 原为 {was}，现为 {is_now}", en=f"mutant {shown} was {was}, is {is_now} now")
        elif was not in proof.cases:
            yield Text(zh=f"变异体 {shown}：已没有用例 {was}", en=f"mutant {shown}: there is no case {was} any more")
        else:
            yield Text(zh=f"变异体 {shown}：{was} 不再杀死它", en=f"mutant {shown}: {was} does not kill it any more")


def _of_counts(old: Mapping[str, Lines], new: Mapping[str, Lines]) -> Iterator[Text]:
    for section, zh, en in (("requirements", "要求", "requirement"), ("variants", "符合变体", "conforming variant")):
        for name in sorted(old[section].keys() & new[section].keys()):
            was, is_now = (json.dumps(lines[section][name], sort_keys=True) for lines in (old, new))
            if was != is_now:
                yield Text(zh=f"{zh} {name} 原为 {was}，现为 {is_now}", en=f"{en} {name} was {was}, is {is_now} now")
    for name in sorted(old[BEHAVIOUR].keys() & new[BEHAVIOUR].keys()):
        was, is_now = old[BEHAVIOUR][name]["breaks"], new[BEHAVIOUR][name]["breaks"]
        if was != is_now:
            yield Text(
                zh=f"变异体 {name} 违反的是 {is_now}，不是 {was}", en=f"mutant {name} breaks {is_now}, not {was}"
            )
