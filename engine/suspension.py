"""What a suspension does to dues: of a period that a suspended day decides, nothing is paid, claimed or written.

Hold is not stop. The due is known to nobody while it lasts, not even by grace; what was instructed stays, what was
not waits, and the first night after the suspension finds the difference.
"""

from collections.abc import Iterable

import polars as pl

from engine.grace import STANDING, Standing
from rules.standing import Stand, StandState


def held_back(dues: pl.DataFrame, stands: Iterable[Stand]) -> pl.DataFrame:
    """Return dues with those that a suspension leaves open held back: `engine.dues.DUES` in and out, the same rows.

    What is certain of a period that has suspended days, such as a first met day before them, stays.
    """
    suspended = [stand.days for stand in stands if stand.state is StandState.SUSPENDED]
    if not suspended:
        return dues
    shares = [(pl.col("period_first") <= days.last) & (days.first <= pl.col("period_last")) for days in suspended]
    is_held = pl.any_horizontal(shares) & pl.col("at_most_fen").is_null()
    nothing = pl.lit(0, dtype=pl.Int64)
    return dues.with_columns(
        at_least_fen=pl.when(is_held).then(nothing).otherwise("at_least_fen"),
        is_open=pl.col("is_open") & is_held.not_(),
        standing=pl.when(is_held).then(pl.lit(str(Standing.SUSPENDED), dtype=STANDING)).otherwise("standing"),
    )
