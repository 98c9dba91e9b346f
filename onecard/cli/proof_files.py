"""The files of a proof: the heat map, the kill matrix to be written, and the committed one that is held against it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from onecard.errors import UserError
from onecard.evidence.files import make_folder
from onecard.prove.committed import Committed, differences, file_of, matrix_of, read, write
from onecard.prove.matrix import Proof
from onecard.prove.page import write_page
from onecard.prove.results import Hints, Results
from onecard.prove.summary import write_summary
from onecard.spec.load import Spec
from onecard.spec.location import data_root
from onecard.spec.text import Language, Text


@dataclass
class ProofFiles:
    """Paths as the user gave them; ``written`` and ``checked`` are folders of kill matrices."""

    html: Path | None
    written: Path | None
    checked: Path | None
    _stated: dict[str, Committed] = field(default_factory=dict)

    def prepare(self, kinds: Sequence[str], *, whole: bool) -> None:
        """What is wrong with a file shows now and not after minutes. ``whole``: nothing is left out of the proof.

        Raises UserError.
        """
        if (self.written or self.checked) and not whole:
            raise UserError(
                zh="--write 与 --check 针对整个矩阵，不能与 --full、--mutant、--profile 同用",
                en="--write and --check are about the whole matrix: not together with --full, --mutant or --profile",
            )
        if self.checked is not None:
            self._stated = {kind: read(self.checked, kind) for kind in kinds}
        if self.html is not None:
            make_folder(self.html.parent)
        if self.written is not None:
            make_folder(self.written)

    def hints(self, results: Results) -> Hints:
        """The cases to try first: of the matrix that is checked or written anew, of this checkout's, of the cache."""
        ours = data_root("specs").parent / "docs" / "proof"
        folders = (folder for folder in (self.checked, self.written, ours) if folder is not None)
        found = next((folder for folder in folders if file_of(folder, results.kind).is_file()), None)
        return results.hints if found is None else read(found, results.kind).hints

    def write(self, proofs: Sequence[Proof], spec: Spec, language: Language) -> None:
        """Write what was asked for. Raises UserError."""
        if self.html is not None:
            write_page(proofs, spec, self.html, language)
        if self.written is not None:
            for proof in proofs:
                write(self.written, matrix_of(proof))
            write_summary(self.written, spec)

    def stale(self, proof: Proof) -> tuple[Text, ...]:
        """In what the matrix that is checked differs, and last what to do."""
        if proof.kind not in self._stated:
            return ()
        found = differences(self._stated[proof.kind], proof)
        again = f"onecard prove {proof.kind} --write {self.checked}"
        todo = Text(zh=f"矩阵已过时；核对以上各项，再运行 {again}", en=f"it is stale: look at these, then run {again}")
        return (*found, todo) if found else ()
