"""The bibliography claims no more than its sources show: shape, cross references, facts that other files lean on."""

import copy
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

SPECS = Path(__file__).resolve().parents[2] / "specs"

Document = dict[str, Any]

# Ids that requirements and data of the other specification files cite.
CITED_IDS = {
    *(f"LD/T 32.{part}-2015" for part in range(1, 8)),
    "LD/T 33-2015",
    *(f"LD/T 6001.{part}-2023" for part in range(1, 6)),
    *(f"LD/T {number}-2023" for number in range(6002, 6007)),
    "DB34/T 4047.1-2021",
    "DB34/T 4047.2-2021",
    "GB/T 45498.1-2025",
    "LB 002-2000",
    "人社信息函〔2012〕37号",
    "人社部发〔2015〕31号",
    *(f"2011-{part}" for part in range(1, 11)),
    "GB 11643-1999",
    "GB/T 2260-2007",
    "GB/T 2261.1-2003",
    "GB 3304-1991",
    "GB/T 7408",
    "GB/T 16649.3-2006",
    "GB/T 16649.4",
    "ISO/IEC 7816-3",
    "ISO/IEC 7816-4",
    "GM/T 0002-2012",
    "GM/T 0003-2012",
    "GM/T 0004-2012",
    "GM/T 0009-2012",
    "JR/T 0025",
    "JT/T 978",
    "LD/T 02.5-2022",
    "GBK",
}

# Only these have a source that prints the English title, wholly or in part.
PRINTED_ENGLISH = {
    "LD/T 32.5-2015": "Specifications of social security card—Part 5: Commands",
    "DB34/T 4047.2-2021": "Technical specifications of resident service universal card Part 2: Data structure of card",
    "GB/T 45498.1-2025": "Specifications for the social security card one-card-pass of the People's Republic of China"
    "—Part 1: Basic specifications",
}
PARTLY_PRINTED_ENGLISH = {
    **{f"LD/T 32.{part}-2015": "Specifications of social security card" for part in (1, 2, 3, 4, 6, 7)},
    "LD/T 6001.2-2023": "Test of card operation system",
    "LD/T 6001.3-2023": "Test of the universality of data structure and key loading",
    "LD/T 6001.5-2023": "Test of read-write terminal interface",
    "DB34/T 4047.1-2021": "Technical specifications of resident service universal card",
}


class UniqueKeyLoader(yaml.SafeLoader):
    """YAML where a key written twice is an error: the second would silently win."""


def _unique_mapping(loader: UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise yaml.constructor.ConstructorError(None, None, f"written twice: {twice}", node.start_mark)
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)}


UniqueKeyLoader.add_constructor("tag:yaml.org,2002:map", _unique_mapping)


@pytest.fixture(scope="module")
def bibliography() -> Document:
    # The loader is a SafeLoader; only plain data can come out of it.
    data = yaml.load((SPECS / "documents.yaml").read_text(encoding="utf-8"), Loader=UniqueKeyLoader)
    assert isinstance(data, dict)
    return data


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads((SPECS / "schema" / "bibliography.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.fixture(scope="module")
def documents(bibliography: Document) -> dict[str, Document]:
    return {document["id"]: document for document in bibliography["documents"]}


def clause_numbers(document: Document) -> list[str]:
    return [clause["number"] for clause in document.get("clauses", [])]


def test_is_valid_by_its_schema(bibliography: Document, validator: Draft202012Validator) -> None:
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(bibliography)] == []


def _every_object(schema: Any) -> list[Document]:
    if isinstance(schema, list):
        return [found for item in schema for found in _every_object(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for item in schema.values() for found in _every_object(item)]


def test_schema_forbids_unknown_keys_everywhere(validator: Draft202012Validator) -> None:
    objects = _every_object(validator.schema)
    assert len(objects) >= 5
    assert [found for found in objects if found.get("additionalProperties") is not False] == []


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda document: document.update(colour="red"), id="unknown key"),
        pytest.param(lambda document: document["title"].update(fr="Commandes"), id="unknown language"),
        pytest.param(lambda document: document.pop("en-basis"), id="no en-basis"),
        pytest.param(lambda document: document.pop("basis"), id="no basis"),
        pytest.param(lambda document: document["basis"].update({"class": "rumour"}), id="unknown basis"),
        pytest.param(lambda document: document.update(basis={"class": "inference"}), id="inference without a note"),
        pytest.param(lambda document: document.update(basis={"class": "report"}), id="report without a note"),
        pytest.param(lambda document: document.update({"text-public": "most"}), id="unknown extent of text"),
        pytest.param(lambda document: document.update(status="valid"), id="unknown status"),
        pytest.param(lambda document: document.update(status="replaced"), id="replaced by nothing"),
        pytest.param(lambda document: document.update({"replaced-by": ["LB 002-2000"]}), id="current but replaced"),
        pytest.param(lambda document: document.update(issued="2015"), id="year for a date"),
        pytest.param(lambda document: document.update(issued="2015-02-30"), id="no such day"),
        pytest.param(lambda document: document.update(issued=dt.date(2015, 3, 27)), id="unquoted date"),
        pytest.param(lambda document: document["clauses"][0].update(number="7."), id="broken clause number"),
        pytest.param(lambda document: document["clauses"][0].update(number=7), id="unquoted clause number"),
        pytest.param(lambda document: document["clauses"][0].pop("title"), id="clause without title"),
        pytest.param(lambda document: document.update(sources=["guifanku.com"]), id="source without scheme"),
    ],
)
def test_schema_rejects(
    spoil: Callable[[Document], object], documents: dict[str, Document], validator: Draft202012Validator
) -> None:
    document = copy.deepcopy(documents["LD/T 32.5-2015"])
    whole = {"format": 1, "kind": "bibliography", "documents": [document]}
    assert validator.is_valid(whole)
    spoil(document)
    assert not validator.is_valid(whole)


