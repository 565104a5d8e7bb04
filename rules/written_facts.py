"""Facts as people write them, in examples and what-if → facts as frames hold them, and back."""

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction

from core.findings import nearest_help
from core.values import FactType, ValueType
from rules.closures import Value
from rules.codes import RuleCode
from rules.operands import MistakeError

Written = str | int | bool | Decimal | dt.date | None

_YES_OR_NO = {"是": True, "yes": True, "true": True, "否": False, "no": False, "false": False}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?[0-9][0-9,，]{0,19}(\.[0-9]{1,9})?")

_EXPECTED = {
    ValueType.BOOL: "true or false",
    ValueType.INTEGER: "a whole number",
    ValueType.DECIMAL: "a number",
    ValueType.MONEY: "an amount in yuan",
    ValueType.DATE: "a day such as 2025-07-01",
    ValueType.TEXT: "a text",
    ValueType.REGION: "a region code in quotation marks",
    ValueType.INDUSTRY: "an industry code in quotation marks",
}


def stored_value(word: str, written: Written, fact_type: FactType) -> Value:
    """Return a fact as a frame holds it: yuan as fen, decimals at their scale, null as unknown.

    Fails: `MistakeError` for a value that the attribute cannot have.
    """
    if written is None:
        return None
    match fact_type.type, written:
        case ValueType.BOOL, bool():
            return written
        case ((ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY), int() | Decimal()) if not isinstance(
            written, bool
        ):
            return _scaled(word, written, fact_type)
        case ValueType.DATE, dt.date() if not isinstance(written, dt.datetime):
            return written
        case ((ValueType.TEXT | ValueType.REGION | ValueType.INDUSTRY), str()):
            return _spelt(word, written, fact_type)
        case _:
            message = f"`{word}`: expected {_EXPECTED[fact_type.type]}, found `{_yaml(written)}`"
            raise MistakeError(RuleCode.WRONG_FACT, message, "write null for an unknown fact")


def typed_value(word: str, typed: str, fact_type: FactType) -> Value:
    """Return what somebody typed into a form as a frame holds it: 是, 2025-07-01, 1,200.50.

    Fails: `MistakeError` for what is no such value.
    """
    words = typed.strip()
    match fact_type.type:
        case ValueType.BOOL:
            return stored_value(word, _YES_OR_NO.get(words.lower(), words), fact_type)
        case ValueType.DATE if _DAY.fullmatch(words):
            return stored_value(word, _day(words), fact_type)
        case ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY if _NUMBER.fullmatch(words):
            return stored_value(word, Decimal(words.replace(",", "").replace("，", "")), fact_type)
        case _:
            return stored_value(word, words, fact_type)


def _day(words: str) -> Written:
    try:
        return dt.date.fromisoformat(words)
    except ValueError:  # the 31st of a short month
        return words


def written_value(stored: Value, fact_type: FactType) -> Written:
    """Return a fact, as a frame holds it, as a person writes it; `stored_value` gives it back."""
    if isinstance(stored, bool) or not isinstance(stored, int) or fact_type.denominator == 1:
        return stored
    exact = Decimal(stored) / fact_type.denominator
    return int(exact) if exact == int(exact) else exact


def _scaled(word: str, written: int | Decimal, fact_type: FactType) -> int:
    stored = Fraction(written) * fact_type.denominator
    if stored.denominator != 1 or abs(stored) > fact_type.magnitude_max:
        places = len(str(fact_type.denominator)) - 1
        expected = f"a number with at most {places} decimals" if places else "a whole number"
        message = f"`{word}`: expected {expected} within bounds, found `{written}`"
        raise MistakeError(RuleCode.WRONG_FACT, message, f"the catalogue holds `{word}` so")
    return int(stored)


def _spelt(word: str, written: str, fact_type: FactType) -> str:
    if fact_type.values and written not in fact_type.values:
        remedy = nearest_help(written, fact_type.values, "value")
        raise MistakeError(RuleCode.WRONG_FACT, f"`{word}` is never `{written}`", remedy)
    return written


def _yaml(written: Written) -> str:
    return str(written).lower() if isinstance(written, bool) else str(written)
