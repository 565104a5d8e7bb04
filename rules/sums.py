"""Makes arithmetic: numbers exactly, and days a number of days apart."""

from fractions import Fraction

from rules.codes import RuleCode
from rules.operands import MistakeError, Operand
from rules.tree import Arithmetic, ArithmeticSign, DaysBetween, Kind, Negative, Node, Number, Shifted

SHIFT_MAX_DAYS = 366_000  # a thousand years


def arithmetic(sign: ArithmeticSign, left: Operand, right: Operand) -> Node:
    """Return a sum, difference, product or quotient; days may be subtracted, and moved by whole days.

    Fails: `MistakeError` for other kinds of operands, and for a divisor that is always zero.
    """
    if Kind.DATE in {left.kind, right.kind}:
        return _with_days(sign, left, right)
    left.expect(Kind.NUMBER)
    right.expect(Kind.NUMBER)
    if sign == "/" and right.number == 0:
        raise MistakeError(
            RuleCode.DIVISION_BY_ZERO,
            f"the divisor is always zero: `{left.inner} / {right.inner}`",
            "divide by something that can be other than 0",
        )
    return Arithmetic(sign, left.node, right.node)


def negative(operand: Operand) -> Node:
    """Return a number with its sign turned.

    Fails: `MistakeError` for what is no number.
    """
    operand.expect(Kind.NUMBER)
    if isinstance(operand.node, Number):
        return Number(-operand.node.value, f"-{operand.node.written}" if operand.node.written else "")
    return Negative(operand.node)


def _with_days(sign: ArithmeticSign, left: Operand, right: Operand) -> Node:
    if sign == "-" and left.kind is right.kind is Kind.DATE:
        return DaysBetween(left.node, right.node)
    day, days = (left, right) if left.kind is Kind.DATE else (right, left)
    if sign in {"+", "-"} and days.kind is Kind.NUMBER and (sign == "+" or day is left):
        count = days.number
        if count is None or count.denominator != 1 or abs(count) > SHIFT_MAX_DAYS:
            raise MistakeError(
                RuleCode.WRONG_TYPE,
                f"a day is moved by a whole number of days that is the same for everyone, found `{days.words}`",
                "compare the days between two days instead: `day() - 发证日期 <= 30`",
            )
        return Shifted(day.node, int(count if sign == "+" else -count))
    raise MistakeError(
        RuleCode.WRONG_TYPE,
        f"{left.kind.value} {sign} {right.kind.value} has no meaning: `{left.inner} {sign} {right.inner}`",
        "subtract a day from a day, or add a number of days to one",
    )


def positive_constant(operand: Operand, role: str) -> Fraction:
    """Return a number that is above zero and the same for everyone.

    Fails: `MistakeError` for anything else.
    """
    number = operand.number
    if number is None or number <= 0:
        raise MistakeError(
            RuleCode.WRONG_ARGUMENTS,
            f"{role} is a number above zero that is the same for everyone, found `{operand.words}`",
        )
    return number
