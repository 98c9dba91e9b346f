"""Tags with two meanings, readings of the sources, code tables of parts."""

import pytest

from onecard.oracle.checks import in_table
from onecard.oracle.errors import DecodeError
from onecard.oracle.items import decode_record, verify
from onecard.spec.card import CardSpec
from onecard.spec.card_rules import conflict_of, conflicts_of, extension_of, forms_of, ranges_of
from onecard.spec.load import load_spec


@pytest.fixture(scope="module")
def old() -> CardSpec:
    return load_spec().card_of_profile("card-1.0")


@pytest.fixture(scope="module")
def new() -> CardSpec:
    return load_spec().card_of_profile("card-3.0")


@pytest.mark.parametrize(
    ("file", "record", "text"),
    [
        ("DF01/EF09", "32033131EE", "11"),
        ("DF02/EF06", "4D04340100EE", "340100"),
        ("DF02/EF06", "4B053130303130", "10010"),
        ("DF02/EF06", "4D0420200131", "20200131"),
        ("DF04/EF05", "8146" + "3331303030303030" + "EE" * 62, "31000000"),
    ],
)
def test_rewritten_cards_of_the_first_generation(file: str, record: str, text: str, old: CardSpec) -> None:
    """A value that ends in E has the new meaning and only its first bytes count; others keep the old one."""
    (decoded,) = decode_record(old, old.files[file], bytes.fromhex(record))
    verify(old, decoded)
    assert decoded.text == text


def test_later_cards_have_no_old_meaning(new: CardSpec) -> None:
    file = new.files["DF01/EF09"]
    assert conflict_of(new, file.id, file.item(0x32)) is None
    with pytest.raises(DecodeError):
        decode_record(new, file, bytes.fromhex("32033131EE"))


def test_conflicts_name_items_of_the_data(old: CardSpec) -> None:
    for conflict in conflicts_of(old):
        item = old.files[conflict.file].item(conflict.tag)
        assert (item.type, item.length) == (conflict.old.type, conflict.old.length), conflict.id
        if conflict.judged_by is not None:
            assert conflict.old.length == conflict.new.length


@pytest.mark.parametrize("record", ["5510" + "41" * 16, "5508" + "12" * 8])
def test_both_forms_of_the_certificate_number(record: str, new: CardSpec) -> None:
    file = new.files["DF02/EF09"]
    assert [form.length for form in forms_of(new, file.item(0x55))] == [16, 8]
    (decoded,) = decode_record(new, file, bytes.fromhex(record))
    assert decoded.filled


def test_ethnic_groups_of_other_lists(new: CardSpec) -> None:
    table = new.codes["CODES/NATION"]
    also = ranges_of(new, table.id)
    assert [in_table(table, code, also) for code in ("56", "57", "97", "99")] == [True, False, True, True]


def test_table_of_parts(new: CardSpec) -> None:
    """81: six kinds and five flags."""
    table = new.codes["CODES/DF04/MEDICAL"]
    assert len(table.ranges) == 6 * 2**5
    assert [in_table(table, code) for code in ("31000000", "39111111", "31000002", "31100000")] == [
        True,
        True,
        False,
        False,
    ]


def test_extension_rules(new: CardSpec) -> None:
    rules = extension_of(new)
    assert rules is not None
    assert (rules.first_application, rules.first_file, rules.closed) == (0xDF0A, 0xEF0C, frozenset({"SSSE"}))
