"""Results of former proofs in the user's cache: what is unchanged is not tried again, and an interrupted proof goes on.

One file a kind of target, one JSON line a result, written every few seconds while a proof runs, and never where code or
data were edited meanwhile. A file that cannot be read or written, or a torn line, only costs time.
"""

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onecard.errors import UserError
from onecard.evidence.files import write_whole
from onecard.prove.digest import Digests
from onecard.prove.subject import Subject
from onecard.prove.trial import Fate, Trial
from onecard.prove.variants import VariantResult
from onecard.prove.work import VARIANT, Result, Task
from onecard.spec.checked import cache_folder

EVERY = 5.0
"""Seconds after which results are written: an interrupted machine loses no more."""

Hints = Mapping[tuple[str, str], str]
"""By mutant and profile: the case that killed it before."""


@dataclass
class Results:
    """The remembered results of one kind. ``fresh``: those of former proofs are not used."""

    kind: str
    fresh: bool = False
    _digests: Digests = field(init=False)
    _lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    _read: int = 0
    _waiting: list[bytes] = field(default_factory=list)
    _written: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._digests = Digests(self.kind)
        file = _file(self.kind)
        if file is None or self.fresh:
            return
        with contextlib.suppress(OSError, ValueError):
            for text in filter(None, file.read_text(encoding="utf-8").splitlines()):
                self._read += 1
                # A line may be torn: whoever wrote it was killed.
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    line = json.loads(text)
                    told = {name: line[name] for name in ("task", "digest", "first")}
                    self._lines[line["task"]] = {**told, "result": _result(line["result"])}

    @property
    def hints(self) -> Hints:
        """The first killer of each mutant, whatever has changed since."""
        found = (line["result"] for line in self._lines.values())
        trials = (trial for trial in found if isinstance(trial, Trial) and trial.killers)
        return {(trial.mutant, trial.profile): trial.killers[0] for trial in trials}

    def known(self, task: Task, subject: Subject | None) -> Result | None:
        """The result of a task that nothing has changed since; ``subject``: its mutant, None for a variant.

        A mutant that was killed otherwise than by the cases that are to be tried first is not known.
        """
        line = self._lines.get(_name(task))
        if line is None or line["digest"] != self._digest(subject):
            return None
        found = line["result"]
        killed = isinstance(found, Trial) and found.fate is Fate.KILLED and task.first
        as_asked = not killed or line["first"] == list(task.first) or set(found.killers).intersection(task.first)
        return found if as_asked else None

    def remember(self, task: Task, subject: Subject | None, result: Result) -> None:
        """Add a result; it is written within seconds."""
        line = {"task": _name(task), "digest": self._digest(subject), "first": list(task.first), "result": result}
        self._lines[_name(task)] = line
        self._waiting.append(_text(line))
        if time.monotonic() > self._written + EVERY:
            self._write()

    def close(self) -> None:
        """Write what waits; leave out what later lines replace, once that is the greater part."""
        self._write()
        file = _file(self.kind)
        if file is not None and self._read > 2 * len(self._lines) and self._digests.still_hold():
            with contextlib.suppress(UserError):
                write_whole(file, b"".join(map(_text, self._lines.values())))

    def _write(self) -> None:
        self._written = time.monotonic()
        waiting, self._waiting = self._waiting, []
        file = _file(self.kind)
        if file is None or not waiting or not self._digests.still_hold():
            return
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("ab") as end:
                end.write(b"".join(waiting))
        self._read += len(waiting)

    def _digest(self, subject: Subject | None) -> str:
        return self._digests.shared if subject is None else self._digests.of(subject)


def _file(kind: str) -> Path | None:
    folder = cache_folder()
    return None if folder is None else folder / f"proof-{kind}.jsonl"


def _name(task: Task) -> str:
    return " ".join((task.what, task.identifier, task.profile, *task.others, *(("--full",) if task.full else ())))


def _text(line: Mapping[str, Any]) -> bytes:
    # A torn line of a killed proof may stand before: the line begins with an end of its own.
    body = {**line, "result": _body(line["result"])}
    return b"\n" + json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _body(result: Result) -> dict[str, Any]:
    names = Trial.__dataclass_fields__ if isinstance(result, Trial) else VariantResult.__dataclass_fields__
    return {name: getattr(result, name) for name in names}


def _result(body: dict[str, Any]) -> Result:
    """A result as it was written; raises KeyError, TypeError or ValueError for anything else."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
    return VariantResult(**values) if VARIANT in body else Trial(**{**values, "fate": Fate(body["fate"])})
