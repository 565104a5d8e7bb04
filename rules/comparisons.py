"""Makes comparisons, and refuses those that can never come true or never be false."""

from decimal import Decimal
from fractions import Fraction

from core.findings import nearest_help
from core.values import ValueType
from rules.codes import RuleCode
from rules.operands import MistakeError, Operand, constant_number
from rules.sizes import SIZE_CLASSES, UNSIZED, SizeClass
from rules.tree import (
    Compare,
    ComparisonSign,
    Count,
    Date,
    Fact,
    Kind,
    Node,
    Not,
    OneOf,
    Text,
    Truth,
    bare,
    is_constant,
)

EQUALITIES = frozenset({"==", "!="})
_COMPARABLE = {
    Kind.REGION: 'ask where it lies: `within({words}, "310118")`',
    Kind.INDUSTRY: 'ask what it belongs to: `industry_in({words}, "C13-C43")`',
}


def compare(sign: ComparisonSign, left: Operand, right: Operand) -> Node:
    """Return a comparison.

    Fails: `MistakeError` where the sides cannot be compared, or the comparison would always come out the same.
    """
    _refuse_codes(left, right)
    if left.kind is not right.kind:
        raise MistakeError(
            RuleCode.NEVER_TRUE,
            f"{left.kind.value} is never {sign} {right.kind.value}: `{left.inner} {sign} {right.inner}`",
            _other_spelling(left, right),
        )
    if sign not in EQUALITIES and left.kind in {Kind.TEXT, Kind.TRUTH}:
        raise MistakeError(
            RuleCode.WRONG_TYPE, f"{left.kind.value} has no order: `{left.inner} {sign} {right.inner}`", "use == or in"
        )
    if left.kind is Kind.TRUTH:
        return _compare_truths(sign, left.node, right.node)
    if sign in EQUALITIES:
        _refuse_impossible(left, right.node)
        _refuse_impossible(right, left.node)
        for value, constant in ((left.node, right.node), (right.node, left.node)):
            if isinstance(bare(value), SizeClass) and isinstance(bare(constant), Text):
                asked = OneOf(value, (constant,))
                return asked if sign == "==" else Not(asked)
    return Compare(sign, left.node, right.node)


def one_of(value: Operand, options: tuple[Operand, ...]) -> Node:
    """Return the question whether a value is one of some constants.

    Fails: `MistakeError` where an option is no constant, of another kind, or can never be the value.
    """
    _refuse_codes(value)
    if value.kind is Kind.TRUTH:
        raise MistakeError(
            RuleCode.WRONG_TYPE, f"a condition needs no list: `{value.words}`", "write the condition alone"
        )
    if not options:
        raise MistakeError(RuleCode.NEVER_TRUE, f"`{value.words}` is never in an empty list", "list at least one value")
    for option in options:
        if not is_constant(option.node):
            raise MistakeError(
                RuleCode.WRONG_TYPE,
                f"a list holds constants, found `{option.words}`",
                "compare with == and join with or",
            )
        if option.kind is not value.kind:
            raise MistakeError(
                RuleCode.NEVER_TRUE,
                f"{value.kind.value} is never {option.kind.value}: `{value.words} in [{option.words}]`",
                _other_spelling(value, option),
            )
        _refuse_impossible(value, option.node)
    return OneOf(value.node, tuple(dict.fromkeys(option.node for option in options)))


def _refuse_codes(*operands: Operand) -> None:
    for operand in operands:
        if operand.kind in _COMPARABLE:
            raise MistakeError(
                RuleCode.WRONG_TYPE,
                f"{operand.kind.value} is not compared: `{operand.words}`",
                _COMPARABLE[operand.kind].format(words=operand.words),
            )


def _compare_truths(sign: ComparisonSign, left: Node, right: Node) -> Node:
    """Compare conditions; with `true` or `false` on a side it is the condition itself, or its opposite."""
    for literal, other in ((bare(right), left), (bare(left), right)):
        if isinstance(literal, Truth):
            return other if literal.value == (sign == "==") else Not(other)
    return Compare(sign, left, right)


def _refuse_impossible(value: Operand, other: Node) -> None:
    """Refuse a constant that the value can never be."""
    node, constant = bare(value.node), bare(other)
    values, others = _values_of(node), _values_of(constant)
    if values and isinstance(constant, Text):
        if constant.value not in values:
            raise MistakeError(
                RuleCode.NEVER_TRUE,
                f"`{value.words}` is never `{constant.value}`",
                nearest_help(constant.value, values, "value"),
            )
    elif values and others:
        words = constant.label if isinstance(constant, Fact) else "size_class"
        if not set(values) & set(others):
            raise MistakeError(RuleCode.NEVER_TRUE, f"`{value.words}` and `{words}` share no value")
    elif (number := constant_number(constant)) is not None and not _can_be(node, number):
        raise MistakeError(
            RuleCode.NEVER_TRUE, f"`{value.words}` is never exactly {constant_text(number)}", "compare with >= or <="
        )


def _values_of(node: Node) -> tuple[str, ...]:
    """Return the texts that a node can be, where they are limited."""
    match node:
        case Fact(type=fact_type):
            return fact_type.values
        case SizeClass():
            return (*SIZE_CLASSES, UNSIZED)
        case _:
            return ()


def _can_be(node: Node, number: Fraction) -> bool:
    if isinstance(node, Count):
        return number.denominator == 1
    if isinstance(node, Fact):
        stored = number * node.type.denominator
        return stored.denominator == 1 and abs(stored) <= node.type.magnitude_max
    return True


def constant_text(number: Fraction) -> str:
    """Return a number as an author would write it, or as a fraction where it has no end."""
    for digits in range(7):  # six decimals and fewer are written out
        if (number * 10**digits).denominator == 1:
            return f"{Decimal(f'{int(number * 10**digits)}E-{digits}'):f}"
    return f"{number.numerator}/{number.denominator}"


def _other_spelling(*operands: Operand) -> str | None:
    """Return the remedy where a constant is only spelt as another kind."""
    kinds = {operand.kind for operand in operands}
    for operand in operands:
        node = bare(operand.node)
        if isinstance(node, Text) and Kind.NUMBER in kinds:
            return f"write the number without quotation marks: {node.value}" if _is_number(node.value) else None
        if isinstance(node, Text) and Kind.DATE in kinds:
            return f'write the day as d"{node.value}"'
        if isinstance(node, Date) and Kind.TEXT in kinds:
            return f'write the text as "{node.value}"'
        if isinstance(node, Truth):
            return "write the value that it is compared with"
        if isinstance(node, Fact) and node.type.type is ValueType.TEXT and Kind.NUMBER in kinds:
            return f"`{operand.words}` is a text: write the value in quotation marks"
    return None


def _is_number(text: str) -> bool:
    try:
        Fraction(text)
    except (ValueError, ZeroDivisionError):
        return False
    return True
