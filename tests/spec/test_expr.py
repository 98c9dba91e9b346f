"""The expression language of the ICS: grammar, truth, and errors in place of silent falsehood."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.spec.errors import SpecError
from onecard.spec.expr import Both, Compare, Expr, Literal, Name, Not, UndeclaredItem, Value, evaluate, names, parse

ITEMS: dict[str, Value] = {
    "card.pin": True,
    "card.citizen": False,
    "card.directory_sfi": 30,
    "card.key_versions": 3,
    "card.generation": "3.0",
    "card.draft": "10.0",
    "card.algorithm": "sm4",
}
OPERATORS = ("==", "!=", ">=", "<=", ">", "<")
_STRENGTH = {"or": 0, "and": 1, "not": 2, "compare": 3, "operand": 4}


def _strength(tree: Expr) -> str:
    match tree:
        case Both(_, _, any_):
            return "or" if any_ else "and"
        case Not():
            return "not"
        case Compare():
            return "compare"
        case _:
            return "operand"


def printed(tree: Expr, least: str = "or") -> str:
    """The tree as text, with parentheses only where the grammar needs them."""
    kind = _strength(tree)
    text = _bare(tree, kind)
    return text if _STRENGTH[kind] >= _STRENGTH[least] else f"({text})"


def _bare(tree: Expr, kind: str) -> str:
    match tree:
        case Name(name):
            return name
        case Literal(bool(value)):
            return "true" if value else "false"
        case Literal(value):
            return str(value) if isinstance(value, int) else f'"{value}"'
        case Not(operand):
            return f"not {printed(operand, 'not')}"
        case Both(left, right, any_):
            return f"{printed(left, kind)} {kind} {printed(right, 'and' if any_ else 'not')}"
        case Compare(left, op, right):
            return f"{printed(left, 'operand')} {op} {printed(right, 'operand')}"


def as_python(tree: Expr) -> str:
    """The same tree as a Python expression over ITEMS, versions being tuples of numbers."""

    def value(given: Value) -> str:
        parts = given.split(".") if isinstance(given, str) else []
        return repr(tuple(map(int, parts)) if len(parts) > 1 and all(part.isdigit() for part in parts) else given)

    match tree:
        case Name(name):
            return value(ITEMS[name])
        case Literal(given):
            return value(given)
        case Not(operand):
            return f"(not {as_python(operand)})"
        case Both(left, right, any_):
            return f"({as_python(left)} {'or' if any_ else 'and'} {as_python(right)})"
        case Compare(left, op, right):
            return f"({as_python(left)} {op} {as_python(right)})"


def _comparisons(operands: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.builds(Compare, operands, st.sampled_from(OPERATORS), operands)


def _of(*items: str) -> st.SearchStrategy[Expr]:
    return st.sampled_from([Name(item) for item in items])


def _literals(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Expr]:
    return st.builds(Literal, values)


NUMBERS = _of("card.directory_sfi", "card.key_versions") | _literals(st.integers(0, 40))
VERSIONS = _of("card.generation", "card.draft") | _literals(
    st.sampled_from(["1.0", "2.0", "3.0", "9.9", "10.0", "2.0.1"])
)
WORDS = _of("card.algorithm") | _literals(st.sampled_from(["sm4", "3des", "", "and", "社保", "(a == b)"]))
TRUTHS = _of("card.pin", "card.citizen") | _literals(st.booleans())
TREES: st.SearchStrategy[Expr] = st.recursive(
    TRUTHS | _comparisons(NUMBERS) | _comparisons(VERSIONS) | _comparisons(WORDS),
    lambda inner: st.builds(Not, inner) | st.builds(Both, inner, inner, st.booleans()) | _comparisons(inner),
    max_leaves=12,
)


@given(TREES)
def test_a_printed_tree_parses_back(tree: Expr) -> None:
    assert parse(printed(tree)) == tree


@given(TREES)
def test_truth_is_that_of_a_naive_evaluator(tree: Expr) -> None:
    assert evaluate(tree, ITEMS) is eval(as_python(tree))


@given(TREES, st.data())
def test_an_undeclared_item_is_an_error_wherever_it_stands(tree: Expr, data: st.DataObject) -> None:
    named = sorted(names(tree))
    if not named:
        assert evaluate(tree, {}) is evaluate(tree, ITEMS)
        return
    missing = data.draw(st.sampled_from(named))
    with pytest.raises(UndeclaredItem) as caught:
        evaluate(tree, {name: value for name, value in ITEMS.items() if name != missing})
    assert caught.value.name == missing
    assert missing in caught.value.text.zh


@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from([*OPERATORS, "(", ")", "and", "or", "not", "a", "1", '"x"']), max_size=9).map(" ".join)
)
def test_any_text_is_an_expression_or_a_named_error(text: str) -> None:
    outcome: Expr | str
    try:
        outcome = parse(text)
    except SpecError as error:
        outcome = error.text.en
    assert "expression" in outcome if isinstance(outcome, str) else parse(printed(outcome)) == outcome


@pytest.mark.parametrize("either", ["or", "and"])
def test_no_short_cut_hides_an_undeclared_item(either: str) -> None:
    for left, right in product(("card.pin", "card.citizen", "card.nope"), repeat=2):
        if "card.nope" in (left, right):
            with pytest.raises(UndeclaredItem):
                evaluate(parse(f"{left} {either} {right}"), ITEMS)


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("a or b and not c", Both(Name("a"), Both(Name("b"), Not(Name("c")), any_=False), any_=True)),
        ("not a == b", Not(Compare(Name("a"), "==", Name("b")))),
        ("a and b and c", Both(Both(Name("a"), Name("b"), any_=False), Name("c"), any_=False)),
        ("(a or b) and c", Both(Both(Name("a"), Name("b"), any_=True), Name("c"), any_=False)),
        ('card.generation>="3.0"', Compare(Name("card.generation"), ">=", Literal("3.0"))),
        ("true == false", Compare(Literal(True), "==", Literal(False))),
        ("a >= 3", Compare(Name("a"), ">=", Literal(3))),
    ],
)
def test_precedence(source: str, tree: Expr) -> None:
    assert parse(source) == tree


@pytest.mark.parametrize(
    ("left", "op", "right", "truth"),
    [
        ("10.0", ">", "9.0", True),
        ("9.0", "<", "10.0", True),
        ("2.0", ">=", "10.0", False),
        ("3.0", ">=", "3.0", True),
        ("2.10", ">", "2.9", True),
        ("2.0.1", ">", "2.0", True),
        ("3.0", "!=", "2.0", True),
    ],
)
def test_versions_compare_by_their_numbers(left: str, op: str, right: str, truth: bool) -> None:
    assert evaluate(parse(f'"{left}" {op} "{right}"'), {}) is truth


@pytest.mark.parametrize(
    "source",
    ["card.pin == 1", 'card.directory_sfi == "30"', 'card.generation >= "new"', "card.algorithm == true", "1 == true"],
)
def test_values_of_different_types_do_not_compare(source: str) -> None:
    with pytest.raises(SpecError, match="do not compare"):
        evaluate(parse(source), ITEMS)


@pytest.mark.parametrize(
    "source", ["card.algorithm", "card.directory_sfi", '"true"', "1", "not card.algorithm", "card.pin and 1"]
)
def test_what_is_no_truth_is_no_condition(source: str) -> None:
    with pytest.raises(SpecError, match="neither true nor false"):
        evaluate(parse(source), ITEMS)


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("", "the end"),
        ("a and", "the end"),
        ("a b", "'b'"),
        ("(a", "the end"),
        ("a)", "'\\)'"),
        ("a == b == c", "'=='"),
        ("a = b", "'= b'"),
        ("a >= 3.0", "'.0'"),
        ('a == "x', "'\"x'"),
        ("and", "'and'"),
        ("a not b", "'not'"),
        ("a & b", "'& b'"),
    ],
)
def test_syntax_errors_name_the_place(source: str, at: str) -> None:
    with pytest.raises(SpecError, match=at):
        parse(source)
