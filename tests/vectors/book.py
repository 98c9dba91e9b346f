"""What files of vectors are built of: tests with their outputs by the emulator, and wrong outputs on purpose."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.vectors.recompute import RECOMPUTE

ROOT = "0123456789abcdeffedcba9876543210"
OTHER = "00112233445566778899aabbccddeeff"
REGION = "110100"
HISTORICAL = "00814a44468660110100000001"
FACTORS = ("3131303030307368", "3131303130307378", "8660110100000001")
ALGORITHMS = ("3des", "sm4")
SESSIONS = {"3des": "27675f4f14cd526b", "sm4": "1577901b3e97abceccc0a6a8576bf3cd"}
DRAFT = "draft of 2011 (ten parts) preceding LD/T 32-2015, "
TOYS = "toy vectors of this project, computed by the rules"

Flags = Mapping[str, tuple[str, str]]
Change = Callable[[dict[str, Any]], dict[str, Any]]


class Group:
    """Tests of one type and algorithm."""

    def __init__(self, type_: str, algorithm: str | None) -> None:
        self.type = type_
        self.algorithm = algorithm
        self.tests: list[dict[str, Any]] = []

    def right(self, comment: str, flag: str, **inputs: Any) -> None:
        self._add(comment, flag, "valid", {**inputs, **self._outputs(inputs)})

    def wrong(self, comment: str, flag: str, change: Change, **inputs: Any) -> None:
        """``change`` gives the wrong outputs, of inputs and right outputs together."""
        right = {**inputs, **self._outputs(inputs)}
        altered = {**right, **change(right)}
        assert altered != right, comment
        self._add(comment, flag, "invalid", altered)

    def _outputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return RECOMPUTE[self.type](self.algorithm or "", inputs)

    def _add(self, comment: str, flag: str, result: str, members: dict[str, Any]) -> None:
        self.tests.append({"comment": comment, "flags": [flag], "result": result, **members})


def document(
    name: str, header: str, source: tuple[str, Sequence[str], str], notes: Flags, groups: Sequence[Group]
) -> dict[str, Any]:
    basis, documents, note = source
    number = 0
    for group in groups:
        for index, test in enumerate(group.tests):
            number += 1
            group.tests[index] = {"tcId": number, **test}
    used = {flag for group in groups for test in group.tests for flag in test["flags"]}
    return {
        "algorithm": name,
        "schema": "schema.json",
        "numberOfTests": number,
        "header": [header],
        "source": {"basis": basis, "documents": [*documents, TOYS], "note": note},
        "notes": {flag: {"bugType": bug, "description": words} for flag, (bug, words) in notes.items() if flag in used},
        "testGroups": [
            {
                "type": group.type,
                **({"algorithm": group.algorithm} if group.algorithm is not None else {}),
                "tests": group.tests,
            }
            for group in groups
        ],
    }


def bump(hexadecimal: str, at: int = -1) -> str:
    """One bit of one byte the other way."""
    octets = bytearray(bytes.fromhex(hexadecimal))
    octets[at] ^= 0x01
    return octets.hex()
