"""Personalisation from a data file: what is read, every fault of it, and the cards that come of it."""

import csv
import io
import json
import os
import signal
import time
from pathlib import Path

import pytest

from emulator.card.card import ReferenceCard
from emulator.card.store import stored_of
from onecard.emulate.card_folder import CARDS, SCRIPTS, Making, write_cards
from onecard.emulate.holders import synthetic_holder
from onecard.emulate.personalise import image_of
from onecard.errors import UserError
from onecard.oracle.items import decode_record
from onecard.personalise.columns import columns_of
from onecard.personalise.rules import Holder, Rules
from onecard.personalise.script import script_of
from onecard.personalise.source import Row, read_rows
from onecard.spec.card import CardSpec
from onecard.spec.errors import SpecError
from onecard.spec.load import load_spec
from tests.support.command import onecard, started

PROFILES = ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui")
FILES = ("SSSE/EF05", "SSSE/EF06")
NAME, NUMBER, SEX, BIRTH, CARD = "SSSE/EF06/09", "SSSE/EF06/08", "SSSE/EF06/0A", "SSSE/EF06/0D", "SSSE/EF05/07"


def _card(profile: str = "card-3.0") -> CardSpec:
    return load_spec().card_of_profile(profile)


def _values(spec: CardSpec, number: int = 0) -> dict[str, str]:
    return {key: text for key, text in synthetic_holder(spec, number).items() if key.startswith(FILES) and text}


def _judged(values: dict[str, str], spec: CardSpec | None = None) -> Holder | list[tuple[str, str]]:
    card = spec or _card()
    judged = Rules(card, columns_of(card)).judge(Row(2, values, values))
    return judged if isinstance(judged, Holder) else [(problem.field, problem.text.en) for problem in judged]


def _table(rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_card_holds_what_its_row_says(profile: str) -> None:
    card = _card(profile)
    for number in range(8):
        values = _values(card, number)
        holder = _judged(values, card)
        assert isinstance(holder, Holder)
        image = image_of(card, holder)
        for name in FILES:
            for record in image.linear(name).records:
                told = decode_record(card, card.file(name), record)[0]
                assert told.text == values.get(told.item.id, "")
        assert ReferenceCard(card, image).power_on()[:1] == b"\x3b"


def test_items_that_nobody_gave_are_empty_and_given_ones_are_not() -> None:
    card = _card()
    key = next(column.key for column in columns_of(card).by_key.values() if column.item.check == "CHECK/DATE"
               and column.file.application == "DF01")  # fmt: skip
    holder = _judged({**_values(card), key: "20240229"})
    assert isinstance(holder, Holder)
    file = columns_of(card).by_key[key].file
    texts = {
        told.item.id: told.text
        for record in image_of(card, holder).linear(file.id).records
        for told in decode_record(card, file, record)
    }
    assert texts.pop(key) == "20240229"
    assert set(texts.values()) <= {""}


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        (NUMBER, "341300198002045679", "check character"),
        (NUMBER, "", "missing"),
        (CARD, "F47318681", "check character"),
        (CARD, "F4731868", "9 characters"),
        (NAME, "𠮷野", "GBK has no"),
        ("SSSE/EF06/4E", "名" * 11, "do not fit"),
        (SEX, "7", "not in the table"),
        ("SSSE/EF06/0B", "57", "not in the table"),
        ("SSSE/EF06/0C", "990000", "province"),
        (BIRTH, "20240230", "calendar"),
        (BIRTH, "19800205", "the number says"),
        (SEX, "2", "the number says"),
        ("SSSE/EF05/01", "340100D15600000600000001FFFFFFFF", "may not be"),
        ("SSSE/EF05/05", "2024-01-01", "digits"),
        ("region", "34010", "six digits"),
        ("serial", "1234567G", "hexadecimal"),
        ("pin", "12a456", "digits"),
    ],
)
def test_each_fault_is_named(key: str, value: str, told: str) -> None:
    values = {**_values(_card()), key: value}
    found = _judged({name: text for name, text in values.items() if text})
    assert isinstance(found, list)
    assert [told in text for field, text in found if field == key].count(True) == 1, found


def test_what_follows_from_other_fields_need_not_be_given() -> None:
    values = _values(_card(), 0)
    for derived in ("SSSE/EF05/01", "SSSE/EF05/03", "SSSE/EF05/04"):
        values.pop(derived)
    holder = _judged({**values, "region": "340100", "serial": "0000abcd", NAME: "名" * 20})
    assert isinstance(holder, Holder)
    assert holder.texts["SSSE/EF05/01"] == "340100D1560000050000ABCDFFFFFFFF"
    assert (holder.texts[NAME], holder.texts["SSSE/EF06/4E"]) == ("名" * 15, "名" * 5)
    found = _judged(values)
    assert isinstance(found, list)
    assert {field for field, _ in found} == {"SSSE/EF05/01", "SSSE/EF05/04"}


