"""What rules leave open is no mistake: changes after which a card is still a right one are not tried."""

import pytest

from onecard.prove.conforming import conforming
from onecard.prove.specification import specification_subjects
from onecard.spec.load import Spec


@pytest.fixture(scope="module")
def allowed(spec: Spec) -> dict[str, frozenset[object]]:
    return conforming(spec, "card")


@pytest.mark.parametrize(
    ("leaf", "values"),
    [
        ("DF01/EF15.when", {"true"}),  # an issuer's own file on a 1.0 card
        ("SSSE/EF07.when", set()),  # EF07 is below the first local file
        ("DF02/EF07/EMPLOYER.type", {"an", "cn", "b"}),  # its charset says how it is coded
        ("DF02/EF07/EMPLOYER.charset", {"ascii"}),
        ("DF02/EF07/START.type", set()),  # a date
        ("DF02/EF16/REGION.type", {"an"}),
        ("DF04/EF15/SERIAL.type", {"an", "cn", "b"}),  # terminals write it
        ("DF04/EF08/SERIAL.type", set()),  # the card writes it
    ],
)
def test_what_is_left_open(allowed: dict[str, frozenset[object]], leaf: str, values: set[str]) -> None:
    assert allowed.get(leaf, frozenset()) == values


def test_a_table_whose_codes_all_stand_in_the_right_one(allowed: dict[str, frozenset[object]]) -> None:
    found = allowed["DF04/EF15/CLASS.codes"]
    assert {"CODES/SEX", "CODES/DF04/SETTLEMENT"} <= found
    assert "CODES/NATION" not in found


def test_it_is_not_tried(spec: Spec, allowed: dict[str, frozenset[object]]) -> None:
    names = {subject.id for subject in specification_subjects(spec, "card")}
    assert "spec/DF01/EF15.when/always-true" not in names
    assert "spec/DF01/EF15.when/always-false" in names


def test_a_tag_of_the_rules_is_no_free_one(allowed: dict[str, frozenset[object]]) -> None:
    free = allowed["DF07/EF05/F0.tag"]
    assert 0xF1 not in free  # of the same file
    assert 0xF5 not in free  # of another file of the area
    assert 0x6E not in free  # of another area
    assert 0xA7 in free
    # On cards of the first generation, which alone have this item, tags of later ones mean nothing.
    assert 0x41 in allowed["DF02/EF05/40.tag"]


def test_orders_of_records(allowed: dict[str, frozenset[object]]) -> None:
    assert ("F0", "F1", "F2", "F3") in allowed["DF07/EF05.record-order"]
    assert allowed["SSSE/EF05.record-order"] == set()
    # A local standard has items and no order.
    assert ("FE", "FD") in allowed["DF0A/EF0D.record-order"]


def test_a_code_that_one_source_has_is_no_wrong_one(spec: Spec, allowed: dict[str, frozenset[object]]) -> None:
    assert (("98", "98"),) in allowed["CODES/NATION.ranges"]
    names = {subject.id for subject in specification_subjects(spec, "card")}
    assert "spec/CODES/NATION.ranges/beside" not in names
    assert "spec/CODES/NATION.ranges/behind" in names


def test_limits_that_a_right_card_may_miss(spec: Spec) -> None:
    names = {subject.id for subject in specification_subjects(spec, "card")}
    assert "spec/PHYSICAL/STIFFNESS.max/doubled" in names
    assert "spec/PHYSICAL/STIFFNESS.min/halved" not in names  # the middle of both stays within
    assert "spec/PHYSICAL/TORSION.min/halved" in names
    assert "spec/VISUAL/STRIPE.max/doubled" not in names  # nothing is missing, however much may be
    assert "spec/STYLE/BACK-PHOTO/RIGHT.nominal/one-more" in names
    assert "spec/STYLE/BACK-PHOTO/RIGHT/FORM.nominal/one-more" not in names  # another reading
