"""A folder of card images: made beside the wanted place by several processes, and moved there when all are done."""

import multiprocessing
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from emulator.card.store import Stored, document_of
from emulator.keys import DEFAULT_SEED
from onecard.emulate.personalise import image_of
from onecard.errors import UserError
from onecard.evidence.files import make_folder
from onecard.harness.interrupt import interrupts_held
from onecard.personalise.rules import CARD_NUMBER, Holder
from onecard.personalise.script import script_of
from onecard.spec.card import CardSpec
from onecard.spec.overlay import load_overlaid

CARDS, SCRIPTS, INDEX = "cards", "scripts", "index.csv"
BATCH = 25
"""Holders that go to a process together: a card takes some milliseconds."""

FEW = 200
"""So few holders are done sooner here than by processes that have to start."""

_FILE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Making:
    """How cards are made: for a project profile, with overlays, test keys of ``seed``, and scripts where wanted."""

    profile: str
    overlays: tuple[Path, ...] = ()
    seed: str | None = None
    scripts: bool = False


Done = Callable[[int], None]
"""Told after some cards how many more there are."""


def write_cards(
    making: Making, holders: Sequence[Holder], out: Path, *, jobs: int = 1, done: Done = lambda _count: None
) -> None:
    """Write the image of every holder's card (and its script) into ``out``: all of them, or nothing at all.

    Raises UserError where ``out`` holds something already, or cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(zh=f"{out} 已有内容：请换一个目录", en=f"{out} is not empty: choose another folder")
    make_folder(out.parent)
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise _cannot_write(out, error) from None
    try:
        _fill(beside, making, holders, jobs, done)
        with suppress(FileNotFoundError):
            out.rmdir()
        beside.rename(out)
    except OSError as error:
        raise _cannot_write(out, error) from None
    finally:
        # Nothing is left of a run that was interrupted.
        shutil.rmtree(beside, ignore_errors=True)


def _fill(folder: Path, making: Making, holders: Sequence[Holder], jobs: int, done: Done) -> None:
    for name in (CARDS, SCRIPTS) if making.scripts else (CARDS,):
        (folder / name).mkdir()
    batches = [holders[at : at + BATCH] for at in range(0, len(holders), BATCH)]
    for count in _made(folder, making, batches, 1 if len(holders) < FEW else jobs):
        done(count)
    index = "".join(f"{holder.line},{CARDS}/{holder.texts[CARD_NUMBER]}.json\n" for holder in holders)
    _write(folder / INDEX, f"line,file\n{index}")


def _made(folder: Path, making: Making, batches: Sequence[Sequence[Holder]], jobs: int) -> Iterator[int]:
    if jobs <= 1:
        for batch in batches:
            yield _batch(folder, making, batch)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_start)
    try:
        with interrupts_held():
            pending = [pool.submit(_batch, folder, making, batch) for batch in batches]
        for each in as_completed(pending):
            yield each.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start() -> None:
    # Ctrl-C is the main process' business: it waits for the batches under way and clears up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@cache
def _card(profile: str, overlays: tuple[Path, ...]) -> CardSpec:
    return load_overlaid(overlays).card_of_profile(profile)


def _batch(folder: Path, making: Making, holders: Sequence[Holder]) -> int:
    spec = _card(making.profile, making.overlays)
    for holder in holders:
        name, image = holder.texts[CARD_NUMBER], image_of(spec, holder, making.seed or DEFAULT_SEED)
        _write(folder / CARDS / f"{name}.json", document_of(Stored(spec.profile, image)))
        if making.scripts:
            _write(folder / SCRIPTS / f"{name}.txt", script_of(spec, holder))
    return len(holders)


def _write(path: Path, text: str) -> None:
    path.touch(mode=_FILE_MODE, exist_ok=False)
    path.write_text(text, encoding="utf-8", newline="\n")


def _cannot_write(path: Path, error: OSError) -> UserError:
    reason = error.strerror or str(error)
    return UserError(zh=f"无法写入 {path}：{reason}", en=f"cannot write {path}: {reason}", exit_code=3)
