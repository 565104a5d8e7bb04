"""Money is a whole number of fen; yuan appear only in rule files and on paper."""

import re
from decimal import Decimal
from fractions import Fraction

FEN_PER_YUAN = 100

_WRITTEN = re.compile(r"(?P<yuan>\d{1,3}(?:[,，]\d{3})+|\d{1,15})(?:\.(?P<part>\d{1,8}))?\s*(?P<unit>万|亿)?元?")
_ZEROS = {None: 0, "万": 4, "亿": 8}


def round_half_up(exact: Fraction) -> int:
    """Return the nearest whole number; a half goes away from zero.

    Rounds: once; this is the only rounding of an amount unless the rule says otherwise.
    """
    doubled = abs(exact) * 2
    whole = (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)
    return whole if exact >= 0 else -whole


def fen_of_yuan(yuan: Fraction | Decimal | int) -> int:
    """Return an amount of yuan in fen.

    Rounds: half up, to the fen.
    """
    return round_half_up(Fraction(yuan) * FEN_PER_YUAN)


def fen_written(text: str) -> int | None:
    """Return a sum of yuan as people write it: `12000000`, `1,200.50`, `1200万`, `1.2亿元`; None where it is none.

    Units: fen out; a sum finer than a fen is none.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    whole = found["yuan"].replace(",", "").replace("，", "")
    exact = Fraction(f"{whole}.{found['part'] or 0}") * 10 ** _ZEROS[found["unit"]] * FEN_PER_YUAN
    return exact.numerator if exact.denominator == 1 else None


def part_of(amount_fen: int, place: int, parts: int) -> int:
    """Return one of so many equal parts of an amount, by its place from 0; the first ones have what is left over, a fen each."""
    return (amount_fen + parts - 1 - place) // parts


def yuan_text(fen: int) -> str:
    """Return an amount for people: `1,234.50`.

    Units: fen in.
    """
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{yuan:,}.{rest:02d}"


def yuan_plain(fen: int) -> str:
    """Return an amount for files that machines read: `1234.50`.

    Units: fen in.
    """
    return yuan_text(fen).replace(",", "")
