"""Money is a whole number of fen; yuan appear only in rule files and on paper."""

from decimal import Decimal
from fractions import Fraction

FEN_PER_YUAN = 100


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
