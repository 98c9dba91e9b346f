"""Card images from a data file of holders, made in a folder beside the wanted one and moved there when all are done."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from emulator.card.image import BinaryFile, CardImage, CyclicFile, FileImage, RecordFile
from emulator.card.personalise import SPARE, card_image, records_of
from emulator.card.store import Stored, document_of
from emulator.codec import item_value, simple_tlv
from emulator.keys import DEFAULT_SEED
from emulator.persons import Person
from onecard.errors import UserError
from onecard.evidence.files import make_folder
from onecard.personalise.columns import numbered
from onecard.personalise.rules import CARD_NUMBER, NUMBER, Holder
from onecard.personalise.script import script_of
from onecard.spec.card import CardSpec, FileSpec, Item, Structure

BIRTH, ISSUED, VALID = "SSSE/EF06/0D", "SSSE/EF05/05", "SSSE/EF05/06"
ENVIRONMENT = "SSSE"
CARDS, SCRIPTS, INDEX = "cards", "scripts", "index.csv"
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


def image_of(spec: CardSpec, holder: Holder, seed: str = DEFAULT_SEED) -> CardImage:
    """The card of a holder, with test keys of ``seed``. Items that the data do not give hold filler, logs are empty.

    What other environments on the card hold is the reference's own test content.
    """

    def value(item: Item, person: Person, data: CardSpec, number: int) -> bytes:
        if item.inner:
            parts = [simple_tlv(inner.tag, value(inner, person, data, number)) for inner in item.inner]
            return b"".join(parts)[: item.length].ljust(item.length, b"\x00")
        return item_value(item, holder.texts.get(numbered(item.id, number), ""), data.padding)

    def content(file: FileSpec, person: Person, data: CardSpec) -> FileImage:
        if file.structure == Structure.TRANSPARENT:
            return BinaryFile(bytearray(file.size))
        if file.structure == Structure.CYCLIC:
            return CyclicFile([], file.record_length, file.record_count)
        extensible = file.structure == Structure.LINEAR_VARIABLE and file.application != ENVIRONMENT
        return RecordFile.full(records_of(file, person, data, value), SPARE if extensible else 0)

    return card_image(spec, _person(holder), seed, pin=holder.pin, content=content)


def _person(holder: Holder) -> Person:
    """The holder as the reference's own personalisation knows one."""
    texts = holder.texts
    return Person(
        index=0,
        name="",
        sex="",
        ethnic_group=1,
        birth=_day(texts.get(BIRTH)),
        birthplace=holder.region,
        number_body=texts[NUMBER][:-1],
        region=holder.region,
        card_number_body=texts[CARD_NUMBER][:-1],
        issued=_day(texts.get(ISSUED)),
        valid_until=_day(texts.get(VALID)),
        serial=holder.serial,
        sequence="01",
    )


def _day(digits: str | None) -> date:
    return date.fromisoformat(digits) if digits else date(2000, 1, 1)


def write_cards(
    spec: CardSpec,
    holders: Sequence[Holder],
    out: Path,
    *,
    seed: str | None = None,
    scripts: bool = False,
    done: Callable[[], None] = lambda: None,
) -> None:
    """Write the image of every holder's card (and its script) into ``out``: all of them, or nothing at all.

    ``done`` is told after each card. Raises UserError where ``out`` holds something already, or cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(zh=f"{out} 已有内容：请换一个目录", en=f"{out} is not empty: choose another folder")
    make_folder(out.parent)
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise _cannot_write(out, error) from None
    try:
        _fill(beside, spec, holders, seed or DEFAULT_SEED, scripts, done)
        with suppress(FileNotFoundError):
            out.rmdir()
        beside.rename(out)
    except OSError as error:
        raise _cannot_write(out, error) from None
    finally:
        # Nothing is left of a run that was interrupted.
        shutil.rmtree(beside, ignore_errors=True)


def _fill(
    folder: Path, spec: CardSpec, holders: Sequence[Holder], seed: str, scripts: bool, done: Callable[[], None]
) -> None:
    for name in (CARDS, SCRIPTS) if scripts else (CARDS,):
        (folder / name).mkdir(mode=_FOLDER_MODE)
    index = ["line,file\n"]
    for holder in holders:
        name = holder.texts[CARD_NUMBER]
        _write(folder / CARDS / f"{name}.json", document_of(Stored(spec.profile, image_of(spec, holder, seed))))
        if scripts:
            _write(folder / SCRIPTS / f"{name}.txt", script_of(spec, holder))
        index.append(f"{holder.line},{CARDS}/{name}.json\n")
        done()
    _write(folder / INDEX, "".join(index))


def _write(path: Path, text: str) -> None:
    path.touch(mode=_FILE_MODE, exist_ok=False)
    path.write_text(text, encoding="utf-8", newline="\n")


def _cannot_write(path: Path, error: OSError) -> UserError:
    reason = error.strerror or str(error)
    return UserError(zh=f"无法写入 {path}：{reason}", en=f"cannot write {path}: {reason}", exit_code=3)