def test_ids_are_unique(bibliography: Document) -> None:
    count = Counter(document["id"] for document in bibliography["documents"])
    assert [name for name, times in count.items() if times > 1] == []


def test_every_cited_id_is_present(documents: dict[str, Document]) -> None:
    assert sorted(CITED_IDS - documents.keys()) == []


def test_replacements_name_each_other(documents: dict[str, Document]) -> None:
    replaces = {(new, old) for new, document in documents.items() for old in document.get("replaces", [])}
    replaced = {(new, old) for old, document in documents.items() for new in document.get("replaced-by", [])}
    assert replaces == replaced
    assert {name for pair in replaces for name in pair} <= documents.keys()
    assert ("LD/T 02.5-2022", "LD/T 30.5-2009") in replaces


def test_dates_are_in_order(documents: dict[str, Document]) -> None:
    for name, document in documents.items():
        issued, in_force = (date and dt.date.fromisoformat(date) for date in (document["issued"], document["in-force"]))
        assert issued is None or in_force is None or issued <= in_force, name


def test_year_of_the_number_is_the_year_of_issue(documents: dict[str, Document]) -> None:
    checked = 0
    for name, document in documents.items():
        year = re.search(r"-([0-9]{4})$|〔([0-9]{4})〕", document["number"] or "")
        if year and document["issued"]:
            checked += 1
            assert document["issued"][:4] == (year[1] or year[2]), name
    assert checked >= 20


@pytest.mark.parametrize(
    ("series", "issued", "in_force", "how_many"),
    [
        (r"LD/T 32\.[1-7]-2015|LD/T 33-2015", "2015-03-27", "2015-05-01", 8),
        (r"LD/T 6001\.[1-5]-2023|LD/T 600[2-6]-2023", "2023-11-24", "2023-12-01", 10),
        (r"DB34/T 4047\.[12]-2021", "2021-09-30", "2021-10-30", 2),
        (r"GB/T 45498\.1-2025", "2025-03-28", "2025-03-28", 1),
        (r"人社信息函〔2012〕37号", "2012-05-28", None, 1),
        (r"LB 002-2000|2011-[0-9]+|ISO.*|GB/T 7408", None, None, 26),
    ],
)
def test_dates_of_the_sources(
    documents: dict[str, Document], series: str, issued: str | None, in_force: str | None, how_many: int
) -> None:
    found = {name: document for name, document in documents.items() if re.fullmatch(series, name)}
    assert len(found) == how_many
    assert {(document["issued"], document["in-force"]) for document in found.values()} == {(issued, in_force)}


def test_english_titles_say_where_they_come_from(documents: dict[str, Document]) -> None:
    by_basis = {
        basis: {name for name, document in documents.items() if document["en-basis"] == basis}
        for basis in ("official", "mixed", "general", "ours")
    }
    assert {name: documents[name]["title"]["en"] for name in by_basis["official"]} == PRINTED_ENGLISH
    assert by_basis["mixed"] == PARTLY_PRINTED_ENGLISH.keys()
    for name, printed in PARTLY_PRINTED_ENGLISH.items():
        assert printed in documents[name]["title"]["en"]
    assert all(name.startswith("ISO") for name in by_basis["general"])


