"""The wheel carries the data, byte for byte, and gives the digests of the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
KINDS = ("specs", "suites", "vectors", "reports")
PRINT_DIGESTS = """
import sys
sys.path.insert(0, sys.argv[1])
import onecard
from onecard.resources import tree_digest
assert onecard.__file__.startswith(sys.argv[1]), onecard.__file__
print(*[tree_digest(kind) for kind in sys.argv[2:]], sep="\\n")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def data_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def digests(folder: Path, cwd: Path) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", PRINT_DIGESTS, str(folder), *KINDS], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


@pytest.mark.parametrize("kind", KINDS)
def test_data_is_in_the_wheel_byte_for_byte(wheel: Path, kind: str) -> None:
    in_checkout = data_files(ROOT / kind)
    assert in_checkout, f"{kind}/ is empty"
    assert data_files(wheel / "onecard" / kind) == in_checkout


def test_checkout_and_wheel_give_the_same_digests(wheel: Path, tmp_path: Path) -> None:
    from_wheel = digests(wheel, tmp_path)
    assert len(set(from_wheel)) == len(KINDS)
    assert from_wheel == digests(ROOT, tmp_path)


def test_nothing_else_stands_at_the_top_of_the_wheel(wheel: Path) -> None:
    tops = {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"onecard", "emulator"}
