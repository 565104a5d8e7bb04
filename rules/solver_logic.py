"""Connectives of the solver's language that fold what is already decided.

A term is a z3 expression, or a Python constant where a part of a rule is the same for everyone; folding keeps the
questions small, and sums of facts with constant factors linear, which the solver decides.
"""

from typing import Any

import z3

Term = Any
"""A z3 expression, or a Python truth value or whole number; z3 has no types."""


def both(*terms: Term) -> Term:
    """Return the term that is true where all are."""
    if any(term is False for term in terms):
        return False
    kept = [term for term in terms if term is not True]
    return z3.And(*kept) if len(kept) > 1 else kept[0] if kept else True


def either(*terms: Term) -> Term:
    """Return the term that is true where any is."""
    if any(term is True for term in terms):
        return True
    kept = [term for term in terms if term is not False]
    return z3.Or(*kept) if len(kept) > 1 else kept[0] if kept else False


def no(term: Term) -> Term:
    """Return the opposite."""
    return not term if isinstance(term, bool) else z3.Not(term)


def chosen(condition: Term, then: Term, otherwise: Term) -> Term:
    """Return one value or another."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if isinstance(then, bool) or isinstance(otherwise, bool):
        return either(both(condition, then), both(no(condition), otherwise))
    return z3.If(condition, then, otherwise)


def whole_part(dividend: Term, divisor: Term) -> Term:
    """Return a quotient of whole numbers, rounded down; the divisor is above zero."""
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend // divisor
    return dividend / divisor


def size(number: Term) -> Term:
    """Return a number without its sign."""
    return abs(number) if isinstance(number, int) else z3.If(number < 0, -number, number)
