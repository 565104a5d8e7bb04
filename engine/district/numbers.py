"""Numbers that are right in form and belong to nobody.

The region 310198 was never assigned, so no living person has such a citizen number and no enterprise such
a credit code; their check digits are right all the same.
"""

import datetime as dt

import polars as pl

UNASSIGNED_REGION = "310198"

_ID_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))  # GB 11643-1999
_ID_CHECKS = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_USCC_WEIGHTS = tuple(3**place % 31 for place in range(17))
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_ORG_CHECKS = "0X987654321"  # by the remainder of the sum
_BODY_SPREAD = 700_001  # coprime to a million, so that neighbouring rows do not get neighbouring codes
_BODY_COUNT = 1_000_000


def citizen_number(born: dt.date, sequence: int) -> str:
    """Return the citizen number of one made-up person; odd sequences are men."""
    digits = f"{UNASSIGNED_REGION}{born:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=True))
    return digits + _ID_CHECKS[total % 11]


def citizen_numbers(born: pl.Expr, sequence: pl.Expr) -> pl.Expr:
    """Return citizen numbers for columns; as `citizen_number`."""
    day = born.dt.year().cast(pl.Int64) * 10_000 + born.dt.month().cast(pl.Int64) * 100 + born.dt.day()
    body = int(UNASSIGNED_REGION) * 10**11 + day * 1000 + sequence.cast(pl.Int64)
    total = pl.sum_horizontal((body // 10 ** (16 - place)) % 10 * weight for place, weight in enumerate(_ID_WEIGHTS))
    return body.cast(pl.String) + pl.lit(pl.Series(list(_ID_CHECKS))).gather(total % 11)


def credit_code(body: str) -> str:
    """Return the credit code of one made-up enterprise for the eight characters of its body."""
    total = sum(int(sign, 36) * weight for sign, weight in zip(body, _ORG_WEIGHTS, strict=True))
    code = f"91{UNASSIGNED_REGION}{body}{_ORG_CHECKS[total % 11]}"
    return code + _USCC_ALPHABET[-sum(_uscc_terms(code)) % 31]


def credit_codes(index: pl.Expr) -> pl.Expr:
    """Return a credit code for each row number below a million; as `credit_code`, with bodies MF000000 to MF999999."""
    body = (index.cast(pl.Int64) * _BODY_SPREAD + 31) % _BODY_COUNT
    digits = [(body // 10 ** (5 - place)) % 10 for place in range(6)]
    fixed = f"91{UNASSIGNED_REGION}MF"
    org_fixed = sum(int(sign, 36) * weight for sign, weight in zip("MF", _ORG_WEIGHTS, strict=False))
    org_sum = pl.sum_horizontal(
        digit * weight for digit, weight in zip(digits, _ORG_WEIGHTS[2:], strict=True)
    ) + pl.lit(org_fixed)
    org = pl.lit(pl.Series(list(_ORG_CHECKS))).gather(org_sum % 11)
    values = pl.lit(pl.Series([_USCC_ALPHABET.index(sign) for sign in _ORG_CHECKS]))
    total = (
        pl.sum_horizontal(digit * weight for digit, weight in zip(digits, _USCC_WEIGHTS[10:16], strict=True))
        + values.gather(org_sum % 11) * _USCC_WEIGHTS[16]
        + pl.lit(sum(_uscc_terms(fixed)))
    )
    check = pl.lit(pl.Series(list(_USCC_ALPHABET))).gather((31 - total % 31) % 31)
    return pl.lit(fixed) + body.cast(pl.String).str.zfill(6) + org + check


def _uscc_terms(signs: str) -> list[int]:
    return [_USCC_ALPHABET.index(sign) * weight for sign, weight in zip(signs, _USCC_WEIGHTS, strict=False)]
