"""The page for people beside the committed kill matrices: counts by kind of target and by group of requirements."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from onecard.evidence.files import write_whole
from onecard.harness.kinds import KINDS
from onecard.prove.committed import Committed, file_of, read
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION
from onecard.spec.load import Spec

PAGE = "README.md"
_HEAD = """# Kill matrix

杀死矩阵：哪个用例识破哪个变异体。由 `onecard prove --write docs/proof` 生成，`onecard prove --check docs/proof` 核对，
不要手改。

Which case catches which broken reference. Written by `onecard prove --write docs/proof`, held against a new proof by
`onecard prove --check docs/proof`; not to be edited. One file a kind of target, one line a requirement, mutant or
conforming variant. A behaviour mutant is a mistake written by hand, a specification mutant one changed leaf of the data
that drive the reference. Counts are of mutants killed by a case traced to the requirement that they break, taken for
equivalent (reasons are written in `onecard/prove/equivalents.yaml` and checked in every proof), and surviving; those
that could not be run are not counted. `onecard prove --html FILE` shows the same as a heat map.

"""
_ROW = ("killed", "equivalent", "survived")


def write_summary(folder: Path, spec: Spec) -> None:
    """Write the page for the matrices that stand in a folder. Raises UserError."""
    found = [read(folder, kind) for kind in KINDS if file_of(folder, kind).is_file()]
    text = _HEAD + "\n".join((*_by_kind(found), "", *_by_group(found, spec))) + "\n"
    write_whole(folder / PAGE, text.encode("utf-8"))


def _by_kind(found: Iterable[Committed]) -> Iterator[str]:
    yield from _table("kind of target", "conforming variants passed")
    for matrix in found:
        behaviour = _fates(_worst(line["by"]) for line in matrix.sections[BEHAVIOUR].values())
        changed: dict[str, str] = {}
        for (name, _profile), result in matrix.results().items():
            if name not in matrix.sections[BEHAVIOUR]:
                changed[name] = _worst((result, *(known for known in (changed.get(name),) if known is not None)))
        variants = sum(map(len, matrix.sections["variants"].values()))
        yield _line(f"[{matrix.kind}]({matrix.kind}.json)", behaviour, _fates(changed.values()), str(variants))


def _by_group(found: Iterable[Committed], spec: Spec) -> Iterator[str]:
    yield "A specification mutant may break several requirements; it is counted with each group that it touches."
    yield ""
    yield from _table("group of requirements", "requirements")
    for matrix in found:
        groups: dict[str, list[str]] = {}
        for name in matrix.sections["requirements"]:
            # A requirement that is gone is the check's business.
            part = spec.requirements[name].part if name in spec.requirements else ""
            groups.setdefault(part, []).append(name)
        for part, names in sorted(groups.items()):
            lines = [matrix.sections["requirements"][name] for name in names]
            own, changed = (
                [sum(line[kind][at] for line in lines) for at in range(3)] for kind in (BEHAVIOUR, SPECIFICATION)
            )
            yield _line(f"{matrix.kind}: {part}", own, changed, str(len(names)))


def _worst(results: Iterable[str]) -> str:
    """Of one mutant over its profiles: killed only where it is killed everywhere that it shows."""
    ranks = ("(survived)", "(cannot-run)")
    told = sorted(results, key=lambda result: (ranks.index(result) if result in ranks else 2, result == "(equivalent)"))
    return told[0]


def _fates(results: Iterable[str]) -> list[int]:
    told = list(results)
    equivalent, survived = told.count("(equivalent)"), told.count("(survived)")
    return [sum(not result.startswith("(") for result in told), equivalent, survived]


def _table(first: str, last: str) -> Iterator[str]:
    yield f"| {first} | behaviour: {' / '.join(_ROW)} | specification: {' / '.join(_ROW)} | {last} |"
    yield "|---|---:|---:|---:|"


def _line(first: str, behaviour: list[int], specification: list[int], last: str) -> str:
    return f"| {first} | {' / '.join(map(str, behaviour))} | {' / '.join(map(str, specification))} | {last} |"
