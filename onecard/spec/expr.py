"""The ICS expression language: and, or, not, comparisons, parentheses; parsed to a tree.

``card.generation >= "3.0" and not card.pin``. Names are declared items; a name that is not declared is an error,
never false. Values of type ``version`` compare by their numeric parts.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from onecard.spec.errors import SpecError

Value = bool | int | str
Environment = Mapping[str, Value]


class UndeclaredItem(SpecError):
    """An expression names an item that the ICS does not declare."""

    def __init__(self, name: str) -> None:
        super().__init__(
            zh=f"表达式引用了未声明的项 {name}；请在 ICS 中声明它",
            en=f"the expression names {name}, which is not declared; declare it in the ICS",
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Name:
    """A declared item."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Value


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Both:
    """Conjunction (``and``) or, with ``any_`` set, disjunction (``or``)."""

    left: "Expr"
    right: "Expr"
    any_: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """Comparison of two operands."""

    left: "Expr"
    op: str
    right: "Expr"


Expr = Name | Literal | Not | Both | Compare

_TOKEN = re.compile(
    r"""\s*(?:(?P<op>==|!=|>=|<=|>|<)|(?P<paren>[()])|"(?P<str>[^"]*)"|(?P<int>\d+)|(?P<word>[A-Za-z_][\w.]*))"""
)
# Any: operands are checked to be of one type, and ordered, before an operator sees them.
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_VERSION = re.compile(r"\d+(\.\d+)+")


def _tokens(source: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while source[position:].strip():
        match = _TOKEN.match(source, position)
        if match is None or match.lastgroup is None:
            rest = source[position:].strip()
            raise SpecError(
                zh=f"表达式 {source!r} 在 {rest!r} 处无法理解", en=f"expression {source!r}: cannot read {rest!r}"
            )
        found.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens; ``or`` binds weakest, then ``and``, ``not``, comparison."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = _tokens(source)
        self.position = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.position += 1
        return token

    def fail(self) -> SpecError:
        kind, text = self.peek()
        found = "the end" if kind == "end" else repr(text)
        return SpecError(
            zh=f"表达式 {self.source!r} 语法错误，位于 {found}",
            en=f"expression {self.source!r}: syntax error at {found}",
        )

    def whole(self) -> Expr:
        tree = self.either()
        if self.peek()[0] != "end":
            raise self.fail()
        return tree

    def either(self) -> Expr:
        tree = self.every()
        while self.peek() == ("word", "or"):
            self.take()
            tree = Both(tree, self.every(), any_=True)
        return tree

    def every(self) -> Expr:
        tree = self.negation()
        while self.peek() == ("word", "and"):
            self.take()
            tree = Both(tree, self.negation(), any_=False)
        return tree

    def negation(self) -> Expr:
        if self.peek() == ("word", "not"):
            self.take()
            return Not(self.negation())
        left = self.operand()
        if self.peek()[0] == "op":
            return Compare(left, self.take()[1], self.operand())
        return left

    def operand(self) -> Expr:
        kind, text = self.peek()
        if (kind, text) == ("paren", "("):
            self.take()
            tree = self.either()
            if self.take() != ("paren", ")"):
                self.position -= 1
                raise self.fail()
            return tree
        if kind not in ("str", "int", "word") or (kind == "word" and text in ("and", "or", "not")):
            raise self.fail()
        self.take()
        if kind == "word":
            return Literal(text == "true") if text in ("true", "false") else Name(text)
        return Literal(int(text) if kind == "int" else text)


def parse(source: str) -> Expr:
    """The tree of an expression; raises SpecError where the text is not one."""
    return _Parser(source).whole()


def names(expr: Expr) -> frozenset[str]:
    """Every item that an expression names."""
    match expr:
        case Name(name):
            return frozenset((name,))
        case Literal():
            return frozenset()
        case Not(operand):
            return names(operand)
        case Both(left, right) | Compare(left, _, right):
            return names(left) | names(right)


def _comparable(value: Value) -> tuple[int, ...] | Value:
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return tuple(int(part) for part in value.split("."))
    return value


def _value(expr: Expr, environment: Environment) -> Value:
    match expr:
        case Name(name):
            if name not in environment:
                raise UndeclaredItem(name)
            return environment[name]
        case Literal(value):
            return value
        case _:
            return evaluate(expr, environment)


def evaluate(expr: Expr, environment: Environment) -> bool:
    """Truth of an expression; raises UndeclaredItem for an unknown name, SpecError for operands that do not compare."""
    match expr:
        case Not(operand):
            return not evaluate(operand, environment)
        case Both(left, right, any_):
            first = evaluate(left, environment)
            second = evaluate(right, environment)
            return (first or second) if any_ else (first and second)
        case Compare(left, op, right):
            a, b = _comparable(_value(left, environment)), _comparable(_value(right, environment))
            if type(a) is not type(b):
                raise SpecError(zh=f"无法比较 {a!r} 与 {b!r}", en=f"{a!r} and {b!r} do not compare")
            return _OPERATORS[op](a, b)
        case _:
            value = _value(expr, environment)
            if not isinstance(value, bool):
                raise SpecError(zh=f"{value!r} 不是真假值", en=f"{value!r} is neither true nor false")
            return value