def test_general_knowledge_is_marked_as_inference(documents: dict[str, Document]) -> None:
    """A title that no source shows stays `inference`."""
    for name, document in documents.items():
        if document["en-basis"] == "general" or re.match(r"ISO|GB 11643|GB/T 2260|GM/T 000[234]|GBK", name):
            assert document["basis"]["class"] == "inference", name


def test_published_titles_have_a_source(documents: dict[str, Document]) -> None:
    """LD/T 6001.4 is the one whose title fragment has no page of its own in our sources."""
    bare = {
        name
        for name, document in documents.items()
        if document["basis"]["class"] in {"published", "notice"} and not document["sources"]
    }
    assert bare == {"LD/T 6001.4-2023"}


def test_an_unseen_title_is_called_our_description(documents: dict[str, Document]) -> None:
    described = {name for name, document in documents.items() if document["title"]["zh"].startswith("（")}
    assert described == {"人社部发〔2015〕31号", "38号文", "DB34/T 4048-2021", "LD/T 30.5-2009", "CJ/T 332-2016"}
    assert all("our description" in documents[name]["note"]["en"] for name in described)


def test_full_text_is_claimed_for_the_one_notice_only(documents: dict[str, Document]) -> None:
    full = {name for name, document in documents.items() if document["text-public"] == "full"}
    assert full == {"人社信息函〔2012〕37号"}


def test_clauses_are_listed_only_where_contents_are_visible(documents: dict[str, Document]) -> None:
    for name, document in documents.items():
        listed = "clauses" in document or "untitled-clauses" in document
        if listed:
            assert document["text-public"] != "none", name
        if document["text-public"] == "contents":
            assert listed, name


def test_clause_numbers_are_unique_and_in_order(documents: dict[str, Document]) -> None:
    def key(number: str) -> tuple[tuple[bool, str, int], ...]:
        pieces = (re.fullmatch(r"([A-Z]?)([0-9]*)", piece) for piece in number.split("."))
        return tuple((bool(piece[1]), piece[1], int(piece[2] or 0)) for piece in pieces if piece)

    for name, document in documents.items():
        titled, untitled = clause_numbers(document), document.get("untitled-clauses", [])
        assert titled == sorted(titled, key=key), name
        assert len({*titled, *untitled}) == len(titled) + len(untitled), name


def test_contents_of_ldt_32_5_end_where_the_preview_ends(documents: dict[str, Document]) -> None:
    document = documents["LD/T 32.5-2015"]
    titles = {clause["number"]: clause["title"]["zh"] for clause in document["clauses"]}
    assert list(titles)[-1] == "7.7.2"
    assert [titles[f"7.{number}"] for number in range(1, 8)] == [
        "APPLICATION BLOCK",
        "CARD BLOCK",
        "CHANGE PIN",
        "EXTERNAL AUTHENTICATION",
        "GET CHALLENGE",
        "GET RESPONSE",
        "INTERNAL AUTHENTICATION",
    ]
    assert titles["7.5.3"] == "命令报文数据域"


def test_draft_of_part_5_is_ldt_32_5_shifted_by_one(documents: dict[str, Document]) -> None:
    issued = {clause["number"]: clause["title"] for clause in documents["LD/T 32.5-2015"]["clauses"]}
    draft = {clause["number"]: clause["title"] for clause in documents["2011-5"]["clauses"]}
    pairs = [(f"6.{n}", f"5.{n}") for n in range(1, 5)] + [(f"7.{n}", f"6.{n}") for n in range(1, 8)]
    assert [issued[new] for new, _ in pairs] == [draft[old] for _, old in pairs]
    assert draft["6.10"]["zh"] == "READ RECORD"
    assert draft["6.14"]["zh"] == "VERIFY"


def test_official_test_items(documents: dict[str, Document]) -> None:
    """LD/T 6001.3: 20 named items and no DF06; LD/T 6001.5: its sub-clause numbers are not printed."""
    universality = {clause["number"]: clause["title"]["zh"] for clause in documents["LD/T 6001.3-2023"]["clauses"]}
    items = [title for title in universality.values() if re.fullmatch(r"[A-Z0-9]+_[A-Z0-9]+", title)]
    assert len(items) == 20
    assert not [title for title in items if title.startswith("DF06")]
    assert (universality["7.1"], universality["8.1"], universality["9.3"]) == (
        "SSSE_RECORD",
        "SSSE_SAFETY",
        "KEY_VER3",
    )
    assert "11.2" not in universality
    assert clause_numbers(documents["LD/T 6001.5-2023"]) == [str(number) for number in range(1, 8)]