def test_columns_by_name_and_json_lines(tmp_path: Path) -> None:
    card = _card()
    values = _values(card)
    names = {column.key: column.item.name.zh for column in columns_of(card).by_key.values()}
    table, lines = tmp_path / "a.csv", tmp_path / "a.jsonl"
    table.write_text(_table([{names[key]: text for key, text in values.items()}]), encoding="utf-8-sig")
    lines.write_text("\n" + json.dumps(values) + "\n", encoding="utf-8")
    assert [row.values for row in read_rows(table, columns_of(card))] == [values]
    assert [(row.line, row.values) for row in read_rows(lines, columns_of(card))] == [(2, values)]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.csv", "姓名,无此项\n甲,乙\n", 2),
        ("a.csv", "姓名,姓名\n甲,乙\n", 2),
        ("a.csv", '姓名,卡号\n"甲\n乙",1\n丙\n', 4),
        ("a.jsonl", '{"姓名":"甲"}\n{"姓名":1}\n[]\n', 3),
        ("a.jsonl", '{"姓名":"甲"}\n{"姓名":\n', 2),
        ("a.jsonl", '{"姓名":"甲","姓名":"乙"}\n', 1),
    ],
)
def test_a_file_that_is_no_table_is_named(name: str, text: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as error:
        read_rows(path, columns_of(_card()))
    assert error.value.line == line


def test_the_script_says_what_the_image_holds() -> None:
    card = _card()
    holder = _judged(_values(card, 3))
    assert isinstance(holder, Holder)
    lines = script_of(card, holder).splitlines()
    commands = [line for line in lines if line[0] not in "#{"]
    assert all(bytes.fromhex(command) for command in commands)
    for name in FILES:
        for number, record in enumerate(image_of(card, holder).linear(name).records, start=1):
            assert f"00DC{number:02X}04{len(record):02X}{record.hex().upper()}" in commands
    assert [line for line in lines if line.startswith("{CREATE-EF SSSE/EF06 ")]


def test_the_command_lists_every_fault_and_skips_on_request(tmp_path: Path) -> None:
    card = _card()
    good, bad, again = _values(card, 0), {**_values(card, 1), SEX: "7", BIRTH: "0"}, _values(card, 0)
    (tmp_path / "a.csv").write_text(_table([good, bad, again]), encoding="utf-8")
    words = ("personalise", "a.csv", "--profile", "card-3.0", "--out", "cards", "--lang", "en")
    refused = onecard(*words, cwd=tmp_path)
    assert refused.returncode == 2
    told = refused.stderr.splitlines()
    assert [line.partition(" ")[0] for line in told[:-1]] == ["a.csv:3"] * 2 + ["a.csv:4"] * 3
    assert not (tmp_path / "cards").exists()
    skipped = onecard(*words, "--skip-bad", "bad.csv", "--script", "--json", cwd=tmp_path)
    assert (skipped.returncode, json.loads(skipped.stdout)["cards"]) == (1, 1)
    assert [path.name for path in (tmp_path / "cards" / CARDS).iterdir()] == [f"{good[CARD]}.json"]
    assert [path.name for path in (tmp_path / "cards" / SCRIPTS).iterdir()] == [f"{good[CARD]}.txt"]
    assert len((tmp_path / "bad.csv").read_text(encoding="utf-8").splitlines()) == 3
    stored = stored_of((tmp_path / "cards" / CARDS / f"{good[CARD]}.json").read_text(encoding="utf-8"))
    assert stored.profile == "card-3.0"
    assert onecard(*words, cwd=tmp_path).returncode == 2


def test_a_folder_with_content_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("x")
    with pytest.raises(UserError):
        write_cards(Making("card-3.0"), [], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    card = _card("card-1.0")
    rows = [_values(card, number) for number in range(2500)]
    (tmp_path / "a.csv").write_text(_table(rows), encoding="utf-8")
    run = started(
        *("personalise", "a.csv", "--profile", "card-1.0", "--out", "out/cards", "--jobs", "2", "--lang", "en"),
        cwd=tmp_path,
    )
    limit = time.monotonic() + 60
    while run.poll() is None and not list(tmp_path.glob("out/.cards.*/cards/*.json")) and time.monotonic() < limit:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 3, told
    assert list((tmp_path / "out").iterdir()) == []
    assert "Traceback" not in told
